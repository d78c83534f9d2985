// RUN: ccm-bench-kernels --print-schedules %s | FileCheck %s

// A product over packed panels and its epilogue share one tile; sums stay in registers.
// CHECK-LABEL: x86-64-v3
// CHECK-NEXT: store [64, 2, 64] order [1, 2, 0] lanes 8 tile [2: [[V3:[0-9]+]], 0: [[R3:[0-9]+]]]
// CHECK-NEXT: contraction rows [0] columns [1] sums [3], in the tile, lanes 8 tile [2: [[V3]], 0: [[R3]]]
// CHECK-LABEL: x86-64-v4
// CHECK-NEXT: store [64, 2, 64] order [1, 2, 0] lanes 16 tile [2: 64, 0: [[R4:[0-9]+]]]
// CHECK-NEXT: contraction rows [0] columns [1] sums [3], in the tile, lanes 16 tile [2: 64, 0: [[R4]]]
func.func @dense(%x: tensor<64x96xf32>, %w: tensor<2x96x64xf32>, %b: tensor<2x64xf32>) {
  %y = ccm.kernel(%x, %w, %b) : (tensor<64x96xf32>, tensor<2x96x64xf32>, tensor<2x64xf32>) -> tensor<64x2x64xf32> {
  ^bb0(%a: tensor<64x96xf32>, %c: tensor<2x96x64xf32>, %d: tensor<2x64xf32>):
    %z = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<64x2x64xf32>
    %f = linalg.fill ins(%z : f32) outs(%e : tensor<64x2x64xf32>) -> tensor<64x2x64xf32>
    %s = linalg.generic {
        indexing_maps = [affine_map<(r, n, v, k) -> (r, k)>, affine_map<(r, n, v, k) -> (n, k, v)>, affine_map<(r, n, v, k) -> (r, n, v)>],
        iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
        ins(%a, %c : tensor<64x96xf32>, tensor<2x96x64xf32>) outs(%f : tensor<64x2x64xf32>) {
    ^bb0(%p: f32, %q: f32, %o: f32):
      %m = arith.mulf %p, %q : f32
      %t = arith.addf %o, %m : f32
      linalg.yield %t : f32
    } -> tensor<64x2x64xf32>
    %g = linalg.generic {
        indexing_maps = [affine_map<(r, n, v) -> (r, n, v)>, affine_map<(r, n, v) -> (n, v)>, affine_map<(r, n, v) -> (r, n, v)>],
        iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%s, %d : tensor<64x2x64xf32>, tensor<2x64xf32>) outs(%e : tensor<64x2x64xf32>) {
    ^bb0(%p: f32, %q: f32, %o: f32):
      %m = arith.addf %p, %q : f32
      linalg.yield %m : f32
    } -> tensor<64x2x64xf32>
    ccm.yield %g : tensor<64x2x64xf32>
  }
  return
}
