// SPDX-License-Identifier: Apache-2.0
// The primitives: elementwise by formula, joining, shaping, learned, losses; alphabetical inside.
#ifndef CCM_PRIMITIVES_TD
#define CCM_PRIMITIVES_TD

include "CcmAttributes.td"
include "CcmInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

/// What primitives work on: samples of at most 2^31 - 1 elements, any number of them.
class Ccm_Values<list<Type> elements, string what> : ConfinedType<RankedTensorOf<elements>, [
    CPred<"::ccm::isSampleType(::llvm::cast<::mlir::RankedTensorType>($_self))">],
    "tensor of " # what # " of a dynamic batch extent, then static positive extents with a "
    "product of at most 2147483647">;

def Ccm_Value : Ccm_Values<[F32], "f32">;
def Ccm_Indices : Ccm_Values<[I32], "i32">;
def Ccm_AnyValue : Ccm_Values<[F32, I32], "f32 or i32">;

def Ccm_Trained : ConfinedType<RankedTensorOf<[F32]>, [
    CPred<"::ccm::isTrainedType(::llvm::cast<::mlir::RankedTensorType>($_self))">],
    "tensor of f32 of static positive extents with a product of at most 2147483647">;

class Ccm_Primitive<string mnemonic, list<Trait> traits = []> : Ccm_Op<mnemonic, !listconcat([
    Pure, DeclareOpInterfaceMethods<BackwardOpInterface>,
    DeclareOpInterfaceMethods<ForwardOpInterface>, CostOpInterface], traits)>;

class Ccm_TrainedPrimitive<string mnemonic, list<Trait> traits = []> : Ccm_Primitive<mnemonic,
    !listconcat([DeclareOpInterfaceMethods<TrainOpInterface>], traits)>;

//===--- Elementwise: y = forward(x), dx = backward(x, y, dy) ------------------------------------===//

class Ccm_ElementwiseOp<string mnemonic, string forward, string backward>
    : Ccm_Primitive<mnemonic, [AllTypesMatch<["input", "output"]>]> {
  let arguments = (ins Ccm_Value:$input);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input attr-dict `:` type($output)";
  code declaration = [{
    /// The formulas of the definition, on scalars.
    static ::ccm::Scalar forward(::ccm::Scalar x);
    static ::ccm::Scalar backward(::ccm::Scalar x, ::ccm::Scalar y, ::ccm::Scalar dy);
  }];
  let extraClassDeclaration = declaration;
  code definitionHead = [{
    ::ccm::Scalar $cppClass::forward(::ccm::Scalar x) { return }];
  code definitionMiddle = [{; }
    ::ccm::Scalar $cppClass::backward(::ccm::Scalar x, ::ccm::Scalar y, ::ccm::Scalar dy) { return }];
  code definitionTail = [{; }
    ::llvm::LogicalResult $cppClass::buildForward(::ccm::ForwardBuilder &b) {
      return ::ccm::buildElementwiseForward(b, &$cppClass::forward);
    }
    ::llvm::LogicalResult $cppClass::buildBackward(::ccm::BackwardBuilder &b) {
      return ::ccm::buildElementwiseBackward(b, &$cppClass::backward);
    }
  }];
  let extraClassDefinition = definitionHead # forward # definitionMiddle # backward # definitionTail;
}

def GeluOp : Ccm_ElementwiseOp<"gelu",
    "x * (0.5 + 0.5 * tanh(geluArgument(x)))",
    "dy * geluDerivative(x)"> {
  let summary = "gaussian error linear unit, by its tanh form";
  let description = [{
        y = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))

    The tanh form of Hendrycks and Gimpel, 2016.

    Example: `%y = ccm.gelu %x : tensor<?x64xf32>`
  }];
}

def ReluOp : Ccm_ElementwiseOp<"relu", "max(x, 0.0)", "select(y > 0.0, dy, 0.0)"> {
  let summary = "rectified linear unit";
  let description = [{
        y = max(x, 0)

    The delta passes where y is positive.

    Example: `%y = ccm.relu %x : tensor<?x64xf32>`
  }];
}

def SigmoidOp : Ccm_ElementwiseOp<"sigmoid", "sigmoid(x)", "dy * y * (1.0 - y)"> {
  let summary = "logistic function";
  let description = [{
        y = 1 / (1 + exp(-x))

    Example: `%y = ccm.sigmoid %x : tensor<?x64xf32>`
  }];
}

def SiluOp : Ccm_ElementwiseOp<"silu", "x * sigmoid(x)",
    "dy * (sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x))))"> {
  let summary = "sigmoid-weighted linear unit";
  let description = [{
        y = x / (1 + exp(-x))

    Example: `%y = ccm.silu %x : tensor<?x64xf32>`
  }];
}

def TanhOp : Ccm_ElementwiseOp<"tanh", "tanh(x)", "dy * (1.0 - y * y)"> {
  let summary = "hyperbolic tangent";
  let description = [{
        y = tanh(x)

    Example: `%y = ccm.tanh %x : tensor<?x64xf32>`
  }];
}

//===--- Joining --------------------------------------------------------------------------------===//

class Ccm_BinaryOp<string mnemonic> : Ccm_Primitive<mnemonic, [
    AllTypesMatch<["left", "right", "output"]>]> {
  let arguments = (ins Ccm_Value:$left, Ccm_Value:$right);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$left `,` $right attr-dict `:` type($output)";
}

def AddOp : Ccm_BinaryOp<"add"> {
  let summary = "elementwise sum";
  let description = [{
        y = left + right

    Example: `%y = ccm.add %a, %b : tensor<?x8x64xf32>`
  }];
}

def ConcatOp : Ccm_Primitive<"concat"> {
  let summary = "operands one after the other along an axis";
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

def MultiplyOp : Ccm_BinaryOp<"multiply"> {
  let summary = "elementwise product";
  let description = [{
        y = left * right

    Example: `%y = ccm.multiply %a, %b : tensor<?x8x64xf32>`
  }];
}

//===--- Shaping --------------------------------------------------------------------------------===//

class Ccm_ShapeOp<string mnemonic, Type type> : Ccm_Primitive<mnemonic> {
  let arguments = (ins type:$input);
  let results = (outs type:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
  let hasVerifier = 1;
}

def BroadcastOp : Ccm_ShapeOp<"broadcast", Ccm_Value> {
  let summary = "one value per sample, repeated over positions";
  let description = [{
        y[b, p, c] = x[b, c]

    - (C1) the input is [batch, channels]; the result adds position axes between the two

    Example: `%y = ccm.broadcast %x : tensor<?x64xf32> -> tensor<?x49x64xf32>`
  }];
}

def MeanPoolOp : Ccm_Primitive<"mean_pool"> {
  let summary = "mean over non-overlapping windows of the position axes";
  let description = [{
        y[b, p, c] = mean over r in [0, window) of x[b, p * window + r, c]

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

def ReshapeOp : Ccm_ShapeOp<"reshape", Ccm_AnyValue> {
  let summary = "the same elements per sample under another shape";
  let description = [{
    Elements keep their row-major order.

    - (C1) input and result have the same number of elements per sample and element type

    Example: `%y = ccm.reshape %x : tensor<?x7x7x64xf32> -> tensor<?x49x64xf32>`
  }];
}

def SoftmaxOp : Ccm_Primitive<"softmax", [AllTypesMatch<["input", "output"]>]> {
  let summary = "exponentials normalized over the last axis";
  let description = [{
        y[.., c] = exp(x[.., c] - max x) / sum over c of exp(x[.., c] - max x)

    Example: `%y = ccm.softmax %x : tensor<?x8x64xf32>`
  }];
  let arguments = (ins Ccm_Value:$input);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input attr-dict `:` type($output)";
}

def UnpatchOp : Ccm_Primitive<"unpatch"> {
  let summary = "depth to space: channels become windows, the inverse of patch";
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

//===--- Learned --------------------------------------------------------------------------------===//

def AttentionOp : Ccm_Primitive<"attention", [
    AllTypesMatch<["query", "output"]>, AllTypesMatch<["key", "value"]>]> {
  let summary = "scaled dot-product attention in heads";
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

def ConvOp : Ccm_TrainedPrimitive<"conv"> {
  let summary = "convolution over one or two position axes, with bias";
  let description = [{
        y[b, p, o] = bias[o] + sum over taps t and channels i of
                     x[b, p * stride + t - padding, i] * w[o, t, i]

    Outside the input there are zeros. Canonical weights are [O, taps, I]; packed in panels of V
    outputs as [O / V, taps but the last, I, last tap, V].

    - (C1) input [?, positions, I] with one or two position axes; stride and padding have one entry
      per axis, strides positive, paddings not negative
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
  let summary = "transposed convolution over one position axis, with bias";
  let description = [{
        y[b, s * stride + r - padding, o] = bias[o] + sum over m in [0, taps / stride) and
                                            channels i of x[b, s - m, i] * w[r + stride * m, i, o]

    For r in [0, stride). Canonical weights are [taps / stride, stride, I, O]; packed in panels of V
    columns, a column being (r, slot) with a slot per element of the bias, as
    [N, taps / stride, I, V].

    - (C1) input [?, L, I], result [?, K, O]
    - (C2) weight is [N, M, I, V], bias [S] with S at least O and N * V at least stride * S
    - (C3) stride is positive and padding not negative
    - (C4) K is positive and at most (L + M - 1) * stride - padding

    Example:
    ```mlir
    %y = ccm.conv_transpose %x, %w, %b stride 8 padding 4 : tensor<?x50x64xf32>, tensor<4x2x64x64xf32>, tensor<32xf32> -> tensor<?x400x32xf32>
    ```
  }];
  let arguments = (ins Ccm_Value:$input, Ccm_Trained:$weight,
                       Ccm_Trained:$bias, I64Attr:$stride, I64Attr:$padding);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = [{
    $input `,` $weight `,` $bias `stride` $stride `padding` $padding attr-dict
    `:` type($input) `,` type($weight) `,` type($bias) `->` type($output)
  }];
  let hasVerifier = 1;
}

def DenseOp : Ccm_TrainedPrimitive<"dense"> {
  let summary = "affine map of the last axis";
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

def EmbeddingOp : Ccm_TrainedPrimitive<"embedding"> {
  let summary = "rows of a table, by index";
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

def LayerNormOp : Ccm_TrainedPrimitive<"layer_norm", [
    AllTypesMatch<["input", "output"]>, AllTypesMatch<["gain", "shift"]>]> {
  let summary = "values of zero mean and unit variance over the last axis, scaled and shifted";
  let description = [{
        y[.., c] = (x[.., c] - mean) / sqrt(variance + 1e-5) * gain[c] + shift[c]

    Mean and variance are over c.

    - (C1) gain and shift have the last extent of the input

    Example: `%y = ccm.layer_norm %x, %g, %s : tensor<?x64x128xf32>, tensor<128xf32>`
  }];
  let arguments = (ins Ccm_Value:$input, Ccm_Trained:$gain,
                       Ccm_Trained:$shift);
  let results = (outs Ccm_Value:$output);
  let assemblyFormat = "$input `,` $gain `,` $shift attr-dict `:` type($input) `,` type($gain)";
  let hasVerifier = 1;
}

def PositionsOp : Ccm_TrainedPrimitive<"positions", [AllTypesMatch<["input", "output"]>]> {
  let summary = "a learned value per position, added";
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

//===--- Losses ---------------------------------------------------------------------------------===//

/// `loss` and `delta` are of one element: output x, target t; the mean over elements is common.
class Ccm_LossOp<string mnemonic, Type target> : Ccm_Op<mnemonic, [
    Pure, DeclareOpInterfaceMethods<LossOpInterface>]> {
  let arguments = (ins Ccm_Value:$output, target:$target);
  let results = (outs Ccm_Value:$loss);
  let assemblyFormat = "$output `,` $target attr-dict `:` type($output) `,` type($target) `->` type($loss)";
}

class Ccm_ElementLossOp<string mnemonic, string loss, string derivative> : Ccm_LossOp<mnemonic, Ccm_Value> {
  code declaration = [{
    static ::ccm::Scalar loss(::ccm::Scalar x, ::ccm::Scalar t);
    static ::ccm::Scalar derivative(::ccm::Scalar x, ::ccm::Scalar t);
  }];
  let extraClassDeclaration = declaration;
  code head = [{
    ::ccm::Scalar $cppClass::loss(::ccm::Scalar x, ::ccm::Scalar t) { return }];
  code middle = [{; }
    ::ccm::Scalar $cppClass::derivative(::ccm::Scalar x, ::ccm::Scalar t) { return }];
  code tail = [{; }
    ::llvm::LogicalResult $cppClass::buildLoss(::ccm::LossBuilder &b) {
      return ::ccm::buildElementLoss(b, &$cppClass::loss, &$cppClass::derivative);
    }
  }];
  let extraClassDefinition = head # loss # middle # derivative # tail;
}

def BceOp : Ccm_ElementLossOp<"bce",
    "max(x, 0.0) - x * t + log(1.0 + exp(-abs(x)))", "sigmoid(x) - t"> {
  let summary = "binary cross-entropy of scores with targets in [0, 1]";
  let description = [{
        loss = mean of max(x, 0) - x t + log(1 + exp(-|x|))

    The stable form of -t log(s(x)) - (1 - t) log(1 - s(x)) with s the logistic function.

    Example: `%l = ccm.bce %y, %t : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?xf32>`
  }];
}

def CrossEntropyOp : Ccm_LossOp<"cross_entropy", Ccm_Indices> {
  let summary = "cross-entropy of scores with indices";
  let description = [{
        loss = mean over positions of log(sum over c of exp(x[.., c])) - x[.., t[..]]

    Example: `%l = ccm.cross_entropy %y, %t : tensor<?x10xf32>, tensor<?xi32> -> tensor<?xf32>`
  }];
}

def HuberOp : Ccm_ElementLossOp<"huber",
    "select(abs(x - t) < 1.0, 0.5 * (x - t) * (x - t), abs(x - t) - 0.5)",
    "max(min(x - t, 1.0), -1.0)"> {
  let summary = "squared near the target, absolute beyond 1";
  let description = [{
        loss = mean of (x - t)^2 / 2 where |x - t| < 1, else |x - t| - 1 / 2

    Example: `%l = ccm.huber %y, %t : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?xf32>`
  }];
}

def L1Op : Ccm_ElementLossOp<"l1", "abs(x - t)",
    "select(x > t, 1.0, select(x < t, x.constant(-1.0), 0.0))"> {
  let summary = "absolute difference";
  let description = [{
        loss = mean of |x - t|

    Its derivative where both are equal is 0.

    Example: `%l = ccm.l1 %y, %t : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?xf32>`
  }];
}

def MseOp : Ccm_ElementLossOp<"mse", "(x - t) * (x - t)", "2.0 * (x - t)"> {
  let summary = "squared difference";
  let description = [{
        loss = mean of (x - t)^2

    Example: `%l = ccm.mse %y, %t : tensor<?x8xf32>, tensor<?x8xf32> -> tensor<?xf32>`
  }];
}

#endif
