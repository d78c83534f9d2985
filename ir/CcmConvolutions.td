// SPDX-License-Identifier: Apache-2.0
// Convolutions: learned windows over positions. Read by CcmPrimitives.td.
#ifndef CCM_CONVOLUTIONS_TD
#define CCM_CONVOLUTIONS_TD

def ConvOp : Ccm_TrainedPrimitive<"conv"> {
  let summary = "convolution over one to three position axes, with bias";
  let torch = "F.conv{rank}d({input}.movedim(-1, 1), {weight}.movedim(-1, 1).contiguous(), {bias}, {stride}, {padding}).movedim(1, -1)";
  let description = [{
        y[b, p, o] = bias[o] + sum over taps t and channels i of
                     x[b, p * stride + t - padding, i] * w[o, t, i]

    Outside the input there are zeros. Canonical weights are [O, taps, I]; packed in panels of V
    outputs as [O / V, taps but the last, I, last tap, V].

    - (C1) input [?, positions, I] with one to three position axes; stride and padding have one
      entry per axis, strides positive, paddings not negative
    - (C2) weight is [Q, taps but the last, I, last tap, V], bias [Q * V], and O is at most Q * V
    - (C3) result extents are (extent + 2 padding - taps) / stride + 1, rounded down
    - (C4) every padding is below the taps of its axis

    Example:
    ```mlir
    %y = ccm.conv %x, %w, %b stride [1, 1] padding [1, 1] : tensor<?x28x28x1xf32>, tensor<1x3x1x3x16xf32>, tensor<16xf32> -> tensor<?x28x28x16xf32>
    ```
  }];
  let arguments = (ins Ccm_Value:$input, Ccm_Trained:$weight,
                       Ccm_Trained:$bias, DenseI64ArrayAttr:$stride,
                       DenseI64ArrayAttr:$padding);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = [{
    $input `,` $weight `,` $bias `stride` $stride `padding` $padding attr-dict
    `:` type($input) `,` type($weight) `,` type($bias) `->` type($output)
  }];
  let hasVerifier = 1;
}

def ConvTransposeOp : Ccm_TrainedPrimitive<"conv_transpose"> {
  let summary = "transposed convolution over one to three position axes, with bias";
  let torch = "conv_transpose({input}, {weight}, {bias}, {stride}, {padding}, [{positions}])";
  let torchHelper = [{
    def conv_transpose(x, weight, bias, stride, padding, positions):
        """Transposed convolution, weights [taps / stride, strides, inputs, outputs], channels last."""
        rank = len(stride)
        weight = weight.movedim((-2, -1), (0, 1)).unflatten(-1, tuple(stride))
        for axis in range(2, 2 + rank):  # what is left of taps and its stride are taps again
            weight = weight.movedim(2 + rank, 1 + axis).flatten(axis, 1 + axis)
        function = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[rank - 1]
        x = function(x.movedim(-1, 1), weight.contiguous(), bias, stride)
        for axis in range(rank):
            x = x.narrow(2 + axis, padding[axis], positions[axis])
        return x.movedim(1, -1)
  }];
  let description = [{
        y[b, s * stride + r - padding, o] = bias[o] + sum over m in [0, taps / stride) and
                                            channels i of x[b, s - m, i] * w[r + stride * m, i, o]

    For r in [0, stride) along every axis. Canonical weights are [taps / stride, strides, I, O]: the
    element [m, r, i, o] weighs tap r + stride * m, m having one axis per position axis and r a
    single one, in row-major order. Along one axis that is w[tap, i, o] with taps in order.
    Frameworks that hold [I, O, taps] have the same numbers with axes split and permuted. Packed in
    panels of V columns, a column being (r, slot) with a slot per element of the bias, as
    [N, taps / stride, I, V].

    - (C1) input [?, positions, I] with one to three position axes, result [?, positions', O] with
      as many
    - (C2) weight is [N, M, I, V] with one M per axis, bias [S] with S at least O and N * V at least
      S times the product of the strides
    - (C3) stride and padding have one entry per axis, strides positive, paddings not negative
    - (C4) along every axis, where the input has L positions the result has at most
      (L + M - 1) * stride - padding

    Example:
    ```mlir
    %y = ccm.conv_transpose %x, %w, %b stride [8] padding [4] : tensor<?x50x64xf32>, tensor<4x2x64x64xf32>, tensor<32xf32> -> tensor<?x400x32xf32>
    ```
  }];
  let arguments = (ins Ccm_Value:$input, Ccm_Trained:$weight,
                       Ccm_Trained:$bias, DenseI64ArrayAttr:$stride,
                       DenseI64ArrayAttr:$padding);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = [{
    $input `,` $weight `,` $bias `stride` $stride `padding` $padding attr-dict
    `:` type($input) `,` type($weight) `,` type($bias) `->` type($output)
  }];
  let hasVerifier = 1;
}

#endif
