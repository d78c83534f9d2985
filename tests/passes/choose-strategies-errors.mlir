// RUN: ccm-opt %s -split-input-file -verify-diagnostics -ccm-derive-model-type -ccm-choose-strategies

// The budget in the message is the smallest that would do: see @enough.
ccm.model @small train {} {
  %x = ccm.input "image" high : tensor<?x64x64x3xf32>
  // expected-error @below {{nothing fits the budget of the image input: expects at least 196608 MACs, got 196607}}
  // expected-note @below {{patch-embed depth 0 patch 4 width 16 would fit then}}
  %t = ccm.reduce "image" %x budget(#ccm.budget<macs = 196607, parameters = 0, activation_bytes = 0>) : tensor<?x64x64x3xf32>
  %s = ccm.input "sound" high : tensor<?x4000x1xf32>
  // expected-error @below {{nothing fits the budget of the sound input: expects at least}}
  // expected-note @below {{would fit then}}
  %u = ccm.reduce "sound" %s budget(#ccm.budget<macs = 100, parameters = 0, activation_bytes = 0>) : tensor<?x4000x1xf32>
  %c = ccm.core "small" %t, %u budget(#ccm.budget<macs = 10000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @enough train {} {
  %x = ccm.input "image" high : tensor<?x64x64x3xf32>
  %t = ccm.reduce "image" %x budget(#ccm.budget<macs = 196608, parameters = 0, activation_bytes = 0>) : tensor<?x64x64x3xf32>
  // expected-error @below {{nothing fits the budget of the core: expects at least 12288 MACs, got 100}}
  // expected-note @below {{mixer depth 1 width 16 would fit then}}
  %c = ccm.core "enough" %t budget(#ccm.budget<macs = 100, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @limits train {} {
  %x = ccm.input "label" pointwise vocabulary 67 : tensor<?xi32>
  // expected-error @below {{nothing fits the budget of the label input: expects at least 1072 parameters, got 1000}}
  // expected-note @below {{embedding depth 0 width 16 window 1 would fit then}}
  %t = ccm.reduce "label" %x budget(#ccm.budget<macs = 1000, parameters = 1000, activation_bytes = 0>) : tensor<?xi32>
  %c = ccm.core "limits" %t budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @unknown train {} {
  %x = ccm.input "image" high : tensor<?x64x64x3xf32>
  // expected-error @below {{expects a strategy for the image input, one of conv-pyramid, patch-embed, strided-conv, log-mel, conv-attention, window-attention, embedding, dense-embed, latent-attention, aligned-embed, u-encoder, use, got 'conv-pyramide'; did you mean 'conv-pyramid'?}}
  %t = ccm.reduce "image" %x budget(#ccm.budget<macs = 10000000, parameters = 0, activation_bytes = 0>) pin {name = "conv-pyramide"} : tensor<?x64x64x3xf32>
  // expected-error @below {{expects the name of a strategy for the image input, one of conv-pyramid}}
  %u = ccm.reduce "image" %x budget(#ccm.budget<macs = 10000000, parameters = 0, activation_bytes = 0>) pin {depth = 2} : tensor<?x64x64x3xf32>
  // expected-error @below {{strategy 'conv-pyramid' expects keys among depth, stem, widths, got 'width'; did you mean 'widths'?}}
  // expected-error @below {{strategy 'conv-pyramid' expects depth to be a whole number from 1 to 64, got 0}}
  %v = ccm.reduce "image" %x budget(#ccm.budget<macs = 10000000, parameters = 0, activation_bytes = 0>) pin {name = "conv-pyramid", depth = 0, width = 32} : tensor<?x64x64x3xf32>
  // expected-error @below {{strategy 'conv-pyramid' expects widths to be a list of 1 to 8 numbers, each a whole number from 1 to 4096, got 16}}
  %w = ccm.reduce "image" %x budget(#ccm.budget<macs = 10000000, parameters = 0, activation_bytes = 0>) pin {name = "conv-pyramid", widths = 16} : tensor<?x64x64x3xf32>
  // expected-error @below {{strategy 'embedding' serves discrete inputs, got the image input: high, continuous, shape [64, 64]}}
  %z = ccm.reduce "image" %x budget(#ccm.budget<macs = 10000000, parameters = 0, activation_bytes = 0>) pin {name = "embedding"} : tensor<?x64x64x3xf32>
  %c = ccm.core "unknown" %t, %u, %v, %w, %z budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @served train {} {
  %x = ccm.input "volume" high vocabulary 4 : tensor<?x2048xi32>
  // expected-error @below {{strategy 'embedding' expects width to be a multiple of 16 from 16 to 4096, got 100}}
  %t = ccm.reduce "volume" %x budget(#ccm.budget<macs = 10000000, parameters = 0, activation_bytes = 0>) pin {name = "embedding", width = 100} : tensor<?x2048xi32>
  // expected-error @below {{nothing fits the budget of the volume input: expects at least 2048 tokens, got 1000}}
  // expected-note @below {{embedding depth 0 width 16 window 1 would fit then}}
  %u = ccm.reduce "volume" %x budget(#ccm.budget<macs = 10000000, parameters = 0, activation_bytes = 0>) pin {name = "embedding", window = 1, depth = 0} : tensor<?x2048xi32>
  %c = ccm.core "served" %t, %u budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @volume train {} {
  %x = ccm.input "number" pointwise : tensor<?x3xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>) : tensor<?x3xf32>
  %c = ccm.core "volume" %t budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>)
  // expected-error @below {{strategy 'transposed-conv' serves high outputs of one to three dimensions, got the picture output: high, continuous, shape [8, 8, 8, 8]}}
  %y = ccm.expand "picture" %c budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>) pin {name = "transposed-conv"} : tensor<?x8x8x8x8x1xf32>
  ccm.output "picture" %y high loss("mse") : tensor<?x8x8x8x8x1xf32>
}

// -----

ccm.model @cores train {} {
  %x = ccm.input "number" pointwise : tensor<?x3xf32>
  %t = ccm.reduce "number" %x budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>) : tensor<?x3xf32>
  %c = ccm.core "one" %t budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>)
  // expected-error @below {{expects one core, got 2}}
  %d = ccm.core "two" %c budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %d budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

ccm.model @none train {} {
  %x = ccm.input "image" high : tensor<?x64x64x3xf32>
  // expected-error @below {{nothing fits the budget of the image input: expects at least 196608 MACs and 784 parameters, got 1 and 1}}
  // expected-note @below {{patch-embed depth 0 patch 4 width 16 would fit then}}
  %t = ccm.reduce "image" %x budget(#ccm.budget<macs = 1, parameters = 1, activation_bytes = 0>) : tensor<?x64x64x3xf32>
  %c = ccm.core "none" %t budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Two bounds, neither of which alone is enough to raise: both are named.
ccm.model @two train {} {
  %x = ccm.input "x" low vocabulary 67 : tensor<?x5x4xi32>
  // expected-error @below {{nothing fits the budget of the x input: expects at least 113088 MACs and 117456 parameters, got 2928 and 4320}}
  // expected-note @below {{embedding depth 2 width 48 window 5 would fit then}}
  %t = ccm.reduce "x" %x budget(#ccm.budget<macs = 2928, parameters = 4320, activation_bytes = 0>) pin {name = "embedding", depth = 2, width = 48} : tensor<?x5x4xi32>
  %c = ccm.core "two" %t budget(#ccm.budget<macs = 4000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "y" %c budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "y" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// A pinned value that no configuration can have: what it is, and what would do.
ccm.model @unsuitable train {} {
  %x = ccm.input "x" low : tensor<?x2x1x2x1xf32>
  // expected-error @below {{strategy 'patch-embed' with depth 0 patch 4 width 16 expects a patch of at most 2, the longest extent, got 4}}
  %t = ccm.reduce "x" %x budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>) pin {name = "patch-embed", patch = 4} : tensor<?x2x1x2x1xf32>
  %s = ccm.input "s" low : tensor<?x20x1xf32>
  // expected-error @below {{strategy 'strided-conv' with stages 4 width 16 leaves none of 20 positions; expects at most 1 stage}}
  %u = ccm.reduce "s" %s budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>) pin {name = "strided-conv", stages = 4} : tensor<?x20x1xf32>
  // expected-error @below {{strategy 'window-attention' with depth 2 merge 6 patch 4 width 16 window 64 expects a merge of at most 5, the longest extent, got 6}}
  %v = ccm.reduce "s" %s budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>) pin {name = "window-attention", merge = 6, patch = 4} : tensor<?x20x1xf32>
  %c = ccm.core "unsuitable" %t, %u, %v budget(#ccm.budget<macs = 4000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "y" %c budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "y" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// A pinned output takes a token per position, which a pinned input does not give.
ccm.model @owed train {} {
  %x = ccm.input "x" low : tensor<?x2x6xf32>
  // expected-error @below {{a pinned output needs 2 tokens of the x input, one per position, which no strategy gives}}
  %t = ccm.reduce "x" %x budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>) pin {name = "patch-embed", patch = 2} : tensor<?x2x6xf32>
  %c = ccm.core "owed" %t budget(#ccm.budget<macs = 4000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "y" %c budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>) pin {name = "token-dense"} : tensor<?x2x1xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x2x1xf32>
}

// -----

// Even the narrowest weights of so many channels are too many.
ccm.model @large train {} {
  %x = ccm.input "x" pointwise : tensor<?x2147483647xf32>
  // expected-error @below {{every strategy needs a tensor of more than 2147483647 elements for the x input: pointwise, continuous, shape []}}
  %t = ccm.reduce "x" %x budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>) : tensor<?x2147483647xf32>
  %c = ccm.core "large" %t budget(#ccm.budget<macs = 4000000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "y" %c budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "y" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Windows longer than anything that they could cut.
ccm.model @windows train {} {
  %x = ccm.input "x" pointwise : tensor<?x2xf32>
  %t = ccm.reduce "x" %x : tensor<?x2xf32>
  %c = ccm.core "windows" %t budget(#ccm.budget<macs = 1000000000, parameters = 0, activation_bytes = 0>)
  // expected-error @below {{strategy 'unpatch' with depth 0 patch 65536 pooled 1 width 16 expects a patch of at most 20, the longest extent, got 65536}}
  %y = ccm.expand "y" %c pin {name = "unpatch", patch = 65536} : tensor<?x20x20x20x20x1xf32>
  ccm.output "y" %y high loss("mse") : tensor<?x20x20x20x20x1xf32>
  // expected-error @below {{strategy 'shuffle' with depth 1 factor 1024 pooled 1 width 16 expects a factor of at most 40, the longest extent, got 1024}}
  %z = ccm.expand "z" %c pin {name = "shuffle", factor = 1024} : tensor<?x40x40x1xf32>
  ccm.output "z" %z high loss("mse") : tensor<?x40x40x1xf32>
}

// -----

// Parts that share a budget are told of together, with what all of them need.
ccm.model @together train {} {
  %x = ccm.input "x" pointwise : tensor<?x2xf32>
  // expected-note @below {{the x input would take 32 MACs as dense-embed depth 0 width 16}}
  %t = ccm.reduce "x" %x : tensor<?x2xf32>
  // expected-error @below {{nothing fits the budget that the parts of the model share: expects at least 544 MACs, got 543}}
  // expected-note @below {{the core would take 256 MACs as mlp depth 1 width 16}}
  %c = ccm.core "together" %t budget(#ccm.budget<macs = 543, parameters = 0, activation_bytes = 0>)
  // expected-note @below {{the y output would take 256 MACs as pool-dense hidden 0}}
  %y = ccm.expand "y" %c : tensor<?x1xf32>
  ccm.output "y" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// An input that does not fit by itself is one of them.
ccm.model @apart train {} {
  %x = ccm.input "image" high : tensor<?x64x64x3xf32>
  // expected-note @below {{the image input would take 196608 MACs as patch-embed depth 0 patch 4 width 16}}
  %t = ccm.reduce "image" %x : tensor<?x64x64x3xf32>
  // expected-error @below {{nothing fits the budget that the parts of the model share: expects at least}}
  // expected-note @below {{the core would take}}
  %c = ccm.core "apart" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "value" %c budget(#ccm.budget<macs = 1000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "value" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// No core is narrow enough for an output whose own budget is too small.
ccm.model @wide train {} {
  %x = ccm.input "x" pointwise : tensor<?x2xf32>
  %t = ccm.reduce "x" %x : tensor<?x2xf32>
  %c = ccm.core "wide" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>)
  // expected-error @below {{nothing fits the budget of the y output: expects at least 256 MACs, got 255}}
  // expected-note @below {{pool-dense hidden 0 would fit then}}
  %y = ccm.expand "y" %c budget(#ccm.budget<macs = 255, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
  ccm.output "y" %y pointwise loss("mse") : tensor<?x1xf32>
}

// -----

// Convolutions know no four axes, and skips are theirs.
ccm.model @four train {} {
  %x = ccm.input "x" high aligned_to ["y"] : tensor<?x7x8x6x6x1xf32>
  // expected-error @below {{no strategy serves the x input: aligned, shape [7, 8, 6, 6], with skips}}
  %t, %p = ccm.reduce "x" %x : tensor<?x7x8x6x6x1xf32> -> !ccm.pyramid
  %c = ccm.core "four" %t budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "y" %c skips(%p) : tensor<?x7x8x6x6x1xf32>
  ccm.output "y" %y high loss("mse") : tensor<?x7x8x6x6x1xf32>
}

// -----

// A strategy for one input serves none that meet, and the other way round.
ccm.model @pins train {} {
  %x = ccm.input "x" high aligned_to ["y"] : tensor<?x20x20x1xf32>
  // expected-error @below {{strategy 'conv-pyramid' serves continuous inputs of one to three dimensions, got the x input: aligned, shape [20, 20], with skips}}
  %t, %p = ccm.reduce "x" %x pin {name = "conv-pyramid"} : tensor<?x20x20x1xf32> -> !ccm.pyramid
  %c = ccm.core "pins" %t budget(#ccm.budget<macs = 10000, parameters = 0, activation_bytes = 0>)
  %y = ccm.expand "y" %c skips(%p) : tensor<?x20x20x1xf32>
  ccm.output "y" %y high loss("mse") : tensor<?x20x20x1xf32>
}

// -----

ccm.model @decoder train {} {
  %x = ccm.input "x" low : tensor<?x20x1xf32>
  %t = ccm.reduce "x" %x : tensor<?x20x1xf32>
  %c = ccm.core "decoder" %t budget(#ccm.budget<macs = 100000, parameters = 0, activation_bytes = 0>)
  // expected-error @below {{strategy 'u-decoder' serves outputs of one to three dimensions with skips, got the y output: high, continuous, shape [400]}}
  %y = ccm.expand "y" %c pin {name = "u-decoder"} : tensor<?x400x1xf32>
  ccm.output "y" %y high loss("mse") : tensor<?x400x1xf32>
}
