// RUN: ccm-opt %s | ccm-opt | FileCheck %s
// RUN: ccm-opt %s -mlir-print-op-generic | ccm-opt | FileCheck %s

// CHECK-LABEL: ccm.model @declared train {learning_rate = 3.{{0*}}e-04 : f64, optimizer = "adamw"} {
ccm.model @declared train {optimizer = "adamw", learning_rate = 3.0e-4} {
  // CHECK: %[[X:.*]] = ccm.input "x" high bytes : tensor<?x64x64x3xf32>
  %x = ccm.input "x" high bytes : tensor<?x64x64x3xf32>
  // CHECK: %[[L:.*]] = ccm.input "label" pointwise vocabulary 67 aligned_to ["x"] : tensor<?xi32>
  %l = ccm.input "label" pointwise vocabulary 67 aligned_to ["x"] : tensor<?xi32>
  // CHECK: %[[T:.*]] = ccm.reduce "x" %[[X]] budget(<macs = 300, parameters = 0, activation_bytes = 9>) by("patch-embed" {patch = 4 : i64}) pin {name = "patch-embed"} {rejected = ["r"]} : tensor<?x64x64x3xf32>
  %t = ccm.reduce "x" %x budget(#ccm.budget<macs = 300, parameters = 0, activation_bytes = 9>) by("patch-embed" {patch = 4 : i64}) pin {name = "patch-embed"} {rejected = ["r"]} : tensor<?x64x64x3xf32>
  // CHECK: %[[U:.*]] = ccm.reduce "label" %[[L]] frozen budget(<macs = 0, parameters = 0, activation_bytes = 0>) : tensor<?xi32>
  %u = ccm.reduce "label" %l frozen budget(#ccm.budget<macs = 0, parameters = 0, activation_bytes = 0>) : tensor<?xi32>
  // CHECK: %[[C:.*]] = ccm.core "m" %[[T]], %[[U]] frozen budget(<macs = 1, parameters = 2, activation_bytes = 3>)
  %c = ccm.core "m" %t, %u frozen budget(#ccm.budget<macs = 1, parameters = 2, activation_bytes = 3>)
  // CHECK: %[[Y:.*]] = ccm.expand "y" %[[C]] frozen budget(<macs = 0, parameters = 0, activation_bytes = 0>) : tensor<?x10xf32>
  %y = ccm.expand "y" %c frozen budget(#ccm.budget<macs = 0, parameters = 0, activation_bytes = 0>) : tensor<?x10xf32>
  // CHECK: ccm.output "y" %[[Y]] pointwise vocabulary 10 loss("cross_entropy") weight 2.{{0*}}e+00 type fan_in : tensor<?x10xf32>
  ccm.output "y" %y pointwise vocabulary 10 loss("cross_entropy") weight 2.0 type fan_in : tensor<?x10xf32>
}

// CHECK-LABEL: ccm.model @built train {} blocks [1, 8] source "abc" {
ccm.model @built train {} blocks [1, 8] source "abc" {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // CHECK: ccm.parameter "w" shape [3, 8] layout(<extents = [1, 8, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 5.{{0*}}e-01) decay : tensor<1x8x16xf32>
  %w = ccm.parameter "w" shape [3, 8] layout(#ccm.layout<extents = [1, 8, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 0.5) decay : tensor<1x8x16xf32>
  // CHECK: ccm.parameter "b" shape [16] init("zeros", 0.{{0*}}e+00) : tensor<16xf32>
  %b = ccm.parameter "b" shape [16] init("zeros", 0.0) : tensor<16xf32>
  // CHECK: ccm.parameter "f" shape [2] init("normal", 5.{{0*}}e-01) decay frozen : tensor<2xf32>
  %f = ccm.parameter "f" shape [2] init("normal", 0.5) decay frozen : tensor<2xf32>
  %y = ccm.dense %x, %w, %b : tensor<?x8xf32>, tensor<1x8x16xf32>, tensor<16xf32> -> tensor<?x3xf32>
  // CHECK: ccm.output "y" %{{.*}} pointwise loss("mse") : tensor<?x3xf32>
  ccm.output "y" %y pointwise loss("mse") : tensor<?x3xf32>
}

// CHECK-LABEL: @kernels
func.func @kernels(%x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  // CHECK: ccm.zero_border <scratch[0] + 64, [480, 16, 1]> extents [30, 30, 16] low [1, 1, 0] high [1, 1, 0]
  ccm.zero_border #ccm.place<scratch[0] + 64, [480, 16, 1]> extents [30, 30, 16] low [1, 1, 0] high [1, 1, 0]
  // CHECK: %[[Y:.*]] = ccm.kernel(%{{.*}}) {operand_places = [#ccm.place<input[1] + 0, []>], result_strides = [array<i64: 32, 1>]} : (tensor<4x16xf32>) -> tensor<4x16xf32> {
  %y = ccm.kernel(%x) {operand_places = [#ccm.place<input[1] + 0, []>], result_strides = [array<i64: 32, 1>]} : (tensor<4x16xf32>) -> tensor<4x16xf32> {
  ^bb0(%a: tensor<4x16xf32>):
    // CHECK: %[[Z:.*]] = linalg.exp
    %0 = tensor.empty() : tensor<4x16xf32>
    %1 = linalg.exp ins(%a : tensor<4x16xf32>) outs(%0 : tensor<4x16xf32>) -> tensor<4x16xf32>
    // CHECK: ccm.yield %[[Z]] : tensor<4x16xf32>
    ccm.yield %1 : tensor<4x16xf32>
  }
  // CHECK: return %[[Y]]
  return %y : tensor<4x16xf32>
}
