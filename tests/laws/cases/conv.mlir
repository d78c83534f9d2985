// Convolutions: taps, strides, paddings, rests, one to three axes.

func.func @conv_one(%x: tensor<?x1x1xf32>, %w: tensor<1x1x1x16xf32>, %b: tensor<16xf32>) -> tensor<?x1x1xf32> {
  %y = ccm.conv %x, %w, %b stride [1] padding [0] : tensor<?x1x1xf32>, tensor<1x1x1x16xf32>, tensor<16xf32> -> tensor<?x1x1xf32>
  return %y : tensor<?x1x1xf32>
}

func.func @conv_same(%x: tensor<?x5x7x3xf32>, %w: tensor<1x3x3x3x16xf32>, %b: tensor<16xf32>) -> tensor<?x5x7x4xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [1, 1] : tensor<?x5x7x3xf32>, tensor<1x3x3x3x16xf32>, tensor<16xf32> -> tensor<?x5x7x4xf32>
  return %y : tensor<?x5x7x4xf32>
}

func.func @conv_valid(%x: tensor<?x5x6x2xf32>, %w: tensor<1x3x2x3x16xf32>, %b: tensor<16xf32>) -> tensor<?x3x4x16xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [0, 0] : tensor<?x5x6x2xf32>, tensor<1x3x2x3x16xf32>, tensor<16xf32> -> tensor<?x3x4x16xf32>
  return %y : tensor<?x3x4x16xf32>
}

func.func @conv_full(%x: tensor<?x3x2x2xf32>, %w: tensor<1x3x2x3x16xf32>, %b: tensor<16xf32>) -> tensor<?x5x4x5xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [2, 2] : tensor<?x3x2x2xf32>, tensor<1x3x2x3x16xf32>, tensor<16xf32> -> tensor<?x5x4x5xf32>
  return %y : tensor<?x5x4x5xf32>
}

func.func @conv_even(%x: tensor<?x4x5x3xf32>, %w: tensor<2x2x3x4x16xf32>, %b: tensor<32xf32>) -> tensor<?x5x4x17xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [1, 1] : tensor<?x4x5x3xf32>, tensor<2x2x3x4x16xf32>, tensor<32xf32> -> tensor<?x5x4x17xf32>
  return %y : tensor<?x5x4x17xf32>
}

func.func @conv_panels(%x: tensor<?x2x3x5xf32>, %w: tensor<3x3x5x1x16xf32>, %b: tensor<48xf32>) -> tensor<?x2x3x40xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [1, 0] : tensor<?x2x3x5xf32>, tensor<3x3x5x1x16xf32>, tensor<48xf32> -> tensor<?x2x3x40xf32>
  return %y : tensor<?x2x3x40xf32>
}

func.func @conv_wide(%x: tensor<?x2x2x33xf32>, %w: tensor<1x1x33x3x32xf32>, %b: tensor<32xf32>) -> tensor<?x2x2x32xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [0, 1] : tensor<?x2x2x33xf32>, tensor<1x1x33x3x32xf32>, tensor<32xf32> -> tensor<?x2x2x32xf32>
  return %y : tensor<?x2x2x32xf32>
}

func.func @conv_stride(%x: tensor<?x7x6x3xf32>, %w: tensor<1x3x3x3x16xf32>, %b: tensor<16xf32>) -> tensor<?x4x3x4xf32> {
  %y = ccm.conv %x, %w, %b stride [2, 2] padding [1, 1] : tensor<?x7x6x3xf32>, tensor<1x3x3x3x16xf32>, tensor<16xf32> -> tensor<?x4x3x4xf32>
  return %y : tensor<?x4x3x4xf32>
}

func.func @conv_stride_rest(%x: tensor<?x8x7x2xf32>, %w: tensor<1x2x2x3x16xf32>, %b: tensor<16xf32>) -> tensor<?x3x3x3xf32> {
  %y = ccm.conv %x, %w, %b stride [3, 3] padding [0, 1] : tensor<?x8x7x2xf32>, tensor<1x2x2x3x16xf32>, tensor<16xf32> -> tensor<?x3x3x3xf32>
  return %y : tensor<?x3x3x3xf32>
}

func.func @conv_stride_mixed(%x: tensor<?x5x9x2xf32>, %w: tensor<1x3x2x5x16xf32>, %b: tensor<16xf32>) -> tensor<?x5x3x3xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 3] padding [1, 2] : tensor<?x5x9x2xf32>, tensor<1x3x2x5x16xf32>, tensor<16xf32> -> tensor<?x5x3x3xf32>
  return %y : tensor<?x5x3x3xf32>
}

func.func @conv_stride_wide(%x: tensor<?x5x5x17xf32>, %w: tensor<1x3x17x3x16xf32>, %b: tensor<16xf32>) -> tensor<?x3x3x2xf32> {
  %y = ccm.conv %x, %w, %b stride [2, 2] padding [1, 1] : tensor<?x5x5x17xf32>, tensor<1x3x17x3x16xf32>, tensor<16xf32> -> tensor<?x3x3x2xf32>
  return %y : tensor<?x3x3x2xf32>
}

func.func @conv_stride_beyond(%x: tensor<?x7x7x2xf32>, %w: tensor<1x1x2x1x16xf32>, %b: tensor<16xf32>) -> tensor<?x3x3x2xf32> {
  %y = ccm.conv %x, %w, %b stride [3, 3] padding [0, 0] : tensor<?x7x7x2xf32>, tensor<1x1x2x1x16xf32>, tensor<16xf32> -> tensor<?x3x3x2xf32>
  return %y : tensor<?x3x3x2xf32>
}

func.func @conv_patches(%x: tensor<?x6x4x3xf32>, %w: tensor<1x2x3x2x16xf32>, %b: tensor<16xf32>) -> tensor<?x3x2x5xf32> {
  %y = ccm.conv %x, %w, %b stride [2, 2] padding [0, 0] : tensor<?x6x4x3xf32>, tensor<1x2x3x2x16xf32>, tensor<16xf32> -> tensor<?x3x2x5xf32>
  return %y : tensor<?x3x2x5xf32>
}

func.func @conv_line(%x: tensor<?x11x2xf32>, %w: tensor<1x2x5x16xf32>, %b: tensor<16xf32>) -> tensor<?x11x3xf32> {
  %y = ccm.conv %x, %w, %b stride [1] padding [2] : tensor<?x11x2xf32>, tensor<1x2x5x16xf32>, tensor<16xf32> -> tensor<?x11x3xf32>
  return %y : tensor<?x11x3xf32>
}

func.func @conv_line_stride(%x: tensor<?x19x1xf32>, %w: tensor<2x1x7x16xf32>, %b: tensor<32xf32>) -> tensor<?x5x18xf32> {
  %y = ccm.conv %x, %w, %b stride [4] padding [2] : tensor<?x19x1xf32>, tensor<2x1x7x16xf32>, tensor<32xf32> -> tensor<?x5x18xf32>
  return %y : tensor<?x5x18xf32>
}

func.func @conv_line_valid(%x: tensor<?x9x17xf32>, %w: tensor<1x17x3x16xf32>, %b: tensor<16xf32>) -> tensor<?x7x1xf32> {
  %y = ccm.conv %x, %w, %b stride [1] padding [0] : tensor<?x9x17xf32>, tensor<1x17x3x16xf32>, tensor<16xf32> -> tensor<?x7x1xf32>
  return %y : tensor<?x7x1xf32>
}

func.func @conv_volume_one(%x: tensor<?x1x1x1x1xf32>, %w: tensor<1x1x1x1x1x16xf32>, %b: tensor<16xf32>) -> tensor<?x1x1x1x1xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 1, 1] padding [0, 0, 0] : tensor<?x1x1x1x1xf32>, tensor<1x1x1x1x1x16xf32>, tensor<16xf32> -> tensor<?x1x1x1x1xf32>
  return %y : tensor<?x1x1x1x1xf32>
}

func.func @conv_volume_same(%x: tensor<?x3x4x5x2xf32>, %w: tensor<1x3x3x2x3x16xf32>, %b: tensor<16xf32>) -> tensor<?x3x4x5x3xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 1, 1] padding [1, 1, 1] : tensor<?x3x4x5x2xf32>, tensor<1x3x3x2x3x16xf32>, tensor<16xf32> -> tensor<?x3x4x5x3xf32>
  return %y : tensor<?x3x4x5x3xf32>
}

func.func @conv_volume_panels(%x: tensor<?x2x3x2x5xf32>, %w: tensor<3x1x3x5x1x16xf32>, %b: tensor<48xf32>) -> tensor<?x2x3x2x40xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 1, 1] padding [0, 1, 0] : tensor<?x2x3x2x5xf32>, tensor<3x1x3x5x1x16xf32>, tensor<48xf32> -> tensor<?x2x3x2x40xf32>
  return %y : tensor<?x2x3x2x40xf32>
}

func.func @conv_volume_columns(%x: tensor<?x1x2x2x65xf32>, %w: tensor<1x1x2x65x2x16xf32>, %b: tensor<16xf32>) -> tensor<?x1x3x1x2xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 1, 1] padding [0, 1, 0] : tensor<?x1x2x2x65xf32>, tensor<1x1x2x65x2x16xf32>, tensor<16xf32> -> tensor<?x1x3x1x2xf32>
  return %y : tensor<?x1x3x1x2xf32>
}

func.func @conv_volume_stride_rest(%x: tensor<?x7x5x6x1xf32>, %w: tensor<1x2x1x1x3x16xf32>, %b: tensor<16xf32>) -> tensor<?x2x3x3x2xf32> {
  %y = ccm.conv %x, %w, %b stride [3, 2, 2] padding [0, 0, 1] : tensor<?x7x5x6x1xf32>, tensor<1x2x1x1x3x16xf32>, tensor<16xf32> -> tensor<?x2x3x3x2xf32>
  return %y : tensor<?x2x3x3x2xf32>
}

func.func @conv_volume_stride_mixed(%x: tensor<?x3x5x4x2xf32>, %w: tensor<1x3x3x2x2x16xf32>, %b: tensor<16xf32>) -> tensor<?x3x3x3x4xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 2, 1] padding [1, 1, 0] : tensor<?x3x5x4x2xf32>, tensor<1x3x3x2x2x16xf32>, tensor<16xf32> -> tensor<?x3x3x3x4xf32>
  return %y : tensor<?x3x3x3x4xf32>
}

func.func @conv_volume_stride_columns(%x: tensor<?x3x2x2x33xf32>, %w: tensor<1x2x2x33x2x16xf32>, %b: tensor<16xf32>) -> tensor<?x1x1x1x2xf32> {
  %y = ccm.conv %x, %w, %b stride [2, 1, 2] padding [0, 0, 0] : tensor<?x3x2x2x33xf32>, tensor<1x2x2x33x2x16xf32>, tensor<16xf32> -> tensor<?x1x1x1x2xf32>
  return %y : tensor<?x1x1x1x2xf32>
}
