// SPDX-License-Identifier: Apache-2.0
// What a primitive, a part and an optimizer must say of themselves.
#ifndef CCM_INTERFACES_TD
#define CCM_INTERFACES_TD

include "mlir/IR/OpBase.td"

def ForwardOpInterface : OpInterface<"ForwardOpInterface"> {
  let cppNamespace = "::ccm";
  let description = "A pure function of its operands, built from loop nests.";
  let methods = [InterfaceMethod<
      "Emits the nests of the forward function and hands its result to `b.output`. Values that the "
      "backward needs beside operands and result are handed to `b.keep`, in a fixed order. Fails "
      "only after a diagnostic.",
      "::llvm::LogicalResult", "buildForward", (ins "::ccm::ForwardBuilder &":$b)>];
}

def BackwardOpInterface : OpInterface<"BackwardOpInterface", [ForwardOpInterface]> {
  let cppNamespace = "::ccm";
  let description = [{
    Maps the output delta to a delta for every operand that wants one. Deltas are changes to make:
    the operand's delta is the transposed derivative applied to the output delta.
  }];
  let methods = [InterfaceMethod<
      "Emits the nests of the backward function and hands each wanted delta to `b.setDelta`. Fails "
      "only after a diagnostic.",
      "::llvm::LogicalResult", "buildBackward", (ins "::ccm::BackwardBuilder &":$b)>];
}

def TrainOpInterface : OpInterface<"TrainOpInterface", [BackwardOpInterface]> {
  let cppNamespace = "::ccm";
  let description = "Some operands are trained: their deltas together are the train delta.";
  let methods = [InterfaceMethod<"Operand numbers of the trained operands, in declaration order.",
                                 "::llvm::SmallVector<unsigned>", "getTrainedOperands">];
}

def StepOpInterface : OpInterface<"StepOpInterface", [ForwardOpInterface]> {
  let cppNamespace = "::ccm";
  let description = [{
    What is at a position of the result follows from the operands there and from what earlier
    positions left in caches: sequences can be made position by position.
  }];
  let methods = [
    InterfaceMethod<
        "Emits the nests of one position and hands its result to `b.output`. Unless the operation "
        "says otherwise they are the forward's: every position is on its own. Fails only after a "
        "diagnostic.",
        "::llvm::LogicalResult", "buildStep", (ins "::ccm::StepBuilder &":$b), [{}],
        [{ return ::ccm::buildStepAlone($_op, b); }]>,
    InterfaceMethod<
        "Emits, from operands at all positions, what these would leave in the caches that "
        "`buildStep` asks for, and hands each to `b.keep`, in that order.",
        "void", "buildCaches", (ins "::ccm::ForwardBuilder &":$b), [{}], [{ (void)b; }]>];
}

def CostOpInterface : OpInterface<"CostOpInterface", [ForwardOpInterface]> {
  let cppNamespace = "::ccm";
  let description = [{
    What a sample costs. Counted from the nests that the forward builds, unless the operation knows
    better.
  }];
  let methods = [InterfaceMethod<"Cost of the forward function per sample; see `ir/Cost.h`.",
                                 "::llvm::FailureOr<::ccm::Cost>", "getCost", (ins), [{}],
                                 [{ return ::ccm::countBuiltNests($_op); }]>];
}

def LossOpInterface : OpInterface<"LossOpInterface"> {
  let cppNamespace = "::ccm";
  let description = [{
    Compares an output with its target. Per sample the loss is the mean over the output's elements
    (of cross-entropy: over its positions).
  }];
  let methods = [InterfaceMethod<
      "Emits nests from b.output (static batch) and b.target to the per-sample loss tensor<Nxf32> "
      "and to the output delta, -weight * d(loss)/d(output).",
      "::llvm::LogicalResult", "buildLoss", (ins "::ccm::LossBuilder &":$b)>];
}

def OptimizerOpInterface : OpInterface<"OptimizerOpInterface"> {
  let cppNamespace = "::ccm";
  let description = [{
    Maps the raw delta of a batch to the change of the parameters, elementwise, with state of its own.
    That delta is summed over the samples, then scaled: by one over their number, which makes it the
    delta of the mean loss, and by what the clip asks for.
    Numbers that vary between steps come through `Hyper`; the others are attributes, each within its
    range.
  }];
  let methods = [
    InterfaceMethod<"Number of state tensors per parameter.", "unsigned", "getStateCount">,
    StaticInterfaceMethod<"The numbers that are attributes, with their ranges.",
                          "::llvm::ArrayRef<::ccm::NumberRange>", "getNumbers">,
    InterfaceMethod<
        "The new parameter and the new states, from the scalars of one element. `delta` is the "
        "mean over the batch, clipped.",
        "::llvm::SmallVector<::ccm::Scalar>", "update",
        (ins "::ccm::Scalar":$parameter, "::ccm::Scalar":$delta,
             "::llvm::ArrayRef<::ccm::Scalar>":$state, "const ::ccm::Hyper &":$hyper)>];
  let verify = [{
    return ::ccm::verifyNumbers($_op, $_op->getAttrDictionary(), ConcreteOp::getNumbers(), "C1");
  }];
}

def PartOpInterface : OpInterface<"PartOpInterface"> {
  let cppNamespace = "::ccm";
  let description = "A part of a model: reduce, core or expand. A strategy will build it.";
  let methods = [
    InterfaceMethod<"reduce, core or expand.", "::llvm::StringRef", "getPartKind">,
    InterfaceMethod<"What the part serves: a port's name, or the model's for the core.",
                    "::llvm::StringRef", "getPort">,
    InterfaceMethod<"What it may cost; null: it shares the model's budget.", "::ccm::BudgetAttr",
                    "getBudgetAttr">,
    InterfaceMethod<"Whether training leaves all its parameters as they are.", "bool", "getFrozen">,
    InterfaceMethod<"Name of the set of parameters that it has with others, or none.",
                    "::std::optional<::llvm::StringRef>", "getShare">,
    InterfaceMethod<"Name of the chosen strategy, or none yet.",
                    "::std::optional<::llvm::StringRef>", "getStrategy">,
    InterfaceMethod<"Configuration of the chosen strategy, or null.", "::mlir::DictionaryAttr",
                    "getConfigAttr">,
    InterfaceMethod<"What the user pinned: a dictionary with `name` and configuration, or null.",
                    "::mlir::DictionaryAttr", "getPinAttr">];
}

#endif
