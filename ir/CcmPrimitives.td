// SPDX-License-Identifier: Apache-2.0
// The primitives: what they share, then a file per family, alphabetical inside.
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

/// What has a twin in PyTorch. `torch` is a Python expression over the names of operands and
/// attributes in braces, parameters in their canonical shape; of the result it may name `{shape}`, its
/// extents with -1 for the batch, and `{positions}`, those between batch and channels; `{rank}` is the
/// number of the first operand's positions. `torchHelper` defines a function that an expression calls
/// where it would not fit into a line.
class Ccm_TwinnedOp<string mnemonic, list<Trait> traits> : Ccm_Op<mnemonic, traits> {
  string torch;
  string torchHelper = "";
  string torchWords = !interleave(!foreach(at, !range(0, !size(arguments)),
                                           !getdagname(arguments, at)), " ");
  // As C++ holds them.
  string torchLine = "R\"py(" # torch # ")py\"";
  string torchHelperText = "R\"py(" # torchHelper # ")py\"";
}

class Ccm_Primitive<string mnemonic, list<Trait> traits = []> : Ccm_TwinnedOp<mnemonic, !listconcat([
    Pure, DeclareOpInterfaceMethods<BackwardOpInterface>,
    DeclareOpInterfaceMethods<ForwardOpInterface>, CostOpInterface], traits)>;

class Ccm_TrainedPrimitive<string mnemonic, list<Trait> traits = []> : Ccm_Primitive<mnemonic,
    !listconcat([DeclareOpInterfaceMethods<TrainOpInterface>], traits)>;

include "CcmElementwise.td"
include "CcmJoining.td"
include "CcmShaping.td"
include "CcmLearned.td"
include "CcmConvolutions.td"
include "CcmLosses.td"

#endif
