// Learned tables.

func.func @embedding_one(%x: tensor<?xi32>, %t: tensor<1x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.embedding %x, %t : tensor<?xi32>, tensor<1x1xf32> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @embedding_prime(%x: tensor<?xi32>, %t: tensor<7x5xf32>) -> tensor<?x5xf32> {
  %y = ccm.embedding %x, %t : tensor<?xi32>, tensor<7x5xf32> -> tensor<?x5xf32>
  return %y : tensor<?x5xf32>
}

func.func @embedding_tokens(%x: tensor<?x5xi32>, %t: tensor<11x3xf32>) -> tensor<?x5x3xf32> {
  %y = ccm.embedding %x, %t : tensor<?x5xi32>, tensor<11x3xf32> -> tensor<?x5x3xf32>
  return %y : tensor<?x5x3xf32>
}

func.func @embedding_grid(%x: tensor<?x2x3xi32>, %t: tensor<3x17xf32>) -> tensor<?x2x3x17xf32> {
  %y = ccm.embedding %x, %t : tensor<?x2x3xi32>, tensor<3x17xf32> -> tensor<?x2x3x17xf32>
  return %y : tensor<?x2x3x17xf32>
}

func.func @positions_one(%x: tensor<?x1xf32>, %t: tensor<1xf32>) -> tensor<?x1xf32> {
  %y = ccm.positions %x, %t : tensor<?x1xf32>, tensor<1xf32>
  return %y : tensor<?x1xf32>
}

func.func @positions_tokens(%x: tensor<?x5x3xf32>, %t: tensor<5x3xf32>) -> tensor<?x5x3xf32> {
  %y = ccm.positions %x, %t : tensor<?x5x3xf32>, tensor<5x3xf32>
  return %y : tensor<?x5x3xf32>
}

func.func @positions_grid(%x: tensor<?x2x3x7xf32>, %t: tensor<2x3x7xf32>) -> tensor<?x2x3x7xf32> {
  %y = ccm.positions %x, %t : tensor<?x2x3x7xf32>, tensor<2x3x7xf32>
  return %y : tensor<?x2x3x7xf32>
}
