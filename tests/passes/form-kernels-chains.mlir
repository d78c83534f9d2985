// RUN: ccm-opt %s -split-input-file --pass-pipeline='builtin.module(ccm-expand-forward,ccm-expand-backward,ccm-choose-internals,ccm-derive-entries,func.func(ccm-fuse-nests,ccm-form-kernels),ccm-derive-halves)' | FileCheck %s

// A layer norm is one kernel. What the backward reads of each row is stored on the way.
// CHECK-LABEL: func.func @forward_1(
// CHECK: %[[N:.*]]:3 = ccm.kernel(
// CHECK-NOT: ccm.kernel
// CHECK: return {{.*}}, %[[N]]#0, %[[N]]#1
// CHECK-LABEL: func.func @infer_1(
// CHECK: ccm.kernel(
// CHECK-NOT: ccm.kernel
// CHECK: return
// So is its input's delta, with the two sums that it needs of each row. What the gain's delta reads
// too is a kernel before it: the half that trains computes no delta of an input.
// CHECK-LABEL: func.func @backward_input_1(
// CHECK-COUNT-2: ccm.kernel(
// CHECK-NOT: ccm.kernel(
// CHECK: return
ccm.model @norm train {} blocks [1] {
  %x = ccm.input "x" low : tensor<?x8x16xf32>
  %g = ccm.parameter "norm.gain" shape [16] init("ones", 0.0) : tensor<16xf32>
  %s = ccm.parameter "norm.shift" shape [16] init("zeros", 0.0) : tensor<16xf32>
  %y = ccm.layer_norm %x, %g, %s : tensor<?x8x16xf32>, tensor<16xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x8x16xf32>
}

// -----

// Scores, softmax and weighted sums of a head are one kernel; so are the weights that the backward
// computes again, and what the softmax makes of the deltas.
// CHECK-LABEL: func.func @forward_1(
// CHECK: ccm.kernel(
// CHECK: math.exp
// CHECK-NOT: ccm.kernel
// CHECK: return
// CHECK-LABEL: func.func @backward_1(
// CHECK-COUNT-5: ccm.kernel(
// CHECK-NOT: ccm.kernel(
// CHECK: return
ccm.model @attention train {} blocks [1] {
  %q = ccm.input "q" low : tensor<?x8x32xf32>
  %k = ccm.input "k" low : tensor<?x12x32xf32>
  %v = ccm.input "v" low : tensor<?x12x32xf32>
  %y = ccm.attention %q, %k, %v heads 2 : tensor<?x8x32xf32>, tensor<?x12x32xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x8x32xf32>
}

// -----

// A head whose scores do not fit on the stack is computed step by step.
// CHECK-LABEL: func.func @forward_1(
// CHECK: ccm.kernel(
// CHECK: ccm.kernel(
// CHECK: return
ccm.model @long train {} blocks [1] {
  %q = ccm.input "q" low : tensor<?x200x16xf32>
  %y = ccm.attention %q, %q, %q heads 1 : tensor<?x200x16xf32>, tensor<?x200x16xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x200x16xf32>
}

// -----

// Two elementwise readers of one product share its loops.
// CHECK-LABEL: func.func @forward_1(
// CHECK: ccm.kernel({{.*}} -> (tensor<8x1x16xf32>, tensor<8x1x16xf32>)
// CHECK: math.tanh
// CHECK-NOT: ccm.kernel
// CHECK: return
ccm.model @gelu train {} blocks [1] {
  %x = ccm.input "x" low : tensor<?x8x16xf32>
  %w = ccm.parameter "up.weight" shape [16, 16] layout(#ccm.layout<extents = [1, 16, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 0.1) : tensor<1x16x16xf32>
  %b = ccm.parameter "up.bias" shape [16] init("zeros", 0.0) : tensor<16xf32>
  %h = ccm.dense %x, %w, %b : tensor<?x8x16xf32>, tensor<1x16x16xf32>, tensor<16xf32> -> tensor<?x8x16xf32>
  %y = ccm.gelu %h : tensor<?x8x16xf32>
  ccm.output "y" %y low loss("mse") : tensor<?x8x16xf32>
}
