// RUN: ccm-opt %s -split-input-file -verify-diagnostics -ccm-build-structure

ccm.model @none train {} {
  %x = ccm.input "numbers" pointwise : tensor<?x3xf32>
  // expected-error @below {{expects a strategy chosen for the numbers input, got none}}
  %t = ccm.reduce "numbers" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) : tensor<?x3xf32>
  ccm.output "value" %x pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @key train {} {
  %x = ccm.input "numbers" pointwise : tensor<?x3xf32>
  // expected-error @below {{strategy 'dense-embed' expects the key width: a multiple of 16 from 16 to 4096, got none}}
  %t = ccm.reduce "numbers" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 1 : i64}) : tensor<?x3xf32>
  ccm.output "value" %x pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @scope train {} {
  %x = ccm.input "signal" high : tensor<?x2003x1xf32>
  // expected-error @below {{strategy 'strided-conv' with stages 9 width 16 leaves none of 2003 positions; expects at most 7 stages}}
  %t = ccm.reduce "signal" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("strided-conv" {stages = 9 : i64, width = 16 : i64}) : tensor<?x2003x1xf32>
  ccm.output "value" %x high loss("mse") : tensor<?x2003x1xf32>
}

// -----

ccm.model @hop train {} {
  %x = ccm.input "signal" high : tensor<?x2003x1xf32>
  // expected-error @below {{strategy 'log-mel' with bands 84 hop 64 width 16 has bands of no frequency; expects at most 80, half the samples of a frame}}
  %t = ccm.reduce "signal" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("log-mel" {bands = 84 : i64, hop = 64 : i64, width = 16 : i64}) : tensor<?x2003x1xf32>
  ccm.output "value" %x high loss("mse") : tensor<?x2003x1xf32>
}

// -----

ccm.model @frame train {} {
  %x = ccm.input "signal" high : tensor<?x40x1xf32>
  // expected-error @below {{strategy 'log-mel' with bands 20 hop 48 width 16 has no frame; expects a hop of at most 40, the extent}}
  %t = ccm.reduce "signal" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("log-mel" {bands = 20 : i64, hop = 48 : i64, width = 16 : i64}) : tensor<?x40x1xf32>
  ccm.output "value" %x high loss("mse") : tensor<?x40x1xf32>
}

// -----

ccm.model @core train {} {
  %x = ccm.input "numbers" pointwise : tensor<?x3xf32>
  %t = ccm.reduce "numbers" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 1 : i64, width = 16 : i64}) : tensor<?x3xf32>
  // expected-error @below {{strategy 'transformer' serves cores of at least two tokens, got the core of 1 tokens}}
  %c = ccm.core "core" %t budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("transformer" {depth = 1 : i64, width = 16 : i64})
  ccm.output "value" %x pointwise loss("mse") : tensor<?x3xf32>
}

// -----

// expected-error @below {{expects a part that is trained, got parameters that are all frozen}}
ccm.model @frozen train {} {
  %x = ccm.input "numbers" pointwise : tensor<?x3xf32>
  %t = ccm.reduce "numbers" %x frozen budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("dense-embed" {depth = 0 : i64, width = 16 : i64}) : tensor<?x3xf32>
  %c = ccm.core "m" %t frozen budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("mlp" {depth = 1 : i64, width = 32 : i64})
  %y = ccm.expand "value" %c frozen budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) by("pool-dense" {hidden = 0 : i64}) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}
