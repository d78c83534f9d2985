// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// Every stage repeats each position, is cut to the extents that the next one needs, and convolves.
// CHECK-LABEL: ccm.model @picture
ccm.model @picture train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 16 : i64})
  // CHECK: ccm.reshape {{.*}} -> tensor<?x8x8x64xf32>
  // CHECK: ccm.resample {{.*}} factor [2, 2] : tensor<?x8x8x64xf32> -> tensor<?x15x16x64xf32>
  // CHECK: ccm.parameter "expand.picture.stage1.conv0.weight" shape [32, 3, 3, 64]
  // CHECK: %[[NORMAL:.*]] = ccm.layer_norm
  // CHECK: ccm.relu %[[NORMAL]]
  // CHECK: ccm.resample {{.*}} factor [2, 2] : tensor<?x15x16x32xf32> -> tensor<?x29x31x32xf32>
  // CHECK: ccm.parameter "expand.picture.stage0.conv0.weight" shape [16, 3, 3, 32]
  // CHECK: ccm.layer_norm
  // CHECK: %[[GRID:.*]] = ccm.relu
  // CHECK: ccm.dense %[[GRID]], {{.*}} -> tensor<?x29x31x3xf32>
  %y = ccm.expand "picture" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("resize-conv" {factor = 2 : i64, pooled = 0 : i64, stages = 2 : i64, width = 64 : i64}) : tensor<?x29x31x3xf32>
  ccm.output "picture" %y high loss("mse") : tensor<?x29x31x3xf32>
}

// -----

// CHECK-LABEL: ccm.model @series
ccm.model @series train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 16 : i64})
  // CHECK: ccm.resample {{.*}} factor [4] : tensor<?x19x16xf32> -> tensor<?x75x16xf32>
  // CHECK: ccm.resample {{.*}} factor [4] : tensor<?x75x16xf32> -> tensor<?x300x16xf32>
  %y = ccm.expand "series" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("resize-conv" {factor = 4 : i64, pooled = 1 : i64, stages = 2 : i64, width = 16 : i64}) : tensor<?x300x2xf32>
  ccm.output "series" %y high loss("mse") : tensor<?x300x2xf32>
}
