// A model of two outputs per sample, planned by hand for blocks of 1 and 4, whose kernels are the
// functions of `Kernels.c` named by `test.symbol`. `test.arguments` says which operands (from 0) and
// results (from -1 downwards) a function takes; without it, all.
//   s = w x + e[id] + p / 510, s[1] += big[9999 id], y = s + s^2 / 10, loss mse of weight 3
ccm.model @tiny train {optimizer = "adamw", learning_rate = 1.0e-2} blocks [1, 4] source "cafe" {
  %x = ccm.input "x" pointwise : tensor<?x3xf32>
  %id = ccm.input "id" pointwise vocabulary 4 : tensor<?xi32>
  %p = ccm.input "p" pointwise bytes : tensor<?x2xf32>
  %w = ccm.parameter "w" shape [2, 3] layout(#ccm.layout<extents = [1, 3, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 5.0e-1) decay {ccm.offset = 0 : i64} : tensor<1x3x16xf32>
  %e = ccm.parameter "e" shape [4, 2] init("ones", 0.0) {ccm.offset = 192 : i64} : tensor<4x2xf32>
  %big = ccm.parameter "big" shape [40000] init("normal", 1.0e-1) decay {ccm.offset = 256 : i64} : tensor<40000xf32>
  %y = ccm.relu %p : tensor<?x2xf32>
  ccm.output "y" %y pointwise loss("mse") weight 3.0 : tensor<?x2xf32>
}

func.func @forward_1(%w: tensor<1x3x16xf32>, %e: tensor<4x2xf32>, %big: tensor<40000xf32>, %x: tensor<1x3xf32>, %id: tensor<1xi32>, %p: tensor<1x2xi8>) -> (tensor<1x2xf32>, tensor<1x2xf32>)
    attributes {ccm.entry = "forward", ccm.block = 1 : i64, ccm.internal_bytes = 64 : i64, ccm.prepared_bytes = 64 : i64, ccm.scratch_bytes = 128 : i64} {
  ccm.zero_border #ccm.place<scratch[0] + 64, [4, 1]> extents [3, 4] low [1, 1] high [1, 1]
  %0 = ccm.kernel(%x, %w) {test.symbol = "product_1",
    operand_places = [#ccm.place<input[0] + 0, [3, 1]>, #ccm.place<params[0] + 0, [48, 16, 1]>],
    result_places = [#ccm.place<scratch[0] + 84, [4, 1]>]}
    : (tensor<1x3xf32>, tensor<1x3x16xf32>) -> tensor<1x2xf32> {
  ^bb0(%a0: tensor<1x3xf32>, %a1: tensor<1x3x16xf32>):
    %r0 = tensor.empty() : tensor<1x2xf32>
    ccm.yield %r0 : tensor<1x2xf32>
  }
  %1 = tensor.empty() : tensor<3x4xf32>
  %2 = tensor.insert_slice %0 into %1[1, 1] [1, 2] [1, 1] : tensor<1x2xf32> into tensor<3x4xf32>
  %3:2 = ccm.kernel(%2, %id, %p, %e, %big) {test.symbol = "output_1",
    operand_places = [#ccm.place<scratch[0] + 64, [4, 1]>, #ccm.place<input[1] + 0, [1]>, #ccm.place<input[2] + 0, [2, 1]>, #ccm.place<params[0] + 192, [2, 1]>, #ccm.place<params[0] + 256, [1]>],
    result_places = [#ccm.place<output[0] + 0, [2, 1]>, #ccm.place<internal[0] + 0, [2, 1]>]}
    : (tensor<3x4xf32>, tensor<1xi32>, tensor<1x2xi8>, tensor<4x2xf32>, tensor<40000xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  ^bb0(%a0: tensor<3x4xf32>, %a1: tensor<1xi32>, %a2: tensor<1x2xi8>, %a3: tensor<4x2xf32>, %a4: tensor<40000xf32>):
    %r0 = tensor.empty() : tensor<1x2xf32>
    %r1 = tensor.empty() : tensor<1x2xf32>
    ccm.yield %r0, %r1 : tensor<1x2xf32>, tensor<1x2xf32>
  }
  return %3#0, %3#1 : tensor<1x2xf32>, tensor<1x2xf32>
}
func.func @infer_1(%w: tensor<1x3x16xf32>, %e: tensor<4x2xf32>, %big: tensor<40000xf32>, %x: tensor<1x3xf32>, %id: tensor<1xi32>, %p: tensor<1x2xi8>) -> tensor<1x2xf32>
    attributes {ccm.entry = "infer", ccm.block = 1 : i64, ccm.internal_bytes = 64 : i64, ccm.prepared_bytes = 64 : i64, ccm.scratch_bytes = 128 : i64} {
  ccm.zero_border #ccm.place<scratch[0] + 64, [4, 1]> extents [3, 4] low [1, 1] high [1, 1]
  %0 = ccm.kernel(%x, %w) {test.symbol = "product_1",
    operand_places = [#ccm.place<input[0] + 0, [3, 1]>, #ccm.place<params[0] + 0, [48, 16, 1]>],
    result_places = [#ccm.place<scratch[0] + 84, [4, 1]>]}
    : (tensor<1x3xf32>, tensor<1x3x16xf32>) -> tensor<1x2xf32> {
  ^bb0(%a0: tensor<1x3xf32>, %a1: tensor<1x3x16xf32>):
    %r0 = tensor.empty() : tensor<1x2xf32>
    ccm.yield %r0 : tensor<1x2xf32>
  }
  %1 = tensor.empty() : tensor<3x4xf32>
  %2 = tensor.insert_slice %0 into %1[1, 1] [1, 2] [1, 1] : tensor<1x2xf32> into tensor<3x4xf32>
  %3 = ccm.kernel(%2, %id, %p, %e, %big) {test.symbol = "infer_output_1",
    operand_places = [#ccm.place<scratch[0] + 64, [4, 1]>, #ccm.place<input[1] + 0, [1]>, #ccm.place<input[2] + 0, [2, 1]>, #ccm.place<params[0] + 192, [2, 1]>, #ccm.place<params[0] + 256, [1]>],
    result_places = [#ccm.place<output[0] + 0, [2, 1]>]}
    : (tensor<3x4xf32>, tensor<1xi32>, tensor<1x2xi8>, tensor<4x2xf32>, tensor<40000xf32>) -> tensor<1x2xf32> {
  ^bb0(%a0: tensor<3x4xf32>, %a1: tensor<1xi32>, %a2: tensor<1x2xi8>, %a3: tensor<4x2xf32>, %a4: tensor<40000xf32>):
    %r0 = tensor.empty() : tensor<1x2xf32>
    ccm.yield %r0 : tensor<1x2xf32>
  }
  return %3 : tensor<1x2xf32>
}
func.func @loss_1(%y: tensor<1x2xf32>, %target: tensor<1x2xf32>) -> (tensor<1xf32>, tensor<1x2xf32>)
    attributes {ccm.entry = "loss", ccm.block = 1 : i64, ccm.internal_bytes = 64 : i64, ccm.prepared_bytes = 64 : i64, ccm.scratch_bytes = 0 : i64} {
  %0:2 = ccm.kernel(%y, %target) {test.symbol = "loss_1",
    operand_places = [#ccm.place<output[0] + 0, [2, 1]>, #ccm.place<target[0] + 0, [2, 1]>],
    result_places = [#ccm.place<loss[0] + 0, [1]>, #ccm.place<output_delta[0] + 0, [2, 1]>]}
    : (tensor<1x2xf32>, tensor<1x2xf32>) -> (tensor<1xf32>, tensor<1x2xf32>) {
  ^bb0(%a0: tensor<1x2xf32>, %a1: tensor<1x2xf32>):
    %r0 = tensor.empty() : tensor<1xf32>
    %r1 = tensor.empty() : tensor<1x2xf32>
    ccm.yield %r0, %r1 : tensor<1xf32>, tensor<1x2xf32>
  }
  return %0#0, %0#1 : tensor<1xf32>, tensor<1x2xf32>
}
func.func @backward_1(%wt: tensor<3x2xf32>, %x: tensor<1x3xf32>, %id: tensor<1xi32>, %s: tensor<1x2xf32>, %dy: tensor<1x2xf32>, %dw: tensor<1x3x16xf32>, %de: tensor<4x2xf32>, %dbig: tensor<40000xf32>) -> (tensor<1x3xf32>, tensor<1x2xf32>, tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>)
    attributes {ccm.entry = "backward", ccm.block = 1 : i64, ccm.internal_bytes = 64 : i64, ccm.prepared_bytes = 64 : i64, ccm.scratch_bytes = 64 : i64} {
  %0 = ccm.kernel(%dy, %s) {test.symbol = "local_delta_1",
    operand_places = [#ccm.place<output_delta[0] + 0, [2, 1]>, #ccm.place<internal[0] + 0, [2, 1]>],
    result_places = [#ccm.place<scratch[0] + 0, [2, 1]>]}
    : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32> {
  ^bb0(%a0: tensor<1x2xf32>, %a1: tensor<1x2xf32>):
    %r0 = tensor.empty() : tensor<1x2xf32>
    ccm.yield %r0 : tensor<1x2xf32>
  }
  %1:2 = ccm.kernel(%0, %wt) {test.symbol = "input_delta_1",
    operand_places = [#ccm.place<scratch[0] + 0, [2, 1]>, #ccm.place<prepared[0] + 0, [2, 1]>],
    result_places = [#ccm.place<input_delta[0] + 0, [3, 1]>, #ccm.place<input_delta[2] + 0, [2, 1]>]}
    : (tensor<1x2xf32>, tensor<3x2xf32>) -> (tensor<1x3xf32>, tensor<1x2xf32>) {
  ^bb0(%a0: tensor<1x2xf32>, %a1: tensor<3x2xf32>):
    %r0 = tensor.empty() : tensor<1x3xf32>
    %r1 = tensor.empty() : tensor<1x2xf32>
    ccm.yield %r0, %r1 : tensor<1x3xf32>, tensor<1x2xf32>
  }
  %2:3 = ccm.kernel(%0, %x, %id, %dw, %de, %dbig) {test.symbol = "train_delta_1", test.arguments = array<i64: 0, 1, 2, -1, -2, -3>,
    operand_places = [#ccm.place<scratch[0] + 0, [2, 1]>, #ccm.place<input[0] + 0, [3, 1]>, #ccm.place<input[1] + 0, [1]>, #ccm.place<delta[0] + 0, [48, 16, 1]>, #ccm.place<delta[0] + 192, [2, 1]>, #ccm.place<delta[0] + 256, [1]>],
    result_places = [#ccm.place<delta[0] + 0, [48, 16, 1]>, #ccm.place<delta[0] + 192, [2, 1]>, #ccm.place<delta[0] + 256, [1]>]}
    : (tensor<1x2xf32>, tensor<1x3xf32>, tensor<1xi32>, tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>) -> (tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>) {
  ^bb0(%a0: tensor<1x2xf32>, %a1: tensor<1x3xf32>, %a2: tensor<1xi32>, %a3: tensor<1x3x16xf32>, %a4: tensor<4x2xf32>, %a5: tensor<40000xf32>):
    ccm.yield %a3, %a4, %a5 : tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>
  }
  return %1#0, %1#1, %2#0, %2#1, %2#2 : tensor<1x3xf32>, tensor<1x2xf32>, tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>
}
func.func @backward_input_1(%wt: tensor<3x2xf32>, %x: tensor<1x3xf32>, %id: tensor<1xi32>, %s: tensor<1x2xf32>, %dy: tensor<1x2xf32>, %dw: tensor<1x3x16xf32>, %de: tensor<4x2xf32>, %dbig: tensor<40000xf32>) -> (tensor<1x3xf32>, tensor<1x2xf32>)
    attributes {ccm.entry = "backward_input", ccm.block = 1 : i64, ccm.internal_bytes = 64 : i64, ccm.prepared_bytes = 64 : i64, ccm.scratch_bytes = 64 : i64} {
  %0 = ccm.kernel(%dy, %s) {test.symbol = "local_delta_1",
    operand_places = [#ccm.place<output_delta[0] + 0, [2, 1]>, #ccm.place<internal[0] + 0, [2, 1]>],
    result_places = [#ccm.place<scratch[0] + 0, [2, 1]>]}
    : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32> {
  ^bb0(%a0: tensor<1x2xf32>, %a1: tensor<1x2xf32>):
    %r0 = tensor.empty() : tensor<1x2xf32>
    ccm.yield %r0 : tensor<1x2xf32>
  }
  %1:2 = ccm.kernel(%0, %wt) {test.symbol = "input_delta_1",
    operand_places = [#ccm.place<scratch[0] + 0, [2, 1]>, #ccm.place<prepared[0] + 0, [2, 1]>],
    result_places = [#ccm.place<input_delta[0] + 0, [3, 1]>, #ccm.place<input_delta[2] + 0, [2, 1]>]}
    : (tensor<1x2xf32>, tensor<3x2xf32>) -> (tensor<1x3xf32>, tensor<1x2xf32>) {
  ^bb0(%a0: tensor<1x2xf32>, %a1: tensor<3x2xf32>):
    %r0 = tensor.empty() : tensor<1x3xf32>
    %r1 = tensor.empty() : tensor<1x2xf32>
    ccm.yield %r0, %r1 : tensor<1x3xf32>, tensor<1x2xf32>
  }
  return %1#0, %1#1 : tensor<1x3xf32>, tensor<1x2xf32>
}
func.func @backward_train_1(%wt: tensor<3x2xf32>, %x: tensor<1x3xf32>, %id: tensor<1xi32>, %s: tensor<1x2xf32>, %dy: tensor<1x2xf32>, %dw: tensor<1x3x16xf32>, %de: tensor<4x2xf32>, %dbig: tensor<40000xf32>) -> (tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>)
    attributes {ccm.entry = "backward_train", ccm.block = 1 : i64, ccm.internal_bytes = 64 : i64, ccm.prepared_bytes = 64 : i64, ccm.scratch_bytes = 64 : i64} {
  %0 = ccm.kernel(%dy, %s) {test.symbol = "local_delta_1",
    operand_places = [#ccm.place<output_delta[0] + 0, [2, 1]>, #ccm.place<internal[0] + 0, [2, 1]>],
    result_places = [#ccm.place<scratch[0] + 0, [2, 1]>]}
    : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32> {
  ^bb0(%a0: tensor<1x2xf32>, %a1: tensor<1x2xf32>):
    %r0 = tensor.empty() : tensor<1x2xf32>
    ccm.yield %r0 : tensor<1x2xf32>
  }
  %2:3 = ccm.kernel(%0, %x, %id, %dw, %de, %dbig) {test.symbol = "train_delta_1", test.arguments = array<i64: 0, 1, 2, -1, -2, -3>,
    operand_places = [#ccm.place<scratch[0] + 0, [2, 1]>, #ccm.place<input[0] + 0, [3, 1]>, #ccm.place<input[1] + 0, [1]>, #ccm.place<delta[0] + 0, [48, 16, 1]>, #ccm.place<delta[0] + 192, [2, 1]>, #ccm.place<delta[0] + 256, [1]>],
    result_places = [#ccm.place<delta[0] + 0, [48, 16, 1]>, #ccm.place<delta[0] + 192, [2, 1]>, #ccm.place<delta[0] + 256, [1]>]}
    : (tensor<1x2xf32>, tensor<1x3xf32>, tensor<1xi32>, tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>) -> (tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>) {
  ^bb0(%a0: tensor<1x2xf32>, %a1: tensor<1x3xf32>, %a2: tensor<1xi32>, %a3: tensor<1x3x16xf32>, %a4: tensor<4x2xf32>, %a5: tensor<40000xf32>):
    ccm.yield %a3, %a4, %a5 : tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>
  }
  return %2#0, %2#1, %2#2 : tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>
}
func.func @forward_4(%w: tensor<1x3x16xf32>, %e: tensor<4x2xf32>, %big: tensor<40000xf32>, %x: tensor<4x3xf32>, %id: tensor<4xi32>, %p: tensor<4x2xi8>) -> (tensor<4x2xf32>, tensor<4x2xf32>)
    attributes {ccm.entry = "forward", ccm.block = 4 : i64, ccm.internal_bytes = 64 : i64, ccm.prepared_bytes = 64 : i64, ccm.scratch_bytes = 192 : i64} {
  ccm.zero_border #ccm.place<scratch[0] + 64, [4, 1]> extents [6, 4] low [1, 1] high [1, 1]
  %0 = ccm.kernel(%x, %w) {test.symbol = "product_4",
    operand_places = [#ccm.place<input[0] + 0, [3, 1]>, #ccm.place<params[0] + 0, [48, 16, 1]>],
    result_places = [#ccm.place<scratch[0] + 84, [4, 1]>]}
    : (tensor<4x3xf32>, tensor<1x3x16xf32>) -> tensor<4x2xf32> {
  ^bb0(%a0: tensor<4x3xf32>, %a1: tensor<1x3x16xf32>):
    %r0 = tensor.empty() : tensor<4x2xf32>
    ccm.yield %r0 : tensor<4x2xf32>
  }
  %1 = tensor.empty() : tensor<6x4xf32>
  %2 = tensor.insert_slice %0 into %1[1, 1] [4, 2] [1, 1] : tensor<4x2xf32> into tensor<6x4xf32>
  %3:2 = ccm.kernel(%2, %id, %p, %e, %big) {test.symbol = "output_4",
    operand_places = [#ccm.place<scratch[0] + 64, [4, 1]>, #ccm.place<input[1] + 0, [1]>, #ccm.place<input[2] + 0, [2, 1]>, #ccm.place<params[0] + 192, [2, 1]>, #ccm.place<params[0] + 256, [1]>],
    result_places = [#ccm.place<output[0] + 0, [2, 1]>, #ccm.place<internal[0] + 0, [2, 1]>]}
    : (tensor<6x4xf32>, tensor<4xi32>, tensor<4x2xi8>, tensor<4x2xf32>, tensor<40000xf32>) -> (tensor<4x2xf32>, tensor<4x2xf32>) {
  ^bb0(%a0: tensor<6x4xf32>, %a1: tensor<4xi32>, %a2: tensor<4x2xi8>, %a3: tensor<4x2xf32>, %a4: tensor<40000xf32>):
    %r0 = tensor.empty() : tensor<4x2xf32>
    %r1 = tensor.empty() : tensor<4x2xf32>
    ccm.yield %r0, %r1 : tensor<4x2xf32>, tensor<4x2xf32>
  }
  return %3#0, %3#1 : tensor<4x2xf32>, tensor<4x2xf32>
}
func.func @infer_4(%w: tensor<1x3x16xf32>, %e: tensor<4x2xf32>, %big: tensor<40000xf32>, %x: tensor<4x3xf32>, %id: tensor<4xi32>, %p: tensor<4x2xi8>) -> tensor<4x2xf32>
    attributes {ccm.entry = "infer", ccm.block = 4 : i64, ccm.internal_bytes = 64 : i64, ccm.prepared_bytes = 64 : i64, ccm.scratch_bytes = 192 : i64} {
  ccm.zero_border #ccm.place<scratch[0] + 64, [4, 1]> extents [6, 4] low [1, 1] high [1, 1]
  %0 = ccm.kernel(%x, %w) {test.symbol = "product_4",
    operand_places = [#ccm.place<input[0] + 0, [3, 1]>, #ccm.place<params[0] + 0, [48, 16, 1]>],
    result_places = [#ccm.place<scratch[0] + 84, [4, 1]>]}
    : (tensor<4x3xf32>, tensor<1x3x16xf32>) -> tensor<4x2xf32> {
  ^bb0(%a0: tensor<4x3xf32>, %a1: tensor<1x3x16xf32>):
    %r0 = tensor.empty() : tensor<4x2xf32>
    ccm.yield %r0 : tensor<4x2xf32>
  }
  %1 = tensor.empty() : tensor<6x4xf32>
  %2 = tensor.insert_slice %0 into %1[1, 1] [4, 2] [1, 1] : tensor<4x2xf32> into tensor<6x4xf32>
  %3 = ccm.kernel(%2, %id, %p, %e, %big) {test.symbol = "infer_output_4",
    operand_places = [#ccm.place<scratch[0] + 64, [4, 1]>, #ccm.place<input[1] + 0, [1]>, #ccm.place<input[2] + 0, [2, 1]>, #ccm.place<params[0] + 192, [2, 1]>, #ccm.place<params[0] + 256, [1]>],
    result_places = [#ccm.place<output[0] + 0, [2, 1]>]}
    : (tensor<6x4xf32>, tensor<4xi32>, tensor<4x2xi8>, tensor<4x2xf32>, tensor<40000xf32>) -> tensor<4x2xf32> {
  ^bb0(%a0: tensor<6x4xf32>, %a1: tensor<4xi32>, %a2: tensor<4x2xi8>, %a3: tensor<4x2xf32>, %a4: tensor<40000xf32>):
    %r0 = tensor.empty() : tensor<4x2xf32>
    ccm.yield %r0 : tensor<4x2xf32>
  }
  return %3 : tensor<4x2xf32>
}
func.func @loss_4(%y: tensor<4x2xf32>, %target: tensor<4x2xf32>) -> (tensor<4xf32>, tensor<4x2xf32>)
    attributes {ccm.entry = "loss", ccm.block = 4 : i64, ccm.internal_bytes = 64 : i64, ccm.prepared_bytes = 64 : i64, ccm.scratch_bytes = 0 : i64} {
  %0:2 = ccm.kernel(%y, %target) {test.symbol = "loss_4",
    operand_places = [#ccm.place<output[0] + 0, [2, 1]>, #ccm.place<target[0] + 0, [2, 1]>],
    result_places = [#ccm.place<loss[0] + 0, [1]>, #ccm.place<output_delta[0] + 0, [2, 1]>]}
    : (tensor<4x2xf32>, tensor<4x2xf32>) -> (tensor<4xf32>, tensor<4x2xf32>) {
  ^bb0(%a0: tensor<4x2xf32>, %a1: tensor<4x2xf32>):
    %r0 = tensor.empty() : tensor<4xf32>
    %r1 = tensor.empty() : tensor<4x2xf32>
    ccm.yield %r0, %r1 : tensor<4xf32>, tensor<4x2xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<4x2xf32>
}
func.func @backward_4(%wt: tensor<3x2xf32>, %x: tensor<4x3xf32>, %id: tensor<4xi32>, %s: tensor<4x2xf32>, %dy: tensor<4x2xf32>, %dw: tensor<1x3x16xf32>, %de: tensor<4x2xf32>, %dbig: tensor<40000xf32>) -> (tensor<4x3xf32>, tensor<4x2xf32>, tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>)
    attributes {ccm.entry = "backward", ccm.block = 4 : i64, ccm.internal_bytes = 64 : i64, ccm.prepared_bytes = 64 : i64, ccm.scratch_bytes = 64 : i64} {
  %0 = ccm.kernel(%dy, %s) {test.symbol = "local_delta_4",
    operand_places = [#ccm.place<output_delta[0] + 0, [2, 1]>, #ccm.place<internal[0] + 0, [2, 1]>],
    result_places = [#ccm.place<scratch[0] + 0, [2, 1]>]}
    : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32> {
  ^bb0(%a0: tensor<4x2xf32>, %a1: tensor<4x2xf32>):
    %r0 = tensor.empty() : tensor<4x2xf32>
    ccm.yield %r0 : tensor<4x2xf32>
  }
  %1:2 = ccm.kernel(%0, %wt) {test.symbol = "input_delta_4",
    operand_places = [#ccm.place<scratch[0] + 0, [2, 1]>, #ccm.place<prepared[0] + 0, [2, 1]>],
    result_places = [#ccm.place<input_delta[0] + 0, [3, 1]>, #ccm.place<input_delta[2] + 0, [2, 1]>]}
    : (tensor<4x2xf32>, tensor<3x2xf32>) -> (tensor<4x3xf32>, tensor<4x2xf32>) {
  ^bb0(%a0: tensor<4x2xf32>, %a1: tensor<3x2xf32>):
    %r0 = tensor.empty() : tensor<4x3xf32>
    %r1 = tensor.empty() : tensor<4x2xf32>
    ccm.yield %r0, %r1 : tensor<4x3xf32>, tensor<4x2xf32>
  }
  %2:3 = ccm.kernel(%0, %x, %id, %dw, %de, %dbig) {test.symbol = "train_delta_4", test.arguments = array<i64: 0, 1, 2, -1, -2, -3>,
    operand_places = [#ccm.place<scratch[0] + 0, [2, 1]>, #ccm.place<input[0] + 0, [3, 1]>, #ccm.place<input[1] + 0, [1]>, #ccm.place<delta[0] + 0, [48, 16, 1]>, #ccm.place<delta[0] + 192, [2, 1]>, #ccm.place<delta[0] + 256, [1]>],
    result_places = [#ccm.place<delta[0] + 0, [48, 16, 1]>, #ccm.place<delta[0] + 192, [2, 1]>, #ccm.place<delta[0] + 256, [1]>]}
    : (tensor<4x2xf32>, tensor<4x3xf32>, tensor<4xi32>, tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>) -> (tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>) {
  ^bb0(%a0: tensor<4x2xf32>, %a1: tensor<4x3xf32>, %a2: tensor<4xi32>, %a3: tensor<1x3x16xf32>, %a4: tensor<4x2xf32>, %a5: tensor<40000xf32>):
    ccm.yield %a3, %a4, %a5 : tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>
  }
  return %1#0, %1#1, %2#0, %2#1, %2#2 : tensor<4x3xf32>, tensor<4x2xf32>, tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>
}
func.func @backward_input_4(%wt: tensor<3x2xf32>, %x: tensor<4x3xf32>, %id: tensor<4xi32>, %s: tensor<4x2xf32>, %dy: tensor<4x2xf32>, %dw: tensor<1x3x16xf32>, %de: tensor<4x2xf32>, %dbig: tensor<40000xf32>) -> (tensor<4x3xf32>, tensor<4x2xf32>)
    attributes {ccm.entry = "backward_input", ccm.block = 4 : i64, ccm.internal_bytes = 64 : i64, ccm.prepared_bytes = 64 : i64, ccm.scratch_bytes = 64 : i64} {
  %0 = ccm.kernel(%dy, %s) {test.symbol = "local_delta_4",
    operand_places = [#ccm.place<output_delta[0] + 0, [2, 1]>, #ccm.place<internal[0] + 0, [2, 1]>],
    result_places = [#ccm.place<scratch[0] + 0, [2, 1]>]}
    : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32> {
  ^bb0(%a0: tensor<4x2xf32>, %a1: tensor<4x2xf32>):
    %r0 = tensor.empty() : tensor<4x2xf32>
    ccm.yield %r0 : tensor<4x2xf32>
  }
  %1:2 = ccm.kernel(%0, %wt) {test.symbol = "input_delta_4",
    operand_places = [#ccm.place<scratch[0] + 0, [2, 1]>, #ccm.place<prepared[0] + 0, [2, 1]>],
    result_places = [#ccm.place<input_delta[0] + 0, [3, 1]>, #ccm.place<input_delta[2] + 0, [2, 1]>]}
    : (tensor<4x2xf32>, tensor<3x2xf32>) -> (tensor<4x3xf32>, tensor<4x2xf32>) {
  ^bb0(%a0: tensor<4x2xf32>, %a1: tensor<3x2xf32>):
    %r0 = tensor.empty() : tensor<4x3xf32>
    %r1 = tensor.empty() : tensor<4x2xf32>
    ccm.yield %r0, %r1 : tensor<4x3xf32>, tensor<4x2xf32>
  }
  return %1#0, %1#1 : tensor<4x3xf32>, tensor<4x2xf32>
}
func.func @backward_train_4(%wt: tensor<3x2xf32>, %x: tensor<4x3xf32>, %id: tensor<4xi32>, %s: tensor<4x2xf32>, %dy: tensor<4x2xf32>, %dw: tensor<1x3x16xf32>, %de: tensor<4x2xf32>, %dbig: tensor<40000xf32>) -> (tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>)
    attributes {ccm.entry = "backward_train", ccm.block = 4 : i64, ccm.internal_bytes = 64 : i64, ccm.prepared_bytes = 64 : i64, ccm.scratch_bytes = 64 : i64} {
  %0 = ccm.kernel(%dy, %s) {test.symbol = "local_delta_4",
    operand_places = [#ccm.place<output_delta[0] + 0, [2, 1]>, #ccm.place<internal[0] + 0, [2, 1]>],
    result_places = [#ccm.place<scratch[0] + 0, [2, 1]>]}
    : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32> {
  ^bb0(%a0: tensor<4x2xf32>, %a1: tensor<4x2xf32>):
    %r0 = tensor.empty() : tensor<4x2xf32>
    ccm.yield %r0 : tensor<4x2xf32>
  }
  %2:3 = ccm.kernel(%0, %x, %id, %dw, %de, %dbig) {test.symbol = "train_delta_4", test.arguments = array<i64: 0, 1, 2, -1, -2, -3>,
    operand_places = [#ccm.place<scratch[0] + 0, [2, 1]>, #ccm.place<input[0] + 0, [3, 1]>, #ccm.place<input[1] + 0, [1]>, #ccm.place<delta[0] + 0, [48, 16, 1]>, #ccm.place<delta[0] + 192, [2, 1]>, #ccm.place<delta[0] + 256, [1]>],
    result_places = [#ccm.place<delta[0] + 0, [48, 16, 1]>, #ccm.place<delta[0] + 192, [2, 1]>, #ccm.place<delta[0] + 256, [1]>]}
    : (tensor<4x2xf32>, tensor<4x3xf32>, tensor<4xi32>, tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>) -> (tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>) {
  ^bb0(%a0: tensor<4x2xf32>, %a1: tensor<4x3xf32>, %a2: tensor<4xi32>, %a3: tensor<1x3x16xf32>, %a4: tensor<4x2xf32>, %a5: tensor<40000xf32>):
    ccm.yield %a3, %a4, %a5 : tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>
  }
  return %2#0, %2#1, %2#2 : tensor<1x3x16xf32>, tensor<4x2xf32>, tensor<40000xf32>
}
func.func @prepare(%w: tensor<1x3x16xf32>) -> tensor<3x2xf32>
    attributes {ccm.entry = "prepare", ccm.block = 0 : i64, ccm.prepared_bytes = 64 : i64} {
  %0 = ccm.kernel(%w) {test.symbol = "prepare",
    operand_places = [#ccm.place<params[0] + 0, [48, 16, 1]>],
    result_places = [#ccm.place<prepared[0] + 0, [2, 1]>]}
    : (tensor<1x3x16xf32>) -> tensor<3x2xf32> {
  ^bb0(%a0: tensor<1x3x16xf32>):
    %r0 = tensor.empty() : tensor<3x2xf32>
    ccm.yield %r0 : tensor<3x2xf32>
  }
  return %0 : tensor<3x2xf32>
}
func.func @update_1024(%p: tensor<1024xf32>, %d: tensor<1024xf32>, %m: tensor<1024xf32>, %v: tensor<1024xf32>, %h: tensor<8xf32>) -> (tensor<1024xf32>, tensor<1024xf32>, tensor<1024xf32>)
    attributes {ccm.entry = "update", ccm.block = 1024 : i64} {
  %0:3 = ccm.kernel(%d, %h, %p, %m, %v) {test.symbol = "update_1024", test.arguments = array<i64: 0, 1, -1, -2, -3>,
    operand_places = [#ccm.place<delta[0] + 0, [1]>, #ccm.place<hyper[0] + 0, [1]>, #ccm.place<params[0] + 0, [1]>, #ccm.place<state[0] + 0, [1]>, #ccm.place<state[1] + 0, [1]>],
    result_places = [#ccm.place<params[0] + 0, [1]>, #ccm.place<state[0] + 0, [1]>, #ccm.place<state[1] + 0, [1]>]}
    : (tensor<1024xf32>, tensor<8xf32>, tensor<1024xf32>, tensor<1024xf32>, tensor<1024xf32>) -> (tensor<1024xf32>, tensor<1024xf32>, tensor<1024xf32>) {
  ^bb0(%a0: tensor<1024xf32>, %a1: tensor<8xf32>, %a2: tensor<1024xf32>, %a3: tensor<1024xf32>, %a4: tensor<1024xf32>):
    ccm.yield %a2, %a3, %a4 : tensor<1024xf32>, tensor<1024xf32>, tensor<1024xf32>
  }
  return %0#0, %0#1, %0#2 : tensor<1024xf32>, tensor<1024xf32>, tensor<1024xf32>
}
func.func @update_16(%p: tensor<16xf32>, %d: tensor<16xf32>, %m: tensor<16xf32>, %v: tensor<16xf32>, %h: tensor<8xf32>) -> (tensor<16xf32>, tensor<16xf32>, tensor<16xf32>)
    attributes {ccm.entry = "update", ccm.block = 16 : i64} {
  %0:3 = ccm.kernel(%d, %h, %p, %m, %v) {test.symbol = "update_16", test.arguments = array<i64: 0, 1, -1, -2, -3>,
    operand_places = [#ccm.place<delta[0] + 0, [1]>, #ccm.place<hyper[0] + 0, [1]>, #ccm.place<params[0] + 0, [1]>, #ccm.place<state[0] + 0, [1]>, #ccm.place<state[1] + 0, [1]>],
    result_places = [#ccm.place<params[0] + 0, [1]>, #ccm.place<state[0] + 0, [1]>, #ccm.place<state[1] + 0, [1]>]}
    : (tensor<16xf32>, tensor<8xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) {
  ^bb0(%a0: tensor<16xf32>, %a1: tensor<8xf32>, %a2: tensor<16xf32>, %a3: tensor<16xf32>, %a4: tensor<16xf32>):
    ccm.yield %a2, %a3, %a4 : tensor<16xf32>, tensor<16xf32>, tensor<16xf32>
  }
  return %0#0, %0#1, %0#2 : tensor<16xf32>, tensor<16xf32>, tensor<16xf32>
}
