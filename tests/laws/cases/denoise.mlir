func.func @denoise_one(%z: tensor<?x1xf32>, %t: tensor<?x1xf32>, %d: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.denoise %z, %t, %d : tensor<?x1xf32>, tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @denoise_series(%z: tensor<?x5x7xf32>, %t: tensor<?x1xf32>, %d: tensor<?x5x7xf32>) -> tensor<?x5x7xf32> {
  %y = ccm.denoise %z, %t, %d : tensor<?x5x7xf32>, tensor<?x1xf32>
  return %y : tensor<?x5x7xf32>
}

func.func @denoise_grid(%z: tensor<?x3x4x16xf32>, %t: tensor<?x1xf32>, %d: tensor<?x3x4x16xf32>) -> tensor<?x3x4x16xf32> {
  %y = ccm.denoise %z, %t, %d : tensor<?x3x4x16xf32>, tensor<?x1xf32>
  return %y : tensor<?x3x4x16xf32>
}
