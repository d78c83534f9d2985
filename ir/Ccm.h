// SPDX-License-Identifier: Apache-2.0
// The ccm dialect: operations, attributes, interfaces. The folder's public header.
#pragma once

#include "ir/Builders.h"
#include "ir/Cost.h"
#include "ir/Numbers.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace ccm {
/// Formulas that several definitions of the primitives and `CcmOptimizers.td` share.
Scalar geluArgument(Scalar x);
Scalar geluDerivative(Scalar x);
Scalar logPower(Scalar x);
Scalar logPowerDerivative(Scalar x);
Scalar adamDirection(Scalar m, Scalar v, double epsilon, const Hyper &hyper);
inline double number(const llvm::APFloat &value) { return value.convertToDouble(); }

/// Whether those of `ranges` that `numbers` gives are f64 in their ranges; else a diagnostic at
/// `op` that cites `constraint`.
llvm::LogicalResult verifyNumbers(mlir::Operation *op, mlir::DictionaryAttr numbers,
                                  llvm::ArrayRef<NumberRange> ranges, llvm::StringRef constraint);
/// The same for a model's `train`: its optimizer is registered, and every number is in its range.
llvm::LogicalResult verifyTraining(mlir::Operation *op, mlir::DictionaryAttr train,
                                   llvm::StringRef constraint);

llvm::LogicalResult buildElementwiseForward(ForwardBuilder &b, Scalar (*formula)(Scalar));
llvm::LogicalResult buildElementwiseBackward(BackwardBuilder &b,
                                             Scalar (*formula)(Scalar, Scalar, Scalar));
llvm::LogicalResult buildElementLoss(LossBuilder &b, Scalar (*loss)(Scalar, Scalar),
                                     Scalar (*derivative)(Scalar, Scalar));
/// The forward on one position, where that is all a result follows from. Fails after a diagnostic
/// where an operand that is not trained does not go along.
llvm::LogicalResult buildStepAlone(mlir::Operation *op, StepBuilder &b);
} // namespace ccm

// clang-format off
#include "ir/CcmDialect.h.inc"
#include "ir/CcmEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "ir/CcmAttributes.h.inc"
#define GET_TYPEDEF_CLASSES
#include "ir/CcmTypes.h.inc"
#include "ir/CcmInterfaces.h.inc"
#define GET_OP_CLASSES
#include "ir/CcmOps.h.inc"
// clang-format on

namespace ccm {

/// Lanes of the widest vectors that packed layouts serve; panels are multiples of it.
constexpr int64_t kLanes = 16;

/// Width of a panel of packed weights for `outputs` outputs: the largest of 4, 3, 2 and 1 vectors
/// that divides them, after rounding up to a multiple of `kLanes`.
int64_t panelWidth(int64_t outputs);

/// A model's operations of one kind, in order: `opsOf<InputOp>(model)`.
template <typename Op>
llvm::SmallVector<Op> opsOf(ModelOp model) {
  return llvm::to_vector(model.getBody().getOps<Op>());
}

/// The operation of the optimizer that `train` names, with the numbers given there. Fails after a
/// diagnostic where `train` names none.
llvm::FailureOr<mlir::OwningOpRef<mlir::Operation *>> createOptimizer(ModelOp model);

/// `type` with its batch extent replaced.
mlir::RankedTensorType withBatch(mlir::Type type, int64_t batch);

/// Product of the static extents after the batch, checked: none when it exceeds 2^31 - 1.
std::optional<int64_t> elementsPerSample(mlir::RankedTensorType type);

/// Whether `type` has a dynamic batch extent, then static positive extents of at most 2^31 - 1
/// elements per sample.
bool isSampleType(mlir::RankedTensorType type);

/// Whether `type` has static positive extents of at most 2^31 - 1 elements.
bool isTrainedType(mlir::RankedTensorType type);

/// Fails at `op` unless `type` has a dynamic batch extent and static positive extents after it.
llvm::LogicalResult verifySampleType(mlir::Operation *op, mlir::Type type, llvm::StringRef what);

/// Registers the dialect and everything it depends on.
void registerDialect(mlir::DialectRegistry &registry);

} // namespace ccm
