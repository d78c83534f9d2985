// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 16 : i64})
  // CHECK: ccm.broadcast {{.*}} -> tensor<?x16x16xf32>
  // CHECK: ccm.parameter "expand.picture.queries.table" shape [16, 16]
  // CHECK: ccm.parameter "expand.picture.spread.weight" shape [32, 16]
  // CHECK: ccm.parameter "expand.picture.block0.norm1.gain"
  // CHECK: ccm.dense {{.*}} -> tensor<?x16x192xf32>
  // CHECK: ccm.reshape {{.*}} -> tensor<?x4x4x192xf32>
  // CHECK: ccm.unpatch {{.*}} window [8, 8] : {{.*}} -> tensor<?x29x31x3xf32>
  %y = ccm.expand "picture" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("unpatch" {depth = 1 : i64, patch = 8 : i64, pooled = 0 : i64, width = 32 : i64}) : tensor<?x29x31x3xf32>
  ccm.output "picture" %y high loss("mse") : tensor<?x29x31x3xf32>
}
