// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s

// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  // CHECK: %[[X:.*]] = ccm.input
  %x = ccm.input "image" high : tensor<?x29x31x3xf32>
  // CHECK: %[[P:.*]] = ccm.patch %[[X]] window [8, 8] : {{.*}} -> tensor<?x4x4x192xf32>
  // CHECK: %[[T:.*]] = ccm.reshape %[[P]] {{.*}} -> tensor<?x16x192xf32>
  // CHECK: ccm.dense %[[T]], {{.*}} -> tensor<?x16x32xf32>
  // CHECK: ccm.positions {{.*}} tensor<16x32xf32>
  // CHECK: ccm.attention {{.*}} heads 1
  // CHECK-NOT: ccm.attention
  // CHECK: ccm.parameter "core.group0.weight"
  %t = ccm.reduce "image" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("patch-embed" {depth = 1 : i64, patch = 8 : i64, width = 32 : i64}) : tensor<?x29x31x3xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
