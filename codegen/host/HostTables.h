// SPDX-License-Identifier: Apache-2.0
// Constant data of the host code, as globals of the LLVM dialect laid out like C structs.
#pragma once

#include "codegen/host/HostModel.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringMap.h"

namespace ccm {

/// A member of a C struct: where it lies, how wide it is, and its value.
struct Member {
  size_t offset, bytes;
  mlir::Value value;
};
#define CCM_MEMBER(type, name, value)                                                              \
  ::ccm::Member { offsetof(type, name), sizeof(type::name), value }

/// Adds constants to a module. Values made by one call of `define` are used in that call only.
class TableBuilder {
public:
  explicit TableBuilder(mlir::ModuleOp host);

  /// Adds a hidden constant `name`; `value` makes it with the functions below.
  void define(llvm::StringRef name, llvm::function_ref<mlir::Value()> value);
  /// Adds a hidden constant of raw bytes, in a section of its own where one is named; those are
  /// kept although nothing refers to them.
  void defineBytes(llvm::StringRef name, llvm::StringRef bytes, llvm::StringRef section = "");

  /// Adds the note that a loader reads: bytes of a section that every link keeps.
  void defineNote(llvm::StringRef name, llvm::StringRef bytes, llvm::StringRef section);

  /// A name that begins with `what` and is nobody else's.
  std::string newName(llvm::StringRef what);
  /// The function of that name, declared when missing.
  mlir::LLVM::LLVMFuncOp declare(llvm::StringRef name, mlir::Type result,
                                 llvm::ArrayRef<mlir::Type> arguments);

  mlir::Value i32(int64_t value);
  mlir::Value i64(uint64_t value);
  mlir::Value f32(float value);
  mlir::Value f64(double value);
  mlir::Value null();
  /// Address of a global or function, which may be defined later; null for "".
  mlir::Value address(llvm::StringRef symbol);
  /// Address of a zero-ended copy of the text; equal texts share one.
  mlir::Value text(llvm::StringRef text);
  mlir::Value array(llvm::ArrayRef<mlir::Value> elements);
  /// An array of CCM_MAX_RANK elements, the ones after `rank` zero.
  mlir::Value extents(const int64_t *values, int32_t rank);
  mlir::Value dims(const int32_t *values, int32_t rank);
  /// A C struct of `bytes`: every member at its own offset, in any order, the rest zero. A value
  /// that is not as wide as its member ends the process: the emitter itself is wrong.
  mlir::Value record(size_t bytes, llvm::ArrayRef<Member> members);

private:
  mlir::Value packed(llvm::ArrayRef<mlir::Value> members);
  mlir::Value aggregate(mlir::Type type, llvm::ArrayRef<mlir::Value> members);
  mlir::OpBuilder builder;
  mlir::Location loc;
  mlir::ModuleOp host;
  llvm::StringMap<std::string> texts; ///< names of globals
  llvm::StringMap<mlir::LLVM::LLVMFuncOp> declared;
  size_t names = 0; ///< given by `newName`
};

/// Adds `ccm_inputs`, `ccm_outputs`, `ccm_parameters`, `ccm_initials` and `ccm_weights`.
void defineModelTables(TableBuilder &tables, const HostModel &model);

} // namespace ccm
