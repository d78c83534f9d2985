// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s

// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  // CHECK: %[[X:.*]] = ccm.input
  %x = ccm.input "sound" high : tensor<?x2003x1xf32>
  // CHECK: ccm.conv %[[X]], {{.*}} stride [5] padding [0] {{.*}} -> tensor<?x399x16xf32>
  // CHECK: ccm.relu
  // CHECK: ccm.conv {{.*}} stride [2] padding [0] {{.*}} -> tensor<?x199x16xf32>
  // CHECK: ccm.conv {{.*}} stride [2] padding [0] {{.*}} -> tensor<?x99x16xf32>
  %t = ccm.reduce "sound" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("strided-conv" {stages = 2 : i64, width = 16 : i64}) : tensor<?x2003x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
