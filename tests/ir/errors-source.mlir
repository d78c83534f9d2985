// RUN: ccm-opt %s -split-input-file -verify-diagnostics

ccm.model @m train {} {
  // expected-error @+1 {{expects values for all indices of its vocabulary (C6)}}
  %x = ccm.input "x" pointwise vocabulary 3 {values = ["a", "b"]} : tensor<?xi32>
  %z = ccm.input "z" pointwise : tensor<?x1xf32>
  ccm.output "y" %z pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects values for all indices of its vocabulary (C6)}}
  %x = ccm.input "x" pointwise vocabulary 3 {unknown} : tensor<?xi32>
  %z = ccm.input "z" pointwise : tensor<?x1xf32>
  ccm.output "y" %z pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects 1 or 3 columns, got 2 (C6)}}
  %x = ccm.input "x" pointwise {columns = ["a", "b"]} : tensor<?x3xf32>
  %z = ccm.input "z" pointwise : tensor<?x1xf32>
  ccm.output "y" %z pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects 1 or 2 columns, got 16 (C6)}}
  %x = ccm.input "x" low {columns = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"], window = array<i64: 8, 1>} : tensor<?x8x2xf32>
  %z = ccm.input "z" pointwise : tensor<?x1xf32>
  ccm.output "y" %z pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects f32 values that are given where some may be missing (C7)}}
  %x = ccm.input "x" pointwise bytes {missing} : tensor<?x3xf32>
  %z = ccm.input "z" pointwise : tensor<?x1xf32>
  ccm.output "y" %z pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects f32 values that are given where some may be missing (C7)}}
  %x = ccm.input "x" pointwise vocabulary 3 {missing} : tensor<?xi32>
  %z = ccm.input "z" pointwise : tensor<?x1xf32>
  ccm.output "y" %z pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects a window of the first extent and a positive stride (C7)}}
  %x = ccm.input "x" low {window = array<i64: 8, 0>} : tensor<?x8x2xf32>
  %z = ccm.input "z" pointwise : tensor<?x1xf32>
  ccm.output "y" %z pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {} {
  // expected-error @+1 {{expects a window of the first extent and a positive stride (C7)}}
  %x = ccm.input "x" low {window = array<i64: 7, 1>} : tensor<?x8x2xf32>
  %z = ccm.input "z" pointwise : tensor<?x1xf32>
  ccm.output "y" %z pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  // expected-error @+1 {{expects values for all indices of its vocabulary (C7)}}
  ccm.output "y" %x pointwise vocabulary 3 loss("cross_entropy") {values = ["a", "b"]} : tensor<?x3xf32>
}

// -----

ccm.model @m train {} {
  %x = ccm.input "x" low : tensor<?x3x1xf32>
  // expected-error @+1 {{expects 1 or 3 columns, got 2 (C7)}}
  ccm.output "y" %x low loss("mse") {columns = ["a", "b"]} : tensor<?x3x1xf32>
}

// -----

ccm.model @m train {} {
  %x = ccm.input "x" low : tensor<?x3x1xf32>
  // expected-error @+1 {{expects a horizon that is not negative, got -1 (C8)}}
  ccm.output "y" %x low loss("mse") {horizon = -1 : i64} : tensor<?x3x1xf32>
}
