// SPDX-License-Identifier: Apache-2.0
// Shaping: values under another shape, pooled or normalized. Read by CcmPrimitives.td.
#ifndef CCM_SHAPING_TD
#define CCM_SHAPING_TD

class Ccm_ShapeOp<string mnemonic, Type type, list<Trait> traits = []>
    : Ccm_Primitive<mnemonic, traits> {
  let arguments = (ins type:$input);
  let results = (outs type:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
  let hasVerifier = 1;
}

def BroadcastOp : Ccm_ShapeOp<"broadcast", Ccm_Value> {
  let summary = "one value per sample, repeated over positions";
  let torch = "{input}.expand({positions}, -1, -1).movedim(-2, 0)";
  let description = [{
        y[b, p, c] = x[b, c]

    - (C1) the input is [batch, channels]; the result adds position axes between the two

    Example: `%y = ccm.broadcast %x : tensor<?x64xf32> -> tensor<?x49x64xf32>`
  }];
}

def FrameOp : Ccm_Primitive<"frame", [
    DeclareOpInterfaceMethods<StepOpInterface, ["buildStep"]>]> {
  let summary = "a window of the positions: cut where it ends inside, zeros where it reaches beyond";
  let torch = "frame({input}, {start}, [{positions}])";
  let torchHelper = [{
    def frame(x, start, positions):
        """A window of positions from `start` on; beyond the edges there are zeros."""
        sides = [(-at, at + extent - size) for at, extent, size in zip(start, positions, x.shape[1:])]
        return F.pad(x, [0, 0, *(side for pair in reversed(sides) for side in pair)])
  }];
  let description = [{
        y[b, p, c] = x[b, p + start, c]

    Beyond the input's extents there are zeros.

    - (C1) one start per position axis
    - (C2) the result has the input's channels, and shares a position with it on every axis

    Example: `%y = ccm.frame %x start [-1] : tensor<?x50x64xf32> -> tensor<?x52x64xf32>`
  }];
  let arguments = (ins Ccm_Value:$input, DenseI64ArrayAttr:$start);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input `start` $start attr-dict `:` type($input) `->` type($output)";
  let hasVerifier = 1;
}

def MeanPoolOp : Ccm_Primitive<"mean_pool"> {
  let summary = "mean over non-overlapping windows of the position axes";
  let torch = "F.avg_pool{rank}d({input}.movedim(-1, 1), {window}).movedim(1, -1)";
  let description = [{
        y[b, p, c] = mean over r in [0, window) of x[b, p * window + r, c]

    A mean counts no multiply-adds.

    - (C1) one positive window extent per position axis
    - (C2) every window extent divides its axis, and the result has the quotients

    Example: `%y = ccm.mean_pool %x window [7, 7] : tensor<?x7x7x64xf32> -> tensor<?x1x1x64xf32>`
  }];
  let arguments = (ins Ccm_Value:$input, DenseI64ArrayAttr:$window);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input `window` $window attr-dict `:` type($input) `->` type($output)";
  let hasVerifier = 1;
}

def PatchOp : Ccm_Primitive<"patch"> {
  let summary = "space to depth: windows become channels";
  let torch = "patch({input}, {window})";
  let torchHelper = [{
    def patch(x, window):
        """Windows of positions become channels; beyond the edges there are zeros."""
        channels = 1 + len(window)
        for axis, width in enumerate(window, 1):
            beyond = x.new_zeros(*x.shape[:axis], -x.shape[axis] % width, *x.shape[axis + 1:])
            x = torch.cat([x, beyond], axis).unfold(axis, width, width)
        return x.movedim(channels, -1).flatten(channels)
  }];
  let description = [{
        y[b, p, (r, c)] = x[b, p * window + r, c]

    Beyond the input's extents there are zeros. Positions stay a grid; channels of the result are the
    window's positions, row-major, times the input's.

    - (C1) one positive window extent per position axis
    - (C2) result extents are the input's divided by the window, rounded up; its channels are the
      input's times the window's product

    Example: `%y = ccm.patch %x window [4, 4] : tensor<?x28x28x1xf32> -> tensor<?x7x7x16xf32>`
  }];
  let arguments = (ins Ccm_Value:$input, DenseI64ArrayAttr:$window);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input `window` $window attr-dict `:` type($input) `->` type($output)";
  let hasVerifier = 1;
}

def ResampleOp : Ccm_Primitive<"resample"> {
  let summary = "a finer grid: every position repeated";
  let torch = "resample({input}, {factor}, [{positions}])";
  let torchHelper = [{
    def resample(x, factor, positions):
        """Every position repeated; what lies beyond the positions is cut."""
        for axis, (times, extent) in enumerate(zip(factor, positions), 1):
            x = x.repeat_interleave(times, axis).narrow(axis, 0, extent)
        return x
  }];
  let description = [{
        y[b, p, c] = x[b, p / factor, c], rounded down

    What lies beyond the result's extents is cut. Repeating by a and then taking windows of b, as
    `patch` does, resamples by a / b.

    - (C1) one factor per position axis, from 1 to the result's extent
    - (C2) the result has the input's axes and channels
    - (C3) the input's extents are the result's divided by the factor, rounded up

    Example: `%y = ccm.resample %x factor [2, 2] : tensor<?x4x4x64xf32> -> tensor<?x7x8x64xf32>`
  }];
  let arguments = (ins Ccm_Value:$input, DenseI64ArrayAttr:$factor);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input `factor` $factor attr-dict `:` type($input) `->` type($output)";
  let hasVerifier = 1;
}

def ReshapeOp : Ccm_ShapeOp<"reshape", Ccm_AnyValue, [
    DeclareOpInterfaceMethods<StepOpInterface, ["buildStep"]>]> {
  let summary = "the same elements per sample under another shape";
  let torch = "{input}.reshape({shape})";
  let description = [{
    Elements keep their row-major order.

    - (C1) input and result have the same number of elements per sample and element type

    Example: `%y = ccm.reshape %x : tensor<?x7x7x64xf32> -> tensor<?x49x64xf32>`
  }];
}

def SoftmaxOp : Ccm_Primitive<"softmax", [AllTypesMatch<["input", "output"]>]> {
  let summary = "exponentials normalized over the last axis";
  let torch = "F.softmax({input}, -1)";
  let description = [{
        y[.., c] = exp(x[.., c] - max x) / sum over c of exp(x[.., c] - max x)

    Example: `%y = ccm.softmax %x : tensor<?x8x64xf32>`
  }];
  let arguments = (ins Ccm_Value:$input);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input attr-dict `:` type($output)";
}

def TransposeOp : Ccm_ShapeOp<"transpose", Ccm_Value> {
  let summary = "tokens and channels exchanged";
  let torch = "{input}.transpose(1, 2)";
  let description = [{
        y[b, c, t] = x[b, t, c]

    - (C1) the input is [batch, tokens, channels]; the result exchanges the last two

    Example: `%y = ccm.transpose %x : tensor<?x49x64xf32> -> tensor<?x64x49xf32>`
  }];
}

def UnpatchOp : Ccm_Primitive<"unpatch"> {
  let summary = "depth to space: channels become windows, the inverse of patch";
  let torch = "unpatch({input}, {window}, [{positions}])";
  let torchHelper = [{
    def unpatch(x, window, positions):
        """Channels become windows of positions; what lies beyond those is cut."""
        x = x.unflatten(-1, (*window, -1))
        for axis, extent in enumerate(positions, 1):
            x = x.movedim(1 + len(window), 1 + axis).flatten(axis, 1 + axis).narrow(axis, 0, extent)
        return x
  }];
  let description = [{
        y[b, p * window + r, c] = x[b, p, (r, c)]

    What lies beyond the result's extents is cut.

    - (C1) one positive window extent per position axis
    - (C2) the input's channels are the window's product times the result's
    - (C3) result extents are positive and at most the input's times the window

    Example: `%y = ccm.unpatch %x window [4, 4] : tensor<?x7x7x16xf32> -> tensor<?x28x28x1xf32>`
  }];
  let arguments = (ins Ccm_Value:$input, DenseI64ArrayAttr:$window);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input `window` $window attr-dict `:` type($input) `->` type($output)";
  let hasVerifier = 1;
}

#endif
