// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// Every extent is cut where the next is no multiple of the stride; widths halve, not below 16.
// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 16 : i64})
  // CHECK: ccm.parameter "expand.sound.spread.weight" shape [752, 16]
  // CHECK: ccm.reshape {{.*}} -> tensor<?x47x16xf32>
  // CHECK: ccm.conv_transpose {{.*}} stride [8] padding [4] {{.*}} -> tensor<?x375x16xf32>
  // CHECK: ccm.relu
  // CHECK: ccm.conv_transpose {{.*}} stride [4] padding [2] {{.*}} -> tensor<?x1499x1xf32>
  // CHECK-NOT: ccm.relu
  // CHECK: ccm.output
  %y = ccm.expand "sound" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transposed-conv" {pooled = 1 : i64, strides = array<i64: 8, 4>, width = 16 : i64}) : tensor<?x1499x1xf32>
  ccm.output "sound" %y high loss("l1") : tensor<?x1499x1xf32>
}

// -----

// Of two dimensions every one grows by the stride.
// CHECK-LABEL: ccm.model @plane
ccm.model @plane train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 16 : i64})
  // CHECK: ccm.parameter "expand.picture.spread.weight" shape [384, 16]
  // CHECK: ccm.reshape {{.*}} -> tensor<?x12x32xf32>
  // CHECK: ccm.reshape {{.*}} -> tensor<?x4x3x32xf32>
  // CHECK: ccm.conv_transpose {{.*}} stride [4, 4] padding [2, 2] {{.*}} -> tensor<?x15x12x16xf32>
  // CHECK: ccm.relu
  // CHECK: ccm.parameter "expand.picture.up1.weight" shape [2, 2, 4, 16, 3]
  // CHECK: ccm.conv_transpose {{.*}} stride [2, 2] padding [1, 1] {{.*}} -> tensor<?x29x24x3xf32>
  %y = ccm.expand "picture" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transposed-conv" {pooled = 1 : i64, strides = array<i64: 4, 2>, width = 32 : i64}) : tensor<?x29x24x3xf32>
  ccm.output "picture" %y high loss("mse") : tensor<?x29x24x3xf32>
}

// -----

// CHECK-LABEL: ccm.model @volume
ccm.model @volume train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 16 : i64})
  // CHECK: ccm.reshape {{.*}} -> tensor<?x4x4x4x16xf32>
  // CHECK: ccm.parameter "expand.scan.up0.weight" shape [2, 2, 2, 64, 16, 1]
  // CHECK: ccm.conv_transpose {{.*}} stride [4, 4, 4] padding [2, 2, 2] {{.*}} -> tensor<?x16x15x16x1xf32>
  // CHECK-NOT: ccm.relu
  // CHECK: ccm.output
  %y = ccm.expand "scan" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transposed-conv" {pooled = 1 : i64, strides = array<i64: 4>, width = 16 : i64}) : tensor<?x16x15x16x1xf32>
  ccm.output "scan" %y high loss("mse") : tensor<?x16x15x16x1xf32>
}
