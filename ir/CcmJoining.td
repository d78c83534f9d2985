// SPDX-License-Identifier: Apache-2.0
// Joining: primitives of several values. Read by CcmPrimitives.td.
#ifndef CCM_JOINING_TD
#define CCM_JOINING_TD

class Ccm_BinaryOp<string mnemonic> : Ccm_Primitive<mnemonic, [
    StepOpInterface, AllTypesMatch<["left", "right", "output"]>]> {
  let arguments = (ins Ccm_Value:$left, Ccm_Value:$right);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$left `,` $right attr-dict `:` type($output)";
}

def AddOp : Ccm_BinaryOp<"add"> {
  let summary = "elementwise sum";
  let torch = "{left} + {right}";
  let description = [{
        y = left + right

    Example: `%y = ccm.add %a, %b : tensor<?x8x64xf32>`
  }];
}

def ConcatOp : Ccm_Primitive<"concat", [
    DeclareOpInterfaceMethods<StepOpInterface, ["buildStep"]>]> {
  let summary = "operands one after the other along an axis";
  let torch = "torch.cat([{inputs}], {axis})";
  let description = [{
    Axes are counted from the batch, which is axis 0.

    - (C1) at least one operand; the axis is at least 1 and below the rank
    - (C2) operands agree in all extents but the axis, whose extents add up to the result's

    Example: `%y = ccm.concat 1 %a, %b : (tensor<?x8x64xf32>, tensor<?x1x64xf32>) -> tensor<?x9x64xf32>`
  }];
  let arguments = (ins I64Attr:$axis, Variadic<Ccm_Value>:$inputs);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$axis $inputs attr-dict `:` functional-type($inputs, $output)";
  let hasVerifier = 1;
}

def DenoiseOp : Ccm_Primitive<"denoise", [AllTypesMatch<["noised", "drift", "output"]>]> {
  let summary = "what noise was mixed into, by the estimated way from there to the noise";
  let torch = "{noised} - {time}.reshape(-1, *[1] * ({noised}.ndim - 1)) * {drift}";
  let description = [{
        y[b, ..] = noised[b, ..] - time[b] * drift[b, ..]

    With noised = (1 - t) x + t n, drift n - x gives x: the straight way of rectified flows (Liu et al.,
    2022, arXiv 2209.03003).

    - (C1) time has one value per sample, [batch, 1]

    Example: `%x = ccm.denoise %z, %t, %d : tensor<?x1xf32>, tensor<?x1xf32>`
  }];
  let arguments = (ins Ccm_Value:$noised, Ccm_Value:$time, Ccm_Value:$drift);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = [{
    $noised `,` $time `,` $drift attr-dict `:` type($noised) `,` type($time)
  }];
  let hasVerifier = 1;
}

def MultiplyOp : Ccm_BinaryOp<"multiply"> {
  let summary = "elementwise product";
  let torch = "{left} * {right}";
  let description = [{
        y = left * right

    Example: `%y = ccm.multiply %a, %b : tensor<?x8x64xf32>`
  }];
}

#endif
