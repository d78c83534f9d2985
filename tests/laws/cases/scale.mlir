func.func @scale_one(%x: tensor<?x1xf32>, %o: tensor<1xf32>, %f: tensor<1xf32>) -> tensor<?x1xf32> {
  %y = ccm.scale %x, %o, %f : tensor<?x1xf32>, tensor<1xf32>
  return %y : tensor<?x1xf32>
}

func.func @scale_row(%x: tensor<?x13xf32>, %o: tensor<13xf32>, %f: tensor<13xf32>) -> tensor<?x13xf32> {
  %y = ccm.scale %x, %o, %f : tensor<?x13xf32>, tensor<13xf32>
  return %y : tensor<?x13xf32>
}

func.func @scale_series(%x: tensor<?x5x7xf32>, %o: tensor<7xf32>, %f: tensor<7xf32>) -> tensor<?x5x7xf32> {
  %y = ccm.scale %x, %o, %f : tensor<?x5x7xf32>, tensor<7xf32>
  return %y : tensor<?x5x7xf32>
}

func.func @scale_grid(%x: tensor<?x3x4x16xf32>, %o: tensor<16xf32>, %f: tensor<16xf32>) -> tensor<?x3x4x16xf32> {
  %y = ccm.scale %x, %o, %f : tensor<?x3x4x16xf32>, tensor<16xf32>
  return %y : tensor<?x3x4x16xf32>
}

func.func @unscale_one(%x: tensor<?x1xf32>, %o: tensor<1xf32>, %f: tensor<1xf32>) -> tensor<?x1xf32> {
  %y = ccm.unscale %x, %o, %f : tensor<?x1xf32>, tensor<1xf32>
  return %y : tensor<?x1xf32>
}

func.func @unscale_row(%x: tensor<?x13xf32>, %o: tensor<13xf32>, %f: tensor<13xf32>) -> tensor<?x13xf32> {
  %y = ccm.unscale %x, %o, %f : tensor<?x13xf32>, tensor<13xf32>
  return %y : tensor<?x13xf32>
}

func.func @unscale_series(%x: tensor<?x5x7xf32>, %o: tensor<7xf32>, %f: tensor<7xf32>) -> tensor<?x5x7xf32> {
  %y = ccm.unscale %x, %o, %f : tensor<?x5x7xf32>, tensor<7xf32>
  return %y : tensor<?x5x7xf32>
}

func.func @unscale_grid(%x: tensor<?x3x4x16xf32>, %o: tensor<16xf32>, %f: tensor<16xf32>) -> tensor<?x3x4x16xf32> {
  %y = ccm.unscale %x, %o, %f : tensor<?x3x4x16xf32>, tensor<16xf32>
  return %y : tensor<?x3x4x16xf32>
}
