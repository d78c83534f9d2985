// Transposed convolutions of one to three axes.

func.func @conv_transpose_one(%x: tensor<?x1x1xf32>, %w: tensor<1x1x1x16xf32>, %b: tensor<1xf32>) -> tensor<?x1x1xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [1] padding [0] : tensor<?x1x1xf32>, tensor<1x1x1x16xf32>, tensor<1xf32> -> tensor<?x1x1xf32>
  return %y : tensor<?x1x1xf32>
}

func.func @conv_transpose_disjoint(%x: tensor<?x5x3xf32>, %w: tensor<1x1x3x16xf32>, %b: tensor<4xf32>) -> tensor<?x20x4xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [4] padding [0] : tensor<?x5x3xf32>, tensor<1x1x3x16xf32>, tensor<4xf32> -> tensor<?x20x4xf32>
  return %y : tensor<?x20x4xf32>
}

func.func @conv_transpose_overlap(%x: tensor<?x5x3xf32>, %w: tensor<1x3x3x16xf32>, %b: tensor<1xf32>) -> tensor<?x19x1xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [4] padding [2] : tensor<?x5x3xf32>, tensor<1x3x3x16xf32>, tensor<1xf32> -> tensor<?x19x1xf32>
  return %y : tensor<?x19x1xf32>
}

func.func @conv_transpose_slots(%x: tensor<?x3x2xf32>, %w: tensor<1x2x2x16xf32>, %b: tensor<4xf32>) -> tensor<?x9x3xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [3] padding [1] : tensor<?x3x2xf32>, tensor<1x2x2x16xf32>, tensor<4xf32> -> tensor<?x9x3xf32>
  return %y : tensor<?x9x3xf32>
}

func.func @conv_transpose_panels(%x: tensor<?x4x17xf32>, %w: tensor<2x2x17x16xf32>, %b: tensor<16xf32>) -> tensor<?x8x16xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [2] padding [1] : tensor<?x4x17xf32>, tensor<2x2x17x16xf32>, tensor<16xf32> -> tensor<?x8x16xf32>
  return %y : tensor<?x8x16xf32>
}

func.func @conv_transpose_plain(%x: tensor<?x6x2xf32>, %w: tensor<1x3x2x16xf32>, %b: tensor<8xf32>) -> tensor<?x6x5xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [1] padding [1] : tensor<?x6x2xf32>, tensor<1x3x2x16xf32>, tensor<8xf32> -> tensor<?x6x5xf32>
  return %y : tensor<?x6x5xf32>
}

func.func @conv_transpose_cut(%x: tensor<?x4x2xf32>, %w: tensor<1x2x2x16xf32>, %b: tensor<2xf32>) -> tensor<?x5x2xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [3] padding [4] : tensor<?x4x2xf32>, tensor<1x2x2x16xf32>, tensor<2xf32> -> tensor<?x5x2xf32>
  return %y : tensor<?x5x2xf32>
}

func.func @conv_transpose_plane(%x: tensor<?x3x4x3xf32>, %w: tensor<1x2x2x3x16xf32>, %b: tensor<4xf32>) -> tensor<?x6x8x3xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [2, 2] padding [1, 1] : tensor<?x3x4x3xf32>, tensor<1x2x2x3x16xf32>, tensor<4xf32> -> tensor<?x6x8x3xf32>
  return %y : tensor<?x6x8x3xf32>
}

func.func @conv_transpose_plane_mixed(%x: tensor<?x3x2x2xf32>, %w: tensor<2x1x3x2x16xf32>, %b: tensor<4xf32>) -> tensor<?x9x5x3xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [3, 2] padding [0, 2] : tensor<?x3x2x2xf32>, tensor<2x1x3x2x16xf32>, tensor<4xf32> -> tensor<?x9x5x3xf32>
  return %y : tensor<?x9x5x3xf32>
}

func.func @conv_transpose_plane_panels(%x: tensor<?x2x3x17xf32>, %w: tensor<4x2x1x17x16xf32>, %b: tensor<16xf32>) -> tensor<?x4x6x16xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [2, 2] padding [1, 0] : tensor<?x2x3x17xf32>, tensor<4x2x1x17x16xf32>, tensor<16xf32> -> tensor<?x4x6x16xf32>
  return %y : tensor<?x4x6x16xf32>
}

func.func @conv_transpose_plane_cut(%x: tensor<?x3x4x2xf32>, %w: tensor<1x2x2x2x16xf32>, %b: tensor<2xf32>) -> tensor<?x2x5x2xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [2, 3] padding [3, 4] : tensor<?x3x4x2xf32>, tensor<1x2x2x2x16xf32>, tensor<2xf32> -> tensor<?x2x5x2xf32>
  return %y : tensor<?x2x5x2xf32>
}

func.func @conv_transpose_volume(%x: tensor<?x2x3x2x2xf32>, %w: tensor<1x2x2x2x2x16xf32>, %b: tensor<1xf32>) -> tensor<?x4x6x4x1xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [2, 2, 2] padding [1, 1, 1] : tensor<?x2x3x2x2xf32>, tensor<1x2x2x2x2x16xf32>, tensor<1xf32> -> tensor<?x4x6x4x1xf32>
  return %y : tensor<?x4x6x4x1xf32>
}

func.func @conv_transpose_volume_mixed(%x: tensor<?x3x2x2x2xf32>, %w: tensor<3x1x2x3x2x16xf32>, %b: tensor<4xf32>) -> tensor<?x5x7x4x3xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [2, 3, 2] padding [0, 2, 3] : tensor<?x3x2x2x2xf32>, tensor<3x1x2x3x2x16xf32>, tensor<4xf32> -> tensor<?x5x7x4x3xf32>
  return %y : tensor<?x5x7x4x3xf32>
}

func.func @conv_transpose_volume_panels(%x: tensor<?x2x2x1x17xf32>, %w: tensor<8x1x2x1x17x16xf32>, %b: tensor<16xf32>) -> tensor<?x4x5x2x16xf32> {
  %y = ccm.conv_transpose %x, %w, %b stride [2, 2, 2] padding [0, 1, 0] : tensor<?x2x2x1x17xf32>, tensor<8x1x2x1x17x16xf32>, tensor<16xf32> -> tensor<?x4x5x2x16xf32>
  return %y : tensor<?x4x5x2x16xf32>
}
