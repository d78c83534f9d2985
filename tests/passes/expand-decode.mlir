// RUN: ccm-opt %s -ccm-expand-decode | FileCheck %s

// A token of an input, then those of a sequence that needs two contexts.
ccm.model @m train {} blocks [1, 2] {
  %x = ccm.input "x" pointwise : tensor<?x16xf32>
  %before = ccm.input "t_before" low vocabulary 6 drawn shifted of "t" [] : tensor<?x70xi32>
  %table = ccm.parameter "table" shape [6, 16] init("normal", 1.0) : tensor<6x16xf32>
  %places = ccm.parameter "places" shape [71, 16] init("normal", 1.0) : tensor<71x16xf32>
  %w = ccm.parameter "w" shape [5, 16] layout(#ccm.layout<extents = [1, 16, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 1.0) : tensor<1x16x16xf32>
  %b = ccm.parameter "b" shape [5] layout(#ccm.layout<extents = [16], dims = [0], steps = [1]>) init("zeros", 0.0) : tensor<16xf32>
  %0 = ccm.reshape %x : tensor<?x16xf32> -> tensor<?x1x16xf32>
  %1 = ccm.embedding %before, %table : tensor<?x70xi32>, tensor<6x16xf32> -> tensor<?x70x16xf32>
  %2 = ccm.concat 1 %0, %1 : (tensor<?x1x16xf32>, tensor<?x70x16xf32>) -> tensor<?x71x16xf32>
  %3 = ccm.positions %2, %places : tensor<?x71x16xf32>, tensor<71x16xf32>
  %4 = ccm.attention %3, %3, %3 heads 2 causal : tensor<?x71x16xf32>, tensor<?x71x16xf32>
  %5 = ccm.frame %4 start [1] : tensor<?x71x16xf32> -> tensor<?x70x16xf32>
  %6 = ccm.dense %5, %w, %b : tensor<?x70x16xf32>, tensor<1x16x16xf32>, tensor<16xf32> -> tensor<?x70x5xf32>
  ccm.output "t" %6 low vocabulary 5 loss("cross_entropy") : tensor<?x70x5xf32>
}

// An index, its position and the caches of all positions; scores of one element and the caches again.
// CHECK-LABEL: func.func @decode_64_1(
// CHECK-SAME: tensor<1x1xi32> {ccm.index = 0 : i64, ccm.role = "before"}
// CHECK-SAME: %[[AT:[a-z0-9]+]]: tensor<1x1xi32> {ccm.index = 0 : i64, ccm.role = "position"}
// CHECK-SAME: %[[KEYS:[a-z0-9]+]]: tensor<1x16x71xf32> {ccm.index = 0 : i64, ccm.role = "cache"}
// CHECK-SAME: %[[VALUES:[a-z0-9]+]]: tensor<1x71x16xf32> {ccm.index = 1 : i64, ccm.role = "cache"}
// CHECK-SAME: -> (tensor<1x16x71xf32> {ccm.index = 0 : i64, ccm.role = "cache"}
// CHECK-SAME: tensor<1x71x16xf32> {ccm.index = 1 : i64, ccm.role = "cache"}
// CHECK-SAME: tensor<1x1x5xf32> {ccm.index = 0 : i64, ccm.role = "scores"})
// CHECK-SAME: ccm.context = 64 : i64

// The key goes into the cache one after the element's place: the token before is there too.
// CHECK: linalg.generic {{.*}} outs(%[[KEYS]] : tensor<1x16x71xf32>)
// CHECK: arith.index_cast
// CHECK: arith.addi
// CHECK: arith.cmpi eq
// CHECK: arith.select
// Of the keys, those of the token and the context are looked at.
// CHECK: tensor.extract_slice {{.*}} [1, 2, 8, 65] [1, 1, 1, 1]

// CHECK-LABEL: func.func @decode_70_1(
// CHECK-SAME: ccm.context = 70 : i64
// CHECK: linalg.generic

// CHECK-LABEL: func.func @prefill_1(
// CHECK-SAME: tensor<1x70xi32> {ccm.index = 1 : i64, ccm.role = "input"}
// CHECK-SAME: -> (tensor<1x16x71xf32> {ccm.index = 0 : i64, ccm.role = "cache"}, tensor<1x71x16xf32> {ccm.index = 1 : i64, ccm.role = "cache"})

// CHECK-LABEL: func.func @decode_64_2(
// CHECK-LABEL: func.func @decode_70_2(
// CHECK-LABEL: func.func @prefill_2(
