// RUN: ccm-opt %s -split-input-file -ccm-choose-strategies -ccm-build-structure | FileCheck %s
// Parts that share a name are chosen alike and have one set of parameters.
// CHECK-LABEL: ccm.model @eyes
// CHECK: %[[W:.*]] = ccm.parameter "share.eye.embed.weight"
// CHECK: ccm.dense {{.*}}, %[[W]],
// CHECK-NOT: ccm.parameter
// CHECK: ccm.dense {{.*}}, %[[W]],
// CHECK: ccm.parameter "core.
ccm.model @eyes train {} {
  %x = ccm.input "left" pointwise : tensor<?x8xf32>
  %t = ccm.reduce "left" %x share "eye" : tensor<?x8xf32>
  %x1 = ccm.input "right" pointwise : tensor<?x8xf32>
  %t1 = ccm.reduce "right" %x1 share "eye" : tensor<?x8xf32>
  %c = ccm.core "eyes" %t, %t1 budget(#ccm.budget<macs = 20000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

// Outputs, too; frozen for one is frozen for both.
// CHECK-LABEL: ccm.model @hands
// CHECK: %[[W:.*]] = ccm.parameter "share.hand.out.weight" {{.*}} frozen
// CHECK: %[[LEFT:.*]] = ccm.dense {{.*}}, %[[W]],
// CHECK: %[[RIGHT:.*]] = ccm.dense {{.*}}, %[[W]],
// CHECK: ccm.output "left" %[[LEFT]]
// CHECK: ccm.output "right" %[[RIGHT]]
ccm.model @hands train {} {
  %x = ccm.input "row" pointwise : tensor<?x8xf32>
  %t = ccm.reduce "row" %x : tensor<?x8xf32>
  %c = ccm.core "hands" %t budget(#ccm.budget<macs = 20000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "left" %c share "hand" pin {hidden = 0 : i64, name = "pool-dense"} : tensor<?x3xf32>
  %y1 = ccm.expand "right" %c frozen share "hand" : tensor<?x3xf32>
  ccm.output "left" %y pointwise loss("mse") : tensor<?x3xf32>
  ccm.output "right" %y1 pointwise loss("mse") : tensor<?x3xf32>
}
