// RUN: ccm-opt %s -split-input-file -verify-diagnostics
func.func @conv_c1(%x: tensor<?x8xf32>, %w: tensor<1x3x1x3x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{expects one to three position axes with a positive stride and a padding each, got 'tensor<?x8xf32>', [1, 1] and [1, 1] (C1)}}
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [1, 1] : tensor<?x8xf32>, tensor<1x3x1x3x16xf32>, tensor<16xf32> -> tensor<?x8xf32>
  return
}

// -----

func.func @conv_axes_c1(%x: tensor<?x4x4x4x4x1xf32>, %w: tensor<1x1x1x1x1x1x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{expects one to three position axes with a positive stride and a padding each, got 'tensor<?x4x4x4x4x1xf32>', [1, 1, 1, 1] and [0, 0, 0, 0] (C1)}}
  %y = ccm.conv %x, %w, %b stride [1, 1, 1, 1] padding [0, 0, 0, 0] : tensor<?x4x4x4x4x1xf32>, tensor<1x1x1x1x1x1x16xf32>, tensor<16xf32> -> tensor<?x4x4x4x4x16xf32>
  return
}

// -----

func.func @conv_stride_c1(%x: tensor<?x28x28x1xf32>, %w: tensor<1x3x1x3x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{got 'tensor<?x28x28x1xf32>', [1, 0] and [1, 1] (C1)}}
  %y = ccm.conv %x, %w, %b stride [1, 0] padding [1, 1] : tensor<?x28x28x1xf32>, tensor<1x3x1x3x16xf32>, tensor<16xf32> -> tensor<?x28x28x16xf32>
  return
}

// -----

func.func @conv_padding_c1(%x: tensor<?x28x28x1xf32>, %w: tensor<1x3x1x3x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{got 'tensor<?x28x28x1xf32>', [1, 1] and [-1, 1] (C1)}}
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [-1, 1] : tensor<?x28x28x1xf32>, tensor<1x3x1x3x16xf32>, tensor<16xf32> -> tensor<?x28x28x16xf32>
  return
}

// -----

func.func @conv_padding_count_c1(%x: tensor<?x28x28x1xf32>, %w: tensor<1x3x1x3x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{got 'tensor<?x28x28x1xf32>', [1, 1] and [1] (C1)}}
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [1] : tensor<?x28x28x1xf32>, tensor<1x3x1x3x16xf32>, tensor<16xf32> -> tensor<?x28x28x16xf32>
  return
}

// -----

func.func @conv_weight_c2(%x: tensor<?x28x28x1xf32>, %w: tensor<1x3x3x1x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{expects a weight [panels, taps but the last, inputs, last tap, width] for 'tensor<?x28x28x1xf32>', got 'tensor<1x3x3x1x16xf32>' (C2)}}
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [1, 1] : tensor<?x28x28x1xf32>, tensor<1x3x3x1x16xf32>, tensor<16xf32> -> tensor<?x28x28x16xf32>
  return
}

// -----

func.func @conv_volume_weight_c2(%x: tensor<?x8x8x8x2xf32>, %w: tensor<1x3x2x3x3x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{expects a weight [panels, taps but the last, inputs, last tap, width] for 'tensor<?x8x8x8x2xf32>', got 'tensor<1x3x2x3x3x16xf32>' (C2)}}
  %y = ccm.conv %x, %w, %b stride [1, 1, 1] padding [1, 1, 1] : tensor<?x8x8x8x2xf32>, tensor<1x3x2x3x3x16xf32>, tensor<16xf32> -> tensor<?x8x8x8x16xf32>
  return
}

// -----

func.func @conv_bias_c2(%x: tensor<?x28x28x1xf32>, %w: tensor<1x3x1x3x16xf32>, %b: tensor<32xf32>) {
  // expected-error @+1 {{expects a bias of 16 elements, got 'tensor<32xf32>' (C2)}}
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [1, 1] : tensor<?x28x28x1xf32>, tensor<1x3x1x3x16xf32>, tensor<32xf32> -> tensor<?x28x28x16xf32>
  return
}

// -----

func.func @conv_channels_c2(%x: tensor<?x28x28x1xf32>, %w: tensor<1x3x1x3x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{expects at most 16 channels, got 'tensor<?x28x28x17xf32>' (C2)}}
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [1, 1] : tensor<?x28x28x1xf32>, tensor<1x3x1x3x16xf32>, tensor<16xf32> -> tensor<?x28x28x17xf32>
  return
}

// -----

func.func @conv_c3(%x: tensor<?x28x28x1xf32>, %w: tensor<1x3x1x3x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{expects an extent of 28 for axis 2 of the result, got 26 (C3)}}
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [1, 1] : tensor<?x28x28x1xf32>, tensor<1x3x1x3x16xf32>, tensor<16xf32> -> tensor<?x28x26x16xf32>
  return
}

// -----

func.func @conv_volume_c3(%x: tensor<?x8x8x8x2xf32>, %w: tensor<1x3x3x2x3x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{expects an extent of 4 for axis 3 of the result, got 8 (C3)}}
  %y = ccm.conv %x, %w, %b stride [1, 1, 2] padding [1, 1, 1] : tensor<?x8x8x8x2xf32>, tensor<1x3x3x2x3x16xf32>, tensor<16xf32> -> tensor<?x8x8x8x16xf32>
  return
}

// -----

func.func @conv_room_c3(%x: tensor<?x2x28x1xf32>, %w: tensor<1x3x1x3x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{expects an extent of 0 for axis 1 of the result, got 1 (C3)}}
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [0, 1] : tensor<?x2x28x1xf32>, tensor<1x3x1x3x16xf32>, tensor<16xf32> -> tensor<?x1x28x16xf32>
  return
}

// -----

func.func @conv_c4(%x: tensor<?x28x28x1xf32>, %w: tensor<1x3x1x3x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{expects a padding below the 3 taps of axis 2, got 3 (C4)}}
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [1, 3] : tensor<?x28x28x1xf32>, tensor<1x3x1x3x16xf32>, tensor<16xf32> -> tensor<?x28x32x16xf32>
  return
}

// -----

func.func @conv_trained(%x: tensor<?x28x28x1xf32>, %w: tensor<1x3x?x3x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{operand #1 must be tensor of f32 of static positive extents with a product of at most 2147483647, but got 'tensor<1x3x?x3x16xf32>'}}
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [1, 1] : tensor<?x28x28x1xf32>, tensor<1x3x?x3x16xf32>, tensor<16xf32> -> tensor<?x28x28x16xf32>
  return
}

// -----

func.func @conv_volume_c4(%x: tensor<?x8x8x8x2xf32>, %w: tensor<1x3x3x2x2x16xf32>, %b: tensor<16xf32>) {
  // expected-error @+1 {{expects a padding below the 2 taps of axis 3, got 2 (C4)}}
  %y = ccm.conv %x, %w, %b stride [1, 1, 1] padding [1, 1, 2] : tensor<?x8x8x8x2xf32>, tensor<1x3x3x2x2x16xf32>, tensor<16xf32> -> tensor<?x8x8x11x16xf32>
  return
}

// -----

func.func @conv_transpose_c1(%x: tensor<?x64xf32>, %w: tensor<4x2x64x64xf32>, %b: tensor<32xf32>) {
  // expected-error @+1 {{expects one to three position axes, as many in the result, got 'tensor<?x64xf32>' and 'tensor<?x400x32xf32>' (C1)}}
  %y = ccm.conv_transpose %x, %w, %b stride [8] padding [4] : tensor<?x64xf32>, tensor<4x2x64x64xf32>, tensor<32xf32> -> tensor<?x400x32xf32>
  return
}

// -----

func.func @conv_transpose_axes_c1(%x: tensor<?x5x10x64xf32>, %w: tensor<4x2x64x64xf32>, %b: tensor<32xf32>) {
  // expected-error @+1 {{expects one to three position axes, as many in the result, got 'tensor<?x5x10x64xf32>' and 'tensor<?x400x32xf32>' (C1)}}
  %y = ccm.conv_transpose %x, %w, %b stride [8, 8] padding [4, 4] : tensor<?x5x10x64xf32>, tensor<4x2x64x64xf32>, tensor<32xf32> -> tensor<?x400x32xf32>
  return
}

// -----

func.func @conv_transpose_c2(%x: tensor<?x50x64xf32>, %w: tensor<4x2x63x64xf32>, %b: tensor<32xf32>) {
  // expected-error @+1 {{expects a weight [panels, steps, inputs, width] and a bias [outputs] for 'tensor<?x50x64xf32>', got 'tensor<4x2x63x64xf32>' and 'tensor<32xf32>' (C2)}}
  %y = ccm.conv_transpose %x, %w, %b stride [8] padding [4] : tensor<?x50x64xf32>, tensor<4x2x63x64xf32>, tensor<32xf32> -> tensor<?x400x32xf32>
  return
}

// -----

func.func @conv_transpose_volume_c2(%x: tensor<?x4x4x4x2xf32>, %w: tensor<1x2x2x16xf32>, %b: tensor<1xf32>) {
  // expected-error @+1 {{expects a weight [panels, steps, inputs, width] and a bias [outputs] for 'tensor<?x4x4x4x2xf32>', got 'tensor<1x2x2x16xf32>' and 'tensor<1xf32>' (C2)}}
  %y = ccm.conv_transpose %x, %w, %b stride [2, 2, 2] padding [1, 1, 1] : tensor<?x4x4x4x2xf32>, tensor<1x2x2x16xf32>, tensor<1xf32> -> tensor<?x8x8x8x1xf32>
  return
}

// -----

func.func @conv_transpose_bias_c2(%x: tensor<?x50x64xf32>, %w: tensor<4x2x64x64xf32>, %b: tensor<31xf32>) {
  // expected-error @+1 {{expects a bias for at least 32 outputs and at most 32, got 'tensor<31xf32>' (C2)}}
  %y = ccm.conv_transpose %x, %w, %b stride [8] padding [4] : tensor<?x50x64xf32>, tensor<4x2x64x64xf32>, tensor<31xf32> -> tensor<?x400x32xf32>
  return
}

// -----

func.func @conv_transpose_columns_c2(%x: tensor<?x50x64xf32>, %w: tensor<3x2x64x64xf32>, %b: tensor<32xf32>) {
  // expected-error @+1 {{expects a bias for at least 32 outputs and at most 24, got 'tensor<32xf32>' (C2)}}
  %y = ccm.conv_transpose %x, %w, %b stride [8] padding [4] : tensor<?x50x64xf32>, tensor<3x2x64x64xf32>, tensor<32xf32> -> tensor<?x400x32xf32>
  return
}

// -----

func.func @conv_transpose_volume_columns_c2(%x: tensor<?x4x4x4x2xf32>, %w: tensor<1x2x2x2x2x16xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{expects a bias for at least 4 outputs and at most 2, got 'tensor<4xf32>' (C2)}}
  %y = ccm.conv_transpose %x, %w, %b stride [2, 2, 2] padding [1, 1, 1] : tensor<?x4x4x4x2xf32>, tensor<1x2x2x2x2x16xf32>, tensor<4xf32> -> tensor<?x8x8x8x4xf32>
  return
}

// -----

// The product of the strides is more than can be counted.
func.func @conv_transpose_strides_c2(%x: tensor<?x4x4x4x2xf32>, %w: tensor<1x2x2x2x2x16xf32>, %b: tensor<1xf32>) {
  // expected-error @+1 {{expects a bias for at least 1 outputs and at most 0, got 'tensor<1xf32>' (C2)}}
  %y = ccm.conv_transpose %x, %w, %b stride [2147483647, 2147483647, 2147483647] padding [1, 1, 1] : tensor<?x4x4x4x2xf32>, tensor<1x2x2x2x2x16xf32>, tensor<1xf32> -> tensor<?x8x8x8x1xf32>
  return
}

// -----

func.func @conv_transpose_c3(%x: tensor<?x50x64xf32>, %w: tensor<4x2x64x64xf32>, %b: tensor<32xf32>) {
  // expected-error @+1 {{expects a positive stride and a padding that is not negative for each of 1 axes, got [0] and [4] (C3)}}
  %y = ccm.conv_transpose %x, %w, %b stride [0] padding [4] : tensor<?x50x64xf32>, tensor<4x2x64x64xf32>, tensor<32xf32> -> tensor<?x400x32xf32>
  return
}

// -----

func.func @conv_transpose_padding_c3(%x: tensor<?x50x64xf32>, %w: tensor<4x2x64x64xf32>, %b: tensor<32xf32>) {
  // expected-error @+1 {{expects a positive stride and a padding that is not negative for each of 1 axes, got [8] and [-1] (C3)}}
  %y = ccm.conv_transpose %x, %w, %b stride [8] padding [-1] : tensor<?x50x64xf32>, tensor<4x2x64x64xf32>, tensor<32xf32> -> tensor<?x400x32xf32>
  return
}

// -----

func.func @conv_transpose_count_c3(%x: tensor<?x4x4x2xf32>, %w: tensor<1x2x2x2x16xf32>, %b: tensor<1xf32>) {
  // expected-error @+1 {{expects a positive stride and a padding that is not negative for each of 2 axes, got [2] and [1] (C3)}}
  %y = ccm.conv_transpose %x, %w, %b stride [2] padding [1] : tensor<?x4x4x2xf32>, tensor<1x2x2x2x16xf32>, tensor<1xf32> -> tensor<?x8x8x1xf32>
  return
}

// -----

func.func @conv_transpose_c4(%x: tensor<?x50x64xf32>, %w: tensor<4x2x64x64xf32>, %b: tensor<32xf32>) {
  // expected-error @+1 {{expects at most 404 positions along axis 1, got 'tensor<?x405x32xf32>' (C4)}}
  %y = ccm.conv_transpose %x, %w, %b stride [8] padding [4] : tensor<?x50x64xf32>, tensor<4x2x64x64xf32>, tensor<32xf32> -> tensor<?x405x32xf32>
  return
}

// -----

func.func @conv_transpose_volume_c4(%x: tensor<?x4x4x4x2xf32>, %w: tensor<1x2x2x2x2x16xf32>, %b: tensor<1xf32>) {
  // expected-error @+1 {{expects at most 9 positions along axis 3, got 'tensor<?x8x8x10x1xf32>' (C4)}}
  %y = ccm.conv_transpose %x, %w, %b stride [2, 2, 2] padding [1, 1, 1] : tensor<?x4x4x4x2xf32>, tensor<1x2x2x2x2x16xf32>, tensor<1xf32> -> tensor<?x8x8x10x1xf32>
  return
}
