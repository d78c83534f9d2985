// RUN: ccm-opt %s -split-input-file -verify-diagnostics -ccm-choose-strategies -ccm-build-structure

ccm.model @shapes train {} {
  %x = ccm.input "left" pointwise : tensor<?x8xf32>
  // expected-note @below {{'eye' is that of the left input: pointwise, continuous, shape [], channels 8}}
  %t = ccm.reduce "left" %x share "eye" : tensor<?x8xf32>
  %x1 = ccm.input "right" pointwise : tensor<?x9xf32>
  // expected-error @below {{a `share` between different shapes: the right input: pointwise, continuous, shape [], channels 9}}
  %t1 = ccm.reduce "right" %x1 share "eye" : tensor<?x9xf32>
  %c = ccm.core "eyes" %t, %t1 budget(#ccm.budget<macs = 20000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @strategies train {} {
  %x = ccm.input "row" pointwise : tensor<?x8xf32>
  %t = ccm.reduce "row" %x : tensor<?x8xf32>
  %c = ccm.core "hands" %t budget(#ccm.budget<macs = 20000, parameters = 0, activation_bytes = 0>)
  // expected-note @below {{'hand' is that of the left output}}
  %y = ccm.expand "left" %c share "hand" pin {name = "pool-dense"} : tensor<?x3xf32>
  // expected-error @below {{a `share` between different strategies: the right output pins its own}}
  %y1 = ccm.expand "right" %c share "hand" pin {name = "attention-pool"} : tensor<?x3xf32>
  ccm.output "left" %y pointwise loss("mse") : tensor<?x3xf32>
  ccm.output "right" %y1 pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @kinds train {} {
  %x = ccm.input "row" pointwise : tensor<?x8xf32>
  // expected-note @below {{those are of the row input}}
  %t = ccm.reduce "row" %x share "all" : tensor<?x8xf32>
  %c = ccm.core "kinds" %t budget(#ccm.budget<macs = 20000, parameters = 0, activation_bytes = 0>)
  // expected-error @below {{expects the parameters of the other parts that share 'all', got others}}
  %y = ccm.expand "value" %c share "all" : tensor<?x3xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x3xf32>
}
