// RUN: ccm-opt %s -ccm-choose-strategies=only=patch-embed | FileCheck %s
// RUN: not ccm-opt %s -ccm-choose-strategies=only=patch-embet 2>&1 | FileCheck %s --check-prefix=NAME

// One strategy alone for the parts of its kind; the others choose freely.
// NAME: error: expects a strategy to consider alone, got 'patch-embet'; did you mean 'patch-embed'?
ccm.model @m train {} {
  %x = ccm.input "image" high : tensor<?x28x28x1xf32>
  // CHECK: ccm.reduce "image" {{.*}} by("patch-embed"
  // CHECK-NOT: strategy = "conv-pyramid"
  %t = ccm.reduce "image" %x budget(#ccm.budget<macs = 2000000, parameters = 0, activation_bytes = 0>) : tensor<?x28x28x1xf32>
  // CHECK: ccm.core "m" {{.*}} by("transformer"
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
