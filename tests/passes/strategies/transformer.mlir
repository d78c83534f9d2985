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

// -----

// What comes before each element is last and looks back alone; its tokens give the elements, although
// another input has as many.
// CHECK-LABEL: ccm.model @sequence
ccm.model @sequence train {} {
  %before = ccm.input "text_before" low vocabulary 6 drawn shifted of "text" [] : tensor<?x8xi32>
  %x = ccm.input "hint" low vocabulary 4 : tensor<?x8xi32>
  %t = ccm.reduce "text_before" %before by("embedding" {depth = 1 : i64, width = 32 : i64, window = 1 : i64}) : tensor<?x8xi32>
  %u = ccm.reduce "hint" %x by("embedding" {depth = 1 : i64, width = 16 : i64, window = 1 : i64}) : tensor<?x8xi32>
  // CHECK: ccm.parameter "reduce.text_before.block0.norm1.gain"
  // CHECK: ccm.attention {{.*}} heads 1 causal
  // CHECK: ccm.parameter "reduce.hint.block0.norm1.gain"
  // CHECK: ccm.attention {{.*}} heads 1 :
  // CHECK: ccm.parameter "core.group0.weight" shape [32, 16]
  // CHECK: ccm.parameter "core.group1.weight" shape [32, 32]
  // CHECK: ccm.attention {{.*}} heads 1 causal
  // CHECK: ccm.frame {{.*}} start [8] : tensor<?x16x32xf32> -> tensor<?x8x32xf32>
  %c = ccm.core "m" %t, %u budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "text" %c by("token-dense" {hidden = 0 : i64}) : tensor<?x8x5xf32>
  ccm.output "text" %y low vocabulary 5 loss("cross_entropy") : tensor<?x8x5xf32>
}
