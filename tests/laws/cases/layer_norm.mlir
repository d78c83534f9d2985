// Normalization of the last axis.

func.func @layer_norm_one(%x: tensor<?x1xf32>, %g: tensor<1xf32>, %s: tensor<1xf32>) -> tensor<?x1xf32> {
  %y = ccm.layer_norm %x, %g, %s : tensor<?x1xf32>, tensor<1xf32>
  return %y : tensor<?x1xf32>
}

func.func @layer_norm_prime(%x: tensor<?x7xf32>, %g: tensor<7xf32>, %s: tensor<7xf32>) -> tensor<?x7xf32> {
  %y = ccm.layer_norm %x, %g, %s : tensor<?x7xf32>, tensor<7xf32>
  return %y : tensor<?x7xf32>
}

func.func @layer_norm_rows(%x: tensor<?x3x17xf32>, %g: tensor<17xf32>, %s: tensor<17xf32>) -> tensor<?x3x17xf32> {
  %y = ccm.layer_norm %x, %g, %s : tensor<?x3x17xf32>, tensor<17xf32>
  return %y : tensor<?x3x17xf32>
}

func.func @layer_norm_grid(%x: tensor<?x2x3x5xf32>, %g: tensor<5xf32>, %s: tensor<5xf32>) -> tensor<?x2x3x5xf32> {
  %y = ccm.layer_norm %x, %g, %s : tensor<?x2x3x5xf32>, tensor<5xf32>
  return %y : tensor<?x2x3x5xf32>
}
