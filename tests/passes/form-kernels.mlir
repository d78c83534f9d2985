// RUN: ccm-opt %s --pass-pipeline='builtin.module(func.func(ccm-form-kernels))' | FileCheck %s

#row = affine_map<(r, n, k) -> (r, k)>
#col = affine_map<(r, n, k) -> (k, n)>
#out = affine_map<(r, n, k) -> (r, n)>
#id = affine_map<(r, n) -> (r, n)>

// A product takes the elementwise nest that alone reads it along. A value that must lie both in a
// padded buffer and in an output gets a copy, which the same loops make.
// CHECK-LABEL: func.func @dense(
// CHECK: %[[Y:.*]]:2 = ccm.kernel(%{{.*}}, %{{.*}}) {result_strides = [array<i64: 20, 1>, array<i64: 16, 1>]
// CHECK: arith.mulf
// CHECK: arith.maximumf
// CHECK: %[[PAD:.*]] = tensor.pad %[[Y]]#0
// CHECK-NOT: ccm.kernel
// CHECK: return %[[Y]]#1, %[[PAD]]
func.func @dense(%x: tensor<4x8xf32> {ccm.role = "input", ccm.index = 0}, %w: tensor<8x16xf32> {ccm.role = "params", ccm.index = 0}) -> (tensor<4x16xf32> {ccm.role = "output", ccm.index = 0}, tensor<4x20xf32> {ccm.role = "internal", ccm.index = 0}) attributes {ccm.entry = "forward", ccm.block = 4 : i64} {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x16xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<4x16xf32>) -> tensor<4x16xf32>
  %0 = linalg.generic {indexing_maps = [#row, #col, #out], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : tensor<4x8xf32>, tensor<8x16xf32>) outs(%i : tensor<4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %s = arith.addf %c, %m : f32
    linalg.yield %s : f32
  } -> tensor<4x16xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<4x16xf32>) outs(%e : tensor<4x16xf32>) {
  ^bb0(%a: f32, %c: f32):
    %m = arith.maximumf %a, %z : f32
    linalg.yield %m : f32
  } -> tensor<4x16xf32>
  %p = tensor.pad %1 low[0, 2] high[0, 2] {
  ^bb0(%r: index, %c: index):
    tensor.yield %z : f32
  } : tensor<4x16xf32> to tensor<4x20xf32>
  return %1, %p : tensor<4x16xf32>, tensor<4x20xf32>
}
