// RUN: ccm-bench-kernels --target x86-64-v4 --print-schedules %s | FileCheck %s

// Reductions along rows are computed row by row, with vectors of partial sums; what two nests read
// and is costly is kept for the row.
// CHECK: store [8, 64] order [0, 1] lanes 16
// CHECK-NEXT: row-reduction sums [1] 64 partial, in loop 1, lanes 16
// CHECK-NEXT: elementwise, in loop 1, lanes 16
// CHECK-NEXT: row-reduction sums [1] 64 partial, in loop 1, lanes 16
func.func @softmax(%x: tensor<8x64xf32>) {
  %y = ccm.kernel(%x) : (tensor<8x64xf32>) -> tensor<8x64xf32> {
  ^bb0(%a: tensor<8x64xf32>):
    %z = arith.constant 0.0 : f32
    %low = arith.constant -3.4e+38 : f32
    %v = tensor.empty() : tensor<8xf32>
    %e = tensor.empty() : tensor<8x64xf32>
    %m0 = linalg.fill ins(%low : f32) outs(%v : tensor<8xf32>) -> tensor<8xf32>
    %s0 = linalg.fill ins(%z : f32) outs(%v : tensor<8xf32>) -> tensor<8xf32>
    %m = linalg.generic {indexing_maps = [affine_map<(r, c) -> (r, c)>, affine_map<(r, c) -> (r)>], iterator_types = ["parallel", "reduction"]}
        ins(%a : tensor<8x64xf32>) outs(%m0 : tensor<8xf32>) {
    ^bb0(%i: f32, %o: f32):
      %t = arith.maximumf %o, %i : f32
      linalg.yield %t : f32
    } -> tensor<8xf32>
    %p = linalg.generic {indexing_maps = [affine_map<(r, c) -> (r, c)>, affine_map<(r, c) -> (r)>, affine_map<(r, c) -> (r, c)>], iterator_types = ["parallel", "parallel"]}
        ins(%a, %m : tensor<8x64xf32>, tensor<8xf32>) outs(%e : tensor<8x64xf32>) {
    ^bb0(%i: f32, %j: f32, %o: f32):
      %d = arith.subf %i, %j : f32
      %t = math.exp %d : f32
      linalg.yield %t : f32
    } -> tensor<8x64xf32>
    %s = linalg.generic {indexing_maps = [affine_map<(r, c) -> (r, c)>, affine_map<(r, c) -> (r)>], iterator_types = ["parallel", "reduction"]}
        ins(%p : tensor<8x64xf32>) outs(%s0 : tensor<8xf32>) {
    ^bb0(%i: f32, %o: f32):
      %t = arith.addf %o, %i : f32
      linalg.yield %t : f32
    } -> tensor<8xf32>
    %q = linalg.generic {indexing_maps = [affine_map<(r, c) -> (r, c)>, affine_map<(r, c) -> (r)>, affine_map<(r, c) -> (r, c)>], iterator_types = ["parallel", "parallel"]}
        ins(%p, %s : tensor<8x64xf32>, tensor<8xf32>) outs(%e : tensor<8x64xf32>) {
    ^bb0(%i: f32, %j: f32, %o: f32):
      %t = arith.divf %i, %j : f32
      linalg.yield %t : f32
    } -> tensor<8x64xf32>
    ccm.yield %q : tensor<8x64xf32>
  }
  return
}
