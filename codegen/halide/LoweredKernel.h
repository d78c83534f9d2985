// SPDX-License-Identifier: Apache-2.0
// A kernel that Halide has lowered, as LLVM's code: the one place that decides what is fused.
#pragma once

// Halide.h defines words as macros that LLVM's headers use.
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

#include "Halide.h"

namespace ccm {

/// The name of a call that is one fused multiply-add: a * b + c, rounded once.
inline constexpr const char *kFma = "ccm_fma";

/// How the names of loops end that are translated turn by turn. Halide's own unrolling has all of
/// its later passes work on every copy.
inline constexpr const char *kUnrolled = "u";

/// Translates the body of a function that Halide lowered. Every operation is rounded as it is
/// written; `kFma` alone is fused. What kernels have no use for is refused.
class LoweredKernel {
public:
  /// Code goes to where `builder` is.
  explicit LoweredKernel(llvm::IRBuilder<> &builder) : builder(builder) {}

  /// Gives a name of the body, a number of 32 bits, its value.
  void bind(llvm::StringRef name, llvm::Value *value) {
    indices[name] = newIndex(builder.CreateSExt(value, builder.getInt64Ty()));
  }

  /// Gives a buffer of the body its memory. Buffers of one `memory` may be the same; all others lie
  /// apart.
  void bindBuffer(llvm::StringRef name, llvm::Value *start, llvm::StringRef memory);

  void translate(const Halide::Internal::Stmt &body) { stmt(body); }

  /// What has no translation, or "".
  const std::string &refusal() const { return refused; }

private:
  using Expr = Halide::Expr;
  using Value = llvm::Value;

  /// The memory that a name stands for.
  struct Buffer {
    Value *start = nullptr;
    llvm::Align align;           ///< of its start
    llvm::MDNode *tag = nullptr; ///< tells apart from other buffers
  };

  /// A value of 64 bits, how often an index has it, and how many came before it.
  struct Term {
    unsigned age;
    Value *value;
    int64_t factor;
  };

  /// A number of 32 bits as a sum; the oldest terms, those of outer loops, first.
  struct Index {
    llvm::SmallVector<Term, 4> terms;
    int64_t constant = 0;
  };

  // Statements.
  void stmt(const Halide::Internal::Stmt &s);
  void loop(const Halide::Internal::For &op);
  bool unrolled(const Halide::Internal::For &op);
  void branch(const Halide::Internal::IfThenElse &op);
  void allocate(const Halide::Internal::Allocate &op);
  void store(const Halide::Internal::Store &op);
  void storeVector(const Halide::Internal::Store &op, const Buffer &buffer, Value *value);

  /// Binds the name of a let while `body` is translated; no other let has it.
  template <typename Let, typename Body>
  void within(const Let &let, Body body) {
    if (let.value.type() == Halide::Int(32))
      indices[let.name] = index(let.value);
    else
      values[let.name] = expr(let.value);
    body();
  }

  // Indices.
  static Index plus(Index a, const Index &b, int64_t factor);
  Index newIndex(Value *value);
  Index index(const Expr &e);
  Value *valueOf(const Index &index);

  // Expressions.
  Value *expr(const Expr &e);
  Value *arithmetic(const Expr &e);
  Value *compare(Halide::Internal::IRNodeType kind, const Halide::Type &type, Value *a, Value *b);
  Value *call(const Halide::Internal::Call &op);
  Value *intrinsic(const Halide::Internal::Call &op);
  Value *load(const Halide::Internal::Load &op);
  Value *loadVector(const Halide::Internal::Load &op, const Buffer &buffer, llvm::Type *type);
  Value *cast(const Halide::Internal::Cast &op);
  Value *ramp(const Halide::Internal::Ramp &op);
  Value *broadcast(const Halide::Internal::Broadcast &op);
  Value *shuffle(const Halide::Internal::Shuffle &op);
  Value *add(const Halide::Type &type, Value *a, Value *b);
  Value *subtract(const Halide::Type &type, Value *a, Value *b);
  Value *multiply(const Halide::Type &type, Value *a, Value *b);
  Value *divide(const Expr &e, const Expr &a, const Expr &b);
  Value *remainder(const Expr &e, const Expr &a, const Expr &b);
  Value *fma(Value *a, Value *b, Value *c);
  Value *reversed(Value *vector);

  // Memory.
  Value *address(const Buffer &buffer, llvm::Type *element, const Expr &index);
  Value *addresses(const Buffer &buffer, llvm::Type *element, const Expr &index);
  llvm::SmallVector<Value *> laneAddresses(const Buffer &buffer, llvm::Type *element,
                                           const Expr &index);
  llvm::Align alignment(const Buffer &buffer, const Halide::Internal::ModulusRemainder &index,
                        const Halide::Type &type) const;
  const Buffer &bufferOf(const std::string &name);
  template <typename Access>
  Access *tagged(Access *access, const Buffer &buffer);

  llvm::Type *typeOf(const Halide::Type &type);
  llvm::Type *stored(const Halide::Type &type);
  Value *refuse(const std::string &what, const Halide::Type &type);

  llvm::IRBuilder<> &builder;
  llvm::StringMap<Value *> values; ///< of names that are no indices
  llvm::StringMap<Index> indices;
  unsigned ages = 0;
  llvm::StringMap<Buffer> buffers;
  std::string refused;
};

} // namespace ccm
