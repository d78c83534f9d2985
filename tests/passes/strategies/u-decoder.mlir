// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// From the tokens up: every level unfolds, is cut to the extents of its skip and joined by it.
// CHECK-LABEL: ccm.model @picture
ccm.model @picture train {} {
  %x = ccm.input "photo" high aligned_to ["alpha"] : tensor<?x29x31x3xf32>
  // CHECK: %[[PHOTO:.*]] = ccm.input
  %t, %p = ccm.reduce "photo" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-encoder" {depth = 1 : i64, stem = 2 : i64, widths = array<i64: 16, 32>}) : tensor<?x29x31x3xf32> -> !ccm.pyramid
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 48 : i64})
  // CHECK: ccm.parameter "expand.alpha.bottom.weight" shape [32, 48]
  // CHECK: ccm.reshape {{.*}} -> tensor<?x8x8x32xf32>
  // CHECK: ccm.concat 3 {{.*}} -> tensor<?x8x8x64xf32>
  // CHECK: ccm.parameter "expand.alpha.level2.conv0.weight"
  // CHECK: ccm.parameter "expand.alpha.level1.up.weight" shape [64, 32]
  // CHECK: ccm.unpatch {{.*}} window [2, 2] : tensor<?x8x8x64xf32> -> tensor<?x15x16x16xf32>
  // CHECK: ccm.concat 3 {{.*}} -> tensor<?x15x16x32xf32>
  // CHECK: ccm.conv {{.*}} -> tensor<?x15x16x16xf32>
  // CHECK: ccm.unpatch {{.*}} window [2, 2] : tensor<?x15x16x32xf32> -> tensor<?x29x31x8xf32>
  // CHECK: ccm.concat 3 {{.*}}, %[[PHOTO]] : {{.*}} -> tensor<?x29x31x11xf32>
  // CHECK: ccm.conv {{.*}} -> tensor<?x29x31x8xf32>
  // CHECK: ccm.parameter "expand.alpha.level0.norm.gain" shape [8]
  // CHECK: %[[NORMAL:.*]] = ccm.layer_norm
  // CHECK: %[[GRID:.*]] = ccm.relu %[[NORMAL]]
  // CHECK: ccm.dense %[[GRID]], {{.*}} -> tensor<?x29x31x1xf32>
  %y = ccm.expand "alpha" %c skips(%p) budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-decoder" {depth = 1 : i64}) : tensor<?x29x31x1xf32>
  ccm.output "alpha" %y high loss("mse") : tensor<?x29x31x1xf32>
}

// -----

// The tokens of what else the model is given, and no others, scale and shift every level. The output's grid is finer than the inputs': positions
// are repeated, then convolved. The picture's tokens come after the label's.
// CHECK-LABEL: ccm.model @finer
ccm.model @finer train {} {
  %l = ccm.input "label" pointwise vocabulary 5 : tensor<?xi32>
  %x = ccm.input "photo" high aligned_to ["sharp"] : tensor<?x16x18x1xf32>
  %u = ccm.reduce "label" %l budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("embedding" {depth = 0 : i64, width = 16 : i64, window = 1 : i64}) : tensor<?xi32>
  %t, %p = ccm.reduce "photo" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-encoder" {depth = 1 : i64, stem = 1 : i64, widths = array<i64: 16, 32>}) : tensor<?x16x18x1xf32> -> !ccm.pyramid
  %c = ccm.core "m" %u, %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 16 : i64})
  // CHECK-NOT: ccm.mean_pool
  // CHECK: ccm.frame {{.*}} start [0] : tensor<?x73x16xf32> -> tensor<?x1x16xf32>
  // CHECK: ccm.frame {{.*}} start [1] : tensor<?x73x16xf32> -> tensor<?x72x16xf32>
  // CHECK: ccm.layer_norm
  // CHECK: ccm.parameter "expand.sharp.level1.scale.weight" shape [32, 16]
  // CHECK: ccm.broadcast {{.*}} : tensor<?x32xf32> -> tensor<?x8x9x32xf32>
  // CHECK: ccm.multiply
  // CHECK: ccm.parameter "expand.sharp.level0.shift.weight" shape [16, 16]
  // CHECK: ccm.parameter "expand.sharp.resize.weight" shape [16, 16]
  // CHECK: ccm.resample {{.*}} factor [2, 2] : tensor<?x16x18x16xf32> -> tensor<?x32x36x16xf32>
  // CHECK: ccm.parameter "expand.sharp.smooth.conv0.weight"
  %y = ccm.expand "sharp" %c skips(%p) budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-decoder" {depth = 1 : i64}) : tensor<?x32x36x1xf32>
  ccm.output "sharp" %y high loss("mse") : tensor<?x32x36x1xf32>
}

// -----

// A pyramid of other inputs joins the levels that are no coarser than it. The output's grid is that of a level that
// is not the finest: what is finer is left out.
// What an output is not aligned with scales and shifts it: the hint the map, but not the small one.
// CHECK-LABEL: ccm.model @two
ccm.model @two train {} {
  %x = ccm.input "photo" high aligned_to ["map", "small"] : tensor<?x24x24x1xf32>
  %h = ccm.input "hint" low aligned_to ["small"] : tensor<?x6x6x2xf32>
  %t, %p = ccm.reduce "photo" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-encoder" {depth = 1 : i64, stem = 1 : i64, widths = array<i64: 16, 32, 64>}) : tensor<?x24x24x1xf32> -> !ccm.pyramid
  %u, %q = ccm.reduce "hint" %h budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-encoder" {depth = 1 : i64, stem = 1 : i64, widths = array<i64: 16>}) : tensor<?x6x6x2xf32> -> !ccm.pyramid
  %c = ccm.core "m" %t, %u budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 16 : i64})
  // CHECK: %[[HINT:.*]] = ccm.frame {{.*}} start [0] : tensor<?x72x16xf32> -> tensor<?x36x16xf32>
  // CHECK: ccm.mean_pool %[[HINT]] window [36]
  // CHECK: ccm.parameter "expand.map.level0.shift.weight"
  // CHECK-NOT: expand.small{{.*}}.scale
  %y = ccm.expand "map" %c skips(%p) budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-decoder" {depth = 1 : i64}) : tensor<?x24x24x1xf32>
  ccm.output "map" %y high loss("mse") : tensor<?x24x24x1xf32>
  // CHECK: ccm.parameter "expand.small.level2.pyramid1.weight" shape [16, 16]
  // CHECK: ccm.concat 3 {{.*}} -> tensor<?x6x6x144xf32>
  // CHECK: ccm.parameter "expand.small.level1.pyramid1.weight" shape [16, 16]
  // CHECK: ccm.resample {{.*}} factor [2, 2] : tensor<?x6x6x16xf32> -> tensor<?x12x12x16xf32>
  // CHECK-NOT: expand.small.level0
  // CHECK: ccm.dense {{.*}} -> tensor<?x12x12x1xf32>
  %z = ccm.expand "small" %c skips(%p, %q) budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("u-decoder" {depth = 1 : i64}) : tensor<?x12x12x1xf32>
  ccm.output "small" %z low loss("mse") : tensor<?x12x12x1xf32>
}
