// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// 15 by 16 positions in windows of 4 by 4: of the first axis the last window of keys and values lies
// at the border, that of queries reaches beyond by one; then all half a window ahead.
// CHECK-LABEL: ccm.model @image
ccm.model @image train {} {
  // CHECK: %[[X:.*]] = ccm.input
  %x = ccm.input "image" high : tensor<?x29x31x3xf32>
  // CHECK: ccm.patch %[[X]] window [2, 2] {{.*}} -> tensor<?x15x16x12xf32>
  // CHECK: ccm.parameter "reduce.image.stem.weight" shape [16, 12]
  // CHECK: ccm.parameter "reduce.image.positions.table" shape [15, 16, 16]
  // CHECK: ccm.parameter "reduce.image.block0.norm1.gain"
  // CHECK: ccm.parameter "reduce.image.block0.query.weight"
  // CHECK: %[[Q:.*]] = ccm.dense
  // CHECK: ccm.parameter "reduce.image.block0.key.weight"
  // CHECK: %[[K:.*]] = ccm.dense
  // CHECK: ccm.parameter "reduce.image.block0.value.weight"
  // CHECK: %[[V:.*]] = ccm.dense
  // CHECK-DAG: ccm.frame %[[Q]] start [0, 0] {{.*}} -> tensor<?x16x16x16xf32>
  // CHECK-DAG: %[[K0:.*]] = ccm.frame %[[K]] start [0, 0] {{.*}} -> tensor<?x12x16x16xf32>
  // CHECK-DAG: %[[K1:.*]] = ccm.frame %[[K]] start [11, 0] {{.*}} -> tensor<?x4x16x16xf32>
  // CHECK-DAG: ccm.concat 1 %[[K0]], %[[K1]] {{.*}} -> tensor<?x16x16x16xf32>
  // CHECK-DAG: ccm.frame %[[V]] start [11, 0]
  // CHECK-DAG: ccm.reshape {{.*}} -> tensor<?x4x4x4x4x16xf32>
  // CHECK-DAG: ccm.patch {{.*}} window [4, 1, 4, 1] {{.*}} -> tensor<?x1x4x1x4x256xf32>
  // CHECK: %[[SEEN:.*]] = ccm.attention {{.*}} heads 16 : tensor<?x16x256xf32>
  // CHECK: ccm.unpatch {{.*}} window [4, 1, 4, 1] {{.*}} -> tensor<?x4x4x4x4x16xf32>
  // CHECK: ccm.frame {{.*}} start [0, 0] {{.*}} -> tensor<?x15x16x16xf32>
  // CHECK: ccm.parameter "reduce.image.block1.norm1.gain"
  // CHECK-DAG: ccm.frame {{.*}} start [-2, -2] {{.*}} -> tensor<?x20x20x16xf32>
  // CHECK-DAG: ccm.frame {{.*}} start [0, 0] {{.*}} -> tensor<?x4x16x16xf32>
  // CHECK-DAG: ccm.frame {{.*}} start [2, 0] {{.*}} -> tensor<?x12x16x16xf32>
  // CHECK-DAG: ccm.frame {{.*}} start [11, 0] {{.*}} -> tensor<?x4x16x16xf32>
  // CHECK-DAG: ccm.frame {{.*}} start [0, 12] {{.*}} -> tensor<?x20x4x16xf32>
  // CHECK: ccm.attention {{.*}} heads 25 : tensor<?x16x400xf32>
  // CHECK: ccm.frame {{.*}} start [2, 2] {{.*}} -> tensor<?x15x16x16xf32>
  // CHECK-NOT: ccm.attention
  // CHECK: ccm.patch {{.*}} window [2, 2] {{.*}} -> tensor<?x8x8x64xf32>
  // CHECK: ccm.parameter "reduce.image.merge.weight" shape [32, 64]
  // CHECK: ccm.reshape {{.*}} -> tensor<?x64x32xf32>
  %t = ccm.reduce "image" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("window-attention" {depth = 2 : i64, merge = 2 : i64, patch = 2 : i64, width = 16 : i64, window = 4 : i64}) : tensor<?x29x31x3xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Where windows divide the grid nothing is framed; heads are 32 wide in each of two windows.
// CHECK-LABEL: ccm.model @sound
ccm.model @sound train {} {
  %x = ccm.input "sound" high : tensor<?x1024x1xf32>
  // CHECK: ccm.patch {{.*}} window [8] {{.*}} -> tensor<?x128x8xf32>
  // CHECK-NOT: ccm.frame
  // CHECK: ccm.reshape {{.*}} -> tensor<?x2x64x64xf32>
  // CHECK: ccm.patch {{.*}} window [2, 1] {{.*}} -> tensor<?x1x64x128xf32>
  // CHECK: ccm.attention {{.*}} heads 4 : tensor<?x64x128xf32>
  // CHECK-NOT: ccm.frame
  // CHECK: "reduce.sound.merge.weight" shape [128, 64]
  %t = ccm.reduce "sound" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("window-attention" {depth = 1 : i64, merge = 1 : i64, patch = 8 : i64, width = 64 : i64, window = 64 : i64}) : tensor<?x1024x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// 9 positions in windows of at most 8 are two of 5, not one of 8 and one of 1; an axis that fits a
// window has one in all blocks.
// CHECK-LABEL: ccm.model @volume
ccm.model @volume train {} {
  %x = ccm.input "scan" high : tensor<?x9x3x8x1xf32>
  // CHECK: ccm.reshape {{.*}} -> tensor<?x2x5x1x3x1x8x16xf32>
  // CHECK: ccm.attention {{.*}} heads 2 : tensor<?x120x32xf32>
  // CHECK: ccm.frame {{.*}} start [-2, 0, 0] {{.*}} -> tensor<?x15x3x8x16xf32>
  // CHECK: ccm.attention {{.*}} heads 3 : tensor<?x120x48xf32>
  %t = ccm.reduce "scan" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("window-attention" {depth = 2 : i64, merge = 3 : i64, patch = 1 : i64, width = 16 : i64, window = 8 : i64}) : tensor<?x9x3x8x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// An aligned input on a grid of its own comes to that of the part; skips before the patches, of the
// fine grid and of the tokens.
// CHECK-LABEL: ccm.model @map
ccm.model @map train {} {
  // CHECK: %[[PHOTO:.*]] = ccm.input "photo"
  %x = ccm.input "photo" high aligned_to ["mask"] : tensor<?x30x32x3xf32>
  // CHECK: %[[COARSE:.*]] = ccm.input "coarse"
  %z = ccm.input "coarse" low aligned_to ["mask"] : tensor<?x15x16x1xf32>
  // CHECK: "reduce.photo.input1.weight" shape [16, 1]
  // CHECK: %[[NEAR:.*]] = ccm.resample {{.*}} factor [2, 2]
  // CHECK: %[[INPUT:.*]] = ccm.concat 3 %[[PHOTO]], %[[NEAR]] {{.*}} -> tensor<?x30x32x19xf32>
  // CHECK: ccm.patch %[[INPUT]] window [2, 2]
  // CHECK: ccm.attention
  // CHECK: ccm.gelu
  // CHECK: %[[FINE:.*]] = ccm.add {{.*}} : tensor<?x15x16x16xf32>
  // CHECK: ccm.patch %[[FINE]] window [2, 2] {{.*}} -> tensor<?x8x8x64xf32>
  // CHECK: %[[LAST:.*]] = ccm.dense {{.*}} -> tensor<?x8x8x32xf32>
  // CHECK: ccm.concat 3 {{.*}}, %[[LAST]] :
  // CHECK: ccm.concat 3 {{.*}}, %[[FINE]] :
  // CHECK: ccm.concat 3 {{.*}}, %[[INPUT]] :
  %t, %p = ccm.reduce "photo" %x, %z budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("window-attention" {depth = 1 : i64, merge = 2 : i64, patch = 2 : i64, width = 16 : i64, window = 8 : i64}) : tensor<?x30x32x3xf32>, tensor<?x15x16x1xf32> -> !ccm.pyramid
  %c = ccm.core "map" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "mask" %c skips(%p) budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-decoder" {depth = 1 : i64}) : tensor<?x30x32x1xf32>
  ccm.output "mask" %y high loss("mse") : tensor<?x30x32x1xf32>
}
