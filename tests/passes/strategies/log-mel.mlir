// RUN: ccm-opt %s -ccm-build-structure | FileCheck %s
// Frames of two and a half hops around each hop; transform and bands are frozen, the stem is not.
// CHECK-LABEL: ccm.model @m
// CHECK-SAME: tokens = 16 : i64, trained = {{[0-9]+}} : i64}
ccm.model @m train {} {
  // CHECK: %[[X:.*]] = ccm.input "sound"
  %x = ccm.input "sound" high : tensor<?x2003x1xf32>
  // CHECK: %[[W:.*]] = ccm.parameter "reduce.sound.fourier.weight" shape [160, 160, 1] {{.*}} init("fourier", 1.000000e+00) frozen :
  // CHECK: %[[B:.*]] = ccm.parameter "reduce.sound.fourier.bias" {{.*}} init("zeros", 0.000000e+00) frozen :
  // CHECK: %[[F:.*]] = ccm.conv %[[X]], %[[W]], %[[B]] stride [64] padding [48] : {{.*}} -> tensor<?x31x160xf32>
  // CHECK: %[[P:.*]] = ccm.multiply %[[F]], %[[F]]
  // CHECK: %[[M:.*]] = ccm.parameter "reduce.sound.mel.weight" shape [40, 160] {{.*}} init("mel", 1.000000e+00) frozen :
  // CHECK: ccm.dense %[[P]], %[[M]], {{.*}} -> tensor<?x31x40xf32>
  // CHECK: ccm.log_power
  // CHECK: ccm.parameter "reduce.sound.conv0.weight" shape [32, 3, 40] {{.*}} decay :
  // CHECK: ccm.conv {{.*}} stride [1] padding [1] : {{.*}} -> tensor<?x31x32xf32>
  // CHECK: ccm.gelu
  // CHECK: ccm.conv {{.*}} stride [2] padding [1] : {{.*}} -> tensor<?x16x32xf32>
  // CHECK: ccm.gelu
  %t = ccm.reduce "sound" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("log-mel" {bands = 40 : i64, hop = 64 : i64, width = 32 : i64}) : tensor<?x2003x1xf32>
  ccm.output "copy" %x high loss("mse") : tensor<?x2003x1xf32>
}
