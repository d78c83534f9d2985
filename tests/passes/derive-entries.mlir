// RUN: ccm-opt %s -ccm-expand-forward -ccm-expand-backward -ccm-choose-internals -ccm-derive-entries \
// RUN:   | FileCheck %s

ccm.model @m train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  %t = ccm.parameter "t" shape [8] init("zeros", 0.0) : tensor<8xf32>
  %a = ccm.positions %x, %t : tensor<?x8xf32>, tensor<8xf32>
  %y = ccm.tanh %a : tensor<?x8xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x8xf32>
}

// Inference keeps nothing for a backward.
// CHECK-LABEL: func.func @forward_1(
// CHECK-SAME: -> (tensor<1x8xf32> {{{.*}}ccm.role = "output"}, tensor<1x8xf32> {{{.*}}ccm.role = "internal"})
// CHECK-LABEL: func.func @infer_1(
// CHECK-SAME: -> (tensor<1x8xf32> {{{[^}]*}}ccm.role = "output"}) attributes
// CHECK-SAME: ccm.entry = "infer"

// Each half of the backward computes its own deltas alone, and is not handed what the other needs.
// CHECK-LABEL: func.func @backward_1(
// CHECK-SAME: ccm.role = "input_delta"}, tensor<8xf32> {ccm.index = 0 : i64, ccm.role = "delta"})
// CHECK-LABEL: func.func @backward_train_1(
// CHECK-SAME: -> (tensor<8xf32> {ccm.index = 0 : i64, ccm.role = "delta"}) attributes
// CHECK: linalg.generic {{.*}}"reduction"
// CHECK-LABEL: func.func @backward_input_1(
// CHECK-NOT: ccm.role = "delta"
// CHECK-SAME: -> (tensor<1x8xf32> {ccm.index = 0 : i64, ccm.role = "input_delta"}) attributes
// CHECK-NOT: "reduction"
