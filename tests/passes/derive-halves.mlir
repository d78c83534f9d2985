// RUN: ccm-opt %s --pass-pipeline='builtin.module(ccm-expand-forward,ccm-expand-backward,ccm-choose-internals,ccm-derive-entries,func.func(ccm-fuse-nests,ccm-form-kernels),ccm-derive-halves,ccm-plan-buffers)' | FileCheck %s

// Each half computes its own deltas alone, and is not handed what the other needs.
ccm.model @m train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  %t = ccm.parameter "t" shape [8] init("zeros", 0.0) : tensor<8xf32>
  %a = ccm.positions %x, %t : tensor<?x8xf32>, tensor<8xf32>
  %y = ccm.tanh %a : tensor<?x8xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @backward_1(
// CHECK-SAME: ccm.role = "input_delta"}, tensor<8xf32> {ccm.index = 0 : i64, ccm.role = "delta"})
// CHECK-LABEL: func.func @backward_train_1(
// CHECK-SAME: -> (tensor<8xf32> {ccm.index = 0 : i64, ccm.role = "delta"}) attributes
// CHECK: linalg.generic {{.*}}"reduction"
// CHECK-LABEL: func.func @backward_input_1(
// CHECK-NOT: ccm.role = "delta"
// CHECK-SAME: -> (tensor<1x8xf32> {ccm.index = 0 : i64, ccm.role = "input_delta"}) attributes
// CHECK-NOT: "reduction"
