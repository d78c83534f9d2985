// SPDX-License-Identifier: Apache-2.0
// The passes, in the order of the pipeline.
#ifndef CCM_PASSES_TD
#define CCM_PASSES_TD

include "mlir/Pass/PassBase.td"

def DeriveModelType : Pass<"ccm-derive-model-type", "::mlir::ModuleOp"> {
  let summary = "say for every output which parts it needs";
  let description = [{
    From the output's structure, the best input aligned to it, and the other inputs: a pointwise or
    low output is fan-in where some input is high, else straight; a high one is u where a high input
    is aligned to it, else bridge where some input is high, else fan-out.
    ```mlir
    ccm.output "y" %y pointwise loss("mse") : tensor<?x1xf32>
    // becomes, when some input is high
    ccm.output "y" %y pointwise loss("mse") type fan_in : tensor<?x1xf32>
    ```
  }];
  let statistics = [Statistic<"numDerived", "derived", "outputs given a type">];
}

def ChooseStrategies : Pass<"ccm-choose-strategies", "::mlir::ModuleOp"> {
  let summary = "pick the best strategy that fits each part's budget";
  let description = [{
    Every strategy proposes configurations; each is built in a scratch block and costed. Of those
    within the budget the one of the highest prior times share of the budget is taken; while some
    use 60 % of it, others are passed over, and ties go to the first. Reduces and core are chosen
    together, because the former decide how many tokens the latter works on. Pins and choices that
    stand on a part are kept.
    ```mlir
    %t = ccm.reduce "x" %x budget(#ccm.budget<macs = 300000000, ...>) : tensor<?x28x28x1xf32>
    // becomes
    %t = ccm.reduce "x" %x budget(...) by("conv-pyramid" {depth = 1 : i64, stem = 1 : i64, widths = array<i64: 16, 32>}) {rejected = [...]} : tensor<?x28x28x1xf32>
    ```
    `rejected` keeps the closest of the candidates passed over, each with the number that ruled it
    out; with `explain` all of them.
  }];
  let options = [Option<"only", "only", "std::string", "\"\"",
                        "consider this strategy alone for the parts of its kind">,
                 Option<"explain", "explain", "bool", "false", "record every rejected candidate">];
  let statistics = [Statistic<"numProposed", "proposed", "candidates costed">,
                    Statistic<"numRejected", "rejected", "candidates that did not fit">];
}

def BuildStructure : Pass<"ccm-build-structure", "::mlir::ModuleOp"> {
  let summary = "replace every part by the primitives of its strategy";
  let description = [{
    ```mlir
    %y = ccm.expand "y" %c budget(...) by("pool-dense" {hidden = 0 : i64}) : tensor<?x10xf32>
    // becomes
    %0 = ccm.mean_pool %tokens window [49] : tensor<?x49x64xf32> -> tensor<?x1x64xf32>
    %1 = ccm.reshape %0 : tensor<?x1x64xf32> -> tensor<?x64xf32>
    %y = ccm.dense %1, %w, %b : tensor<?x64xf32>, tensor<1x64x16xf32>, tensor<16xf32> -> tensor<?x10xf32>
    ```
    Parameters are named after their parts ("expand.y.out.weight"). What the parts were and cost
    stays on the model as `ccm.parts`.
  }];
  let statistics = [Statistic<"numPrimitives", "primitives", "primitives built">];
}

def ChooseBlocks : Pass<"ccm-choose-blocks", "::mlir::ModuleOp"> {
  let summary = "choose how many samples are worked on at once";
  let description = [{
    Besides single samples, models are built for blocks of a power of two of them, up to 64: the
    smallest whose estimated time per sample is within 15 % of the least. A block reads the parameters and updates their
    delta once, for all its samples; but internals beyond the last cache travel again and again.
    Where what is left of a batch would cost more than 1.3 times as much per sample, a model of few
    primitives has a third size between. The bytes of internals are those that
    `ccm-choose-internals` keeps. Blocks that stand on a model are kept.
    ```mlir
    ccm.model @m train {...} {
    // becomes
    ccm.model @m train {...} blocks [1, 8, 64] {
    ```
  }];
  let options = [Option<"cap", "cap", "int64_t", "0", "bytes of internals per sample; 0: no cap">];
}

def ExpandForward : Pass<"ccm-expand-forward", "::mlir::ModuleOp"> {
  let summary = "build the forward function of every block size from loop nests";
  let description = [{
    ```mlir
    %y = ccm.relu %x : tensor<?x16xf32>
    // becomes, in @forward_8
    %1 = linalg.generic ... ins(%0 : tensor<8x16xf32>) ... { arith.maximumf ... }
    ```
    Arguments and results carry `ccm.role` and `ccm.index`.
  }];
  let statistics = [Statistic<"numNests", "nests", "loop nests built">];
}

def ExpandDecode : Pass<"ccm-expand-decode", "::mlir::ModuleOp"> {
  let summary = "build the functions that make sequences of an autoregressive model step by step";
  let description = [{
    `prefill` fills the caches with what all positions leave there. `decode_<context>` gives the scores
    of one position per sample, from the index before it and what the caches hold of up to `context`
    positions: 64, 128 and so on, to the length of the sequence.
    ```mlir
    %y = ccm.attention %q, %k, %v heads 2 causal : tensor<?x100x64xf32>, tensor<?x100x64xf32>
    // becomes, in @decode_64_1, products of one query with the first 64 keys
    %3 = linalg.generic ... ins(%q, %keys : tensor<1x2x32xf32>, tensor<1x2x32x64xf32>) ...
    ```
  }];
  let statistics = [Statistic<"numDecodes", "decodes", "functions of one position built">];
}

def ExpandBackward : Pass<"ccm-expand-backward", "::mlir::ModuleOp"> {
  let summary = "build the backward function of every block size";
  let description = [{
    The function first repeats the forward, then maps output deltas to input deltas and adds to the
    train deltas that it is given; what it need not repeat is decided by `ccm-choose-internals`.
    ```mlir
    %y = ccm.tanh %x : tensor<?x16xf32>
    // becomes, in @backward_8, after the forward nests
    %3 = linalg.generic ... ins(%1, %dy : ...) ... { arith.mulf ... arith.subf ... arith.mulf ... }
    ```
  }];
  let statistics = [Statistic<"numNests", "nests", "loop nests built, the repeated forward included">];
}

def ExpandTrain : Pass<"ccm-expand-train", "::mlir::ModuleOp"> {
  let summary = "build the loss functions and the optimizer's update";
  let description = [{
    ```mlir
    ccm.output "y" %y pointwise loss("mse") : tensor<?x1xf32>
    // becomes
    func.func @loss_8(%y: tensor<8x1xf32>, %target: tensor<8x1xf32>) -> (tensor<8xf32>, tensor<8x1xf32>)
    ```
    and `train {optimizer = "adam"}` becomes `@update_1024` and `@update_16` on flat chunks.
  }];
}

def ChooseInternals : Pass<"ccm-choose-internals", "::mlir::ModuleOp"> {
  let summary = "decide which forward values the backward keeps and which it recomputes";
  let description = [{
    Kept values become results of the forward and arguments of the backward. Views, constants and
    functions of parameters alone are recomputed always. When the internals would exceed the cap,
    others are, with what they are computed from: ever the one that frees most bytes per point of the
    loops that run again, right before it is read. Any cap can be kept to.
    ```mlir
    func.func @backward_1(%x, %dy, %dw) { %h = linalg.generic ... ; ... uses %h }
    // becomes
    func.func @backward_1(%x, %h {ccm.role = "internal"}, %dy, %dw) { ... uses %h }
    ```
  }];
  let options = [Option<"cap", "cap", "int64_t", "0",
                        "bytes of internals per sample; 0: the model's, if it has a cap">];
  let statistics = [Statistic<"numKept", "kept", "values kept">,
                    Statistic<"numRecomputed", "recomputed", "values recomputed under the cap">];
}

def PrepareParameters : Pass<"ccm-prepare-parameters", "::mlir::ModuleOp"> {
  let summary = "compute what depends on parameters alone once per call";
  let description = [{
    ```mlir
    func.func @backward_1(%w: tensor<4x8x16xf32> {ccm.role = "params"}, ...) { %t = linalg.generic ins(%w) ...; uses %t }
    // becomes
    func.func @prepare(%w) -> (%t {ccm.role = "prepared"})
    func.func @backward_1(%w, %t {ccm.role = "prepared"}, ...)
    ```
  }];
  let statistics = [Statistic<"numPrepared", "prepared", "values computed once per call">];
}

def DeriveEntries : Pass<"ccm-derive-entries", "::mlir::ModuleOp"> {
  let summary = "copy the forward for inference";
  let description = [{
    ```mlir
    func.func @forward_1(...) -> (%y {ccm.role = "output"}, %h {ccm.role = "internal"})
    // is joined by
    func.func @infer_1(...) -> (%y {ccm.role = "output"})
    ```
    Inference stores less, and may merge nests that the forward must keep apart.
  }];
}

def SelectEntries : Pass<"ccm-select-entries", "::mlir::ModuleOp"> {
  let summary = "leave out the functions of entries that the library is not to have";
  let description = [{
    An inference-only library has `@infer_*` and `@prepare` alone; one for training has all but
    `@backward_*` and `@backward_input_*`. The module says which it is:
    ```mlir
    module attributes {ccm.entries = "infer"} {}
    ```
  }];
  let options = [Option<"keep", "keep", "std::string", "\"all\"", "infer, train or all">];
}

def FuseNests : Pass<"ccm-fuse-nests", "::mlir::func::FuncOp"> {
  let summary = "merge elementwise nests and move reshapes out of their way";
  let description = [{
    ```mlir
    %1 = linalg.generic ... { addf } ; %2 = tensor.collapse_shape %1 ; %3 = linalg.generic ins(%2) { maximumf }
    // becomes
    %1 = linalg.generic ... { addf, maximumf } ; %3 = tensor.collapse_shape %1
    ```
  }];
}

def FormKernels : Pass<"ccm-form-kernels", "::mlir::func::FuncOp"> {
  let summary = "group nests into kernels";
  let description = [{
    A kernel holds nests whose loops can be shared: a product with the elementwise nests that read
    it; a layer norm or softmax with its reductions; the scores, softmax and weighted sums of
    attention, one head at a time. See `Clusters.h` for the rule. Values that must lie in two places
    get a copy.
    ```mlir
    %1 = linalg.generic (product) ; %2 = linalg.generic (bias and relu) ins(%1, ...)
    // becomes
    %2 = ccm.kernel(%x, %w, %b) : ... { product; bias and relu; ccm.yield }
    ```
  }];
  let statistics = [Statistic<"numKernels", "kernels", "kernels formed">,
                    Statistic<"numCopies", "copies", "copies made for a second place">,
                    Statistic<"numVisits", "visits", "operations searched for circles">];
}

def DeriveHalves : Pass<"ccm-derive-halves", "::mlir::ModuleOp"> {
  let summary = "copy the backward for each half of its deltas";
  let description = [{
    The halves run the very kernels of the whole that they need, so they give the same bits.
    ```mlir
    func.func @backward_1(...) -> (%dx {ccm.role = "input_delta"}, %dw {ccm.role = "delta"})
    // is joined by
    func.func @backward_train_1(...) -> (%dw {ccm.role = "delta"})
    func.func @backward_input_1(...) -> (%dx {ccm.role = "input_delta"})
    ```
    `ccm-form-kernels` puts nothing into one kernel that only one half needs and something of the
    other.
  }];
}

def PlanBuffers : Pass<"ccm-plan-buffers", "::mlir::ModuleOp"> {
  let summary = "give every tensor a place: ports, internals, and one arena by lifetime";
  let description = [{
    ```mlir
    %2 = ccm.kernel(%x, %w) : ...
    // becomes
    %2 = ccm.kernel(%x, %w) {operand_places = [#ccm.place<input[0] + 0, [784, 1]>, ...],
                             result_places = [#ccm.place<scratch[0] + 4096, [64, 1]>]} : ...
    ```
    Padded values are written by their producer into the interior; `ccm.zero_border` clears the rest.
  }];
  let statistics = [Statistic<"scratchBytes", "scratch-bytes", "bytes of the largest arena">];
}

#endif
