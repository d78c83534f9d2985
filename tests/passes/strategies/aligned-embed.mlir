// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// Words, and values at one and a half times their rate, meet on the tags' positions.
// CHECK-LABEL: ccm.model @tags
ccm.model @tags train {} {
  %w = ccm.input "words" low vocabulary 20 aligned_to ["tags"] : tensor<?x18xi32>
  %v = ccm.input "pitch" low aligned_to ["tags"] : tensor<?x27x2xf32>
  // CHECK: ccm.parameter "reduce.words.table0.table" shape [20, 16]
  // CHECK: ccm.parameter "reduce.words.mix.weight" shape [32, 16]
  // CHECK: ccm.resample {{.*}} factor [2] : tensor<?x27x2xf32> -> tensor<?x54x2xf32>
  // CHECK: ccm.patch {{.*}} window [3] : tensor<?x54x2xf32> -> tensor<?x18x6xf32>
  // CHECK: ccm.parameter "reduce.words.mix.input1.weight" shape [32, 6]
  // CHECK: ccm.add {{.*}} : tensor<?x18x32xf32>
  // CHECK-NOT: ccm.attention
  %t = ccm.reduce "words" %w, %v budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("aligned-embed" {depth = 0 : i64, width = 32 : i64}) : tensor<?x18xi32>, tensor<?x27x2xf32>
  // CHECK: ccm.attention
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 16 : i64})
  %y = ccm.expand "tags" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("token-dense" {hidden = 0 : i64}) : tensor<?x18x4xf32>
  ccm.output "tags" %y low vocabulary 4 loss("cross_entropy") : tensor<?x18x4xf32>
}
