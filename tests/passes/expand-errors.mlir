// RUN: ccm-opt %s -split-input-file -verify-diagnostics -ccm-expand-forward -ccm-prepare-parameters -ccm-choose-internals
// What passes after the structure's refuse: parts, functions without roles, pairs that do not match.

ccm.model @parts train {} {
  %x = ccm.input "x" low : tensor<?x8x1xf32>
  // expected-error @below {{the structure of this part has not been built yet}}
  %t = ccm.reduce "x" %x budget(#ccm.budget<macs = 1000, parameters = 0, activation_bytes = 0>) : tensor<?x8x1xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x8x1xf32>
}

// -----

// expected-error @below {{expects a role and an index on every argument and result}}
func.func @infer_1(%x: tensor<1x8xf32>) -> tensor<1x8xf32> attributes {ccm.entry = "infer", ccm.block = 1 : i64} {
  return %x : tensor<1x8xf32>
}

// -----

func.func @forward_1(%x: tensor<1x8xf32> {ccm.index = 0 : i64, ccm.role = "input"})
    -> (tensor<1x8xf32> {ccm.index = 0 : i64, ccm.role = "output"})
    attributes {ccm.entry = "forward", ccm.block = 1 : i64} {
  %e = tensor.empty() : tensor<1x8xf32>
  %y = linalg.exp ins(%x : tensor<1x8xf32>) outs(%e : tensor<1x8xf32>) -> tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}

// expected-error @below {{expects to repeat the forward, got linalg.exp where it has tensor.empty}}
func.func @backward_1(%x: tensor<1x8xf32> {ccm.index = 0 : i64, ccm.role = "input"},
                      %d: tensor<1x8xf32> {ccm.index = 0 : i64, ccm.role = "output_delta"})
    -> (tensor<1x8xf32> {ccm.index = 0 : i64, ccm.role = "input_delta"})
    attributes {ccm.entry = "backward", ccm.block = 1 : i64} {
  %y = linalg.exp ins(%x : tensor<1x8xf32>) outs(%d : tensor<1x8xf32>) -> tensor<1x8xf32>
  %z = linalg.exp ins(%y : tensor<1x8xf32>) outs(%d : tensor<1x8xf32>) -> tensor<1x8xf32>
  return %z : tensor<1x8xf32>
}
