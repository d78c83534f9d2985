// What a loss counts, and samples that training changes.
// RUN: ccm-opt %s -split-input-file -verify-diagnostics

func.func @smoothing(%x: tensor<?x3xf32>, %t: tensor<?xi32>) {
  // expected-error @+1 {{expects a smoothing from 0 to below 1, got 1.000000e+00 (C1)}}
  %y = ccm.cross_entropy %x, %t smoothing 1.0 : tensor<?x3xf32>, tensor<?xi32> -> tensor<?xf32>
  return
}

// -----

func.func @weights(%x: tensor<?x3xf32>, %t: tensor<?xi32>, %w: tensor<4xf32>) {
  // expected-error @+1 {{expects a weight for each of 3 indices, got 'tensor<4xf32>' (C2)}}
  %y = ccm.cross_entropy %x, %t weights(%w : tensor<4xf32>) : tensor<?x3xf32>, tensor<?xi32> -> tensor<?xf32>
  return
}

// -----

ccm.model @m train {} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  // expected-error @+1 {{expects smoothing and weights with a vocabulary (C9)}}
  ccm.output "y" %x pointwise loss("mse") smoothing 0.1 : tensor<?x3xf32>
}

// -----

ccm.model @m train {} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  // expected-error @+1 {{expects a smoothing from 0 to below 1, got -1.000000e+00 (C9)}}
  ccm.output "y" %x pointwise vocabulary 3 loss("cross_entropy") smoothing -1.0 : tensor<?x3xf32>
}

// -----

ccm.model @m train {} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  // expected-error @+1 {{expects a weight for each of 3 indices, none negative and not all 0, or balanced ones (C9)}}
  ccm.output "y" %x pointwise vocabulary 3 loss("cross_entropy") class_weights [0.0, 0.0, 0.0] : tensor<?x3xf32>
}

// -----

ccm.model @m train {} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  %w = ccm.parameter "w" shape [2] init("zeros", 0.0) frozen : tensor<2xf32>
  // expected-error @+1 {{expects to be weighed, where indices have weights, by a parameter of 3 values (C9)}}
  ccm.output "y" %x pointwise vocabulary 3 loss("cross_entropy") balanced weighed(%w : tensor<2xf32>) : tensor<?x3xf32>
}

// -----

ccm.model @m train {} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  // expected-error @+1 {{expects scores, of bce or cross_entropy, to be calibrated and other values scaled otherwise (C6)}}
  ccm.output "y" %x pointwise loss("mse") scale calibrated : tensor<?x3xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects to be the only weight of an output, and to be read by nothing, got 'z' (C5)}}
  %w = ccm.input "y_weight" pointwise drawn weight of "z" [] : tensor<?x1xf32>
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects to be the only weight of an output, and to be read by nothing, got 'y' (C5)}}
  %w = ccm.input "y_weight" pointwise drawn weight of "y" [] : tensor<?x1xf32>
  ccm.output "y" %w pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects to augment continuous values of 1 to 3 extents that are given, got 'tensor<?x3xf32>' (C8)}}
  %x = ccm.input "x" pointwise {augment = {noise = 1.0}} : tensor<?x3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects numbers that samples are changed by, got {blur = 1.000000e+00 : f64} (C8)}}
  %x = ccm.input "x" low {augment = {blur = 1.0}} : tensor<?x4x3xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x4x3xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects numbers that samples are changed by, got {shift = 1.500000e+00 : f64} (C8)}}
  %x = ccm.input "x" low {augment = {shift = 1.5}} : tensor<?x4x3xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x4x3xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects positions to stay where they are aligned, got {flip = 1.000000e+00 : f64} (C8)}}
  %x = ccm.input "x" low aligned_to ["y"] {augment = {flip = 1.0}} : tensor<?x4x3xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x4x3xf32>
}
