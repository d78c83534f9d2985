// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// The groups are brought to one width, joined, told apart by positions, and normalized at the end.
// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %l = ccm.input "label" pointwise vocabulary 10 : tensor<?xi32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  %u = ccm.reduce "label" %l budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("embedding" {depth = 0 : i64, width = 32 : i64, window = 1 : i64}) : tensor<?xi32>
  // CHECK: ccm.parameter "core.group0.weight" shape [64, 16]
  // CHECK: ccm.parameter "core.group1.weight" shape [64, 32]
  // CHECK: ccm.concat 1 {{.*}} -> tensor<?x2x64xf32>
  // CHECK: ccm.positions
  // CHECK: ccm.parameter "core.block1.norm1.gain"
  // CHECK: ccm.attention {{.*}} heads 2
  // CHECK: ccm.parameter "core.norm.gain"
  // CHECK: ccm.layer_norm
  %c = ccm.core "m" %t, %u budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 2 : i64, width = 64 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
