// RUN: ccm-opt %s -split-input-file -verify-diagnostics
func.func @attention_c1(%q: tensor<?x64x128xf32>, %k: tensor<?x64x64xf32>) {
  // expected-error @+1 {{expects a query [batch, queries, width] and a key [batch, keys, width], got 'tensor<?x64x128xf32>' and 'tensor<?x64x64xf32>' (C1)}}
  %y = ccm.attention %q, %k, %k heads 4 : tensor<?x64x128xf32>, tensor<?x64x64xf32>
  return
}

// -----

func.func @attention_rank_c1(%q: tensor<?x128xf32>, %k: tensor<?x64x128xf32>) {
  // expected-error @+1 {{expects a query [batch, queries, width] and a key [batch, keys, width], got 'tensor<?x128xf32>' and 'tensor<?x64x128xf32>' (C1)}}
  %y = ccm.attention %q, %k, %k heads 4 : tensor<?x128xf32>, tensor<?x64x128xf32>
  return
}

// -----

func.func @attention_c2(%q: tensor<?x64x128xf32>, %k: tensor<?x64x128xf32>) {
  // expected-error @+1 {{expects heads that divide the width 128, got 3 (C2)}}
  %y = ccm.attention %q, %k, %k heads 3 : tensor<?x64x128xf32>, tensor<?x64x128xf32>
  return
}

// -----

func.func @attention_none_c2(%q: tensor<?x64x128xf32>, %k: tensor<?x64x128xf32>) {
  // expected-error @+1 {{expects heads that divide the width 128, got 0 (C2)}}
  %y = ccm.attention %q, %k, %k heads 0 : tensor<?x64x128xf32>, tensor<?x64x128xf32>
  return
}

// -----

func.func @attention_c3(%q: tensor<?x64x128xf32>, %k: tensor<?x8x128xf32>) {
  // expected-error @+1 {{expects as many queries as keys when causal, got 64 and 8 (C3)}}
  %y = ccm.attention %q, %k, %k heads 4 causal : tensor<?x64x128xf32>, tensor<?x8x128xf32>
  return
}

// -----

func.func @dense_c1(%x: tensor<?x784xf32>, %w: tensor<4x783x64xf32>, %b: tensor<256xf32>) {
  // expected-error @+1 {{expects a weight [panels, inputs, width] for the inputs of 'tensor<?x784xf32>', got 'tensor<4x783x64xf32>' (C1)}}
  %y = ccm.dense %x, %w, %b : tensor<?x784xf32>, tensor<4x783x64xf32>, tensor<256xf32> -> tensor<?x256xf32>
  return
}

// -----

func.func @dense_bias_c1(%x: tensor<?x784xf32>, %w: tensor<4x784x64xf32>, %b: tensor<255xf32>) {
  // expected-error @+1 {{expects a bias of 256 elements, got 'tensor<255xf32>' (C1)}}
  %y = ccm.dense %x, %w, %b : tensor<?x784xf32>, tensor<4x784x64xf32>, tensor<255xf32> -> tensor<?x256xf32>
  return
}

// -----

func.func @dense_c2(%x: tensor<?x784xf32>, %w: tensor<4x784x64xf32>, %b: tensor<256xf32>) {
  // expected-error @+1 {{expects a result like the input with a last extent of at most 256, got 'tensor<?x257xf32>' (C2)}}
  %y = ccm.dense %x, %w, %b : tensor<?x784xf32>, tensor<4x784x64xf32>, tensor<256xf32> -> tensor<?x257xf32>
  return
}

// -----

func.func @dense_rank_c2(%x: tensor<?x784xf32>, %w: tensor<4x784x64xf32>, %b: tensor<256xf32>) {
  // expected-error @+1 {{expects a result like the input with a last extent of at most 256, got 'tensor<?x1x256xf32>' (C2)}}
  %y = ccm.dense %x, %w, %b : tensor<?x784xf32>, tensor<4x784x64xf32>, tensor<256xf32> -> tensor<?x1x256xf32>
  return
}

// -----

func.func @embedding_c1(%x: tensor<?x64xf32>, %t: tensor<256x128xf32>) {
  // expected-error @+1 {{operand #0 must be tensor of i32 of a dynamic batch extent}}
  %y = ccm.embedding %x, %t : tensor<?x64xf32>, tensor<256x128xf32> -> tensor<?x64x128xf32>
  return
}

// -----

func.func @embedding_table_c1(%x: tensor<?x64xi32>, %t: tensor<128xf32>) {
  // expected-error @+1 {{expects a table [vocabulary, width], got 'tensor<128xf32>' (C1)}}
  %y = ccm.embedding %x, %t : tensor<?x64xi32>, tensor<128xf32> -> tensor<?x64x128xf32>
  return
}

// -----

func.func @embedding_c2(%x: tensor<?x64xi32>, %t: tensor<256x128xf32>) {
  // expected-error @+1 {{expects a result 'tensor<?x64x128xf32>', got 'tensor<?x64x129xf32>' (C2)}}
  %y = ccm.embedding %x, %t : tensor<?x64xi32>, tensor<256x128xf32> -> tensor<?x64x129xf32>
  return
}

// -----

func.func @layer_norm_c1(%x: tensor<?x64x128xf32>, %g: tensor<64xf32>) {
  // expected-error @+1 {{expects gain and shift of the last extent of 'tensor<?x64x128xf32>', got 'tensor<64xf32>' (C1)}}
  %y = ccm.layer_norm %x, %g, %g : tensor<?x64x128xf32>, tensor<64xf32>
  return
}

// -----

func.func @positions_c1(%x: tensor<?x64x128xf32>, %t: tensor<128xf32>) {
  // expected-error @+1 {{expects a table of the shape of 'tensor<?x64x128xf32>' without the batch, got 'tensor<128xf32>' (C1)}}
  %y = ccm.positions %x, %t : tensor<?x64x128xf32>, tensor<128xf32>
  return
}

// -----

func.func @cross_entropy_target(%x: tensor<?x10xf32>) {
  // expected-error @+1 {{operand #1 must be tensor of i32 of a dynamic batch extent}}
  %l = ccm.cross_entropy %x, %x : tensor<?x10xf32>, tensor<?x10xf32> -> tensor<?xf32>
  return
}

// -----

func.func @stand_in_presence_c1(%x: tensor<?x8x16xf32>, %p: tensor<?x2xf32>, %v: tensor<16xf32>) {
  // expected-error @+1 {{expects a presence [batch, 1] and a value of the last extent of 'tensor<?x8x16xf32>', got 'tensor<?x2xf32>' and 'tensor<16xf32>' (C1)}}
  %y = ccm.stand_in %x, %p, %v : tensor<?x8x16xf32>, tensor<?x2xf32>, tensor<16xf32>
  return
}

// -----

func.func @stand_in_value_c1(%x: tensor<?x8x16xf32>, %p: tensor<?x1xf32>, %v: tensor<8xf32>) {
  // expected-error @+1 {{expects a presence [batch, 1] and a value of the last extent of 'tensor<?x8x16xf32>', got 'tensor<?x1xf32>' and 'tensor<8xf32>' (C1)}}
  %y = ccm.stand_in %x, %p, %v : tensor<?x8x16xf32>, tensor<?x1xf32>, tensor<8xf32>
  return
}
