// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// Every extent is cut where the next is no multiple of the stride; widths halve, not below 16.
// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 16 : i64})
  // CHECK: ccm.parameter "expand.sound.spread.weight" shape [752, 16]
  // CHECK: ccm.reshape {{.*}} -> tensor<?x47x16xf32>
  // CHECK: ccm.conv_transpose {{.*}} stride [8] padding [4] {{.*}} -> tensor<?x375x16xf32>
  // CHECK: ccm.relu
  // CHECK: ccm.conv_transpose {{.*}} stride [4] padding [2] {{.*}} -> tensor<?x1499x1xf32>
  // CHECK-NOT: ccm.relu
  // CHECK: ccm.output
  %y = ccm.expand "sound" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transposed-conv" {pooled = 1 : i64, strides = array<i64: 8, 4>, width = 16 : i64}) : tensor<?x1499x1xf32>
  ccm.output "sound" %y high loss("l1") : tensor<?x1499x1xf32>
}
