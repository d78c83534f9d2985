// RUN: ccm-opt %s -split-input-file -verify-diagnostics

ccm.model @port_c1 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects a unique port name, got 'x' twice (C1)}}
  ccm.output "x" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @parameter_c1 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  %p0 = ccm.parameter "w" shape [2] init("zeros", 0.0) : tensor<2xf32>
  // expected-error @+1 {{expects a unique parameter name, got 'w' twice (C1)}}
  %p1 = ccm.parameter "w" shape [2] init("zeros", 0.0) : tensor<2xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

// expected-error @+1 {{expects blocks that start with 1 and ascend (C2)}}
ccm.model @blocks_c2 train {} blocks [2, 8] {
  %x = ccm.input "x" low : tensor<?x8xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

// expected-error @+1 {{expects blocks that start with 1 and ascend (C2)}}
ccm.model @blocks_twice_c2 train {} blocks [1, 8, 8] {
  %x = ccm.input "x" low : tensor<?x8xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

// expected-error @+1 {{expects at least one output, got none (C3)}}
ccm.model @model_c3 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
}

// -----

ccm.model @input_c1 train {} {
  // expected-error @+1 {{expects a value (C1) with a dynamic batch extent first, got 'tensor<4x8xf32>'}}
  %x = ccm.input "x" low : tensor<4x8xf32>
  %o = ccm.input "o" low : tensor<?x8xf32>
  ccm.output "y" %o pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @input_extent_c1 train {} {
  // expected-error @+1 {{expects a value (C1) with static positive extents after the batch, got 'tensor<?x?xf32>'}}
  %x = ccm.input "x" low : tensor<?x?xf32>
  %o = ccm.input "o" low : tensor<?x8xf32>
  ccm.output "y" %o pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @input_elements_c1 train {} {
  // expected-error @+1 {{expects a value (C1) of at most 2147483647 elements, got 'tensor<?x65536x32768xf32>'}}
  %x = ccm.input "x" low : tensor<?x65536x32768xf32>
  %o = ccm.input "o" low : tensor<?x8xf32>
  ccm.output "y" %o pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @input_c2 train {} {
  // expected-error @+1 {{expects element type i32 with a vocabulary, got 'f32' (C2)}}
  %x = ccm.input "x" low vocabulary 3 : tensor<?x8xf32>
  %o = ccm.input "o" low : tensor<?x8xf32>
  ccm.output "y" %o pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @input_plain_c2 train {} {
  // expected-error @+1 {{expects element type f32 without a vocabulary, got 'i32' (C2)}}
  %x = ccm.input "x" low : tensor<?x8xi32>
  %o = ccm.input "o" low : tensor<?x8xf32>
  ccm.output "y" %o pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @input_c3 train {} {
  // expected-error @+1 {{expects bytes to be read as f32, got 'i32' (C3)}}
  %x = ccm.input "x" low bytes vocabulary 3 : tensor<?x8xi32>
  %o = ccm.input "o" low : tensor<?x8xf32>
  ccm.output "y" %o pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @output_c1 train {} {
  %x = ccm.parameter "p" shape [8] init("zeros", 0.0) : tensor<8xf32>
  // expected-error @+1 {{expects a value (C1) with a dynamic batch extent first, got 'tensor<8xf32>'}}
  ccm.output "y" %x pointwise loss("mse") : tensor<8xf32>
}

// -----

ccm.model @output_c2 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects a last extent of the vocabulary 9, got 'tensor<?x8xf32>' (C2)}}
  ccm.output "y" %x pointwise vocabulary 9 loss("cross_entropy") : tensor<?x8xf32>
}

// -----

ccm.model @output_c3 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects a registered loss, got 'relu' (C3)}}
  ccm.output "y" %x pointwise loss("relu") : tensor<?x8xf32>
}

// -----

ccm.model @output_kind_c3 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects cross_entropy with a vocabulary and no other loss, got 'mse' (C3)}}
  ccm.output "y" %x pointwise vocabulary 8 loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @output_c4 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects a positive finite weight, got 0.000000e+00 (C4)}}
  ccm.output "y" %x pointwise loss("mse") weight 0.0 : tensor<?x8xf32>
}

// -----

ccm.model @parameter_shape_c1 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects positive extents of at most 2147483648 elements, got 0 (C1)}}
  %p = ccm.parameter "w" shape [0] init("zeros", 0.0) : tensor<1xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @parameter_c2 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects the canonical shape as type without a layout, got 'tensor<3xf32>' (C2)}}
  %p = ccm.parameter "w" shape [2] init("zeros", 0.0) : tensor<3xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @parameter_layout_c2 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects layout extents that multiply to 16, got 8 (C2)}}
  %p = ccm.parameter "w" shape [8] layout(#ccm.layout<extents = [8], dims = [0], steps = [1]>) init("zeros", 0.0) : tensor<16xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @parameter_dims_c2 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects layout dims below 1, got 1 (C2)}}
  %p = ccm.parameter "w" shape [8] layout(#ccm.layout<extents = [16], dims = [1], steps = [1]>) init("zeros", 0.0) : tensor<16xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @parameter_overflow_c2 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects a layout whose extents multiply without overflow (C2)}}
  %p = ccm.parameter "w" shape [8] layout(#ccm.layout<extents = [4294967296, 4294967296], dims = [0, 0], steps = [1, 1]>) init("zeros", 0.0) : tensor<16xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @parameter_c3 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects the layout to cover axis 0 of extent 8 exactly once (C3)}}
  %p = ccm.parameter "w" shape [8] layout(#ccm.layout<extents = [2, 8], dims = [0, 0], steps = [1, 1]>) init("zeros", 0.0) : tensor<16xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @parameter_c4 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects init normal, zeros, ones, constant, fourier or mel, got 'uniform' (C4)}}
  %p = ccm.parameter "w" shape [2] init("uniform", 0.0) : tensor<2xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @parameter_c5 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects for init fourier a shape of [n, n, 1] with n even, got 3, 3, 1 (C5)}}
  %p = ccm.parameter "w" shape [3, 3, 1] init("fourier", 1.0) : tensor<3x3x1xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @parameter_mel_c5 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects for init mel a shape of [bands, n] with n even, got 2, 5 (C5)}}
  %q = ccm.parameter "v" shape [2, 5] init("mel", 1.0) : tensor<2x5xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @layout_counts train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects as many dims and steps as extents, got 1, 2 and 1}}
  %p = ccm.parameter "w" shape [8] layout(#ccm.layout<extents = [8], dims = [0, 1], steps = [1]>) init("zeros", 0.0) : tensor<8xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @layout_signs train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects positive extents and steps and dims from 0, got extent 8, dim 0, step 0}}
  %p = ccm.parameter "w" shape [8] layout(#ccm.layout<extents = [8], dims = [0], steps = [0]>) init("zeros", 0.0) : tensor<8xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

func.func @kernel_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects block arguments of the operands' types (C1)}}
  %y = ccm.kernel(%x) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<5xf32>):
    ccm.yield %a : tensor<5xf32>
  }
  return
}

// -----

func.func @kernel_yield_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a yield of the results' types (C1)}}
  %y = ccm.kernel(%x) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    ccm.yield
  }
  return
}

// -----

func.func @kernel_c2(%x: tensor<4xf32>) {
  %y = ccm.kernel(%x) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    // expected-error @+1 {{expects static types in a kernel, got 'tensor<?xf32>' (C2)}}
    %d = tensor.cast %a : tensor<4xf32> to tensor<?xf32>
    ccm.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @kernel_operand_strides_c3(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 1 operand strides, got 0 (C3)}}
  %y = ccm.kernel(%x) {operand_strides = []} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    ccm.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @kernel_result_strides_c3(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 1 result strides, got 0 (C3)}}
  %y = ccm.kernel(%x) {result_strides = []} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    ccm.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @kernel_operand_places_c3(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 1 operand places, got 0 (C3)}}
  %y = ccm.kernel(%x) {operand_places = []} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    ccm.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @kernel_result_places_c3(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 1 result places, got 0 (C3)}}
  %y = ccm.kernel(%x) {result_places = []} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    ccm.yield %a : tensor<4xf32>
  }
  return
}

// -----

// More than memory holds is never listed: 2^33 elements in all, 2^30 along one axis.
ccm.model @parameter_elements_c1 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects a value of positive extents and at most 2147483647 elements, got 'tensor<8589934592xf32>' (C1)}}
  %p = ccm.parameter "w" shape [8] layout(#ccm.layout<extents = [8589934592], dims = [0], steps = [1]>) init("zeros", 0.0) : tensor<8589934592xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @parameter_large_c3 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects the layout to cover axis 0 of extent 1073741824 exactly once (C3)}}
  %p = ccm.parameter "w" shape [1073741824] layout(#ccm.layout<extents = [32768, 32768], dims = [0, 0], steps = [32769, 1]>) init("zeros", 0.0) : tensor<1073741824xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

ccm.model @parameter_steps_c3 train {} {
  %x = ccm.input "x" low : tensor<?x8xf32>
  // expected-error @+1 {{expects the layout to cover axis 0 of extent 8 exactly once (C3)}}
  %p = ccm.parameter "w" shape [8] layout(#ccm.layout<extents = [2, 2, 4], dims = [0, 0, 0], steps = [9223372036854775807, 9223372036854775807, 1]>) init("zeros", 0.0) : tensor<16xf32>
  ccm.output "y" %x pointwise loss("mse") : tensor<?x8xf32>
}

// -----

// expected-error @+1 {{expects the class of targets "cpu", got "tpu"}}
module attributes {ccm.target = #ccm.target<"tpu", lanes = 8, cache_bytes = 1, part_bytes = 1, largest_block = 1, operations = 1, bandwidth = 1>} {}

// -----

// expected-error @+1 {{expects lanes that divide the 16 of packed layouts, got 32}}
module attributes {ccm.target = #ccm.target<"cpu", lanes = 32, cache_bytes = 1, part_bytes = 1, largest_block = 1, operations = 1, bandwidth = 1>} {}

// -----

// expected-error @+1 {{expects positive limits of a target, got -1}}
module attributes {ccm.target = #ccm.target<"cpu", lanes = 8, cache_bytes = 1, part_bytes = -1, largest_block = 1, operations = 1, bandwidth = 1>} {}

// -----

// expected-error @+1 {{expects a #ccm.target in 'ccm.target', got 3 : i64}}
module attributes {ccm.target = 3 : i64} {}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low : tensor<?x8x1xf32>
  %z = ccm.input "z" low : tensor<?x8x1xf32>
  // expected-error @+1 {{expects several inputs to be aligned to the same outputs (C1)}}
  %t = ccm.reduce "x" %x, %z : tensor<?x8x1xf32>, tensor<?x8x1xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x8x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low aligned_to ["y"] : tensor<?x8x1xf32>
  %z = ccm.input "z" low aligned_to ["w"] : tensor<?x8x1xf32>
  // expected-error @+1 {{expects several inputs to be aligned to the same outputs (C1)}}
  %t = ccm.reduce "x" %x, %z : tensor<?x8x1xf32>, tensor<?x8x1xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x8x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low : tensor<?x8x1xf32>
  // expected-error @+1 {{expects at least one input, got none (C1)}}
  %t = "ccm.reduce"() <{port = "x"}> : () -> !ccm.tokens
  ccm.output "y" %x low loss("mse") : tensor<?x8x1xf32>
}

// -----

ccm.model @m train {optimizer = "sgd"} {
  %x = ccm.input "x" low : tensor<?x8x1xf32>
  %t = ccm.reduce "x" %x : tensor<?x8x1xf32>
  %c = ccm.core "m" %t budget(#ccm.budget<macs = 1, parameters = 0, activation_bytes = 0>)
  %p = builtin.unrealized_conversion_cast %x : tensor<?x8x1xf32> to !ccm.pyramid
  // expected-error @+1 {{expects skips from ccm.reduce (C1)}}
  %y = ccm.expand "y" %c skips(%p) : tensor<?x8x1xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x8x1xf32>
}
