// RUN: ccm-bench-kernels --target x86-64-v4 --print-schedules %s | FileCheck %s

// The first tap that moves along the rows is unrolled; with one vector of channels it runs inside them.
// CHECK: store [1, 8, 8, 1, 16]
// CHECK-NEXT: window rows [2, 1] batches [3, 0] sums [6, 7, 5] sum-taps [6, 5]
// CHECK-SAME: sums [6 x3, 7, 5] taps inside
func.func @window(%x: tensor<1x10x10x4xf32>, %w: tensor<1x3x4x3x16xf32>) {
  %y = ccm.kernel(%x, %w) : (tensor<1x10x10x4xf32>, tensor<1x3x4x3x16xf32>) -> tensor<1x8x8x1x16xf32> {
  ^bb0(%a: tensor<1x10x10x4xf32>, %c: tensor<1x3x4x3x16xf32>):
    %z = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<1x8x8x1x16xf32>
    %f = linalg.fill ins(%z : f32) outs(%e : tensor<1x8x8x1x16xf32>) -> tensor<1x8x8x1x16xf32>
    %s = linalg.generic {
        indexing_maps = [affine_map<(b, y, x, q, v, j, i, c) -> (b, y + j, x + i, c)>,
                         affine_map<(b, y, x, q, v, j, i, c) -> (q, j, c, i, v)>,
                         affine_map<(b, y, x, q, v, j, i, c) -> (b, y, x, q, v)>],
        iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
        ins(%a, %c : tensor<1x10x10x4xf32>, tensor<1x3x4x3x16xf32>) outs(%f : tensor<1x8x8x1x16xf32>) {
    ^bb0(%p: f32, %q: f32, %o: f32):
      %m = arith.mulf %p, %q : f32
      %t = arith.addf %o, %m : f32
      linalg.yield %t : f32
    } -> tensor<1x8x8x1x16xf32>
    ccm.yield %s : tensor<1x8x8x1x16xf32>
  }
  return
}
