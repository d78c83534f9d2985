// RUN: ccm-opt %s -split-input-file -verify-diagnostics
// The numbers of optimizers, as operations and as a model's training gives them.

// expected-error @below {{expects `beta1` to be a number from 0 to below 1, got 1.000000e+00 : f64 (C1)}}
ccm.adam {beta1 = 1.0}

// -----

// expected-error @below {{expects `beta2` to be a number from 0 to below 1, got -1.000000e-01 : f64 (C1)}}
ccm.adam {beta2 = -0.1}

// -----

// expected-error @below {{expects `epsilon` to be a number from 1e-30 to 1e+30, got 0.000000e+00 : f64 (C1)}}
ccm.adamw {epsilon = 0.0}

// -----

// expected-error @below {{expects `weight_decay` to be a number from 0 to 1e+30, got 0x7FF0000000000000 : f64 (C1)}}
ccm.adamw {weight_decay = 0x7FF0000000000000 : f64}

// -----

// NaN lies in no range.
// expected-error @below {{expects `momentum` to be a number from 0 to below 1, got 0x7FF8000000000000 : f64 (C1)}}
ccm.momentum {momentum = 0x7FF8000000000000 : f64}

// -----

// The ends that belong to the ranges.
ccm.adamw {beta1 = 0.0, beta2 = 0.0, epsilon = 1.0e-30, weight_decay = 0.0}
ccm.momentum {momentum = 0.0}

// -----

// expected-error @below {{expects a registered optimizer, got "adamm" (C4)}}
ccm.model @unknown train {optimizer = "adamm"} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x3xf32>
}

// -----

// expected-error @below {{expects a registered optimizer, got "relu" (C4)}}
ccm.model @primitive train {optimizer = "relu"} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x3xf32>
}

// -----

// expected-error @below {{expects `beta1` to be a number from 0 to below 1, got 2.000000e+00 : f64 (C4)}}
ccm.model @beta train {optimizer = "adam", beta1 = 2.0} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x3xf32>
}

// -----

// expected-error @below {{expects `learning_rate` to be a number from 1e-30 to 1e+30, got "small" (C4)}}
ccm.model @kind train {optimizer = "adam", learning_rate = "small"} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x3xf32>
}

// -----

// expected-error @below {{expects `learning_rate` to be a number from 1e-30 to 1e+30, got 0.000000e+00 : f64 (C4)}}
ccm.model @rate train {learning_rate = 0.0} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x3xf32>
}

// -----

// expected-error @below {{expects `clip` to be a number from 0 to 1e+30, got -1.000000e+00 : f64 (C4)}}
ccm.model @clip train {clip = -1.0} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x3xf32>
}
