// RUN: ccm-opt %s -split-input-file -verify-diagnostics
func.func @broadcast_c1(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{expects [batch, channels] and a result with position axes between the two, got 'tensor<?x64xf32>' and 'tensor<?x8x65xf32>' (C1)}}
  %y = ccm.broadcast %x : tensor<?x64xf32> -> tensor<?x8x65xf32>
  return
}

// -----

func.func @broadcast_rank_c1(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{got 'tensor<?x64xf32>' and 'tensor<?x64xf32>' (C1)}}
  %y = ccm.broadcast %x : tensor<?x64xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @concat_c1(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{expects operands and an axis from 1 to 1, got 1 operands and axis 2 (C1)}}
  %y = ccm.concat 2 %x : (tensor<?x8xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @concat_batch_c1(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{expects operands and an axis from 1 to 1, got 1 operands and axis 0 (C1)}}
  %y = ccm.concat 0 %x : (tensor<?x8xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @concat_none_c1() {
  // expected-error @+1 {{expects operands and an axis from 1 to 1, got 0 operands and axis 1 (C1)}}
  %y = "ccm.concat"() {axis = 1 : i64} : () -> tensor<?x8xf32>
  return
}

// -----

func.func @concat_extent_c2(%x: tensor<?x8x3xf32>, %z: tensor<?x8x4xf32>) {
  // expected-error @+1 {{expects operands like 'tensor<?x16x3xf32>' but for axis 1, got 'tensor<?x8x4xf32>' (C2)}}
  %y = ccm.concat 1 %x, %z : (tensor<?x8x3xf32>, tensor<?x8x4xf32>) -> tensor<?x16x3xf32>
  return
}

// -----

func.func @concat_rank_c2(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{expects operands like 'tensor<?x8x3xf32>' but for axis 1, got 'tensor<?x8xf32>' (C2)}}
  %y = ccm.concat 1 %x : (tensor<?x8xf32>) -> tensor<?x8x3xf32>
  return
}

// -----

func.func @concat_sum_c2(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{expects extents of axis 1 that add up to 17, got 16 (C2)}}
  %y = ccm.concat 1 %x, %x : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x17xf32>
  return
}

// -----

func.func @mean_pool_rank_c1(%x: tensor<?x63x8xf32>) {
  // expected-error @+1 {{expects one positive window extent per position axis of 'tensor<?x63x8xf32>', got [7, 1] (C1)}}
  %y = ccm.mean_pool %x window [7, 1] : tensor<?x63x8xf32> -> tensor<?x9x8xf32>
  return
}

// -----

func.func @mean_pool_zero_c1(%x: tensor<?x63x8xf32>) {
  // expected-error @+1 {{expects one positive window extent per position axis of 'tensor<?x63x8xf32>', got [0] (C1)}}
  %y = ccm.mean_pool %x window [0] : tensor<?x63x8xf32> -> tensor<?x9x8xf32>
  return
}

// -----

func.func @mean_pool_c2(%x: tensor<?x63x8xf32>) {
  // expected-error @+1 {{expects window extents that divide their axes, got 2 for axis 1 of 'tensor<?x63x8xf32>' (C2)}}
  %y = ccm.mean_pool %x window [2] : tensor<?x63x8xf32> -> tensor<?x31x8xf32>
  return
}

// -----

func.func @mean_pool_result_c2(%x: tensor<?x63x8xf32>) {
  // expected-error @+1 {{expects a result 'tensor<?x9x8xf32>', got 'tensor<?x7x8xf32>' (C2)}}
  %y = ccm.mean_pool %x window [7] : tensor<?x63x8xf32> -> tensor<?x7x8xf32>
  return
}

// -----

func.func @patch_rank_c1(%x: tensor<?x63x8xf32>) {
  // expected-error @+1 {{expects one positive window extent per position axis of 'tensor<?x63x8xf32>', got [7, 1] (C1)}}
  %y = ccm.patch %x window [7, 1] : tensor<?x63x8xf32> -> tensor<?x9x56xf32>
  return
}

// -----

func.func @patch_huge_c1(%x: tensor<?x63x8xf32>) {
  // expected-error @+1 {{expects one positive window extent per position axis of 'tensor<?x63x8xf32>', got [9223372036854775807] (C1)}}
  %y = ccm.patch %x window [9223372036854775807] : tensor<?x63x8xf32> -> tensor<?x1x56xf32>
  return
}

// -----

func.func @patch_c2(%x: tensor<?x63x8xf32>) {
  // expected-error @+1 {{expects a result 'tensor<?x16x32xf32>', got 'tensor<?x15x32xf32>' (C2)}}
  %y = ccm.patch %x window [4] : tensor<?x63x8xf32> -> tensor<?x15x32xf32>
  return
}

// -----

func.func @reshape_c1(%x: tensor<?x7x8xf32>) {
  // expected-error @+1 {{expects a result of as many elements per sample as 'tensor<?x7x8xf32>', got 'tensor<?x55xf32>' (C1)}}
  %y = ccm.reshape %x : tensor<?x7x8xf32> -> tensor<?x55xf32>
  return
}

// -----

func.func @reshape_element_c1(%x: tensor<?x8xf32>) {
  // expected-error @+1 {{expects a result of as many elements per sample as 'tensor<?x8xf32>', got 'tensor<?x8xi32>' (C1)}}
  %y = ccm.reshape %x : tensor<?x8xf32> -> tensor<?x8xi32>
  return
}

// -----

func.func @frame_c1(%x: tensor<?x16x8x32xf32>) {
  // expected-error @+1 {{expects one start per position axis of 'tensor<?x16x8x32xf32>', got [1] (C1)}}
  %y = ccm.frame %x start [1] : tensor<?x16x8x32xf32> -> tensor<?x8x8x32xf32>
  return
}

// -----

func.func @frame_channels_c2(%x: tensor<?x16x8x32xf32>) {
  // expected-error @+1 {{expects a result with the axes and channels of 'tensor<?x16x8x32xf32>', got 'tensor<?x8x8x16xf32>' (C2)}}
  %y = ccm.frame %x start [1, 0] : tensor<?x16x8x32xf32> -> tensor<?x8x8x16xf32>
  return
}

// -----

func.func @frame_outside_c2(%x: tensor<?x16x8x32xf32>) {
  // expected-error @+1 {{expects a start for axis 2 above -4 and below 8, got 8 (C2)}}
  %y = ccm.frame %x start [0, 8] : tensor<?x16x8x32xf32> -> tensor<?x16x4x32xf32>
  return
}

// -----

func.func @frame_before_c2(%x: tensor<?x16x8x32xf32>) {
  // expected-error @+1 {{expects a start for axis 2 above -4 and below 8, got -4 (C2)}}
  %y = ccm.frame %x start [0, -4] : tensor<?x16x8x32xf32> -> tensor<?x16x4x32xf32>
  return
}

// -----

func.func @resample_c1(%x: tensor<?x16x8x32xf32>) {
  // expected-error @+1 {{expects one factor per position axis of 'tensor<?x16x8x32xf32>', got [2] (C1)}}
  %y = ccm.resample %x factor [2] : tensor<?x16x8x32xf32> -> tensor<?x32x8x32xf32>
  return
}

// -----

func.func @resample_factor_c1(%x: tensor<?x16x8x32xf32>) {
  // expected-error @+1 {{expects a factor for axis 2 from 1 to 8, got 9 (C1)}}
  %y = ccm.resample %x factor [2, 9] : tensor<?x16x8x32xf32> -> tensor<?x32x8x32xf32>
  return
}

// -----

func.func @resample_c2(%x: tensor<?x16x8x32xf32>) {
  // expected-error @+1 {{expects a result with the axes and channels of 'tensor<?x16x8x32xf32>', got 'tensor<?x32x8x16xf32>' (C2)}}
  %y = ccm.resample %x factor [2, 1] : tensor<?x16x8x32xf32> -> tensor<?x32x8x16xf32>
  return
}

// -----

func.func @resample_c3(%x: tensor<?x16x8x32xf32>) {
  // expected-error @+1 {{expects axis 1 of the input to be 15, got 16 (C3)}}
  %y = ccm.resample %x factor [2, 1] : tensor<?x16x8x32xf32> -> tensor<?x30x8x32xf32>
  return
}

// -----

func.func @unpatch_c1(%x: tensor<?x16x32xf32>) {
  // expected-error @+1 {{expects one positive window extent per position axis of 'tensor<?x16x32xf32>', got [-4] (C1)}}
  %y = ccm.unpatch %x window [-4] : tensor<?x16x32xf32> -> tensor<?x63x8xf32>
  return
}

// -----

func.func @unpatch_c2(%x: tensor<?x16x32xf32>) {
  // expected-error @+1 {{expects 36 channels, the window's product times the result's, got 'tensor<?x16x32xf32>' (C2)}}
  %y = ccm.unpatch %x window [4] : tensor<?x16x32xf32> -> tensor<?x63x9xf32>
  return
}

// -----

func.func @unpatch_c3(%x: tensor<?x16x32xf32>) {
  // expected-error @+1 {{expects axis 1 of the result to be at most 64, got 65 (C3)}}
  %y = ccm.unpatch %x window [4] : tensor<?x16x32xf32> -> tensor<?x65x8xf32>
  return
}

// -----

func.func @values(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{operand #0 must be tensor of f32 of a dynamic batch extent, then static positive extents with a product of at most 2147483647, but got 'tensor<4x8xf32>'}}
  %y = ccm.relu %x : tensor<4x8xf32>
  return
}

// -----

func.func @values_element(%x: tensor<?x8xi32>) {
  // expected-error @+1 {{operand #0 must be tensor of f32 of a dynamic batch extent}}
  %y = ccm.relu %x : tensor<?x8xi32>
  return
}

// -----

func.func @values_extent(%x: tensor<?x8x0xf32>) {
  // expected-error @+1 {{operand #0 must be tensor of f32 of a dynamic batch extent}}
  %y = ccm.relu %x : tensor<?x8x0xf32>
  return
}

// -----

func.func @values_dynamic(%x: tensor<?x?xf32>) {
  // expected-error @+1 {{operand #0 must be tensor of f32 of a dynamic batch extent}}
  %y = ccm.relu %x : tensor<?x?xf32>
  return
}

// -----

func.func @values_product(%x: tensor<?x65536x32768xf32>) {
  // expected-error @+1 {{operand #0 must be tensor of f32 of a dynamic batch extent}}
  %y = ccm.relu %x : tensor<?x65536x32768xf32>
  return
}

// -----

func.func @values_overflow(%x: tensor<?x4294967296x4294967296xf32>) {
  // expected-error @+1 {{operand #0 must be tensor of f32 of a dynamic batch extent}}
  %y = ccm.relu %x : tensor<?x4294967296x4294967296xf32>
  return
}

// -----

func.func @values_scalar(%x: tensor<f32>) {
  // expected-error @+1 {{operand #0 must be tensor of f32 of a dynamic batch extent}}
  %y = ccm.relu %x : tensor<f32>
  return
}

// -----

func.func @transpose_c1(%x: tensor<?x3x5xf32>) {
  // expected-error @+1 {{expects [batch, tokens, channels] and a result with the last two exchanged, got 'tensor<?x3x5xf32>' and 'tensor<?x3x5xf32>' (C1)}}
  %y = ccm.transpose %x : tensor<?x3x5xf32> -> tensor<?x3x5xf32>
  return
}

// -----

func.func @transpose_rank_c1(%x: tensor<?x3xf32>) {
  // expected-error @+1 {{got 'tensor<?x3xf32>' and 'tensor<?x3x1xf32>' (C1)}}
  %y = ccm.transpose %x : tensor<?x3xf32> -> tensor<?x3x1xf32>
  return
}

// -----

func.func @denoise_c1(%z: tensor<?x8xf32>, %t: tensor<?x2xf32>) {
  // expected-error @+1 {{expects a time [batch, 1], got 'tensor<?x2xf32>' (C1)}}
  %y = ccm.denoise %z, %t, %z : tensor<?x8xf32>, tensor<?x2xf32>
  return
}
