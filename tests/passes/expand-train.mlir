// RUN: ccm-opt %s -ccm-expand-train | FileCheck %s
// RUN: sed 's/optimizer = "sgd"//' %s | not ccm-opt -ccm-expand-train 2>&1 | FileCheck %s --check-prefix=NONE

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  %y = ccm.tanh %x : tensor<?x8xf32>
  ccm.output "y" %y low loss("l1") : tensor<?x8xf32>
}

// NONE: error: expects an optimizer in `train`, got none

// CHECK-LABEL: func.func @loss_1(
// CHECK-SAME: -> (tensor<1xf32> {ccm.index = 0 : i64, ccm.role = "loss"}, tensor<1x8xf32> {ccm.index = 0 : i64, ccm.role = "output_delta"})
// CHECK-LABEL: func.func @update_1024(
// CHECK-SAME: %[[P:[^:]*]]: tensor<1024xf32>
// CHECK: linalg.generic {{.*}} outs(%[[P]] : tensor<1024xf32>)
// CHECK-LABEL: func.func @update_16(
