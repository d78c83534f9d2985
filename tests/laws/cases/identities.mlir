// Compositions, each followed by another of the same meaning named "<name>_again".

func.func @relu_twice(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %a = ccm.relu %x : tensor<?x7xf32>
  %y = ccm.relu %a : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @relu_twice_again(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %y = ccm.relu %x : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @silu_is_gated(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %a = ccm.sigmoid %x : tensor<?x7xf32>
  %y = ccm.multiply %x, %a : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @silu_is_gated_again(%x: tensor<?x7xf32>) -> tensor<?x7xf32> {
  %y = ccm.silu %x : tensor<?x7xf32>
  return %y : tensor<?x7xf32>
}

func.func @multiply_distributes(%x: tensor<?x5xf32>, %y: tensor<?x5xf32>, %z: tensor<?x5xf32>) -> tensor<?x5xf32> {
  %a = ccm.add %x, %y : tensor<?x5xf32>
  %b = ccm.multiply %a, %z : tensor<?x5xf32>
  return %b : tensor<?x5xf32>
}

func.func @multiply_distributes_again(%x: tensor<?x5xf32>, %y: tensor<?x5xf32>, %z: tensor<?x5xf32>) -> tensor<?x5xf32> {
  %a = ccm.multiply %x, %z : tensor<?x5xf32>
  %b = ccm.multiply %y, %z : tensor<?x5xf32>
  %c = ccm.add %a, %b : tensor<?x5xf32>
  return %c : tensor<?x5xf32>
}

func.func @unpatch_inverts(%x: tensor<?x5x7x3xf32>) -> tensor<?x5x7x3xf32> {
  %a = ccm.patch %x window [2, 3] : tensor<?x5x7x3xf32> -> tensor<?x3x3x18xf32>
  %y = ccm.unpatch %a window [2, 3] : tensor<?x3x3x18xf32> -> tensor<?x5x7x3xf32>
  return %y : tensor<?x5x7x3xf32>
}

func.func @unpatch_inverts_again(%x: tensor<?x5x7x3xf32>) -> tensor<?x5x7x3xf32> {
  %y = ccm.reshape %x : tensor<?x5x7x3xf32> -> tensor<?x5x7x3xf32>
  return %y : tensor<?x5x7x3xf32>
}

func.func @mean_of_the_same(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %a = ccm.broadcast %x : tensor<?x3xf32> -> tensor<?x2x4x3xf32>
  %b = ccm.mean_pool %a window [2, 4] : tensor<?x2x4x3xf32> -> tensor<?x1x1x3xf32>
  %y = ccm.reshape %b : tensor<?x1x1x3xf32> -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

func.func @mean_of_the_same_again(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %y = ccm.reshape %x : tensor<?x3xf32> -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

func.func @attention_to_one(%q: tensor<?x3x4xf32>, %k: tensor<?x1x4xf32>, %v: tensor<?x1x4xf32>) -> tensor<?x3x4xf32> {
  %y = ccm.attention %q, %k, %v heads 2 : tensor<?x3x4xf32>, tensor<?x1x4xf32>
  return %y : tensor<?x3x4xf32>
}

func.func @attention_to_one_again(%q: tensor<?x3x4xf32>, %k: tensor<?x1x4xf32>, %v: tensor<?x1x4xf32>) -> tensor<?x3x4xf32> {
  %a = ccm.reshape %v : tensor<?x1x4xf32> -> tensor<?x4xf32>
  %y = ccm.broadcast %a : tensor<?x4xf32> -> tensor<?x3x4xf32>
  return %y : tensor<?x3x4xf32>
}

func.func @conv_of_one_tap(%x: tensor<?x2x3x5xf32>, %w: tensor<2x1x5x1x16xf32>, %b: tensor<32xf32>) -> tensor<?x2x3x17xf32> {
  %y = ccm.conv %x, %w, %b stride [1, 1] padding [0, 0] : tensor<?x2x3x5xf32>, tensor<2x1x5x1x16xf32>, tensor<32xf32> -> tensor<?x2x3x17xf32>
  return %y : tensor<?x2x3x17xf32>
}

func.func @conv_of_one_tap_again(%x: tensor<?x2x3x5xf32>, %w: tensor<2x5x16xf32>, %b: tensor<32xf32>) -> tensor<?x2x3x17xf32> {
  %y = ccm.dense %x, %w, %b : tensor<?x2x3x5xf32>, tensor<2x5x16xf32>, tensor<32xf32> -> tensor<?x2x3x17xf32>
  return %y : tensor<?x2x3x17xf32>
}

func.func @conv_of_patches(%x: tensor<?x6x9x1xf32>, %w: tensor<1x2x1x3x16xf32>, %b: tensor<16xf32>) -> tensor<?x3x3x5xf32> {
  %y = ccm.conv %x, %w, %b stride [2, 3] padding [0, 0] : tensor<?x6x9x1xf32>, tensor<1x2x1x3x16xf32>, tensor<16xf32> -> tensor<?x3x3x5xf32>
  return %y : tensor<?x3x3x5xf32>
}

func.func @conv_of_patches_again(%x: tensor<?x6x9x1xf32>, %w: tensor<1x6x16xf32>, %b: tensor<16xf32>) -> tensor<?x3x3x5xf32> {
  %a = ccm.patch %x window [2, 3] : tensor<?x6x9x1xf32> -> tensor<?x3x3x6xf32>
  %y = ccm.dense %a, %w, %b : tensor<?x3x3x6xf32>, tensor<1x6x16xf32>, tensor<16xf32> -> tensor<?x3x3x5xf32>
  return %y : tensor<?x3x3x5xf32>
}

func.func @conv_of_a_line(%x: tensor<?x9x2xf32>, %w: tensor<1x2x5x16xf32>, %b: tensor<16xf32>) -> tensor<?x5x3xf32> {
  %y = ccm.conv %x, %w, %b stride [2] padding [2] : tensor<?x9x2xf32>, tensor<1x2x5x16xf32>, tensor<16xf32> -> tensor<?x5x3xf32>
  return %y : tensor<?x5x3xf32>
}

func.func @conv_of_a_line_again(%x: tensor<?x9x2xf32>, %w: tensor<1x1x2x5x16xf32>, %b: tensor<16xf32>) -> tensor<?x5x3xf32> {
  %a = ccm.reshape %x : tensor<?x9x2xf32> -> tensor<?x1x9x2xf32>
  %c = ccm.conv %a, %w, %b stride [1, 2] padding [0, 2] : tensor<?x1x9x2xf32>, tensor<1x1x2x5x16xf32>, tensor<16xf32> -> tensor<?x1x5x3xf32>
  %y = ccm.reshape %c : tensor<?x1x5x3xf32> -> tensor<?x5x3xf32>
  return %y : tensor<?x5x3xf32>
}
