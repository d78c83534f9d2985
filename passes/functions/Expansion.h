// SPDX-License-Identifier: Apache-2.0
// What the expansion passes share: functions with roles, and the forward of a whole model.
#pragma once

#include "ir/Functions.h"
#include "llvm/ADT/MapVector.h"

namespace ccm {

/// A function of nests under construction, placed after everything in the model's module.
class FunctionBuilder {
public:
  /// A decode serves `context` positions, which its name tells.
  FunctionBuilder(ModelOp model, EntryKind entry, int64_t block, int64_t context = 0);

  mlir::Value argument(mlir::Type type, Role role);
  void result(mlir::Value value, Role role);
  /// Writes signature and return; the function is complete afterwards.
  mlir::func::FuncOp finish();

  mlir::OpBuilder builder;

private:
  mlir::func::FuncOp function;
  llvm::SmallVector<mlir::DictionaryAttr> argumentRoles, resultRoles;
  llvm::SmallVector<mlir::Value> results;
};

/// The static value of each value of a model's body, and what each primitive kept.
struct ForwardValues {
  llvm::DenseMap<mlir::Value, mlir::Value> values;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Value>> kept;
};

/// Calls `expand` for every model of a module and each of its block sizes, until one fails.
llvm::LogicalResult
forEachBlock(mlir::ModuleOp module,
             llvm::function_ref<llvm::LogicalResult(ModelOp model, int64_t block)> expand);

/// Adds the parameters and inputs as arguments and the nests of the whole forward. Fails after a
/// diagnostic at the operation that cannot be expanded.
llvm::LogicalResult expandForward(FunctionBuilder &function, ModelOp model, int64_t block,
                                  ForwardValues &forward);

/// Where nests that are built for `op` come from, with its label for people.
mlir::Location locationOf(mlir::OpBuilder &builder, mlir::Operation *op);

/// The primitive that a value of `expandForward` is of, for people; null when it is of none.
mlir::StringAttr primitiveOf(mlir::Value value);

/// Operands of `op` and what its regions read from outside of it.
llvm::SmallVector<mlir::Value> readsOf(mlir::Operation *op);

/// The operations of `value`'s own block that read it, also from within their regions.
llvm::SmallVector<mlir::Operation *> readersOf(mlir::Value value);

/// Erases everything in the function that no result needs.
void eraseUnused(mlir::func::FuncOp function);

/// Drops the arguments that nothing reads, except in-place destinations.
void eraseUnusedArguments(mlir::func::FuncOp function);

/// A copy of a block function right behind it, of another entry and named after that.
mlir::func::FuncOp copyAs(EntryKind entry, mlir::func::FuncOp function);

/// Keeps the results for which `wanted` holds; what they alone needed stays.
void keepResults(mlir::func::FuncOp function, llvm::function_ref<bool(Role)> wanted);

} // namespace ccm
