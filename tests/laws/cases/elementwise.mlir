// Elementwise primitives.

func.func @gelu_one(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.gelu %x : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @gelu_prime(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %y = ccm.gelu %x : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @gelu_grid(%x: tensor<?x3x5x2xf32>) -> tensor<?x3x5x2xf32> {
  %y = ccm.gelu %x : tensor<?x3x5x2xf32>
  return %y : tensor<?x3x5x2xf32>
}

func.func @relu_one(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.relu %x : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @relu_prime(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %y = ccm.relu %x : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @relu_grid(%x: tensor<?x3x5x2xf32>) -> tensor<?x3x5x2xf32> {
  %y = ccm.relu %x : tensor<?x3x5x2xf32>
  return %y : tensor<?x3x5x2xf32>
}

func.func @sigmoid_one(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.sigmoid %x : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @sigmoid_prime(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %y = ccm.sigmoid %x : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @sigmoid_grid(%x: tensor<?x3x5x2xf32>) -> tensor<?x3x5x2xf32> {
  %y = ccm.sigmoid %x : tensor<?x3x5x2xf32>
  return %y : tensor<?x3x5x2xf32>
}

func.func @silu_one(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.silu %x : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @silu_prime(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %y = ccm.silu %x : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @silu_grid(%x: tensor<?x3x5x2xf32>) -> tensor<?x3x5x2xf32> {
  %y = ccm.silu %x : tensor<?x3x5x2xf32>
  return %y : tensor<?x3x5x2xf32>
}

func.func @tanh_one(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.tanh %x : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @tanh_prime(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %y = ccm.tanh %x : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @tanh_grid(%x: tensor<?x3x5x2xf32>) -> tensor<?x3x5x2xf32> {
  %y = ccm.tanh %x : tensor<?x3x5x2xf32>
  return %y : tensor<?x3x5x2xf32>
}

func.func @log_power_one(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.log_power %x : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @log_power_prime(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %y = ccm.log_power %x : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @log_power_grid(%x: tensor<?x3x5x2xf32>) -> tensor<?x3x5x2xf32> {
  %y = ccm.log_power %x : tensor<?x3x5x2xf32>
  return %y : tensor<?x3x5x2xf32>
}

func.func @soft_clip_one(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.soft_clip %x : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @soft_clip_prime(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %y = ccm.soft_clip %x : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @soft_clip_grid(%x: tensor<?x3x5x2xf32>) -> tensor<?x3x5x2xf32> {
  %y = ccm.soft_clip %x : tensor<?x3x5x2xf32>
  return %y : tensor<?x3x5x2xf32>
}

func.func @fill_missing_one(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.fill_missing %x : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @fill_missing_prime(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %y = ccm.fill_missing %x : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @fill_missing_grid(%x: tensor<?x3x5x2xf32>) -> tensor<?x3x5x2xf32> {
  %y = ccm.fill_missing %x : tensor<?x3x5x2xf32>
  return %y : tensor<?x3x5x2xf32>
}

func.func @is_missing_one(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.is_missing %x : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @is_missing_prime(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %y = ccm.is_missing %x : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @is_missing_grid(%x: tensor<?x3x5x2xf32>) -> tensor<?x3x5x2xf32> {
  %y = ccm.is_missing %x : tensor<?x3x5x2xf32>
  return %y : tensor<?x3x5x2xf32>
}
