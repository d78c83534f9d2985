func.func @stand_in_one(%x: tensor<?x1xf32>, %p: tensor<?x1xf32>, %v: tensor<1xf32>) -> tensor<?x1xf32> {
  %y = ccm.stand_in %x, %p, %v : tensor<?x1xf32>, tensor<?x1xf32>, tensor<1xf32>
  return %y : tensor<?x1xf32>
}

func.func @stand_in_tokens(%x: tensor<?x5x7xf32>, %p: tensor<?x1xf32>, %v: tensor<7xf32>) -> tensor<?x5x7xf32> {
  %y = ccm.stand_in %x, %p, %v : tensor<?x5x7xf32>, tensor<?x1xf32>, tensor<7xf32>
  return %y : tensor<?x5x7xf32>
}

func.func @stand_in_grid(%x: tensor<?x3x4x16xf32>, %p: tensor<?x1xf32>, %v: tensor<16xf32>) -> tensor<?x3x4x16xf32> {
  %y = ccm.stand_in %x, %p, %v : tensor<?x3x4x16xf32>, tensor<?x1xf32>, tensor<16xf32>
  return %y : tensor<?x3x4x16xf32>
}
