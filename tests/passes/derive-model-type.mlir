// RUN: ccm-opt %s -split-input-file -ccm-derive-model-type | FileCheck %s
// The table of types: one model per row.

// CHECK-LABEL: ccm.model @fan_in
ccm.model @fan_in train {} {
  %x = ccm.input "image" high : tensor<?x28x28x1xf32>
  %n = ccm.input "number" pointwise : tensor<?x1xf32>
  // CHECK: ccm.output "label" {{.*}} type fan_in
  ccm.output "label" %n pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// CHECK-LABEL: ccm.model @straight
ccm.model @straight train {} {
  %x = ccm.input "text" low : tensor<?x48x8xf32>
  // CHECK: ccm.output "tags" {{.*}} type straight
  ccm.output "tags" %x low loss("mse") : tensor<?x48x8xf32>
}

// -----

// CHECK-LABEL: ccm.model @fan_out
ccm.model @fan_out train {} {
  %x = ccm.input "text" low : tensor<?x300x1xf32>
  // CHECK: ccm.output "sound" {{.*}} type fan_out
  ccm.output "sound" %x high loss("l1") : tensor<?x300x1xf32>
}

// -----

// One output of every kind on the same inputs; alignment is to an output by name.
// CHECK-LABEL: ccm.model @mixed
ccm.model @mixed train {} {
  %x = ccm.input "image" high aligned_to ["mask"] : tensor<?x28x28x1xf32>
  %n = ccm.input "number" pointwise : tensor<?x1xf32>
  // CHECK: ccm.output "mask" {{.*}} type u
  ccm.output "mask" %x high loss("bce") : tensor<?x28x28x1xf32>
  // CHECK: ccm.output "other" {{.*}} type bridge
  ccm.output "other" %x high loss("bce") : tensor<?x28x28x1xf32>
  // CHECK: ccm.output "label" {{.*}} type fan_in
  ccm.output "label" %n pointwise loss("mse") : tensor<?x1xf32>
}
