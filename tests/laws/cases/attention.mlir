// Attention.

func.func @attention_one(%q: tensor<?x1x1xf32>, %k: tensor<?x1x1xf32>, %v: tensor<?x1x1xf32>) -> tensor<?x1x1xf32> {
  %y = ccm.attention %q, %k, %v heads 1 : tensor<?x1x1xf32>, tensor<?x1x1xf32>
  return %y : tensor<?x1x1xf32>
}

func.func @attention_self(%q: tensor<?x5x6xf32>, %k: tensor<?x5x6xf32>, %v: tensor<?x5x6xf32>) -> tensor<?x5x6xf32> {
  %y = ccm.attention %q, %k, %v heads 2 : tensor<?x5x6xf32>, tensor<?x5x6xf32>
  return %y : tensor<?x5x6xf32>
}

func.func @attention_cross(%q: tensor<?x3x4xf32>, %k: tensor<?x7x4xf32>, %v: tensor<?x7x4xf32>) -> tensor<?x3x4xf32> {
  %y = ccm.attention %q, %k, %v heads 1 : tensor<?x3x4xf32>, tensor<?x7x4xf32>
  return %y : tensor<?x3x4xf32>
}

func.func @attention_pool(%q: tensor<?x1x10xf32>, %k: tensor<?x5x10xf32>, %v: tensor<?x5x10xf32>) -> tensor<?x1x10xf32> {
  %y = ccm.attention %q, %k, %v heads 5 : tensor<?x1x10xf32>, tensor<?x5x10xf32>
  return %y : tensor<?x1x10xf32>
}

func.func @attention_heads(%q: tensor<?x2x18xf32>, %k: tensor<?x2x18xf32>, %v: tensor<?x2x18xf32>) -> tensor<?x2x18xf32> {
  %y = ccm.attention %q, %k, %v heads 6 : tensor<?x2x18xf32>, tensor<?x2x18xf32>
  return %y : tensor<?x2x18xf32>
}

func.func @attention_causal(%q: tensor<?x5x6xf32>, %k: tensor<?x5x6xf32>, %v: tensor<?x5x6xf32>) -> tensor<?x5x6xf32> {
  %y = ccm.attention %q, %k, %v heads 3 causal : tensor<?x5x6xf32>, tensor<?x5x6xf32>
  return %y : tensor<?x5x6xf32>
}

func.func @attention_causal_one(%q: tensor<?x1x4xf32>, %k: tensor<?x1x4xf32>, %v: tensor<?x1x4xf32>) -> tensor<?x1x4xf32> {
  %y = ccm.attention %q, %k, %v heads 2 causal : tensor<?x1x4xf32>, tensor<?x1x4xf32>
  return %y : tensor<?x1x4xf32>
}
