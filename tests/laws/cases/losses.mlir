// Losses.

func.func @bce_one(%x: tensor<?x1xf32>, %t: tensor<?x1xf32>) -> tensor<?xf32> {
  %y = ccm.bce %x, %t : tensor<?x1xf32>, tensor<?x1xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @bce_prime(%x: tensor<?x7xf32>, %t: tensor<?x7xf32>) -> tensor<?xf32> {
  %y = ccm.bce %x, %t : tensor<?x7xf32>, tensor<?x7xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @bce_grid(%x: tensor<?x3x5x2xf32>, %t: tensor<?x3x5x2xf32>) -> tensor<?xf32> {
  %y = ccm.bce %x, %t : tensor<?x3x5x2xf32>, tensor<?x3x5x2xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @huber_one(%x: tensor<?x1xf32>, %t: tensor<?x1xf32>) -> tensor<?xf32> {
  %y = ccm.huber %x, %t : tensor<?x1xf32>, tensor<?x1xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @huber_prime(%x: tensor<?x7xf32>, %t: tensor<?x7xf32>) -> tensor<?xf32> {
  %y = ccm.huber %x, %t : tensor<?x7xf32>, tensor<?x7xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @huber_grid(%x: tensor<?x3x5x2xf32>, %t: tensor<?x3x5x2xf32>) -> tensor<?xf32> {
  %y = ccm.huber %x, %t : tensor<?x3x5x2xf32>, tensor<?x3x5x2xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @l1_one(%x: tensor<?x1xf32>, %t: tensor<?x1xf32>) -> tensor<?xf32> {
  %y = ccm.l1 %x, %t : tensor<?x1xf32>, tensor<?x1xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @l1_prime(%x: tensor<?x7xf32>, %t: tensor<?x7xf32>) -> tensor<?xf32> {
  %y = ccm.l1 %x, %t : tensor<?x7xf32>, tensor<?x7xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @l1_grid(%x: tensor<?x3x5x2xf32>, %t: tensor<?x3x5x2xf32>) -> tensor<?xf32> {
  %y = ccm.l1 %x, %t : tensor<?x3x5x2xf32>, tensor<?x3x5x2xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @mse_one(%x: tensor<?x1xf32>, %t: tensor<?x1xf32>) -> tensor<?xf32> {
  %y = ccm.mse %x, %t : tensor<?x1xf32>, tensor<?x1xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @mse_prime(%x: tensor<?x7xf32>, %t: tensor<?x7xf32>) -> tensor<?xf32> {
  %y = ccm.mse %x, %t : tensor<?x7xf32>, tensor<?x7xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @mse_grid(%x: tensor<?x3x5x2xf32>, %t: tensor<?x3x5x2xf32>) -> tensor<?xf32> {
  %y = ccm.mse %x, %t : tensor<?x3x5x2xf32>, tensor<?x3x5x2xf32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @cross_entropy_one(%x: tensor<?x1xf32>, %t: tensor<?xi32>) -> tensor<?xf32> {
  %y = ccm.cross_entropy %x, %t : tensor<?x1xf32>, tensor<?xi32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @cross_entropy_classes(%x: tensor<?x7xf32>, %t: tensor<?xi32>) -> tensor<?xf32> {
  %y = ccm.cross_entropy %x, %t : tensor<?x7xf32>, tensor<?xi32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @cross_entropy_tokens(%x: tensor<?x5x11xf32>, %t: tensor<?x5xi32>) -> tensor<?xf32> {
  %y = ccm.cross_entropy %x, %t : tensor<?x5x11xf32>, tensor<?x5xi32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @cross_entropy_grid(%x: tensor<?x2x3x3xf32>, %t: tensor<?x2x3xi32>) -> tensor<?xf32> {
  %y = ccm.cross_entropy %x, %t : tensor<?x2x3x3xf32>, tensor<?x2x3xi32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// Shares that a float holds: the sum of a row is 1.
func.func @cross_entropy_smooth(%x: tensor<?x7xf32>, %t: tensor<?xi32>) -> tensor<?xf32> {
  %y = ccm.cross_entropy %x, %t smoothing 2.1875e-01 : tensor<?x7xf32>, tensor<?xi32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @cross_entropy_weighed(%x: tensor<?x7xf32>, %t: tensor<?xi32>, %w: tensor<7xf32>) -> tensor<?xf32> {
  %y = ccm.cross_entropy %x, %t weights(%w : tensor<7xf32>) : tensor<?x7xf32>, tensor<?xi32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}

func.func @cross_entropy_both(%x: tensor<?x5x11xf32>, %t: tensor<?x5xi32>, %w: tensor<11xf32>) -> tensor<?xf32> {
  %y = ccm.cross_entropy %x, %t weights(%w : tensor<11xf32>) smoothing 3.4375e-01 : tensor<?x5x11xf32>, tensor<?x5xi32> -> tensor<?xf32>
  return %y : tensor<?xf32>
}
