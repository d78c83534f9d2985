// RUN: ccm-opt %s --split-input-file --verify-diagnostics

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low : tensor<?x8x1xf32>
  // expected-error @+1 {{expects to be the only presence of another input, got 'z' (C5)}}
  %p = ccm.input "p" pointwise drawn presence of "z" [1.0e-01] : tensor<?x1xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x8x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low : tensor<?x8x1xf32>
  %p = ccm.input "p" pointwise drawn presence of "x" [1.0e-01] : tensor<?x1xf32>
  // expected-error @+1 {{expects to be the only presence of another input, got 'x' (C5)}}
  %q = ccm.input "q" pointwise drawn presence of "x" [1.0e-01] : tensor<?x1xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x8x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low : tensor<?x8x1xf32>
  %p = ccm.input "p" pointwise drawn presence of "x" [1.0e-01] : tensor<?x1xf32>
  // expected-error @+1 {{expects to be the only presence of another input, got 'p' (C5)}}
  %q = ccm.input "q" pointwise drawn presence of "p" [1.0e-01] : tensor<?x1xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x8x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  // A time alone.
  // expected-error @+1 {{expects to be the only time of a continuous output, beside one time and one noised input of its type, got 'y' (C5)}}
  %t = ccm.input "t" pointwise drawn time of "y" [] : tensor<?x1xf32>
  ccm.output "y" %t pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %t = ccm.input "t" pointwise drawn time of "y" [] : tensor<?x1xf32>
  // Another type than its output's.
  // expected-error @+1 {{expects to be the only noised of a continuous output, beside one time and one noised input of its type, got 'y' (C5)}}
  %z = ccm.input "z" low drawn noised of "y" [0.0, 1.0] : tensor<?x8x1xf32>
  ccm.output "y" %t pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %t = ccm.input "t" pointwise drawn time of "y" [] : tensor<?x1xf32>
  %z = ccm.input "z" pointwise drawn noised of "y" [0.0, 1.0] : tensor<?x1xf32>
  // expected-error @+1 {{expects to be the only noised of a continuous output}}
  %w = ccm.input "w" pointwise drawn noised of "y" [0.0, 1.0] : tensor<?x1xf32>
  ccm.output "y" %t pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Indices have no noise.
ccm.model @m train {optimizer = "sgd"} {
  // expected-error @+1 {{expects to be the only time of a continuous output}}
  %t = ccm.input "t" pointwise drawn time of "y" [] : tensor<?x1xf32>
  %z = ccm.input "z" low drawn noised of "y" [0.0, 1.0] : tensor<?x8x3xf32>
  ccm.output "y" %z low vocabulary 3 loss("cross_entropy") : tensor<?x8x3xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low : tensor<?x8x1xf32>
  // expected-error @+1 {{expects what is drawn to have f32 values, one of a presence or time, when shifted indices, and the numbers of its draw, got 'tensor<?x1xf32>' (C4)}}
  %p = ccm.input "p" pointwise drawn presence of "x" [1.0] : tensor<?x1xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x8x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low : tensor<?x8x1xf32>
  // expected-error @+1 {{numbers of its draw, got 'tensor<?x2xf32>' (C4)}}
  %p = ccm.input "p" pointwise drawn presence of "x" [1.0e-01] : tensor<?x2xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x8x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low : tensor<?x8x1xf32>
  // expected-error @+1 {{numbers of its draw, got 'tensor<?xi32>' (C4)}}
  %p = ccm.input "p" pointwise vocabulary 2 drawn presence of "x" [1.0e-01] : tensor<?xi32>
  ccm.output "y" %x low loss("mse") : tensor<?x8x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  // expected-error @+1 {{numbers of its draw, got 'tensor<?x1xf32>' (C4)}}
  %t = ccm.input "t" pointwise drawn time of "y" [1.0] : tensor<?x1xf32>
  %z = ccm.input "z" pointwise drawn noised of "y" [0.0, 1.0] : tensor<?x1xf32>
  ccm.output "y" %t pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Noise without any deviation is none.
ccm.model @m train {optimizer = "sgd"} {
  %t = ccm.input "t" pointwise drawn time of "y" [] : tensor<?x1xf32>
  // expected-error @+1 {{numbers of its draw, got 'tensor<?x1xf32>' (C4)}}
  %z = ccm.input "z" pointwise drawn noised of "y" [0.0, 0.0] : tensor<?x1xf32>
  ccm.output "y" %z pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low : tensor<?x8x3xf32>
  // expected-error @+1 {{expects bytes without a vocabulary, got 3 (C5)}}
  ccm.output "y" %x low bytes vocabulary 3 loss("cross_entropy") : tensor<?x8x3xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  // One index too few.
  // expected-error @+1 {{expects to be the only shifted of a discrete output, the only one of its model, of its shape of at most 4096 positions and with one index more, got 'y' (C5)}}
  %b = ccm.input "b" low vocabulary 3 drawn shifted of "y" [] : tensor<?x8xi32>
  %x = ccm.input "x" low : tensor<?x8x3xf32>
  ccm.output "y" %x low vocabulary 3 loss("cross_entropy") : tensor<?x8x3xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  // expected-error @+1 {{expects to be the only shifted of a discrete output, the only one of its model}}
  %b = ccm.input "b" low vocabulary 4 drawn shifted of "y" [] : tensor<?x8xi32>
  %x = ccm.input "x" low : tensor<?x8x3xf32>
  ccm.output "y" %x low vocabulary 3 loss("cross_entropy") : tensor<?x8x3xf32>
  ccm.output "z" %x low loss("mse") : tensor<?x8x3xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  // expected-error @+1 {{of its shape of at most 4096 positions and with one index more, got 'y' (C5)}}
  %b = ccm.input "b" high vocabulary 4 drawn shifted of "y" [] : tensor<?x4097xi32>
  %x = ccm.input "x" high : tensor<?x4097x3xf32>
  ccm.output "y" %x high vocabulary 3 loss("cross_entropy") : tensor<?x4097x3xf32>
}
