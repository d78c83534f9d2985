// SPDX-License-Identifier: Apache-2.0
// Learned: primitives with trained operands, and attention. Read by CcmPrimitives.td.
#ifndef CCM_LEARNED_TD
#define CCM_LEARNED_TD

def AttentionOp : Ccm_Primitive<"attention", [
    DeclareOpInterfaceMethods<StepOpInterface, ["buildStep", "buildCaches"]>,
    AllTypesMatch<["query", "output"]>, AllTypesMatch<["key", "value"]>]> {
  let summary = "scaled dot-product attention in heads";
  let torch = "attention({query}, {key}, {value}, heads={heads}, causal={causal})";
  let torchHelper = [{
    def attention(query, key, value, heads, causal):
        """Scaled dot-product attention in heads."""
        split = [x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (query, key, value)]
        mixed = F.scaled_dot_product_attention(*split, is_causal=causal)
        return mixed.transpose(1, 2).flatten(2)
  }];
  let description = [{
        s[b, h, i, j]   = (q[b, i, h] . k[b, j, h]) / sqrt(D / heads)
        y[b, i, (h, e)] = sum over j of softmax over j of s[b, h, i, j] * v[b, j, (h, e)]

    The width D is cut into `heads` heads h of e values each. With `causal`, j runs to i. Query
    positions and key positions may differ in number (cross attention).

    - (C1) query [?, T, D], key and value [?, S, D], result [?, T, D]
    - (C2) heads divide D
    - (C3) causal needs T = S

    Example: `%y = ccm.attention %q, %k, %v heads 4 : tensor<?x64x128xf32>, tensor<?x64x128xf32>`
  }];
  let arguments = (ins Ccm_Value:$query, Ccm_Value:$key, Ccm_Value:$value,
                       I64Attr:$heads, UnitAttr:$causal);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = [{
    $query `,` $key `,` $value `heads` $heads (`causal` $causal^)? attr-dict
    `:` type($query) `,` type($key)
  }];
  let hasVerifier = 1;
}

def DenseOp : Ccm_TrainedPrimitive<"dense", [StepOpInterface]> {
  let summary = "affine map of the last axis";
  let torch = "F.linear({input}, {weight}, {bias})";
  let description = [{
        y[.., o] = bias[o] + sum over i of x[.., i] * w[o, i]

    Canonical weights are [O, I]; packed in panels of V outputs as [O / V, I, V].

    - (C1) weight is [N, I, V] with I the input's last extent, bias [N * V]
    - (C2) the result is the input's type with a last extent of at most N * V

    Example:
    ```mlir
    %y = ccm.dense %x, %w, %b : tensor<?x784xf32>, tensor<4x784x64xf32>, tensor<256xf32> -> tensor<?x256xf32>
    ```
  }];
  let arguments = (ins Ccm_Value:$input, Ccm_Trained:$weight,
                       Ccm_Trained:$bias);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = [{
    $input `,` $weight `,` $bias attr-dict
    `:` type($input) `,` type($weight) `,` type($bias) `->` type($output)
  }];
  let hasVerifier = 1;
}

def EmbeddingOp : Ccm_TrainedPrimitive<"embedding", [StepOpInterface]> {
  let summary = "rows of a table, by index";
  let torch = "F.embedding({input}, {table})";
  let description = [{
        y[.., c] = table[x[..], c]

    - (C1) the input has element type i32, the table is [vocabulary, width]
    - (C2) the result is the input's shape with the width appended

    Example: `%y = ccm.embedding %x, %t : tensor<?x64xi32>, tensor<256x128xf32> -> tensor<?x64x128xf32>`
  }];
  let arguments = (ins Ccm_Indices:$input, Ccm_Trained:$table);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = [{
    $input `,` $table attr-dict `:` type($input) `,` type($table) `->` type($output)
  }];
  let hasVerifier = 1;
}

def LayerNormOp : Ccm_TrainedPrimitive<"layer_norm", [StepOpInterface,
    AllTypesMatch<["input", "output"]>, AllTypesMatch<["gain", "shift"]>]> {
  let summary = "values of zero mean and unit variance over the last axis, scaled and shifted";
  let torch = "F.layer_norm({input}, {gain}.shape, {gain}, {shift}, 1e-5)";
  let description = [{
        y[.., c] = (x[.., c] - mean) / sqrt(variance + 1e-5) * gain[c] + shift[c]

    Mean and variance are over c; the variance is the biased one, the mean of the squared distances.

    - (C1) gain and shift have the last extent of the input

    Example: `%y = ccm.layer_norm %x, %g, %s : tensor<?x64x128xf32>, tensor<128xf32>`
  }];
  let arguments = (ins Ccm_Value:$input, Ccm_Trained:$gain,
                       Ccm_Trained:$shift);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input `,` $gain `,` $shift attr-dict `:` type($input) `,` type($gain)";
  let hasVerifier = 1;
}

def PositionsOp : Ccm_TrainedPrimitive<"positions", [
    DeclareOpInterfaceMethods<StepOpInterface, ["buildStep"]>,
    AllTypesMatch<["input", "output"]>]> {
  let summary = "a learned value per position, added";
  let torch = "{input} + {table}";
  let description = [{
        y[b, p, c] = x[b, p, c] + table[p, c]

    - (C1) the table is the input's shape without the batch

    Example: `%y = ccm.positions %x, %t : tensor<?x64x128xf32>, tensor<64x128xf32>`
  }];
  let arguments = (ins Ccm_Value:$input, Ccm_Trained:$table);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input `,` $table attr-dict `:` type($input) `,` type($table)";
  let hasVerifier = 1;
}

class Ccm_ScalingOp<string mnemonic> : Ccm_TrainedPrimitive<mnemonic, [StepOpInterface,
    AllTypesMatch<["input", "output"]>, AllTypesMatch<["offset", "factor"]>]> {
  let arguments = (ins Ccm_Value:$input, Ccm_Trained:$offset, Ccm_Trained:$factor);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input `,` $offset `,` $factor attr-dict `:` type($input) `,` type($offset)";
  let hasVerifier = 1;
}

def ScaleOp : Ccm_ScalingOp<"scale"> {
  let summary = "values of a unit as numbers without one, by channel";
  let torch = "({input} - {offset}) * {factor}";
  let description = [{
        y[.., c] = (x[.., c] - offset[c]) * factor[c]

    - (C1) offset and factor have the last extent of the input

    Example: `%y = ccm.scale %x, %o, %f : tensor<?x4xf32>, tensor<4xf32>`
  }];
  let extraClassDeclaration = [{
    /// The nest of the formula, and of the delta of its input from that of its result.
    static ::mlir::Value scaled(::ccm::NestBuilder &b, ::mlir::Value x, ::mlir::Value offset,
                                ::mlir::Value factor);
    static ::mlir::Value inputDelta(::ccm::NestBuilder &b, ::mlir::Value delta,
                                    ::mlir::Value factor);
  }];
}

def UnscaleOp : Ccm_ScalingOp<"unscale"> {
  let summary = "numbers without a unit as values of one, by channel";
  let torch = "{input} / {factor} + {offset}";
  let description = [{
        y[.., c] = x[.., c] / factor[c] + offset[c]

    What `ccm.scale` undoes.

    - (C1) offset and factor have the last extent of the input

    Example: `%y = ccm.unscale %x, %o, %f : tensor<?x4xf32>, tensor<4xf32>`
  }];
}

def StandInOp : Ccm_TrainedPrimitive<"stand_in", [AllTypesMatch<["input", "output"]>]> {
  let summary = "a learned value in place of what is missing";
  let torch = "torch.lerp({value}, {input}, {present}.reshape(-1, *[1] * ({input}.ndim - 1)))";
  let description = [{
        y[b, .., c] = present[b] * x[b, .., c] + (1 - present[b]) * value[c]

    - (C1) present has one value per sample, [batch, 1]; the value has the last extent of the input

    Example: `%y = ccm.stand_in %x, %p, %v : tensor<?x64x128xf32>, tensor<?x1xf32>, tensor<128xf32>`
  }];
  let arguments = (ins Ccm_Value:$input, Ccm_Value:$present, Ccm_Trained:$value);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = [{
    $input `,` $present `,` $value attr-dict `:` type($input) `,` type($present) `,` type($value)
  }];
  let hasVerifier = 1;
}

#endif
