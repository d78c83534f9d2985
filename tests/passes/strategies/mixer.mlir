// RUN: ccm-opt %s -ccm-build-structure | FileCheck %s
// In turn over the two tokens and over their 64 channels.
// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %l = ccm.input "label" pointwise vocabulary 10 : tensor<?xi32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  %u = ccm.reduce "label" %l budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("embedding" {depth = 0 : i64, width = 32 : i64, window = 1 : i64}) : tensor<?xi32>
  // CHECK: %[[TOKENS:.*]] = ccm.concat 1 {{.*}} -> tensor<?x2x64xf32>
  // CHECK: ccm.parameter "core.block0.tokens.norm.gain"
  // CHECK: ccm.transpose {{.*}} : tensor<?x2x64xf32> -> tensor<?x64x2xf32>
  // CHECK: ccm.parameter "core.block0.tokens.up.weight" shape [32, 2]
  // CHECK: ccm.gelu
  // CHECK: ccm.parameter "core.block0.tokens.down.weight" shape [2, 32]
  // CHECK: %[[MIXED:.*]] = ccm.transpose {{.*}} : tensor<?x64x2xf32> -> tensor<?x2x64xf32>
  // CHECK: %[[SUM:.*]] = ccm.add %[[TOKENS]], %[[MIXED]]
  // CHECK: ccm.parameter "core.block0.channels.up.weight" shape [256, 64]
  // CHECK: ccm.parameter "core.block0.channels.down.weight" shape [64, 256]
  // CHECK: ccm.add %[[SUM]]
  // CHECK: ccm.parameter "core.block1.tokens.norm.gain"
  // CHECK: ccm.parameter "core.norm.gain"
  %c = ccm.core "m" %t, %u budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mixer" {depth = 2 : i64, width = 64 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
