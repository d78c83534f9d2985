// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// Two convolutions per stage, then blocks of the last stage's width over its positions.
// CHECK-LABEL: ccm.model @image
ccm.model @image train {} {
  // CHECK: %[[X:.*]] = ccm.input
  %x = ccm.input "image" high : tensor<?x29x31x3xf32>
  // CHECK: ccm.patch %[[X]] window [2, 2] {{.*}} -> tensor<?x15x16x12xf32>
  // CHECK: ccm.parameter "reduce.image.stem.weight" shape [16, 12]
  // CHECK: ccm.conv {{.*}} stride [1, 1] padding [1, 1] {{.*}} -> tensor<?x15x16x16xf32>
  // CHECK: ccm.parameter "reduce.image.stage0.conv1.weight"
  // CHECK: ccm.patch {{.*}} window [2, 2] {{.*}} -> tensor<?x8x8x64xf32>
  // CHECK: ccm.parameter "reduce.image.stage1.down.weight" shape [32, 64]
  // CHECK: ccm.conv {{.*}} -> tensor<?x8x8x32xf32>
  // CHECK: ccm.conv {{.*}} -> tensor<?x8x8x32xf32>
  // CHECK-NOT: ccm.conv
  // CHECK: %[[TOKENS:.*]] = ccm.reshape {{.*}} -> tensor<?x64x32xf32>
  // CHECK: ccm.parameter "reduce.image.positions.table" shape [64, 32]
  // CHECK: ccm.positions %[[TOKENS]]
  // CHECK: ccm.parameter "reduce.image.block0.norm1.gain"
  // CHECK: ccm.attention {{.*}} heads 1
  // CHECK-NOT: "reduce.image.block1
  %t = ccm.reduce "image" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("conv-attention" {depth = 1 : i64, stem = 2 : i64, widths = array<i64: 16, 32>}) : tensor<?x29x31x3xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// One stage over a signal: its positions are the tokens.
// CHECK-LABEL: ccm.model @sound
ccm.model @sound train {} {
  %x = ccm.input "sound" high : tensor<?x403x1xf32>
  // CHECK: ccm.patch {{.*}} window [8] {{.*}} -> tensor<?x51x8xf32>
  // CHECK: ccm.conv {{.*}} stride [1] padding [1] {{.*}} -> tensor<?x51x16xf32>
  // CHECK: ccm.conv
  // CHECK: %[[LAST:.*]] = ccm.relu
  // CHECK-NOT: ccm.reshape
  // CHECK: ccm.positions %[[LAST]]
  // CHECK: "reduce.sound.block1.norm1.gain"
  %t = ccm.reduce "sound" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("conv-attention" {depth = 2 : i64, stem = 8 : i64, widths = array<i64: 16>}) : tensor<?x403x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// CHECK-LABEL: ccm.model @volume
ccm.model @volume train {} {
  %x = ccm.input "scan" high : tensor<?x16x15x16x1xf32>
  // CHECK: ccm.patch {{.*}} window [4, 4, 4] {{.*}} -> tensor<?x4x4x4x64xf32>
  // CHECK: ccm.conv {{.*}} stride [1, 1, 1] padding [1, 1, 1] {{.*}} -> tensor<?x4x4x4x32xf32>
  // CHECK: ccm.conv
  // CHECK: ccm.reshape {{.*}} -> tensor<?x64x32xf32>
  // CHECK: ccm.attention {{.*}} heads 1
  %t = ccm.reduce "scan" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("conv-attention" {depth = 1 : i64, stem = 4 : i64, widths = array<i64: 32>}) : tensor<?x16x15x16x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
