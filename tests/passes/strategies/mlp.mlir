// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s

// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  %x = ccm.input "number" pointwise : tensor<?x1xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x1xf32>
  // CHECK: ccm.parameter "core.dense0.weight"
  // CHECK: %[[ONE:.*]] = ccm.gelu
  // CHECK: ccm.parameter "core.dense1.weight"
  // CHECK: %[[TWO:.*]] = ccm.gelu
  // CHECK: ccm.add %[[ONE]], %[[TWO]]
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 2 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
