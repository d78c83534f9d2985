// RUN: not ccm-bench-kernels --print-schedules %s 2>&1 | FileCheck %s

// CHECK: error: 'linalg.generic' op expects a result indexed by distinct loops, got
func.func @diagonal(%x: tensor<8xf32>) {
  %y = ccm.kernel(%x) : (tensor<8xf32>) -> tensor<8x8xf32> {
  ^bb0(%a: tensor<8xf32>):
    %e = tensor.empty() : tensor<8x8xf32>
    %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i, i)>], iterator_types = ["parallel"]}
        ins(%a : tensor<8xf32>) outs(%e : tensor<8x8xf32>) {
    ^bb0(%i: f32, %o: f32):
      linalg.yield %i : f32
    } -> tensor<8x8xf32>
    ccm.yield %r : tensor<8x8xf32>
  }
  return
}

// CHECK: error: 'tensor.reshape' op expects loop nests, views and constants in a kernel, got 'tensor.reshape'
func.func @reshape(%x: tensor<8xf32>, %s: tensor<1xi32>) {
  %y = ccm.kernel(%x, %s) : (tensor<8xf32>, tensor<1xi32>) -> tensor<8xf32> {
  ^bb0(%a: tensor<8xf32>, %b: tensor<1xi32>):
    %r = tensor.reshape %a(%b) : (tensor<8xf32>, tensor<1xi32>) -> tensor<8xf32>
    ccm.yield %r : tensor<8xf32>
  }
  return
}

// CHECK: error: 'tensor.empty' op expects elements of type f32, i32, i8 or i1 in a kernel, got 'f64'
func.func @doubles(%x: tensor<8xf32>) {
  %y = ccm.kernel(%x) : (tensor<8xf32>) -> tensor<8xf64> {
  ^bb0(%a: tensor<8xf32>):
    %e = tensor.empty() : tensor<8xf64>
    ccm.yield %e : tensor<8xf64>
  }
  return
}

// CHECK: error: 'linalg.generic' op expects results with one indexing map, got affine_map<(d0, d1) -> (d0, d1)> and affine_map<(d0, d1) -> (d1, d0)>
func.func @maps(%x: tensor<8x8xf32>) {
  %y:2 = ccm.kernel(%x) : (tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  ^bb0(%a: tensor<8x8xf32>):
    %e = tensor.empty() : tensor<8x8xf32>
    %r:2 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j, i)>], iterator_types = ["parallel", "parallel"]}
        ins(%a : tensor<8x8xf32>) outs(%e, %e : tensor<8x8xf32>, tensor<8x8xf32>) {
    ^bb0(%i: f32, %o: f32, %p: f32):
      linalg.yield %i, %i : f32, f32
    } -> (tensor<8x8xf32>, tensor<8x8xf32>)
    ccm.yield %r#0, %r#1 : tensor<8x8xf32>, tensor<8x8xf32>
  }
  return
}

// CHECK: error: 'linalg.generic' op expects every parallel loop in its result, got loop 1 in none
func.func @loops(%x: tensor<8x4xf32>) {
  %y = ccm.kernel(%x) : (tensor<8x4xf32>) -> tensor<8xf32> {
  ^bb0(%a: tensor<8x4xf32>):
    %e = tensor.empty() : tensor<8xf32>
    %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "parallel"]}
        ins(%a : tensor<8x4xf32>) outs(%e : tensor<8xf32>) {
    ^bb0(%i: f32, %o: f32):
      linalg.yield %i : f32
    } -> tensor<8xf32>
    ccm.yield %r : tensor<8xf32>
  }
  return
}

// CHECK: error: 'ccm.kernel' op expects operand 0, which result 0 overwrites, to be read only at the element that is written
func.func @overwritten(%x: tensor<8x8xf32>) {
  %y = ccm.kernel(%x) : (tensor<8x8xf32>) -> tensor<8x8xf32> {
  ^bb0(%a: tensor<8x8xf32>):
    %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        ins(%a : tensor<8x8xf32>) outs(%a : tensor<8x8xf32>) {
    ^bb0(%i: f32, %o: f32):
      %s = arith.addf %i, %o : f32
      linalg.yield %s : f32
    } -> tensor<8x8xf32>
    ccm.yield %r : tensor<8x8xf32>
  }
  return
}

// Indices inside kernels have 32 bits: 16 samples of 2^27 elements are too many, whatever limits one.
// CHECK: error: 'ccm.kernel' op expects operand 0 to span at most 2147483647 elements, got 2147483648
func.func @block(%x: tensor<16x134217728xf32>) {
  %y = ccm.kernel(%x) : (tensor<16x134217728xf32>) -> tensor<16x134217728xf32> {
  ^bb0(%a: tensor<16x134217728xf32>):
    %e = tensor.empty() : tensor<16x134217728xf32>
    %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        ins(%a : tensor<16x134217728xf32>) outs(%e : tensor<16x134217728xf32>) {
    ^bb0(%i: f32, %o: f32):
      linalg.yield %i : f32
    } -> tensor<16x134217728xf32>
    ccm.yield %r : tensor<16x134217728xf32>
  }
  return
}

// CHECK: error: 'ccm.kernel' op expects result 0 to span at most 2147483647 elements, got 2147483652
func.func @strides(%x: tensor<2x4xf32>) {
  %y = ccm.kernel(%x) {result_strides = [array<i64: 2147483648, 1>]} : (tensor<2x4xf32>) -> tensor<2x4xf32> {
  ^bb0(%a: tensor<2x4xf32>):
    %e = tensor.empty() : tensor<2x4xf32>
    %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        ins(%a : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) {
    ^bb0(%i: f32, %o: f32):
      linalg.yield %i : f32
    } -> tensor<2x4xf32>
    ccm.yield %r : tensor<2x4xf32>
  }
  return
}

// CHECK: error: 'ccm.kernel' op expects strides of operand 0 that fit its extents
func.func @overflow(%x: tensor<3x4xf32>) {
  %y = ccm.kernel(%x) {operand_strides = [array<i64: 9223372036854775807, 1>]} : (tensor<3x4xf32>) -> tensor<3x4xf32> {
  ^bb0(%a: tensor<3x4xf32>):
    %e = tensor.empty() : tensor<3x4xf32>
    %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        ins(%a : tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) {
    ^bb0(%i: f32, %o: f32):
      linalg.yield %i : f32
    } -> tensor<3x4xf32>
    ccm.yield %r : tensor<3x4xf32>
  }
  return
}

// CHECK: error: 'linalg.generic' op expects a value to span at most 2147483647 elements, got 4294967296
func.func @between(%x: tensor<65536xf32>) {
  %y = ccm.kernel(%x) : (tensor<65536xf32>) -> tensor<65536xf32> {
  ^bb0(%a: tensor<65536xf32>):
    %z = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<65536x65536xf32>
    %f = tensor.empty() : tensor<65536xf32>
    %i = linalg.fill ins(%z : f32) outs(%f : tensor<65536xf32>) -> tensor<65536xf32>
    %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        ins(%a, %a : tensor<65536xf32>, tensor<65536xf32>) outs(%e : tensor<65536x65536xf32>) {
    ^bb0(%i0: f32, %j0: f32, %o: f32):
      %m = arith.addf %i0, %j0 : f32
      linalg.yield %m : f32
    } -> tensor<65536x65536xf32>
    %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
        ins(%s : tensor<65536x65536xf32>) outs(%i : tensor<65536xf32>) {
    ^bb0(%v: f32, %o: f32):
      %m = arith.addf %o, %v : f32
      linalg.yield %m : f32
    } -> tensor<65536xf32>
    ccm.yield %r : tensor<65536xf32>
  }
  return
}
