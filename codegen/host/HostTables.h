// SPDX-License-Identifier: Apache-2.0
// Constant data of the host code, as globals of an LLVM module laid out like C structs.
#pragma once

#include "codegen/host/HostModel.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"

namespace ccm {

/// A member of a C struct: where it lies, how wide it is, and its value.
struct Member {
  size_t offset, bytes;
  llvm::Constant *value;
};
#define CCM_MEMBER(type, name, value)                                                              \
  ::ccm::Member { offsetof(type, name), sizeof(type::name), value }

/// Makes constants and adds them to a module.
class TableBuilder {
public:
  explicit TableBuilder(llvm::Module &host) : host(host), context(host.getContext()) {}

  /// Adds a hidden constant `name`.
  void define(llvm::StringRef name, llvm::Constant *value);
  /// Adds a hidden constant of a name that begins with `what`, and returns the name; equal values
  /// share one.
  std::string share(llvm::StringRef what, llvm::Constant *value);
  /// Adds a hidden constant of raw bytes, in a section of its own where one is named; those are
  /// kept although nothing refers to them.
  void defineBytes(llvm::StringRef name, llvm::StringRef bytes, llvm::StringRef section = "");

  /// Adds the note that a loader reads: bytes of a section that every link keeps.
  void defineNote(llvm::StringRef name, llvm::StringRef bytes, llvm::StringRef section);

  llvm::Constant *i32(int64_t value);
  llvm::Constant *i64(uint64_t value);
  llvm::Constant *f32(float value);
  llvm::Constant *f64(double value);
  llvm::Constant *f64s(llvm::ArrayRef<double> values);
  llvm::Constant *null();
  /// Address of a global or function, which may be defined later, here or by another object; null
  /// for "".
  llvm::Constant *address(llvm::StringRef symbol);
  /// Address of a zero-ended copy of the text; equal texts share one.
  llvm::Constant *text(llvm::StringRef text);
  llvm::Constant *array(llvm::ArrayRef<llvm::Constant *> elements);
  /// An array of CCM_MAX_RANK elements, the ones after `rank` zero.
  llvm::Constant *extents(const int64_t *values, int32_t rank);
  llvm::Constant *dims(const int32_t *values, int32_t rank);
  /// A C struct of `bytes`: every member at its own offset, in any order, the rest zero. A value
  /// that is not as wide as its member ends the process: the emitter itself is wrong.
  llvm::Constant *record(size_t bytes, llvm::ArrayRef<Member> members);

private:
  llvm::GlobalVariable *createGlobal(llvm::StringRef name, llvm::Constant *value);

  llvm::Module &host;
  llvm::LLVMContext &context;
  llvm::DenseMap<llvm::Constant *, std::string> shared; ///< names of globals
};

/// Adds `ccm_inputs`, `ccm_outputs`, `ccm_parameters`, `ccm_initials` and `ccm_weights`.
void defineModelTables(TableBuilder &tables, const HostModel &model);

} // namespace ccm
