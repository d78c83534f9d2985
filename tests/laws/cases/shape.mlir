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

func.func @frame_one(%x: tensor<?x1x1xf32>) -> tensor<?x1x1xf32> {
  %y = ccm.frame %x start [0] : tensor<?x1x1xf32> -> tensor<?x1x1xf32>
  return %y : tensor<?x1x1xf32>
}

func.func @frame_cut(%x: tensor<?x7x3xf32>) -> tensor<?x4x3xf32> {
  %y = ccm.frame %x start [2] : tensor<?x7x3xf32> -> tensor<?x4x3xf32>
  return %y : tensor<?x4x3xf32>
}

func.func @frame_around(%x: tensor<?x3x3xf32>) -> tensor<?x8x3xf32> {
  %y = ccm.frame %x start [-2] : tensor<?x3x3xf32> -> tensor<?x8x3xf32>
  return %y : tensor<?x8x3xf32>
}

func.func @frame_grid(%x: tensor<?x5x7x2xf32>) -> tensor<?x4x6x2xf32> {
  %y = ccm.frame %x start [-1, 3] : tensor<?x5x7x2xf32> -> tensor<?x4x6x2xf32>
  return %y : tensor<?x4x6x2xf32>
}

func.func @frame_volume(%x: tensor<?x3x2x4x2xf32>) -> tensor<?x2x4x3x2xf32> {
  %y = ccm.frame %x start [1, -1, 0] : tensor<?x3x2x4x2xf32> -> tensor<?x2x4x3x2xf32>
  return %y : tensor<?x2x4x3x2xf32>
}

func.func @resample_one(%x: tensor<?x1x1xf32>) -> tensor<?x1x1xf32> {
  %y = ccm.resample %x factor [1] : tensor<?x1x1xf32> -> tensor<?x1x1xf32>
  return %y : tensor<?x1x1xf32>
}

func.func @resample_line(%x: tensor<?x4x3xf32>) -> tensor<?x11x3xf32> {
  %y = ccm.resample %x factor [3] : tensor<?x4x3xf32> -> tensor<?x11x3xf32>
  return %y : tensor<?x11x3xf32>
}

func.func @resample_grid(%x: tensor<?x3x2x5xf32>) -> tensor<?x5x6x5xf32> {
  %y = ccm.resample %x factor [2, 3] : tensor<?x3x2x5xf32> -> tensor<?x5x6x5xf32>
  return %y : tensor<?x5x6x5xf32>
}

func.func @resample_exact(%x: tensor<?x4x4x16xf32>) -> tensor<?x8x8x16xf32> {
  %y = ccm.resample %x factor [2, 2] : tensor<?x4x4x16xf32> -> tensor<?x8x8x16xf32>
  return %y : tensor<?x8x8x16xf32>
}

func.func @resample_volume(%x: tensor<?x2x3x2x3xf32>) -> tensor<?x3x3x4x3xf32> {
  %y = ccm.resample %x factor [2, 1, 2] : tensor<?x2x3x2x3xf32> -> tensor<?x3x3x4x3xf32>
  return %y : tensor<?x3x3x4x3xf32>
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

func.func @mean_pool_volume(%x: tensor<?x4x3x6x2xf32>) -> tensor<?x2x1x3x2xf32> {
  %y = ccm.mean_pool %x window [2, 3, 2] : tensor<?x4x3x6x2xf32> -> tensor<?x2x1x3x2xf32>
  return %y : tensor<?x2x1x3x2xf32>
}

func.func @patch_volume(%x: tensor<?x3x4x5x2xf32>) -> tensor<?x2x2x3x16xf32> {
  %y = ccm.patch %x window [2, 2, 2] : tensor<?x3x4x5x2xf32> -> tensor<?x2x2x3x16xf32>
  return %y : tensor<?x2x2x3x16xf32>
}

func.func @unpatch_volume(%x: tensor<?x2x2x3x16xf32>) -> tensor<?x3x4x5x2xf32> {
  %y = ccm.unpatch %x window [2, 2, 2] : tensor<?x2x2x3x16xf32> -> tensor<?x3x4x5x2xf32>
  return %y : tensor<?x3x4x5x2xf32>
}
