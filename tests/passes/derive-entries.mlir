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

// The halves of the backward are derived from kernels, by `ccm-derive-halves`.
// CHECK-NOT: func.func @backward_train_1(
