// Exponentials normalized.

func.func @softmax_one(%x: tensor<?x1xf32>) -> tensor<?x1xf32> {
  %y = ccm.softmax %x : tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}

func.func @softmax_prime(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %y = ccm.softmax %x : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @softmax_rows(%x: tensor<?x3x17xf32>) -> tensor<?x3x17xf32> {
  %y = ccm.softmax %x : tensor<?x3x17xf32>
  return %y : tensor<?x3x17xf32>
}
