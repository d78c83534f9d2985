// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// Pointwise: one token.
// CHECK-LABEL: ccm.model @label
ccm.model @label train {} {
  %x = ccm.input "label" pointwise vocabulary 67 : tensor<?xi32>
  // CHECK: ccm.embedding {{.*}} -> tensor<?x16xf32>
  // CHECK: ccm.reshape {{.*}} -> tensor<?x1x16xf32>
  %t = ccm.reduce "label" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("embedding" {depth = 0 : i64, width = 16 : i64, window = 1 : i64}) : tensor<?xi32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 16 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Low: a token per window, then blocks.
// CHECK-LABEL: ccm.model @text
ccm.model @text train {} {
  %x = ccm.input "text" low vocabulary 64 : tensor<?x48xi32>
  // CHECK: ccm.embedding {{.*}} -> tensor<?x48x32xf32>
  // CHECK: ccm.patch {{.*}} window [4] {{.*}} -> tensor<?x12x128xf32>
  // CHECK: ccm.dense {{.*}} -> tensor<?x12x32xf32>
  // CHECK: ccm.positions
  // CHECK: ccm.attention
  %t = ccm.reduce "text" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("embedding" {depth = 1 : i64, width = 32 : i64, window = 4 : i64}) : tensor<?x48xi32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
