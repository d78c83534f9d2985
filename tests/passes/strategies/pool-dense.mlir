// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  %x = ccm.input "grid" low : tensor<?x24x5xf32>
  %t = ccm.reduce "grid" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x24x5xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  // CHECK: ccm.mean_pool {{.*}} window [24] : {{.*}} -> tensor<?x1x32xf32>
  // CHECK: ccm.reshape {{.*}} -> tensor<?x32xf32>
  // CHECK: ccm.parameter "expand.boxes.hidden.weight" shape [64, 32]
  // CHECK: ccm.gelu
  // CHECK: ccm.dense {{.*}} -> tensor<?x12xf32>
  // CHECK: ccm.reshape {{.*}} -> tensor<?x3x4xf32>
  %y = ccm.expand "boxes" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 64 : i64}) : tensor<?x3x4xf32>
  ccm.output "boxes" %y low loss("mse") : tensor<?x3x4xf32>
}
