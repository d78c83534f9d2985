// SPDX-License-Identifier: Apache-2.0
// What passes and code generation tell each other about functions of nests: every word once.
#pragma once

#include "ir/Ccm.h"

namespace ccm {

/// Attributes of functions of nests, and of their arguments and results.
constexpr llvm::StringLiteral kEntryAttr = "ccm.entry"; ///< name of an `EntryKind`
constexpr llvm::StringLiteral kBlockAttr = "ccm.block"; ///< samples (of update: elements)
constexpr llvm::StringLiteral kRoleAttr = "ccm.role";   ///< name of a `Region`
constexpr llvm::StringLiteral kIndexAttr = "ccm.index"; ///< port, parameter or internal number
constexpr llvm::StringLiteral kOfAttr = "ccm.of";       ///< of a result of a forward: its primitive
/// Where a parameter, an internal or a prepared value starts in its region, in bytes.
constexpr llvm::StringLiteral kOffsetAttr = "ccm.offset";
/// Positions of a sequence that a decode serves.
constexpr llvm::StringLiteral kContextAttr = "ccm.context";
/// Bytes that a function needs, as the buffer plan found them.
constexpr llvm::StringLiteral kScratchBytes = "ccm.scratch_bytes";
constexpr llvm::StringLiteral kInternalBytes = "ccm.internal_bytes";
constexpr llvm::StringLiteral kPreparedBytes = "ccm.prepared_bytes";
/// Of a model: bytes of internals that a sample may keep; absent: any.
constexpr llvm::StringLiteral kInternalsCapAttr = "ccm.internals_cap";
/// Of a model, per sample: bytes of internals `kept`, of `all` without a cap; how many values are
/// `recomputed` in a block, and at how many `points` of loops.
constexpr llvm::StringLiteral kInternalsAttr = "ccm.internals";

/// Buffers start at multiples of a cache line, which is also the widest vector.
constexpr int64_t kAlignment = 64;

/// Positions that the shortest decode serves; each further one serves twice as many, until all are.
constexpr int64_t kShortestContext = 64;
/// Most decodes that a model has.
constexpr int64_t kMostContexts = 7;

/// Elements of the chunks that the update runs on: most of a parameter, then its rest.
constexpr int64_t kLargeChunk = 1024, kSmallChunk = kLanes;

/// The numbers of one step, in the order in which update functions are handed them.
enum class HyperNumber {
  Rate,        ///< learning rate
  Scale,       ///< of the delta
  Correction1, ///< 1 / (1 - beta1^t)
  Correction2, ///< 1 / (1 - beta2^t)
  Decay,       ///< 1 for parameters that decay, else 0
};
constexpr int64_t kHyperNumbers = 5; ///< that are read
constexpr int64_t kHyperCount = 8;   ///< that there is room for

/// What an argument or result is: its region and its number there.
struct Role {
  Region region;
  int64_t index;
  bool operator==(const Role &other) const = default;
};

/// The role in an argument's or result's attributes; fails after a diagnostic at `function`.
llvm::FailureOr<Role> readRole(mlir::func::FuncOp function, mlir::DictionaryAttr attributes);
mlir::DictionaryAttr writeRole(mlir::MLIRContext *context, Role role);

/// What a function is for; none when it is no function of a model.
std::optional<EntryKind> entryOf(mlir::func::FuncOp function);
void setEntry(mlir::func::FuncOp function, EntryKind entry);

/// Samples of a function's block, of an update the elements; 0 when it has none.
int64_t blockOf(mlir::func::FuncOp function);

/// Positions that a decode serves; 0 of other functions.
int64_t contextOf(mlir::func::FuncOp function);

/// A function's attribute of that name in bytes, rounded up to `kAlignment`; 0 when absent or when
/// there is no function.
uint64_t bytesAttribute(mlir::func::FuncOp function, llvm::StringRef name);

/// Block sizes a model is built for; [1] when none are chosen.
llvm::SmallVector<int64_t> blocksOf(ModelOp model);

} // namespace ccm
