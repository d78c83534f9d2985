// RUN: ccm-opt %s -ccm-build-structure | FileCheck %s

// Where values may be missing their part reads 0 and a flag by channel, after the scale.
// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  // CHECK: %[[X:.*]] = ccm.input "row" pointwise scale standard {missing}
  // CHECK: %[[S:.*]] = ccm.scale %[[X]]
  // CHECK: %[[F:.*]] = ccm.fill_missing %[[S]]
  // CHECK: %[[M:.*]] = ccm.is_missing %[[S]]
  // CHECK: %[[C:.*]] = ccm.concat 1 %[[F]], %[[M]] : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x6xf32>
  // Robust ones are bent once they are filled.
  // CHECK: %[[Z:.*]] = ccm.input "far"
  // CHECK: %[[T:.*]] = ccm.scale %[[Z]]
  // CHECK: %[[G:.*]] = ccm.fill_missing %[[T]]
  // CHECK: %[[B:.*]] = ccm.soft_clip %[[G]]
  // CHECK: %[[N:.*]] = ccm.is_missing %[[T]]
  // CHECK: ccm.concat 1 %[[B]], %[[N]]
  // CHECK: ccm.parameter "reduce.row.embed.weight" shape [16, 6]
  // CHECK: ccm.dense %[[C]],
  %x = ccm.input "row" pointwise scale standard {missing} : tensor<?x3xf32>
  %z = ccm.input "far" pointwise scale robust {missing} : tensor<?x2xf32>
  %u = ccm.reduce "far" %z budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x2xf32>
  %t = ccm.reduce "row" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x3xf32>
  %c = ccm.core "m" %t, %u budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("l1") : tensor<?x1xf32>
}
