// RUN: ccm-opt %s -split-input-file -ccm-choose-blocks | FileCheck %s

// Many parameters for few operations: a block reads them once.
// CHECK-LABEL: ccm.model @wide
// CHECK-SAME: blocks [1, 16, 64]
ccm.model @wide train {} {
  %x = ccm.input "x" pointwise : tensor<?x1024xf32>
  %w = ccm.parameter "w" shape [1024, 1024] layout(#ccm.layout<extents = [64, 1024, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 0.1) : tensor<64x1024x16xf32>
  %b = ccm.parameter "b" shape [1024] init("zeros", 0.0) : tensor<1024xf32>
  %y = ccm.dense %x, %w, %b : tensor<?x1024xf32>, tensor<64x1024x16xf32>, tensor<1024xf32> -> tensor<?x1024xf32>
  ccm.output "y" %y pointwise loss("mse") : tensor<?x1024xf32>
}

// -----

// Few parameters: blocks save nothing.
// CHECK-LABEL: ccm.model @long
// CHECK-SAME: blocks [1] {
ccm.model @long train {} {
  %x = ccm.input "x" low : tensor<?x512x16xf32>
  %w = ccm.parameter "w" shape [16, 16] layout(#ccm.layout<extents = [1, 16, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 0.1) : tensor<1x16x16xf32>
  %b = ccm.parameter "b" shape [16] init("zeros", 0.0) : tensor<16xf32>
  %y = ccm.dense %x, %w, %b : tensor<?x512x16xf32>, tensor<1x16x16xf32>, tensor<16xf32> -> tensor<?x512x16xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x512x16xf32>
}

// -----

// What stands on the model stays.
// CHECK-LABEL: ccm.model @pinned
// CHECK-SAME: blocks [1, 2] {
ccm.model @pinned train {} blocks [1, 2] {
  %x = ccm.input "x" low : tensor<?x512x16xf32>
  ccm.output "y" %x low loss("mse") : tensor<?x512x16xf32>
}

// -----

// The target limits blocks.
// CHECK-LABEL: ccm.model @limited
// CHECK-SAME: blocks [1, 4] {
module attributes {ccm.target = #ccm.target<"cpu", lanes = 8, cache_bytes = 1048576, part_bytes = 65536, largest_block = 4, operations = 60000000000, bandwidth = 20000000000>} {
  ccm.model @limited train {} {
    %x = ccm.input "x" pointwise : tensor<?x1024xf32>
    %w = ccm.parameter "w" shape [1024, 1024] layout(#ccm.layout<extents = [64, 1024, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 0.1) : tensor<64x1024x16xf32>
    %b = ccm.parameter "b" shape [1024] init("zeros", 0.0) : tensor<1024xf32>
    %y = ccm.dense %x, %w, %b : tensor<?x1024xf32>, tensor<64x1024x16xf32>, tensor<1024xf32> -> tensor<?x1024xf32>
    ccm.output "y" %y pointwise loss("mse") : tensor<?x1024xf32>
  }
}
