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
