// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// A coarse grid of queries, convolutions over it, and a window of the picture from each position.
// CHECK-LABEL: ccm.model @picture
ccm.model @picture train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 16 : i64})
  // CHECK: ccm.parameter "expand.picture.queries.table" shape [64, 16]
  // CHECK: ccm.parameter "expand.picture.spread.weight" shape [32, 16]
  // CHECK: ccm.reshape {{.*}} -> tensor<?x8x8x32xf32>
  // CHECK: ccm.parameter "expand.picture.grid.conv0.weight"
  // CHECK: ccm.conv {{.*}} stride [1, 1] padding [1, 1] {{.*}} -> tensor<?x8x8x32xf32>
  // CHECK: ccm.relu
  // CHECK: ccm.conv
  // CHECK: ccm.parameter "expand.picture.grid.norm.gain" shape [32]
  // CHECK: %[[NORMAL:.*]] = ccm.layer_norm
  // CHECK: %[[GRID:.*]] = ccm.relu %[[NORMAL]]
  // CHECK: ccm.parameter "expand.picture.out.weight" shape [48, 32]
  // CHECK: ccm.dense %[[GRID]], {{.*}} -> tensor<?x8x8x48xf32>
  // CHECK: ccm.unpatch {{.*}} window [4, 4] : {{.*}} -> tensor<?x29x31x3xf32>
  %y = ccm.expand "picture" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("shuffle" {depth = 2 : i64, factor = 4 : i64, pooled = 0 : i64, width = 32 : i64}) : tensor<?x29x31x3xf32>
  ccm.output "picture" %y high loss("mse") : tensor<?x29x31x3xf32>
}

// -----

// A low output along one dimension, from the mean of the tokens.
// CHECK-LABEL: ccm.model @series
ccm.model @series train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 16 : i64})
  // CHECK: ccm.parameter "expand.series.spread.weight" shape [208, 16]
  // CHECK: ccm.reshape {{.*}} -> tensor<?x13x16xf32>
  // CHECK: ccm.conv {{.*}} stride [1] padding [1] {{.*}} -> tensor<?x13x16xf32>
  // CHECK: ccm.dense {{.*}} -> tensor<?x13x16xf32>
  // CHECK: ccm.unpatch {{.*}} window [8] : {{.*}} -> tensor<?x100x2xf32>
  %y = ccm.expand "series" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("shuffle" {depth = 1 : i64, factor = 8 : i64, pooled = 1 : i64, width = 16 : i64}) : tensor<?x100x2xf32>
  ccm.output "series" %y low loss("mse") : tensor<?x100x2xf32>
}

// -----

// CHECK-LABEL: ccm.model @volume
ccm.model @volume train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 16 : i64})
  // CHECK: ccm.reshape {{.*}} -> tensor<?x4x4x4x16xf32>
  // CHECK: ccm.conv {{.*}} stride [1, 1, 1] padding [1, 1, 1] {{.*}} -> tensor<?x4x4x4x16xf32>
  // CHECK: ccm.dense {{.*}} -> tensor<?x4x4x4x64xf32>
  // CHECK: ccm.unpatch {{.*}} window [4, 4, 4] : {{.*}} -> tensor<?x16x15x16x1xf32>
  %y = ccm.expand "scan" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("shuffle" {depth = 1 : i64, factor = 4 : i64, pooled = 1 : i64, width = 16 : i64}) : tensor<?x16x15x16x1xf32>
  ccm.output "scan" %y high loss("mse") : tensor<?x16x15x16x1xf32>
}
