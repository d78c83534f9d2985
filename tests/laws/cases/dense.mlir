// The affine map of the last axis.

func.func @dense_one(%x: tensor<?x1xf32>, %w: tensor<1x1x16xf32>, %b: tensor<16xf32>) -> tensor<?x1xf32> {
  %y = ccm.dense %x, %w, %b : tensor<?x1xf32>, tensor<1x1x16xf32>, tensor<16xf32> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @dense_prime(%x: tensor<?x7xf32>, %w: tensor<1x7x16xf32>, %b: tensor<16xf32>) -> tensor<?x13xf32> {
  %y = ccm.dense %x, %w, %b : tensor<?x7xf32>, tensor<1x7x16xf32>, tensor<16xf32> -> tensor<?x13xf32>
  return %y : tensor<?x13xf32>
}

func.func @dense_panels(%x: tensor<?x5xf32>, %w: tensor<3x5x16xf32>, %b: tensor<48xf32>) -> tensor<?x47xf32> {
  %y = ccm.dense %x, %w, %b : tensor<?x5xf32>, tensor<3x5x16xf32>, tensor<48xf32> -> tensor<?x47xf32>
  return %y : tensor<?x47xf32>
}

func.func @dense_wide(%x: tensor<?x33xf32>, %w: tensor<1x33x32xf32>, %b: tensor<32xf32>) -> tensor<?x32xf32> {
  %y = ccm.dense %x, %w, %b : tensor<?x33xf32>, tensor<1x33x32xf32>, tensor<32xf32> -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

func.func @dense_tokens(%x: tensor<?x3x17xf32>, %w: tensor<1x17x16xf32>, %b: tensor<16xf32>) -> tensor<?x3x5xf32> {
  %y = ccm.dense %x, %w, %b : tensor<?x3x17xf32>, tensor<1x17x16xf32>, tensor<16xf32> -> tensor<?x3x5xf32>
  return %y : tensor<?x3x5xf32>
}

func.func @dense_grid(%x: tensor<?x2x3x4xf32>, %w: tensor<2x4x16xf32>, %b: tensor<32xf32>) -> tensor<?x2x3x19xf32> {
  %y = ccm.dense %x, %w, %b : tensor<?x2x3x4xf32>, tensor<2x4x16xf32>, tensor<32xf32> -> tensor<?x2x3x19xf32>
  return %y : tensor<?x2x3x19xf32>
}
