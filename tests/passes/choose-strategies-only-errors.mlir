// RUN: ccm-opt %s -verify-diagnostics -ccm-derive-model-type -ccm-choose-strategies=only=embedding

ccm.model @none train {} {
  %x = ccm.input "image" high : tensor<?x64x64x3xf32>
  // expected-error @below {{no strategy serves the image input: high, continuous, shape [64, 64]}}
  %t = ccm.reduce "image" %x budget(#ccm.budget<macs = 10000000, parameters = 0, activation_bytes = 0>) : tensor<?x64x64x3xf32>
  %c = ccm.core "none" %t budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
