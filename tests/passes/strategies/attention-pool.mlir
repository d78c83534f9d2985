// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  %x = ccm.input "grid" low : tensor<?x24x5xf32>
  %t = ccm.reduce "grid" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x24x5xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  // CHECK: ccm.parameter "core.norm.shift"
  // CHECK: %[[C:.*]] = ccm.layer_norm %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x24x32xf32>
  // CHECK: ccm.mean_pool %[[C]]
  // CHECK: ccm.broadcast {{.*}} -> tensor<?x3x32xf32>
  // CHECK: ccm.parameter "expand.boxes.queries.table" shape [3, 32]
  // CHECK: %[[Q:.*]] = ccm.positions
  // CHECK: ccm.attention %[[Q]], %[[C]], %[[C]] heads 1
  // CHECK: ccm.parameter "expand.boxes.mix.weight" shape [32, 32]
  // CHECK: ccm.add %[[Q]],
  // CHECK: ccm.dense {{.*}} -> tensor<?x3x4xf32>
  %y = ccm.expand "boxes" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("attention-pool" {hidden = 0 : i64}) : tensor<?x3x4xf32>
  ccm.output "boxes" %y low loss("mse") : tensor<?x3x4xf32>
}
