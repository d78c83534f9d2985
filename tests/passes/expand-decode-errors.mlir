// RUN: ccm-opt %s -ccm-expand-decode --split-input-file --verify-diagnostics

ccm.model @m train {} {
  %before = ccm.input "t_before" low vocabulary 4 drawn shifted of "t" [] : tensor<?x8xi32>
  %table = ccm.parameter "table" shape [4, 3] init("normal", 1.0) : tensor<4x3xf32>
  %0 = ccm.embedding %before, %table : tensor<?x8xi32>, tensor<4x3xf32> -> tensor<?x8x3xf32>
  // expected-error @+1 {{expects a primitive that goes along the positions of a sequence}}
  %1 = ccm.softmax %0 : tensor<?x8x3xf32>
  ccm.output "t" %1 low vocabulary 3 loss("cross_entropy") : tensor<?x8x3xf32>
}

// -----

ccm.model @m train {} {
  %x = ccm.input "x" low : tensor<?x8x3xf32>
  %before = ccm.input "t_before" low vocabulary 4 drawn shifted of "t" [] : tensor<?x8xi32>
  %table = ccm.parameter "table" shape [4, 3] init("normal", 1.0) : tensor<4x3xf32>
  %0 = ccm.embedding %before, %table : tensor<?x8xi32>, tensor<4x3xf32> -> tensor<?x8x3xf32>
  // expected-error @+1 {{expects operands that go along the positions of a sequence, got one that does not as number 1}}
  %1 = ccm.add %0, %x : tensor<?x8x3xf32>
  ccm.output "t" %1 low vocabulary 3 loss("cross_entropy") : tensor<?x8x3xf32>
}

// -----

ccm.model @m train {} {
  %before = ccm.input "t_before" low vocabulary 4 drawn shifted of "t" [] : tensor<?x8xi32>
  %table = ccm.parameter "table" shape [4, 3] init("normal", 1.0) : tensor<4x3xf32>
  %0 = ccm.embedding %before, %table : tensor<?x8xi32>, tensor<4x3xf32> -> tensor<?x8x3xf32>
  // expected-error @+1 {{expects one operand that goes along the positions of a sequence, got number 1 as well}}
  %1 = ccm.concat 1 %0, %0 : (tensor<?x8x3xf32>, tensor<?x8x3xf32>) -> tensor<?x16x3xf32>
  %2 = ccm.frame %1 start [8] : tensor<?x16x3xf32> -> tensor<?x8x3xf32>
  ccm.output "t" %2 low vocabulary 3 loss("cross_entropy") : tensor<?x8x3xf32>
}

// -----

ccm.model @m train {} {
  %before = ccm.input "t_before" low vocabulary 7 drawn shifted of "t" [] : tensor<?x8xi32>
  %table = ccm.parameter "table" shape [7, 3] init("normal", 1.0) : tensor<7x3xf32>
  %0 = ccm.embedding %before, %table : tensor<?x8xi32>, tensor<7x3xf32> -> tensor<?x8x3xf32>
  // expected-error @+1 {{expects axis 1 in a sequence, got 2}}
  %1 = ccm.concat 2 %0, %0 : (tensor<?x8x3xf32>, tensor<?x8x3xf32>) -> tensor<?x8x6xf32>
  ccm.output "t" %1 low vocabulary 6 loss("cross_entropy") : tensor<?x8x6xf32>
}

// -----

ccm.model @m train {} {
  %before = ccm.input "t_before" low vocabulary 4 drawn shifted of "t" [] : tensor<?x4x2xi32>
  %table = ccm.parameter "table" shape [4, 3] init("normal", 1.0) : tensor<4x3xf32>
  %0 = ccm.embedding %before, %table : tensor<?x4x2xi32>, tensor<4x3xf32> -> tensor<?x4x2x3xf32>
  // expected-error @+1 {{expects one axis of positions in a sequence, got 2}}
  %1 = ccm.frame %0 start [0, 0] : tensor<?x4x2x3xf32> -> tensor<?x4x2x3xf32>
  ccm.output "t" %1 low vocabulary 3 loss("cross_entropy") : tensor<?x4x2x3xf32>
}

// -----

ccm.model @m train {} {
  %before = ccm.input "t_before" low vocabulary 4 drawn shifted of "t" [] : tensor<?x8xi32>
  %table = ccm.parameter "table" shape [4, 3] init("normal", 1.0) : tensor<4x3xf32>
  %0 = ccm.embedding %before, %table : tensor<?x8xi32>, tensor<4x3xf32> -> tensor<?x8x3xf32>
  // expected-error @+1 {{expects the same channels in a sequence, got 'tensor<?x8x3xf32>' and 'tensor<?x3x8xf32>'}}
  %1 = ccm.reshape %0 : tensor<?x8x3xf32> -> tensor<?x3x8xf32>
  %2 = ccm.reshape %1 : tensor<?x3x8xf32> -> tensor<?x8x3xf32>
  ccm.output "t" %2 low vocabulary 3 loss("cross_entropy") : tensor<?x8x3xf32>
}

// -----

ccm.model @m train {} {
  %before = ccm.input "t_before" low vocabulary 5 drawn shifted of "t" [] : tensor<?x8xi32>
  %table = ccm.parameter "table" shape [5, 4] init("normal", 1.0) : tensor<5x4xf32>
  %0 = ccm.embedding %before, %table : tensor<?x8xi32>, tensor<5x4xf32> -> tensor<?x8x4xf32>
  // expected-error @+1 {{expects to be causal, over the positions of a sequence}}
  %1 = ccm.attention %0, %0, %0 heads 2 : tensor<?x8x4xf32>, tensor<?x8x4xf32>
  ccm.output "t" %1 low vocabulary 4 loss("cross_entropy") : tensor<?x8x4xf32>
}
