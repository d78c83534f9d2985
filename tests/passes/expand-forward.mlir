// RUN: ccm-opt %s -ccm-expand-forward | FileCheck %s

ccm.model @m train {} blocks [1, 4] {
  %x = ccm.input "x" low bytes : tensor<?x8x16xf32>
  %w = ccm.parameter "w" shape [16, 16] layout(#ccm.layout<extents = [1, 16, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 0.1) : tensor<1x16x16xf32>
  %b = ccm.parameter "b" shape [16] init("zeros", 0.0) : tensor<16xf32>
  %h = ccm.dense %x, %w, %b : tensor<?x8x16xf32>, tensor<1x16x16xf32>, tensor<16xf32> -> tensor<?x8x16xf32>
  %y = ccm.relu %h : tensor<?x8x16xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x8x16xf32>
}

// CHECK-LABEL: func.func @forward_1(
// CHECK-SAME: %[[W:.*]]: tensor<1x16x16xf32> {ccm.index = 0 : i64, ccm.role = "params"}
// CHECK-SAME: %[[B:.*]]: tensor<16xf32> {ccm.index = 1 : i64, ccm.role = "params"}
// CHECK-SAME: %[[X:.*]]: tensor<1x8x16xi8> {ccm.index = 0 : i64, ccm.role = "input"}
// CHECK-SAME: -> (tensor<1x8x16xf32> {ccm.index = 0 : i64, ccm.of = "relu after dense 'w'", ccm.role = "output"})
// CHECK: arith.uitofp
// CHECK: arith.mulf
// CHECK: arith.maximumf
// CHECK-LABEL: func.func @forward_4(
// CHECK-SAME: tensor<4x8x16xi8>
