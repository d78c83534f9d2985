// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s

// Scales stand between ports and what was built for them; what they start as is exactly nothing.
// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  // CHECK: %[[X:.*]] = ccm.input "row" pointwise scale standard
  // CHECK-DAG: %[[XO:.*]] = ccm.parameter "input.row.offset" shape [3] init("constant", 0.000000e+00) frozen : tensor<3xf32>
  // CHECK-DAG: %[[XF:.*]] = ccm.parameter "input.row.factor" shape [3] init("constant", 1.000000e+00) frozen : tensor<3xf32>
  // CHECK: %[[S:.*]] = ccm.scale %[[X]], %[[XO]], %[[XF]]
  // CHECK: ccm.dense %[[S]],
  %x = ccm.input "row" pointwise scale standard : tensor<?x3xf32>
  %t = ccm.reduce "row" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x3xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  // CHECK: %[[D:.*]] = ccm.dense {{.*}} -> tensor<?x1xf32>
  // CHECK-DAG: %[[YO:.*]] = ccm.parameter "output.value.offset" shape [1]
  // CHECK-DAG: %[[YF:.*]] = ccm.parameter "output.value.factor" shape [1]
  // CHECK: %[[U:.*]] = ccm.unscale %[[D]], %[[YO]], %[[YF]]
  // CHECK: ccm.output "value" %[[U]] pointwise loss("l1") scale standard scaled(%[[YO]], %[[YF]] : tensor<1xf32>, tensor<1xf32>)
  ccm.output "value" %y pointwise loss("l1") scale standard : tensor<?x1xf32>
}

// -----

// Numbers of the declaration, one for all channels or one for each; robust inputs are bent.
// CHECK-LABEL: ccm.model @numbers
ccm.model @numbers train {} {
  // CHECK: ccm.parameter "input.row.offset" shape [3] init("constant", 5.000000e-01) frozen
  // CHECK: ccm.parameter "input.row.factor" shape [3] init("constant", 1.000000e+00) values [1.000000e+00, 2.000000e+00, 3.000000e+00] frozen
  // CHECK: ccm.scale
  // CHECK-NOT: ccm.soft_clip
  %x = ccm.input "row" pointwise scale fixed by [0.5] [1.0, 2.0, 3.0] : tensor<?x3xf32>
  // CHECK: %[[S:.*]] = ccm.scale
  // CHECK: %[[B:.*]] = ccm.soft_clip %[[S]]
  // CHECK: ccm.dense %[[B]],
  %z = ccm.input "other" pointwise scale robust : tensor<?x2xf32>
  %t = ccm.reduce "row" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x3xf32>
  %u = ccm.reduce "other" %z budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x2xf32>
  %c = ccm.core "numbers" %t, %u budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
