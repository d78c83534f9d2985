// RUN: ccm-opt %s --pass-pipeline='builtin.module(func.func(ccm-form-kernels),ccm-plan-buffers)' | FileCheck %s
// RUN: not ccm-opt %s -ccm-plan-buffers 2>&1 | FileCheck %s --check-prefix=UNFORMED

// UNFORMED: error: 'func.func' op expects kernels with one destination per value; run ccm-form-kernels first

#id = affine_map<(r, n) -> (r, n)>
#line = affine_map<(n) -> (n)>

// The first value is written into the inside of the padded buffer; the third reuses nothing that
// still lives.
// CHECK-LABEL: func.func @f(
// CHECK-SAME: ccm.scratch_bytes = 128 : i64
// CHECK: ccm.zero_border <scratch[0] + 0, [8, 1]> extents [2, 8] low [0, 1] high [0, 3]
// CHECK: ccm.kernel(%{{.*}}) {operand_places = [#ccm.place<input[0] + 0, [4, 1]>]
// CHECK-SAME: result_places = [#ccm.place<scratch[0] + 4, [8, 1]>]
// CHECK: ccm.kernel(%{{.*}}) {operand_places = [#ccm.place<scratch[0] + 0, [8, 1]>]
// CHECK-SAME: result_places = [#ccm.place<scratch[0] + 64, [8, 1]>]
// CHECK: ccm.kernel
// CHECK-SAME: result_places = [#ccm.place<output[1] + 0, [1]>, #ccm.place<output[1] + 0, [1]>]
// CHECK: return
func.func @f(%x: tensor<2x4xf32> {ccm.role = "input", ccm.index = 0}) -> (tensor<16xf32> {ccm.role = "output", ccm.index = 1}, tensor<16xf32> {ccm.role = "output", ccm.index = 1}) attributes {ccm.entry = "infer", ccm.block = 2 : i64} {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) {
  ^bb0(%a: f32, %c: f32):
    %m = math.exp %a : f32
    linalg.yield %m : f32
  } -> tensor<2x4xf32>
  %p = tensor.pad %0 low[0, 1] high[0, 3] {
  ^bb0(%r: index, %c: index):
    tensor.yield %z : f32
  } : tensor<2x4xf32> to tensor<2x8xf32>
  %f = tensor.empty() : tensor<2x8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%p : tensor<2x8xf32>) outs(%f : tensor<2x8xf32>) {
  ^bb0(%a: f32, %c: f32):
    %m = math.exp %a : f32
    linalg.yield %m : f32
  } -> tensor<2x8xf32>
  %c = tensor.collapse_shape %1 [[0, 1]] : tensor<2x8xf32> into tensor<16xf32>
  %g = tensor.empty() : tensor<16xf32>
  %2 = linalg.generic {indexing_maps = [#line, #line], iterator_types = ["parallel"]} ins(%c : tensor<16xf32>) outs(%g : tensor<16xf32>) {
  ^bb0(%a: f32, %b: f32):
    %m = math.exp %a : f32
    linalg.yield %m : f32
  } -> tensor<16xf32>
  return %2, %2 : tensor<16xf32>, tensor<16xf32>
}

// Parameters follow each other at whole cache lines.
// CHECK-LABEL: ccm.model @offsets
// CHECK: ccm.parameter "a" shape [17] init("zeros", 0.000000e+00) {ccm.offset = 0 : i64}
// CHECK: ccm.parameter "b" shape [1] init("zeros", 0.000000e+00) {ccm.offset = 128 : i64}
// CHECK: ccm.parameter "c" shape [4] init("zeros", 0.000000e+00) {ccm.offset = 192 : i64}
ccm.model @offsets train {} {
  %x = ccm.input "x" pointwise : tensor<?x1xf32>
  %a = ccm.parameter "a" shape [17] init("zeros", 0.0) : tensor<17xf32>
  %b = ccm.parameter "b" shape [1] init("zeros", 0.0) : tensor<1xf32>
  %c = ccm.parameter "c" shape [4] init("zeros", 0.0) : tensor<4xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x1xf32>
}

// Frozen parameters lie behind those that are trained.
// CHECK-LABEL: ccm.model @frozen
// CHECK: ccm.parameter "a" {{.*}} frozen {ccm.offset = 384 : i64}
// CHECK: ccm.parameter "b" {{.*}} {ccm.offset = 256 : i64}
// CHECK: ccm.parameter "c" {{.*}} frozen {ccm.offset = 448 : i64}
// CHECK: ccm.parameter "d" {{.*}} {ccm.offset = 320 : i64}
ccm.model @frozen train {} {
  %x = ccm.input "x" pointwise : tensor<?x1xf32>
  %a = ccm.parameter "a" shape [3] init("zeros", 0.0) frozen : tensor<3xf32>
  %b = ccm.parameter "b" shape [3] init("zeros", 0.0) : tensor<3xf32>
  %c = ccm.parameter "c" shape [3] init("zeros", 0.0) frozen : tensor<3xf32>
  %d = ccm.parameter "d" shape [3] init("zeros", 0.0) : tensor<3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x1xf32>
}
