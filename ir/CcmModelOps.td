// SPDX-License-Identifier: Apache-2.0
// The model, its ports and parts, its parameters, and kernels.
#ifndef CCM_MODEL_OPS_TD
#define CCM_MODEL_OPS_TD

include "CcmAttributes.td"
include "CcmInterfaces.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def ModelOp : Ccm_Op<"model", [IsolatedFromAbove, NoTerminator, SingleBlock, Symbol]> {
  let summary = "a composable model";
  let description = [{
    Holds inputs, parts or primitives, and outputs, in order of use. `blocks` lists the static batch
    sizes that functions are built for, ascending and starting with 1; `source` is the digest of the
    declaration. `train` names the optimizer, its numbers, the learning rate and how it is scheduled.
    A private model is there for parts of the models after it to be built as it is. `group` is the
    title of the column that tells series of a table apart.

    - (C1) port and parameter names are unique
    - (C2) blocks, when given, start with 1 and ascend
    - (C3) at least one output
    - (C4) the optimizer is registered, and the numbers of training are in their ranges
    - (C5) a presence is that of another input that is not drawn; a time and a noised input go
      together and are those of a continuous output, whose type the noised one has; what is shifted
      is of the model's only output, a discrete one, has its shape of at most 4096 positions and one
      index more; a weight is that of an output, and nothing reads it; no port has two of a kind

    Example:
    ```mlir
    ccm.model @m train {optimizer = "adamw", learning_rate = 3.0e-4} {
      %x = ccm.input "x" low : tensor<?x8x1xf32>
      %t = ccm.reduce "x" %x budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>) : tensor<?x8x1xf32>
      %c = ccm.core "m" %t budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>)
      %y = ccm.expand "y" %c budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>) : tensor<?x1xf32>
      ccm.output "y" %y pointwise loss("mse") : tensor<?x1xf32>
    }
    ```

    Inputs aligned to an output, and skips:
    ```mlir
    ccm.model @u train {optimizer = "adamw", learning_rate = 3.0e-04} {
      %photo = ccm.input "photo" high aligned_to ["alpha"] : tensor<?x64x64x3xf32>
      %depth = ccm.input "depth" high aligned_to ["alpha"] : tensor<?x32x32x1xf32>
      %t, %p = ccm.reduce "photo" %photo, %depth : tensor<?x64x64x3xf32>, tensor<?x32x32x1xf32> -> !ccm.pyramid
      %c = ccm.core "u" %t budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>)
      %y = ccm.expand "alpha" %c skips(%p) : tensor<?x64x64x1xf32>
      ccm.output "alpha" %y high loss("bce") : tensor<?x64x64x1xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DictionaryAttr:$train,
                       OptionalAttr<DenseI64ArrayAttr>:$blocks, OptionalAttr<StrAttr>:$source,
                       OptionalAttr<StrAttr>:$group);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `train` $train (`blocks` $blocks^)? (`source` $source^)? attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
}

def InputOp : Ccm_Op<"input", [Pure, HasParent<"ModelOp">,
                               DeclareOpInterfaceMethods<ForwardOpInterface>]> {
  let summary = "an input port";
  let description = [{
    A continuous port gives `tensor<? x shape x channels xf32>`, a discrete one
    `tensor<? x shape xi32>` of indices below `vocabulary`. With `bytes` the caller's array holds
    bytes 0…255 that are read as 0…1; the input's delta is with respect to what is read, per 0…1 and
    not per 0…255.

    - (C1) the type starts with a dynamic batch extent and has static positive extents after it
    - (C2) a vocabulary goes with i32, f32 without one
    - (C3) `bytes` goes with f32
    - (C4) what is `drawn` names what it is drawn for and the numbers of the draw; it has f32 values,
      a presence and a time one per sample, or when shifted indices
    - (C5) a scale goes with values that are given, not drawn; a fixed one with offsets and positive
      factors, one each or one per channel
    - (C6) `values`, and one more where one is `unknown`, are the vocabulary; `columns` are one, or
      as many as the elements, of a `window` the channels
    - (C7) what may be `missing` is f32, given, not `bytes`; a `window` is of positive steps, the
      first extent, and a positive stride
    - (C8) `augment` goes with continuous values that are given, of one to three extents before the
      channels; its members are numbers of ir/Augment.h, within their ranges; none that moves
      positions goes with `aligned_to`

    Some attributes say where the values come from, and change nothing that is computed: `columns`
    are titles in a table, one that is the port, or one for each element in order; `values` are what
    the indices are called, with one more index for what is `unknown`; a `window` is [steps, stride]:
    the positions are consecutive rows of a table, and samples begin so many rows apart.
    Where values may be `missing`, NaN stands for one that there is none of: the reduce takes 0, the
    mean of scaled values, in its place, and for each channel another that is 1 where it was missing.

    By `augment` training changes each sample before it is read, by draws of its own: where its
    positions are, and its values. Nothing else does: every other entry takes samples as they are.

    The `scale` says what the model computes with: (value - offset) * factor, by channel. The
    `standard` one is the training data's mean and one over its deviation, the `robust` one their
    median and what makes their quartiles those of a normal number of deviation 1, with values far
    out bent to at most 3. The structure holds both as frozen parameters `input.<name>.offset` and
    `input.<name>.factor`.

    What is `drawn` is filled where a batch gives no array for it. A draw depends on the batch's seed,
    the step and the sample's number.

    - `presence of` another input, `[dropout]`: 1 where a sample has that input, 0 where a learned
      value stands in. While training it is 0 with the probability `dropout`, of 0 to below 1; it is
      always 0 where the array of the input is not given.
    - `time of` an output, `[]`: t, the square of a uniform number.
    - `noised of` an output, `[mean, deviation]`: (1 - t) x + t n, x being the output's target, t its
      time, and n normal numbers.
    - `shifted of` an output, `[]`: at each position the index that the output's target has at the one
      before, in row-major order; at the first the number of the output's indices.
    - `weight of` an output, `[]`: 1. The output's loss alone reads it.

    Example:
    ```mlir
    %image = ccm.input "image" high bytes : tensor<?x64x64x3xf32>
    %label = ccm.input "label" pointwise vocabulary 67 : tensor<?xi32>
    %given = ccm.input "label_present" pointwise drawn presence of "label" [1.0e-01] : tensor<?x1xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, Ccm_Structure:$structure, UnitAttr:$bytes,
                       OptionalAttr<I64Attr>:$vocabulary, OptionalAttr<StrArrayAttr>:$aligned_to,
                       OptionalAttr<Ccm_Draw>:$drawn, OptionalAttr<StrAttr>:$drawn_of,
                       OptionalAttr<DenseF64ArrayAttr>:$numbers, OptionalAttr<Ccm_Scale>:$scale,
                       OptionalAttr<DenseF64ArrayAttr>:$offsets,
                       OptionalAttr<DenseF64ArrayAttr>:$factors,
                       OptionalAttr<StrArrayAttr>:$columns, OptionalAttr<StrArrayAttr>:$values,
                       UnitAttr:$unknown, UnitAttr:$missing,
                       OptionalAttr<DenseI64ArrayAttr>:$window,
                       OptionalAttr<DictionaryAttr>:$augment);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = [{
    $name $structure (`bytes` $bytes^)? (`vocabulary` $vocabulary^)? (`aligned_to` $aligned_to^)?
    (`drawn` $drawn^ `of` $drawn_of $numbers)? (`scale` $scale^)? (`by` $offsets^ $factors)?
    attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Whether it says something of another port and is no value of its own.
    bool isAside() { return getDrawn() == Draw::Presence || getDrawn() == Draw::Weight; }
    /// The port that says whether a sample has this input; null: all have.
    ::ccm::InputOp findPresence();
    /// The input that is drawn so for the port of that name, or null.
    static ::ccm::InputOp findDrawn(::ccm::ModelOp model, ::ccm::Draw drawn, ::llvm::StringRef of);
    /// What scales its values once the structure is built, or null.
    ::ccm::ScaleOp findScale();
    /// Type of what its part reads: where values may be missing, each with whether it is.
    ::mlir::RankedTensorType getReadType();
  }];
}

def OutputOp : Ccm_Op<"output", [HasParent<"ModelOp">, AttrSizedOperandSegments]> {
  let summary = "an output port, with its loss";
  let description = [{
    A continuous port takes `tensor<? x shape x channels xf32>`; a discrete one scores
    `tensor<? x shape x vocabulary xf32>`, compared with indices. `loss` names a registered loss
    primitive. `type` says which parts the output needs, once derived. With `bytes` the target holds
    bytes 0…255 that are read as 0…1. The `scale` is as of `ccm.input`, of the targets: the loss
    compares scaled values. A calibrated one is of scores, all of which it divides by one temperature,
    1 until the caller knows better; their loss is that of undivided ones. Once the structure is built the frozen parameters
    `output.<name>.offset` and `output.<name>.factor` are operands, and the value is in the unit of
    the targets.

    - (C1) the type starts with a dynamic batch extent and has static positive extents after it
    - (C2) a vocabulary equals the last extent
    - (C3) the loss is a registered primitive for the port's kind
    - (C4) the weight is positive and finite
    - (C5) `bytes` goes without a vocabulary
    - (C6) a calibrated scale goes with scores, of bce and cross_entropy, any other with neither
      those nor a vocabulary; a fixed one with offsets and positive factors, one each or one per
      channel; it is by two parameters of one value per channel or, before the structure is built, by
      none
    - (C7) `values`, and one more where one is `unknown`, are the vocabulary; `columns` are one, or
      as many as the target's elements
    - (C8) the horizon is not negative
    - (C9) smoothing, `balanced` and class weights go with a vocabulary; smoothing is from 0 to below
      1; class weights are not negative, one per index, and not all 0; where there are weights, or
      they are `balanced`, they are one parameter with a value per index or, before the structure is
      built, none

    The loss of cross_entropy takes `smoothing` and the weights of indices: `class_weights` or, where
    they are `balanced`, what the frequencies of indices in the data give. Once the structure is built
    they are the frozen parameter `output.<name>.class_weights`. An input that is the `weight of` the
    output multiplies each sample's loss.

    `columns`, `values` and `unknown` are as of `ccm.input`, of the targets; the `horizon` is how many
    rows of a series the last position of the target lies behind the last row of the windows, and the
    positions of a target of one extent are rows then.

    Example:
    ```mlir
    ccm.output "label" %y pointwise vocabulary 10 loss("cross_entropy") : tensor<?x10xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, AnyRankedTensor:$value, Ccm_Structure:$structure,
                       UnitAttr:$bytes, OptionalAttr<I64Attr>:$vocabulary, StrAttr:$loss,
                       DefaultValuedAttr<F64Attr, "1.0">:$weight,
                       OptionalAttr<Ccm_ModelType>:$type, OptionalAttr<Ccm_Scale>:$scale,
                       OptionalAttr<DenseF64ArrayAttr>:$offsets,
                       OptionalAttr<DenseF64ArrayAttr>:$factors,
                       OptionalAttr<StrArrayAttr>:$columns, OptionalAttr<StrArrayAttr>:$values,
                       UnitAttr:$unknown, OptionalAttr<I64Attr>:$horizon,
                       DefaultValuedAttr<F64Attr, "0.0">:$smoothing, UnitAttr:$balanced,
                       OptionalAttr<DenseF64ArrayAttr>:$class_weights,
                       Variadic<AnyStaticShapeTensor>:$scaling,
                       Optional<AnyStaticShapeTensor>:$weighing);
  let assemblyFormat = [{
    $name $value $structure (`bytes` $bytes^)? (`vocabulary` $vocabulary^)? `loss` `(` $loss `)`
    (`weight` $weight^)? (`smoothing` $smoothing^)? (`balanced` $balanced^)?
    (`class_weights` $class_weights^)? (`type` $type^)? (`scale` $scale^)? (`by` $offsets^ $factors)?
    (`scaled` `(` $scaling^ `:` type($scaling) `)`)? (`weighed` `(` $weighing^ `:` type($weighing) `)`)?
    attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Whether indices have weights in the loss.
    bool isWeighed() { return getBalanced() || getClassWeights(); }
    /// The input that multiplies each sample's loss, or null.
    ::ccm::InputOp findWeight();
    /// Type of the target array: the value's for continuous ports, of i8 with `bytes`; i32 indices
    /// for discrete ones.
    ::mlir::RankedTensorType getTargetType();
    /// Rows of a series that the target's first extent is; 0: it is not.
    int64_t getStepsOfTarget();
  }];
}

class Ccm_PartOp<string mnemonic> : Ccm_Op<mnemonic, [
    Pure, HasParent<"ModelOp">, DeclareOpInterfaceMethods<PartOpInterface, ["getPartKind"]>]> {
  code partDeclaration = [{ static ::llvm::StringRef kind() { return "}] # mnemonic # [{"; } }];
  let extraClassDeclaration = partDeclaration;
}

def ReduceOp : Ccm_PartOp<"reduce"> {
  let summary = "an input, or inputs aligned to the same outputs, to tokens";
  let description = [{
    Turns an input port's values into tokens, few enough for the core. Inputs that are aligned to the
    same outputs are reduced together, and give skips where one of those outputs is high and so is
    one of its aligned inputs. `port` is the first input's name. Without a budget of its own
    it shares the core's. With `frozen` all its parameters are. Parts that `share` one name have
    one set of parameters, of that name. `by` names the chosen
    strategy with its configuration, `pin` what the declaration asks for; `rejected` keeps, per
    candidate passed over, its name, configuration and reason.

    - (C1) at least one input; several are all aligned to the same outputs

    Example:
    ```mlir
    %t = ccm.reduce "image" %image budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>) by("patch-embed" {patch = 4 : i64}) : tensor<?x64x64x3xf32>
    ```
  }];
  let arguments = (ins StrAttr:$port, Variadic<AnyRankedTensor>:$inputs, UnitAttr:$frozen,
                       OptionalAttr<StrAttr>:$share, OptionalAttr<Ccm_BudgetAttr>:$budget,
                       OptionalAttr<StrAttr>:$strategy, OptionalAttr<DictionaryAttr>:$config,
                       OptionalAttr<DictionaryAttr>:$pin, OptionalAttr<ArrayAttr>:$rejected);
  let results = (outs Ccm_TokensType:$tokens, Optional<Ccm_PyramidType>:$skips);
  let assemblyFormat = [{
    $port $inputs (`frozen` $frozen^)? (`share` $share^)? (`budget` `(` $budget^ `)`)?
    (`by` `(` $strategy^ $config `)`)? (`pin` $pin^)?
    attr-dict `:` type($inputs) (`->` type($skips)^)?
  }];
  let hasVerifier = 1;
}

def CoreOp : Ccm_PartOp<"core"> {
  let summary = "dense computation over all tokens";
  let description = [{
    Takes the tokens of every input, mixes them, and gives the tokens that outputs are made from.
    Its budget is the model's: that of all parts without one of their own.
    `frozen`, `share`, `by`, `pin` and `rejected` are as for `ccm.reduce`.

    Example:
    ```mlir
    %c = ccm.core "m" %t0, %t1 budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>)
    ```
  }];
  let arguments = (ins StrAttr:$port, Variadic<Ccm_TokensType>:$inputs, UnitAttr:$frozen,
                       OptionalAttr<StrAttr>:$share, Ccm_BudgetAttr:$budget,
                       OptionalAttr<StrAttr>:$strategy, OptionalAttr<DictionaryAttr>:$config,
                       OptionalAttr<DictionaryAttr>:$pin, OptionalAttr<ArrayAttr>:$rejected);
  let results = (outs Ccm_TokensType:$tokens);
  let assemblyFormat = [{
    $port $inputs (`frozen` $frozen^)? (`share` $share^)? `budget` `(` $budget `)`
    (`by` `(` $strategy^ $config `)`)? (`pin` $pin^)? attr-dict
  }];
}

def ExpandOp : Ccm_PartOp<"expand"> {
  let summary = "tokens to an output's grid";
  let description = [{
    Gives the values of an output: continuous ones, or scores over the vocabulary. `skips` are those
    of the inputs that the output is aligned to. Without a budget
    of its own it shares the core's. `frozen`, `share`, `by`, `pin` and
    `rejected` are as for `ccm.reduce`.

    - (C1) skips come from a `ccm.reduce`

    Example:
    ```mlir
    %y = ccm.expand "y" %c budget(#ccm.budget<macs = 300000000, parameters = 0, activation_bytes = 0>) : tensor<?x10xf32>
    ```
  }];
  let arguments = (ins StrAttr:$port, Ccm_TokensType:$input, Variadic<Ccm_PyramidType>:$skips,
                       UnitAttr:$frozen, OptionalAttr<StrAttr>:$share,
                       OptionalAttr<Ccm_BudgetAttr>:$budget,
                       OptionalAttr<StrAttr>:$strategy, OptionalAttr<DictionaryAttr>:$config,
                       OptionalAttr<DictionaryAttr>:$pin, OptionalAttr<ArrayAttr>:$rejected);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = [{
    $port $input (`skips` `(` $skips^ `)`)? (`frozen` $frozen^)? (`share` $share^)?
    (`budget` `(` $budget^ `)`)? (`by` `(` $strategy^ $config `)`)? (`pin` $pin^)? attr-dict `:` type($output)
  }];
  let hasVerifier = 1;
}

def ParameterOp : Ccm_Op<"parameter", [HasParent<"ModelOp">, Pure]> {
  let summary = "a trained tensor, or one that training leaves as it is";
  let description = [{
    `shape` is canonical, as checkpoints hold it; the result's type is packed by `layout` (absent:
    the same). `init` is "normal" with standard deviation `scale`, "zeros", "ones", "constant", which
    is `values` in row-major order or else `scale` everywhere, or a formula times `scale`: "fourier" of shape [n, n, 1] is the discrete Fourier transform of n samples under
    a Hann window, "mel" of shape [bands, n] adds up the powers of its rows in bands that are
    equally wide on the mel scale (codegen/artifact/formulas.c has both). With `decay`
    the optimizer's weight decay applies. A `frozen` one has no delta, no optimizer state and no
    decay. The buffer plan puts where the parameter starts, in bytes, beside them as `ccm.offset`:
    those that are trained come first.

    - (C1) shape and result extents are positive, and neither has more than 2^31 elements
    - (C2) the layout's extents multiply to the result's elements, and its dims index the shape
    - (C3) every canonical element is covered exactly once by the layout
    - (C4) init is "normal", "zeros", "ones", "constant", "fourier" or "mel"; values go with
      "constant", one per element
    - (C5) "fourier" goes with a shape of [n, n, 1], "mel" with [bands, n], and n is even

    Example:
    ```mlir
    %w = ccm.parameter "core.0.weight" shape [256, 784] layout(#ccm.layout<extents = [4, 784, 64], dims = [0, 1, 0], steps = [64, 1, 1]>) init("normal", 5.0e-02) decay : tensor<4x784x64xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, DenseI64ArrayAttr:$shape, OptionalAttr<Ccm_LayoutAttr>:$layout,
                       StrAttr:$init, F64Attr:$scale, OptionalAttr<DenseF64ArrayAttr>:$values,
                       UnitAttr:$decay, UnitAttr:$frozen);
  let results = (outs AnyStaticShapeTensor:$value);
  let assemblyFormat = [{
    $name `shape` $shape (`layout` `(` $layout^ `)`)? `init` `(` $init `,` $scale `)`
    (`values` $values^)? (`decay` $decay^)? (`frozen` $frozen^)? attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
}

def KernelOp : Ccm_Op<"kernel", [IsolatedFromAbove, Pure, SingleBlock]> {
  let summary = "a group of loop nests that runs as one function";
  let description = [{
    Block arguments stand for the operands. A yielded value whose destination chain starts at a
    block argument is written into that operand's buffer. Strides, in elements and outermost first,
    default to dense row-major. Places are set by the buffer plan.

    - (C1) block arguments match the operands, yielded values the results
    - (C2) all types are static tensors
    - (C3) strides and places, when given, have one entry per operand or result

    Example:
    ```mlir
    %y = ccm.kernel(%x) : (tensor<4x16xf32>) -> tensor<4x16xf32> {
    ^bb0(%a: tensor<4x16xf32>):
      %0 = tensor.empty() : tensor<4x16xf32>
      %1 = linalg.exp ins(%a : tensor<4x16xf32>) outs(%0 : tensor<4x16xf32>) -> tensor<4x16xf32>
      ccm.yield %1 : tensor<4x16xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyStaticShapeTensor>:$inputs,
                       OptionalAttr<ArrayAttr>:$operand_strides,
                       OptionalAttr<ArrayAttr>:$result_strides,
                       OptionalAttr<ArrayAttr>:$operand_places,
                       OptionalAttr<ArrayAttr>:$result_places);
  let results = (outs Variadic<AnyStaticShapeTensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs) $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The operand whose buffer result `number` is written into, or none.
    ::std::optional<unsigned> getInPlaceOperand(unsigned number);
  }];
}

def YieldOp : Ccm_Op<"yield", [Pure, Terminator, HasParent<"KernelOp">]> {
  let summary = "results of a kernel";
  let description = [{
    Ends the body of a `ccm.kernel`; its operands become the kernel's results.

    Example: `ccm.yield %y : tensor<4x16xf32>`
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

def ZeroBorderOp : Ccm_Op<"zero_border"> {
  let summary = "clears what surrounds the interior of a padded buffer";
  let description = [{
    The buffer at `place` has `extents`; all elements less than `low` from the start or `high` from
    the end of some axis become zero. The interior is left alone: the producer writes it.

    Example: `ccm.zero_border #ccm.place<scratch[0] + 0, [480, 16, 1]> extents [30, 30, 16] low [1, 1, 0] high [1, 1, 0]`
  }];
  let arguments = (ins Ccm_PlaceAttr:$place, DenseI64ArrayAttr:$extents, DenseI64ArrayAttr:$low,
                       DenseI64ArrayAttr:$high);
  let assemblyFormat = "$place `extents` $extents `low` $low `high` $high attr-dict";
}

#endif
