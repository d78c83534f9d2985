// RUN: ccm-opt %s -split-input-file --pass-pipeline='builtin.module(func.func(ccm-form-kernels),ccm-derive-halves,ccm-plan-buffers)' | FileCheck %s

// Of a concatenation that one half returns, the other computes a part: it goes into the same memory.
#id = affine_map<(r, c) -> (r, c)>
#column = affine_map<(r, c) -> (c)>

ccm.model @m train {} {
  %x = ccm.input "x" low : tensor<?x4xf32>
  %t = ccm.parameter "t" shape [4] init("zeros", 0.0) : tensor<4xf32>
  %y = ccm.positions %x, %t : tensor<?x4xf32>, tensor<4xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @backward_train_1(
// CHECK: ccm.kernel({{.*}}result_places = [#ccm.place<scratch[0] + 16, [8, 1]>]{{.*}}result_strides = [array<i64: 8, 1>]
// CHECK: arith.mulf
// CHECK-NOT: math.exp
// CHECK: tensor.insert_slice
// CHECK-NOT: tensor.insert_slice
// CHECK: return
// CHECK-LABEL: func.func @backward_input_1(
// CHECK: math.exp
func.func @backward_1(%y: tensor<4x4xf32> {ccm.role = "output_delta", ccm.index = 0}, %sum: tensor<4xf32> {ccm.role = "delta", ccm.index = 0}) -> (tensor<4x8xf32> {ccm.role = "input_delta", ccm.index = 0}, tensor<4xf32> {ccm.role = "delta", ccm.index = 0}) attributes {ccm.entry = "backward", ccm.block = 1 : i64} {
  %e = tensor.empty() : tensor<4x4xf32>
  %j = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%a: f32, %c: f32):
    %m = math.exp %a : f32
    linalg.yield %m : f32
  } -> tensor<4x4xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%a: f32, %c: f32):
    %m = arith.mulf %a, %a : f32
    linalg.yield %m : f32
  } -> tensor<4x4xf32>
  %2 = tensor.insert_slice %0 into %j[0, 0] [4, 4] [1, 1] : tensor<4x4xf32> into tensor<4x8xf32>
  %3 = tensor.insert_slice %1 into %2[0, 4] [4, 4] [1, 1] : tensor<4x4xf32> into tensor<4x8xf32>
  %4 = linalg.generic {indexing_maps = [#id, #column], iterator_types = ["reduction", "parallel"]} ins(%1 : tensor<4x4xf32>) outs(%sum : tensor<4xf32>) {
  ^bb0(%a: f32, %c: f32):
    %m = arith.addf %c, %a : f32
    linalg.yield %m : f32
  } -> tensor<4xf32>
  return %3, %4 : tensor<4x8xf32>, tensor<4xf32>
}

// -----

// A frame that one half reads: the other writes into it too, as the kernel it shares does, and has no
// border to clear.
#id = affine_map<(r, c) -> (r, c)>
#column = affine_map<(r, c) -> (c)>

ccm.model @m train {} {
  %x = ccm.input "x" low : tensor<?x4xf32>
  %t = ccm.parameter "t" shape [4] init("zeros", 0.0) : tensor<4xf32>
  %y = ccm.positions %x, %t : tensor<?x4xf32>, tensor<4xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @backward_2(
// CHECK: ccm.zero_border
// CHECK: ccm.kernel({{.*}}result_strides = [array<i64: 6, 1>]
// CHECK-LABEL: func.func @backward_train_2(
// CHECK-NOT: ccm.zero_border
// CHECK: ccm.kernel({{.*}}result_places = [#ccm.place<scratch[0] + 4, [6, 1]>]{{.*}}result_strides = [array<i64: 6, 1>]
// CHECK: tensor.pad
// CHECK-LABEL: func.func @backward_input_2(
// CHECK: ccm.zero_border
func.func @backward_2(%y: tensor<4x4xf32> {ccm.role = "output_delta", ccm.index = 0}, %sum: tensor<4xf32> {ccm.role = "delta", ccm.index = 0}) -> (tensor<4x6xf32> {ccm.role = "input_delta", ccm.index = 0}, tensor<4xf32> {ccm.role = "delta", ccm.index = 0}) attributes {ccm.entry = "backward", ccm.block = 2 : i64} {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x4xf32>
  %w = tensor.empty() : tensor<4x6xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%a: f32, %c: f32):
    %m = math.exp %a : f32
    linalg.yield %m : f32
  } -> tensor<4x4xf32>
  %1 = tensor.pad %0 low[0, 1] high[0, 1] {
  ^bb0(%r: index, %c: index):
    tensor.yield %z : f32
  } : tensor<4x4xf32> to tensor<4x6xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%1 : tensor<4x6xf32>) outs(%w : tensor<4x6xf32>) {
  ^bb0(%a: f32, %c: f32):
    %m = arith.mulf %a, %a : f32
    linalg.yield %m : f32
  } -> tensor<4x6xf32>
  %3 = linalg.generic {indexing_maps = [#id, #column], iterator_types = ["reduction", "parallel"]} ins(%0 : tensor<4x4xf32>) outs(%sum : tensor<4xf32>) {
  ^bb0(%a: f32, %c: f32):
    %m = arith.addf %c, %a : f32
    linalg.yield %m : f32
  } -> tensor<4xf32>
  return %2, %3 : tensor<4x6xf32>, tensor<4xf32>
}
