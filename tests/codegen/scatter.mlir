// RUN: ccm-bench-kernels --target x86-64-v4 --print-schedules %s | FileCheck %s

// The sum over a one-hot choice is recognised and adds row after row, in place.
// CHECK: store [64, 32] in place scatter
func.func @scatter(%i: tensor<9xi32>, %g: tensor<9x32xf32>, %table: tensor<64x32xf32>) {
  %y = ccm.kernel(%i, %g, %table) : (tensor<9xi32>, tensor<9x32xf32>, tensor<64x32xf32>) -> tensor<64x32xf32> {
  ^bb0(%a: tensor<9xi32>, %b: tensor<9x32xf32>, %c: tensor<64x32xf32>):
    %z = arith.constant 0.0 : f32
    %r = linalg.generic {
        indexing_maps = [affine_map<(v, c, t) -> (t)>, affine_map<(v, c, t) -> (t, c)>, affine_map<(v, c, t) -> (v, c)>],
        iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : tensor<9xi32>, tensor<9x32xf32>) outs(%c : tensor<64x32xf32>) {
    ^bb0(%p: i32, %q: f32, %o: f32):
      %k = arith.index_cast %p : i32 to index
      %v = linalg.index 0 : index
      %e = arith.cmpi eq, %k, %v : index
      %s = arith.select %e, %q, %z : f32
      %t = arith.addf %o, %s : f32
      linalg.yield %t : f32
    } -> tensor<64x32xf32>
    ccm.yield %r : tensor<64x32xf32>
  }
  return
}
