// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// Models that stand before are cloned into the parts that use them, and go. What is not as wide as they
// want goes through a dense step.
// CHECK-NOT: private
// CHECK-LABEL: ccm.model @parts
// CHECK: %[[ROW:.*]] = ccm.input "row"
// CHECK: ccm.parameter "reduce.row.in.weight" shape [32, 8]
// CHECK: %[[VALUES:.*]] = ccm.dense %[[ROW]], {{.*}} -> tensor<?x4x32xf32>
// CHECK: ccm.parameter "core.group0.weight" shape [16, 32]
// CHECK: ccm.parameter "core.mix.weight" shape [16, 16]
// CHECK: ccm.mean_pool
// CHECK: ccm.parameter "expand.value.enter.weight" shape [32, 16]
// CHECK: ccm.parameter "expand.value.out.weight" shape [3, 32]
// CHECK: ccm.output "value" {{.*}} loss("mse") : tensor<?x3xf32>
// CHECK-NOT: ccm.model
ccm.model @"row.json" train {} attributes {sym_visibility = "private"} {
  %x = ccm.input "numbers" low : tensor<?x4x8xf32>
  %w = ccm.parameter "in.weight" shape [32, 8] layout(#ccm.layout<extents = [1, 8, 32], dims = [0, 1, 0], steps = [32, 1, 1]>) init("normal", 5.0e-01) decay : tensor<1x8x32xf32>
  %b = ccm.parameter "in.bias" shape [32] init("zeros", 0.0) : tensor<32xf32>
  %y = ccm.dense %x, %w, %b : tensor<?x4x8xf32>, tensor<1x8x32xf32>, tensor<32xf32> -> tensor<?x4x32xf32>
  ccm.output "mixed" %y low loss("l1") : tensor<?x4x32xf32>
}
ccm.model @"core.json" train {} attributes {sym_visibility = "private"} {
  %x = ccm.input "tokens" low : tensor<?x2x2x16xf32>
  %w = ccm.parameter "mix.weight" shape [16, 16] layout(#ccm.layout<extents = [1, 16, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 5.0e-01) decay : tensor<1x16x16xf32>
  %b = ccm.parameter "mix.bias" shape [16] init("zeros", 0.0) : tensor<16xf32>
  %y = ccm.dense %x, %w, %b : tensor<?x2x2x16xf32>, tensor<1x16x16xf32>, tensor<16xf32> -> tensor<?x2x2x16xf32>
  ccm.output "mixed" %y low loss("l1") : tensor<?x2x2x16xf32>
}
ccm.model @"value.json" train {} attributes {sym_visibility = "private"} {
  %x = ccm.input "token" pointwise : tensor<?x32xf32>
  %w = ccm.parameter "out.weight" shape [3, 32] layout(#ccm.layout<extents = [1, 32, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 5.0e-01) decay : tensor<1x32x16xf32>
  %b = ccm.parameter "out.bias" shape [3] layout(#ccm.layout<extents = [16], dims = [0], steps = [1]>) init("zeros", 0.0) : tensor<16xf32>
  %y = ccm.dense %x, %w, %b : tensor<?x32xf32>, tensor<1x32x16xf32>, tensor<16xf32> -> tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("l1") : tensor<?x3xf32>
}
ccm.model @parts train {} {
  %x = ccm.input "row" low : tensor<?x4x8xf32>
  %t = ccm.reduce "row" %x by("use" {model = @"row.json"}) : tensor<?x4x8xf32>
  %c = ccm.core "parts" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>) by("use" {model = @"core.json"})
  %y = ccm.expand "value" %c by("use" {model = @"value.json"}) : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

// Frozen with the part that uses it.
// CHECK-LABEL: ccm.model @frozen
// CHECK: ccm.parameter "reduce.row.table" {{.*}} frozen
ccm.model @"row.json" train {} attributes {sym_visibility = "private"} {
  %x = ccm.input "numbers" low : tensor<?x4x8xf32>
  %t = ccm.parameter "table" shape [4, 8] init("normal", 1.0) : tensor<4x8xf32>
  %y = ccm.positions %x, %t : tensor<?x4x8xf32>, tensor<4x8xf32>
  ccm.output "mixed" %y low loss("l1") : tensor<?x4x8xf32>
}
ccm.model @frozen train {} {
  %x = ccm.input "row" low : tensor<?x4x8xf32>
  %t = ccm.reduce "row" %x frozen by("use" {model = @"row.json"}) : tensor<?x4x8xf32>
  %c = ccm.core "frozen" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>) by("mixer" {depth = 1 : i64, width = 16 : i64})
  %y = ccm.expand "value" %c by("pool-dense" {hidden = 0 : i64}) : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

// A model that gives what it is given leaves the same numbers under other shapes.
// CHECK-LABEL: ccm.model @identity
// CHECK-NEXT: ccm.input "row"
// CHECK-COUNT-6: ccm.reshape
// CHECK-NEXT: ccm.output "value"
ccm.model @"same.json" train {} attributes {sym_visibility = "private"} {
  %x = ccm.input "numbers" pointwise : tensor<?x8xf32>
  ccm.output "tokens" %x pointwise loss("l1") : tensor<?x8xf32>
}
ccm.model @identity train {} {
  %x = ccm.input "row" pointwise : tensor<?x8xf32>
  %t = ccm.reduce "row" %x by("use" {model = @"same.json"}) : tensor<?x8xf32>
  %c = ccm.core "identity" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>) by("use" {model = @"same.json"})
  %y = ccm.expand "value" %c by("use" {model = @"same.json"}) : tensor<?x8xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x8xf32>
}
