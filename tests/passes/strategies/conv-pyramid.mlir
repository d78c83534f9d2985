// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// Two dimensions: halved between stages, odd extents rounded up; the third convolution adds.
// CHECK-LABEL: ccm.model @image
ccm.model @image train {} {
  // CHECK: %[[X:.*]] = ccm.input
  %x = ccm.input "image" high : tensor<?x29x31x3xf32>
  // CHECK: ccm.conv %[[X]], {{.*}} stride [1, 1] padding [1, 1] {{.*}} -> tensor<?x29x31x16xf32>
  // CHECK: ccm.relu
  // CHECK: ccm.conv
  // CHECK: %[[TWO:.*]] = ccm.relu
  // CHECK: ccm.parameter "reduce.image.stage0.conv2.weight"
  // CHECK: %[[THREE:.*]] = ccm.relu
  // CHECK: %[[SUM:.*]] = ccm.add %[[TWO]], %[[THREE]]
  // CHECK: ccm.patch %[[SUM]] window [2, 2] {{.*}} -> tensor<?x15x16x64xf32>
  // CHECK: ccm.dense {{.*}} -> tensor<?x15x16x32xf32>
  // CHECK: ccm.relu
  // CHECK: ccm.reshape {{.*}} -> tensor<?x240x32xf32>
  %t = ccm.reduce "image" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("conv-pyramid" {depth = 3 : i64, stem = 1 : i64, widths = array<i64: 16, 32>}) : tensor<?x29x31x3xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// One dimension: a quarter between stages; a stem of windows first.
// CHECK-LABEL: ccm.model @sound
ccm.model @sound train {} {
  %x = ccm.input "sound" high : tensor<?x2003x1xf32>
  // CHECK: ccm.patch {{.*}} window [8] {{.*}} -> tensor<?x251x8xf32>
  // CHECK: ccm.dense {{.*}} -> tensor<?x251x16xf32>
  // CHECK: ccm.relu
  // CHECK: ccm.conv {{.*}} stride [1] padding [1] {{.*}} -> tensor<?x251x16xf32>
  // CHECK: ccm.patch {{.*}} window [4] {{.*}} -> tensor<?x63x64xf32>
  // CHECK: ccm.conv {{.*}} -> tensor<?x63x32xf32>
  %t = ccm.reduce "sound" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("conv-pyramid" {depth = 1 : i64, stem = 8 : i64, widths = array<i64: 16, 32>}) : tensor<?x2003x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Three dimensions: an eighth between stages.
// CHECK-LABEL: ccm.model @volume
ccm.model @volume train {} {
  // CHECK: %[[X:.*]] = ccm.input
  %x = ccm.input "scan" high : tensor<?x16x15x16x1xf32>
  // CHECK: ccm.conv %[[X]], {{.*}} stride [1, 1, 1] padding [1, 1, 1] {{.*}} -> tensor<?x16x15x16x16xf32>
  // CHECK: ccm.patch {{.*}} window [2, 2, 2] {{.*}} -> tensor<?x8x8x8x128xf32>
  // CHECK: ccm.dense {{.*}} -> tensor<?x8x8x8x32xf32>
  // CHECK: ccm.conv {{.*}} -> tensor<?x8x8x8x32xf32>
  // CHECK: ccm.reshape {{.*}} -> tensor<?x512x32xf32>
  %t = ccm.reduce "scan" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("conv-pyramid" {depth = 1 : i64, stem = 1 : i64, widths = array<i64: 16, 32>}) : tensor<?x16x15x16x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
