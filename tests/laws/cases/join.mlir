// Values joined.

func.func @add_one(%a: tensor<?x1xf32>, %b: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.add %a, %b : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @add_grid(%a: tensor<?x3x5x2xf32>, %b: tensor<?x3x5x2xf32>) -> tensor<?x3x5x2xf32> {
  %y = ccm.add %a, %b : tensor<?x3x5x2xf32>
  return %y : tensor<?x3x5x2xf32>
}

func.func @multiply_one(%a: tensor<?x1xf32>, %b: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.multiply %a, %b : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @multiply_grid(%a: tensor<?x3x5x2xf32>, %b: tensor<?x3x5x2xf32>) -> tensor<?x3x5x2xf32> {
  %y = ccm.multiply %a, %b : tensor<?x3x5x2xf32>
  return %y : tensor<?x3x5x2xf32>
}

func.func @concat_one(%a0: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %y = ccm.concat 1 %a0 : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

func.func @concat_tokens(%a0: tensor<?x3x5xf32>, %a1: tensor<?x1x5xf32>, %a2: tensor<?x4x5xf32>) -> tensor<?x8x5xf32> {
  %y = ccm.concat 1 %a0, %a1, %a2 : (tensor<?x3x5xf32>, tensor<?x1x5xf32>, tensor<?x4x5xf32>) -> tensor<?x8x5xf32>
  return %y : tensor<?x8x5xf32>
}

func.func @concat_channels(%a0: tensor<?x2x3x4xf32>, %a1: tensor<?x2x3x1xf32>) -> tensor<?x2x3x5xf32> {
  %y = ccm.concat 3 %a0, %a1 : (tensor<?x2x3x4xf32>, tensor<?x2x3x1xf32>) -> tensor<?x2x3x5xf32>
  return %y : tensor<?x2x3x5xf32>
}
