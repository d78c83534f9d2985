// RUN: ccm-opt %s -ccm-expand-forward -ccm-expand-backward -ccm-choose-internals | FileCheck %s
// RUN: ccm-opt %s -ccm-expand-forward -ccm-expand-backward -ccm-choose-internals=cap=64 \
// RUN:   | FileCheck %s --check-prefix=PART

// The model's cap holds where the option says none. A product is computed again like anything else.
ccm.model @m train {} attributes {ccm.internals_cap = 1 : i64} {
  %x = ccm.input "x" low : tensor<?x16xf32>
  %w = ccm.parameter "w" shape [16, 16] layout(#ccm.layout<extents = [1, 16, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 0.25) decay : tensor<1x16x16xf32>
  %b = ccm.parameter "b" shape [16] init("zeros", 0.0) : tensor<16xf32>
  %v = ccm.parameter "v" shape [16, 16] layout(#ccm.layout<extents = [1, 16, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 0.25) decay : tensor<1x16x16xf32>
  %h = ccm.dense %x, %w, %b : tensor<?x16xf32>, tensor<1x16x16xf32>, tensor<16xf32> -> tensor<?x16xf32>
  %g = ccm.gelu %h : tensor<?x16xf32>
  %y = ccm.dense %g, %v, %b : tensor<?x16xf32>, tensor<1x16x16xf32>, tensor<16xf32> -> tensor<?x16xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x16xf32>
}
// CHECK: ccm.internals = {all = 128 : i64, kept = 0 : i64, points = 288 : i64, recomputed = 3 : i64}
// CHECK-LABEL: func.func @backward_1(
// CHECK-NOT: ccm.role = "internal"
// CHECK: return

// Where half may be kept, what frees most for least is computed again: gelu, from what the product gave.
// PART: ccm.internals = {all = 128 : i64, kept = 64 : i64, points = 16 : i64, recomputed = 1 : i64}
// PART-LABEL: func.func @backward_1(
// PART-SAME: ccm.role = "internal"
