// RUN: ccm-opt %s --split-input-file --verify-diagnostics

func.func @scale_c1(%x: tensor<?x4xf32>, %o: tensor<3xf32>) {
  // expected-error @+1 {{expects an offset and a factor of the last extent of 'tensor<?x4xf32>', got 'tensor<3xf32>' (C1)}}
  %y = ccm.scale %x, %o, %o : tensor<?x4xf32>, tensor<3xf32>
  return
}

// -----

func.func @unscale_c1(%x: tensor<?x4xf32>, %o: tensor<2x2xf32>) {
  // expected-error @+1 {{expects an offset and a factor of the last extent of 'tensor<?x4xf32>', got 'tensor<2x2xf32>' (C1)}}
  %y = ccm.unscale %x, %o, %o : tensor<?x4xf32>, tensor<2x2xf32>
  return
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  // expected-error @+1 {{expects a scale of values that are given (C5)}}
  %x = ccm.input "x" pointwise vocabulary 4 scale standard : tensor<?xi32>
  %y = ccm.input "y" pointwise : tensor<?x1xf32>
  ccm.output "z" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  // expected-error @+1 {{expects offsets and factors with a fixed scale and no other (C5)}}
  %x = ccm.input "x" pointwise scale fixed : tensor<?x1xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  // expected-error @+1 {{expects 1 or 3 numbers of a scale, got 2 (C5)}}
  %x = ccm.input "x" pointwise scale fixed by [0.0, 1.0] [1.0] : tensor<?x3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  // expected-error @+1 {{expects positive factors (C5)}}
  %x = ccm.input "x" pointwise scale fixed by [0.0] [-1.0] : tensor<?x3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x3xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low vocabulary 4 : tensor<?x8xi32>
  %t = ccm.parameter "t" shape [4, 4] init("ones", 0.0) : tensor<4x4xf32>
  %0 = ccm.embedding %x, %t : tensor<?x8xi32>, tensor<4x4xf32> -> tensor<?x8x4xf32>
  // expected-error @+1 {{expects scores, of bce or cross_entropy, to be calibrated and other values scaled otherwise (C6)}}
  ccm.output "y" %0 low vocabulary 4 loss("cross_entropy") scale robust : tensor<?x8x4xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  %o = ccm.parameter "o" shape [1] init("constant", 0.0) frozen : tensor<1xf32>
  // expected-error @+1 {{expects to be scaled, where it has a scale, by two parameters of 3 values (C6)}}
  ccm.output "y" %x pointwise loss("mse") scale standard scaled(%o, %o : tensor<1xf32>, tensor<1xf32>) : tensor<?x3xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  // expected-error @+1 {{expects values with init constant, 2 of them, got 3 with constant (C4)}}
  %o = ccm.parameter "o" shape [2] init("constant", 0.0) values [1.0, 2.0, 3.0] frozen : tensor<2xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x3xf32>
}
