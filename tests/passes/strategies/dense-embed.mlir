// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// Pointwise: dense steps.
// CHECK-LABEL: ccm.model @numbers
ccm.model @numbers train {} {
  %x = ccm.input "numbers" pointwise : tensor<?x13xf32>
  // CHECK: ccm.dense {{.*}} -> tensor<?x16xf32>
  // CHECK: ccm.gelu
  // CHECK: ccm.dense {{.*}} -> tensor<?x16xf32>
  // CHECK: ccm.reshape {{.*}} -> tensor<?x1x16xf32>
  %t = ccm.reduce "numbers" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 1 : i64, width = 16 : i64}) : tensor<?x13xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 16 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Low: a token per position of any rank.
// CHECK-LABEL: ccm.model @grid
ccm.model @grid train {} {
  %x = ccm.input "grid" low : tensor<?x2x3x4x5xf32>
  // CHECK: ccm.reshape {{.*}} -> tensor<?x24x5xf32>
  // CHECK: ccm.dense {{.*}} -> tensor<?x24x32xf32>
  // CHECK: ccm.attention
  %t = ccm.reduce "grid" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 1 : i64, width = 32 : i64}) : tensor<?x2x3x4x5xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
