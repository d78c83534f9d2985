// RUN: ccm-opt %s -ccm-fuse-nests -split-input-file | FileCheck %s

#id2 = affine_map<(d0, d1) -> (d0, d1)>
// Elementwise nests over the same points become one; the reshape between them sinks below.
// CHECK-LABEL: func.func @chain(
// CHECK: linalg.generic
// CHECK: arith.addf
// CHECK: math.exp
// CHECK-NOT: linalg.generic
// CHECK: tensor.collapse_shape
func.func @chain(%x: tensor<4x2x16xf32>) -> tensor<4x32xf32> {
  %e = tensor.empty() : tensor<4x2x16xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<4x2x16xf32>) outs(%e : tensor<4x2x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %in, %in : f32
    linalg.yield %s : f32
  } -> tensor<4x2x16xf32>
  %1 = tensor.collapse_shape %0 [[0], [1, 2]] : tensor<4x2x16xf32> into tensor<4x32xf32>
  %f = tensor.empty() : tensor<4x32xf32>
  %2 = linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]} ins(%1 : tensor<4x32xf32>) outs(%f : tensor<4x32xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = math.exp %in : f32
    linalg.yield %m : f32
  } -> tensor<4x32xf32>
  return %2 : tensor<4x32xf32>
}

// -----

// An index that a reshape passes becomes one of its loops, or a sum of products of them.
// CHECK-LABEL: func.func @indices(
// CHECK: linalg.generic
// CHECK: %[[COLUMN:.*]] = linalg.index 2
// CHECK-NEXT: %[[PANEL:.*]] = linalg.index 1
// CHECK-NEXT: arith.constant 16 : index
// CHECK-NEXT: %[[START:.*]] = arith.muli %[[PANEL]]
// CHECK-NEXT: %[[INDEX:.*]] = arith.addi %[[COLUMN]], %[[START]]
// CHECK-NEXT: arith.index_cast %[[INDEX]]
// CHECK: return
func.func @indices(%x: tensor<4x2x16xf32>) -> tensor<4x32xi32> {
  %0 = tensor.collapse_shape %x [[0], [1, 2]] : tensor<4x2x16xf32> into tensor<4x32xf32>
  %e = tensor.empty() : tensor<4x32xi32>
  %1 = linalg.generic {indexing_maps = [affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<4x32xf32>) outs(%e : tensor<4x32xi32>) {
  ^bb0(%in: f32, %out: i32):
    %i = linalg.index 1 : index
    %c = arith.index_cast %i : index to i32
    linalg.yield %c : i32
  } -> tensor<4x32xi32>
  return %1 : tensor<4x32xi32>
}
