// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// A skip before the stem, and of each of two stages; extents round up.
// CHECK-LABEL: ccm.model @picture
ccm.model @picture train {} {
  %x = ccm.input "photo" high aligned_to ["alpha"] : tensor<?x29x31x3xf32>
  // CHECK: ccm.patch {{.*}} window [2, 2] : {{.*}} -> tensor<?x15x16x12xf32>
  // CHECK: ccm.parameter "reduce.photo.stage0.down.weight" shape [16, 12]
  // CHECK: ccm.relu
  // CHECK: ccm.parameter "reduce.photo.stage0.conv0.weight"
  // CHECK: ccm.conv {{.*}} -> tensor<?x15x16x16xf32>
  // CHECK: %[[FINE:.*]] = ccm.relu
  // CHECK: ccm.patch %[[FINE]] window [2, 2] : {{.*}} -> tensor<?x8x8x64xf32>
  // CHECK: ccm.conv {{.*}} -> tensor<?x8x8x32xf32>
  // CHECK: %[[COARSE:.*]] = ccm.relu
  // CHECK: ccm.reshape %[[COARSE]] : {{.*}} -> tensor<?x64x32xf32>
  %t, %p = ccm.reduce "photo" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-encoder" {depth = 1 : i64, stem = 2 : i64, widths = array<i64: 16, 32>}) : tensor<?x29x31x3xf32> -> !ccm.pyramid
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 16 : i64})
  %y = ccm.expand "alpha" %c skips(%p) budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-decoder" {depth = 1 : i64}) : tensor<?x29x31x1xf32>
  ccm.output "alpha" %y high loss("mse") : tensor<?x29x31x1xf32>
}

// -----

// Inputs on the output's grid are put side by side, indices as rows of a table; a coarser one is brought
// to every stage: repeated where that is finer, in windows where it is coarser. A finer one meets them in
// windows. One dimension shrinks by 4.
// CHECK-LABEL: ccm.model @series
ccm.model @series train {} {
  %a = ccm.input "force" high aligned_to ["motion"] : tensor<?x300x2xf32>
  %b = ccm.input "phase" high vocabulary 4 aligned_to ["motion"] : tensor<?x300xi32>
  %d = ccm.input "heart" low aligned_to ["motion"] : tensor<?x150x1xf32>
  %e = ccm.input "sound" high aligned_to ["motion"] : tensor<?x900x1xf32>
  // CHECK: ccm.parameter "reduce.force.table1.table" shape [4, 16]
  // CHECK: ccm.concat 2 {{.*}} -> tensor<?x300x18xf32>
  // CHECK: ccm.parameter "reduce.force.stage0.input2.weight" shape [16, 1]
  // CHECK: ccm.resample {{.*}} factor [2] : tensor<?x150x16xf32> -> tensor<?x300x16xf32>
  // CHECK: ccm.patch {{.*}} window [3] : tensor<?x900x1xf32> -> tensor<?x300x3xf32>
  // CHECK: ccm.patch {{.*}} window [4] : tensor<?x300x16xf32> -> tensor<?x75x64xf32>
  // CHECK: ccm.patch {{.*}} window [2] : tensor<?x150x1xf32> -> tensor<?x75x2xf32>
  // CHECK: ccm.patch {{.*}} window [12] : tensor<?x900x1xf32> -> tensor<?x75x12xf32>
  %t, %p = ccm.reduce "force" %a, %b, %d, %e budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-encoder" {depth = 1 : i64, stem = 1 : i64, widths = array<i64: 16, 32>}) : tensor<?x300x2xf32>, tensor<?x300xi32>, tensor<?x150x1xf32>, tensor<?x900x1xf32> -> !ccm.pyramid
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 16 : i64})
  %y = ccm.expand "motion" %c skips(%p) budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-decoder" {depth = 1 : i64}) : tensor<?x300x1xf32>
  ccm.output "motion" %y high loss("mse") : tensor<?x300x1xf32>
}
