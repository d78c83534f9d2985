// RUN: ccm-opt %s -split-input-file -ccm-build-structure | FileCheck %s
// CHECK-LABEL: ccm.model @m
ccm.model @m train {} {
  %x = ccm.input "text" low vocabulary 64 : tensor<?x48xi32>
  %t = ccm.reduce "text" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("embedding" {depth = 0 : i64, width = 32 : i64, window = 1 : i64}) : tensor<?x48xi32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 32 : i64})
  // CHECK: ccm.parameter "core.norm.shift"
  // CHECK: %[[C:.*]] = ccm.layer_norm %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x48x32xf32>
  // CHECK-NOT: ccm.layer_norm
  // CHECK: ccm.dense %[[C]], {{.*}} -> tensor<?x48x8xf32>
  %y = ccm.expand "tags" %c budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("token-dense" {hidden = 0 : i64}) : tensor<?x48x8xf32>
  ccm.output "tags" %y low vocabulary 8 loss("cross_entropy") : tensor<?x48x8xf32>
}
