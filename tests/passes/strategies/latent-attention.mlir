// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// Values of every position, with its place, are what the latents attend to; blocks over those.
// CHECK-LABEL: ccm.model @volume
ccm.model @volume train {} {
  // CHECK: %[[X:.*]] = ccm.input
  %x = ccm.input "volume" high : tensor<?x5x7x9x2xf32>
  // CHECK: ccm.dense %[[X]], {{.*}} -> tensor<?x5x7x9x32xf32>
  // CHECK: ccm.reshape {{.*}} -> tensor<?x315x32xf32>
  // CHECK: ccm.parameter "reduce.volume.positions.table" shape [315, 32]
  // CHECK: ccm.parameter "reduce.volume.norm.gain"
  // CHECK: %[[TOKENS:.*]] = ccm.layer_norm
  // CHECK: ccm.mean_pool %[[TOKENS]]
  // CHECK: ccm.parameter "reduce.volume.queries.table" shape [24, 32]
  // CHECK: %[[Q:.*]] = ccm.positions
  // CHECK: ccm.attention %[[Q]], %[[TOKENS]], %[[TOKENS]] heads 1
  // CHECK: %[[LATENTS:.*]] = ccm.add %[[Q]],
  // CHECK: ccm.parameter "reduce.volume.block0.norm1.gain"
  // CHECK: ccm.layer_norm %[[LATENTS]]
  // CHECK-NOT: "reduce.volume.block1
  %t = ccm.reduce "volume" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("latent-attention" {depth = 1 : i64, latents = 24 : i64, width = 32 : i64}) : tensor<?x5x7x9x2xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Of indices the rows of a table; no blocks.
// CHECK-LABEL: ccm.model @text
ccm.model @text train {} {
  %x = ccm.input "text" low vocabulary 64 : tensor<?x300xi32>
  // CHECK: ccm.parameter "reduce.text.table.table" shape [64, 16]
  // CHECK: ccm.embedding {{.*}} -> tensor<?x300x16xf32>
  // CHECK: ccm.attention {{.*}} heads 1
  // CHECK: %[[LATENTS:.*]] = ccm.add {{.*}} : tensor<?x8x16xf32>
  // CHECK-NOT: "reduce.text
  // CHECK: ccm.dense %[[LATENTS]], {{.*}} -> tensor<?x8x32xf32>
  %t = ccm.reduce "text" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("latent-attention" {depth = 0 : i64, latents = 8 : i64, width = 16 : i64}) : tensor<?x300xi32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
