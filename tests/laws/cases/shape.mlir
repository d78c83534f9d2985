// Shapes and means.

func.func @broadcast_one(%x: tensor<?x1xf32>) -> tensor<?x1x1xf32> {
  %y = ccm.broadcast %x : tensor<?x1xf32> -> tensor<?x1x1xf32>
  return %y : tensor<?x1x1xf32>
}

func.func @broadcast_line(%x: tensor<?x3xf32>) -> tensor<?x5x3xf32> {
  %y = ccm.broadcast %x : tensor<?x3xf32> -> tensor<?x5x3xf32>
  return %y : tensor<?x5x3xf32>
}

func.func @broadcast_grid(%x: tensor<?x7xf32>) -> tensor<?x2x3x7xf32> {
  %y = ccm.broadcast %x : tensor<?x7xf32> -> tensor<?x2x3x7xf32>
  return %y : tensor<?x2x3x7xf32>
}

func.func @mean_pool_one(%x: tensor<?x1x1xf32>) -> tensor<?x1x1xf32> {
  %y = ccm.mean_pool %x window [1] : tensor<?x1x1xf32> -> tensor<?x1x1xf32>
  return %y : tensor<?x1x1xf32>
}

func.func @mean_pool_line(%x: tensor<?x6x5xf32>) -> tensor<?x2x5xf32> {
  %y = ccm.mean_pool %x window [3] : tensor<?x6x5xf32> -> tensor<?x2x5xf32>
  return %y : tensor<?x2x5xf32>
}

func.func @mean_pool_grid(%x: tensor<?x4x9x3xf32>) -> tensor<?x2x3x3xf32> {
  %y = ccm.mean_pool %x window [2, 3] : tensor<?x4x9x3xf32> -> tensor<?x2x3x3xf32>
  return %y : tensor<?x2x3x3xf32>
}

func.func @mean_pool_whole(%x: tensor<?x7x5x2xf32>) -> tensor<?x1x1x2xf32> {
  %y = ccm.mean_pool %x window [7, 5] : tensor<?x7x5x2xf32> -> tensor<?x1x1x2xf32>
  return %y : tensor<?x1x1x2xf32>
}

func.func @patch_one(%x: tensor<?x1x1xf32>) -> tensor<?x1x1xf32> {
  %y = ccm.patch %x window [1] : tensor<?x1x1xf32> -> tensor<?x1x1xf32>
  return %y : tensor<?x1x1xf32>
}

func.func @patch_line(%x: tensor<?x7x2xf32>) -> tensor<?x3x6xf32> {
  %y = ccm.patch %x window [3] : tensor<?x7x2xf32> -> tensor<?x3x6xf32>
  return %y : tensor<?x3x6xf32>
}

func.func @patch_grid(%x: tensor<?x5x7x3xf32>) -> tensor<?x3x3x18xf32> {
  %y = ccm.patch %x window [2, 3] : tensor<?x5x7x3xf32> -> tensor<?x3x3x18xf32>
  return %y : tensor<?x3x3x18xf32>
}

func.func @patch_exact(%x: tensor<?x4x4x1xf32>) -> tensor<?x2x2x4xf32> {
  %y = ccm.patch %x window [2, 2] : tensor<?x4x4x1xf32> -> tensor<?x2x2x4xf32>
  return %y : tensor<?x2x2x4xf32>
}

func.func @reshape_flat(%x: tensor<?x2x3x5xf32>) -> tensor<?x30xf32> {
  %y = ccm.reshape %x : tensor<?x2x3x5xf32> -> tensor<?x30xf32>
  return %y : tensor<?x30xf32>
}

func.func @reshape_grid(%x: tensor<?x6xf32>) -> tensor<?x3x1x2xf32> {
  %y = ccm.reshape %x : tensor<?x6xf32> -> tensor<?x3x1x2xf32>
  return %y : tensor<?x3x1x2xf32>
}

func.func @reshape_crossing(%x: tensor<?x4x3xf32>) -> tensor<?x6x2xf32> {
  %y = ccm.reshape %x : tensor<?x4x3xf32> -> tensor<?x6x2xf32>
  return %y : tensor<?x6x2xf32>
}

func.func @unpatch_one(%x: tensor<?x1x1xf32>) -> tensor<?x1x1xf32> {
  %y = ccm.unpatch %x window [1] : tensor<?x1x1xf32> -> tensor<?x1x1xf32>
  return %y : tensor<?x1x1xf32>
}

func.func @unpatch_line(%x: tensor<?x3x6xf32>) -> tensor<?x7x2xf32> {
  %y = ccm.unpatch %x window [3] : tensor<?x3x6xf32> -> tensor<?x7x2xf32>
  return %y : tensor<?x7x2xf32>
}

func.func @unpatch_grid(%x: tensor<?x3x3x18xf32>) -> tensor<?x5x7x3xf32> {
  %y = ccm.unpatch %x window [2, 3] : tensor<?x3x3x18xf32> -> tensor<?x5x7x3xf32>
  return %y : tensor<?x5x7x3xf32>
}

func.func @unpatch_exact(%x: tensor<?x2x2x4xf32>) -> tensor<?x4x4x1xf32> {
  %y = ccm.unpatch %x window [2, 2] : tensor<?x2x2x4xf32> -> tensor<?x4x4x1xf32>
  return %y : tensor<?x4x4x1xf32>
}

func.func @transpose_one(%x: tensor<?x1x1xf32>) -> tensor<?x1x1xf32> {
  %y = ccm.transpose %x : tensor<?x1x1xf32> -> tensor<?x1x1xf32>
  return %y : tensor<?x1x1xf32>
}

func.func @transpose_small(%x: tensor<?x3x5xf32>) -> tensor<?x5x3xf32> {
  %y = ccm.transpose %x : tensor<?x3x5xf32> -> tensor<?x5x3xf32>
  return %y : tensor<?x5x3xf32>
}

func.func @transpose_wide(%x: tensor<?x49x16xf32>) -> tensor<?x16x49xf32> {
  %y = ccm.transpose %x : tensor<?x49x16xf32> -> tensor<?x16x49xf32>
  return %y : tensor<?x16x49xf32>
}
