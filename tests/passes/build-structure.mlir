// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s

// Parts go, primitives come, in order; parameters are named after the parts; costs stay on the model.
// CHECK-LABEL: ccm.model @m
// CHECK-SAME: ccm.parts = [{activation_bytes = {{[0-9]+}} : i64, budget_macs = 1000 : i64, config = {depth = 0 : i64, width = 16 : i64}, macs = 48 : i64, parameters = 64 : i64, part = "reduce", port = "numbers", rejected = [], strategy = "dense-embed", tokens = 1 : i64, trained = 64 : i64},
// CHECK-SAME: part = "core", port = "m"
// CHECK-SAME: part = "expand", port = "value"
ccm.model @m train {} {
  // CHECK: %[[X:.*]] = ccm.input "numbers"
  %x = ccm.input "numbers" pointwise : tensor<?x3xf32>
  // CHECK-NOT: ccm.reduce
  // CHECK: %[[W:.*]] = ccm.parameter "reduce.numbers.embed.weight" shape [16, 3]
  // CHECK: %[[E:.*]] = ccm.dense %[[X]], %[[W]],
  // CHECK: %[[T:.*]] = ccm.reshape %[[E]] : tensor<?x16xf32> -> tensor<?x1x16xf32>
  %t = ccm.reduce "numbers" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x3xf32>
  // CHECK-NOT: ccm.core
  // CHECK: ccm.parameter "core.dense0.weight" shape [32, 16]
  // CHECK: ccm.dense %[[T]]
  // CHECK: ccm.gelu
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 32 : i64})
  // CHECK-NOT: ccm.expand
  // CHECK: ccm.parameter "expand.value.out.weight" shape [1, 32]
  // CHECK: %[[Y:.*]] = ccm.dense {{.*}} -> tensor<?x1xf32>
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  // CHECK: ccm.output "value" %[[Y]]
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Groups that keep their positions come first in the core.
// CHECK-LABEL: ccm.model @groups
ccm.model @groups train {} {
  %l = ccm.input "label" pointwise vocabulary 10 : tensor<?xi32>
  %x = ccm.input "text" low vocabulary 64 : tensor<?x48xi32>
  // CHECK: %[[L:.*]] = ccm.reshape {{.*}} -> tensor<?x1x16xf32>
  %t = ccm.reduce "label" %l budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("embedding" {depth = 0 : i64, width = 16 : i64, window = 1 : i64}) : tensor<?xi32>
  // CHECK: %[[X:.*]] = ccm.embedding {{.*}} -> tensor<?x48x64xf32>
  %u = ccm.reduce "text" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("embedding" {depth = 0 : i64, width = 64 : i64, window = 1 : i64}) : tensor<?x48xi32>
  // CHECK: %[[GX:.*]] = ccm.dense %[[X]]
  // CHECK: %[[GL:.*]] = ccm.dense %[[L]]
  // CHECK: ccm.concat 1 %[[GX]], %[[GL]]
  %c = ccm.core "groups" %t, %u budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 4 : i64, width = 256 : i64})
  // CHECK: ccm.frame {{.*}} start [0] : tensor<?x49x256xf32> -> tensor<?x48x256xf32>
  %y = ccm.expand "tags" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("token-dense" {hidden = 0 : i64}) : tensor<?x48x8xf32>
  ccm.output "tags" %y low vocabulary 8 loss("cross_entropy") : tensor<?x48x8xf32>
}

// -----

// Several tokens are averaged before the dense head.
// CHECK-LABEL: ccm.model @pooled
ccm.model @pooled train {} {
  %x = ccm.input "text" low vocabulary 64 : tensor<?x48xi32>
  %t = ccm.reduce "text" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("embedding" {depth = 0 : i64, width = 64 : i64, window = 1 : i64}) : tensor<?x48xi32>
  %c = ccm.core "pooled" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 64 : i64})
  // CHECK: %[[P:.*]] = ccm.mean_pool {{.*}} window [48] : tensor<?x48x64xf32> -> tensor<?x1x64xf32>
  // CHECK: %[[F:.*]] = ccm.reshape %[[P]] : tensor<?x1x64xf32> -> tensor<?x64xf32>
  // CHECK: ccm.dense %[[F]]
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x10xf32>
  ccm.output "value" %y pointwise vocabulary 10 loss("cross_entropy") : tensor<?x10xf32>
}

// -----

// A frozen part's parameters are frozen, and are none of those that are trained.
// CHECK-LABEL: ccm.model @frozen
// CHECK-SAME: parameters = 64 : i64, part = "reduce", port = "numbers", rejected = [], strategy = "dense-embed", tokens = 1 : i64, trained = 0 : i64}
// CHECK-SAME: parameters = 544 : i64, part = "core", port = "m", rejected = [], strategy = "mlp", tokens = 1 : i64, trained = 544 : i64}
ccm.model @frozen train {} {
  %x = ccm.input "numbers" pointwise : tensor<?x3xf32>
  // CHECK: ccm.parameter "reduce.numbers.embed.weight" {{.*}} decay frozen :
  // CHECK: ccm.parameter "reduce.numbers.embed.bias" {{.*}} frozen :
  %t = ccm.reduce "numbers" %x frozen budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x3xf32>
  // CHECK-NOT: frozen
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
