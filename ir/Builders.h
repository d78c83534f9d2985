// SPDX-License-Identifier: Apache-2.0
// The vocabulary that primitives are written in: loop nests over tensors, named by their indices.
#pragma once

#include "ir/Scalar.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Block.h"
#include "llvm/ADT/StringMap.h"
#include <memory>
#include <string>

namespace ccm {

/// Emits loop nests at an insertion point. Indices are written per operand, the result last:
/// "b y*2+j x*2+i c, q j c i v -> b y x q v". An index is a sum of terms: a name, number*name,
/// name*number or a number. An entry "#name" stands for no operand: the body receives that loop's
/// index there. Names absent from the result are reduced over. A name's extent is that
/// of an operand's dimension it stands alone in, or is given in `sizes`. Extents are static.
/// Malformed indices are a mistake of the caller and end in a fatal error naming them.
class NestBuilder {
public:
  using Sizes = llvm::StringMap<int64_t>;
  using Body = llvm::function_ref<Scalar(llvm::ArrayRef<Scalar>)>;
  using ManyBody = llvm::function_ref<llvm::SmallVector<Scalar>(llvm::ArrayRef<Scalar>)>;

  NestBuilder(mlir::OpBuilder &builder, mlir::Location loc) : builder(builder), loc(loc) {}

  /// One value per point: result[...] = body(operands...).
  mlir::Value map(llvm::StringRef indices, mlir::ValueRange operands, Body body,
                  const Sizes &sizes = {});
  /// Several results of one shape and one index list; result types are those of the bodies'
  /// scalars.
  llvm::SmallVector<mlir::Value> mapMany(llvm::StringRef indices, mlir::ValueRange operands,
                                         ManyBody body, const Sizes &sizes = {});
  /// result[...] = init[...] + sum of body(operands...); a null init is zero.
  mlir::Value sum(llvm::StringRef indices, mlir::ValueRange operands, Body body,
                  mlir::Value init = {}, const Sizes &sizes = {});
  /// The sum of products of two operands: the form the emitter tiles for registers.
  mlir::Value contract(llvm::StringRef indices, mlir::Value left, mlir::Value right,
                       mlir::Value init = {}, const Sizes &sizes = {});
  /// result[...] = largest body(operands...).
  mlir::Value maximum(llvm::StringRef indices, mlir::ValueRange operands, Body body,
                      const Sizes &sizes = {});
  /// result[rest of `indices`, c] = table[first + ids[...], c]: "b t -> b t c".
  mlir::Value gather(llvm::StringRef indices, mlir::Value ids, mlir::Value table,
                     int64_t first = 0);
  /// result[v, c] = init[v, c] + sum of values[..., c] where ids[...] == v: "b t, b t c -> v c".
  mlir::Value scatterAdd(llvm::StringRef indices, mlir::Value ids, mlir::Value values,
                         mlir::Value init);
  /// result[.., row, ..] = values[...] where first + ids[...] == row, the last of them, else
  /// into[.., row, ..]: "b t, b t c -> b v c" with the row v.
  mlir::Value scatter(llvm::StringRef indices, llvm::StringRef row, mlir::Value ids,
                      mlir::Value values, mlir::Value into, int64_t first);

  /// Zeros around a tensor: `low[d]` before and `high[d]` after dimension d. Returns the operand
  /// when all are zero.
  mlir::Value pad(mlir::Value operand, llvm::ArrayRef<int64_t> low, llvm::ArrayRef<int64_t> high);
  /// A view: extents[d] elements from offsets[d], every strides[d]-th (empty: 1).
  mlir::Value slice(mlir::Value operand, llvm::ArrayRef<int64_t> offsets,
                    llvm::ArrayRef<int64_t> extents, llvm::ArrayRef<int64_t> strides = {});
  /// The same elements in row-major order under another shape.
  mlir::Value reshape(mlir::Value operand, llvm::ArrayRef<int64_t> shape);
  /// Bytes 0…255 as 0…1; other values as they are.
  mlir::Value numbersOf(mlir::Value stored);
  /// A tensor filled with one f32 number.
  mlir::Value fill(llvm::ArrayRef<int64_t> shape, double number);

  mlir::OpBuilder &getBuilder() { return builder; }
  mlir::Location getLoc() const { return loc; }

private:
  struct Nest;
  Nest parse(llvm::StringRef indices, mlir::ValueRange operands, const Sizes &sizes);
  std::unique_ptr<mlir::Block> makeBlock(const Nest &nest);
  llvm::SmallVector<Scalar> scalarsOf(const Nest &nest, mlir::Block &block);
  llvm::SmallVector<mlir::Value> finish(const Nest &nest, std::unique_ptr<mlir::Block> block,
                                        mlir::ValueRange inits, mlir::ValueRange yielded);
  mlir::Value reduce(llvm::StringRef indices, mlir::ValueRange operands, Body body,
                     llvm::function_ref<Scalar(Scalar, Scalar)> combine, double start,
                     mlir::Value init, const Sizes &sizes);

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

/// Shape of a value of ranked tensor type.
llvm::ArrayRef<int64_t> shapeOf(mlir::Value value);

/// Names for axes `first` to `last` - 1, as nests write them: "d0 d1 d2".
std::string axisNames(unsigned first, unsigned last);
/// The same for every axis of a value.
std::string axisNames(mlir::Value value);

/// What `buildForward` works with. Operands are static: the batch extent is a number.
class ForwardBuilder : public NestBuilder {
public:
  ForwardBuilder(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange operands)
      : NestBuilder(builder, loc), operands(operands) {}

  mlir::Value input(unsigned number) const { return operands[number]; }
  /// Samples in this block.
  int64_t batch() const { return shapeOf(operands[0])[0]; }
  /// Sets the result; its shape is the op's result with the batch extent filled in.
  llvm::LogicalResult output(mlir::Value value);
  /// Keeps a value for the backward, which reads it as `internal(n)` in order of `keep` calls.
  void keep(mlir::Value value) { kept.push_back(value); }

  mlir::Value result;
  llvm::SmallVector<mlir::Value> kept;

private:
  llvm::SmallVector<mlir::Value> operands;
};

/// What `buildStep` works with: one position per sample of a sequence. Operands that go along
/// positions are [batch, 1, channels], indices [batch, 1], whatever axes the positions have; null
/// where the operation's operand does not go along. Positions of an operand may be preceded by
/// others, as many as `first`.
class StepBuilder : public ForwardBuilder {
public:
  /// Hands out the next cache of the function and takes what it becomes.
  struct Caches {
    virtual ~Caches() = default;
    /// tensor<batch x shape x f32>, as earlier positions left it.
    virtual mlir::Value next(llvm::ArrayRef<int64_t> shape) = 0;
    virtual void give(mlir::Value value) = 0;
  };

  /// `position` is tensor<batch x 1 x i32>, below `context`.
  StepBuilder(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange operands,
              mlir::Value position, int64_t context, int64_t first, Caches &caches)
      : ForwardBuilder(builder, loc, operands), position(position), context(context), first(first),
        resultFirst(first), caches(caches) {}

  const mlir::Value position; ///< of the step in the sequence
  const int64_t context;      ///< positions in sequence that caches are read for
  const int64_t first;        ///< positions before the sequence's, of operands
  int64_t resultFirst;        ///< of the result

  /// The cache [batch, shape] with `values`, at [.., position, ..] of `row`, written into it; see
  /// `scatter` for indices. It is read as it becomes.
  mlir::Value remember(llvm::StringRef indices, llvm::StringRef row, mlir::Value values,
                       llvm::ArrayRef<int64_t> shape);

private:
  Caches &caches;
};

/// What `buildBackward` works with: the forward's operands, result and kept values, and the delta
/// of its result. Only wanted deltas need to be built.
class BackwardBuilder : public NestBuilder {
public:
  BackwardBuilder(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange operands,
                  mlir::Value result, mlir::ValueRange internals, mlir::Value outputDelta,
                  llvm::ArrayRef<bool> wanted, mlir::ValueRange accumulators)
      : NestBuilder(builder, loc), operands(operands), result(result), internals(internals),
        delta(outputDelta), wanted(wanted), accumulators(accumulators) {
    deltas.resize(operands.size());
  }

  mlir::Value input(unsigned number) const { return operands[number]; }
  mlir::Value output() const { return result; }
  mlir::Value internal(unsigned number) const { return internals[number]; }
  mlir::Value outputDelta() const { return delta; }
  bool wants(unsigned number) const { return wanted[number]; }
  int64_t batch() const { return shapeOf(delta)[0]; }
  /// For a trained operand: the delta so far, to be the `init` of the sum that adds to it, so that
  /// kernels accumulate in place. Null for other operands.
  mlir::Value accumulator(unsigned number) const { return accumulators[number]; }
  /// Sets an operand's delta: of the operand's type; for a trained operand including the
  /// accumulator.
  void setDelta(unsigned number, mlir::Value value) { deltas[number] = value; }

  llvm::SmallVector<mlir::Value> deltas;

private:
  llvm::SmallVector<mlir::Value> operands;
  mlir::Value result;
  llvm::SmallVector<mlir::Value> internals;
  mlir::Value delta;
  llvm::SmallVector<bool> wanted;
  llvm::SmallVector<mlir::Value> accumulators;
};

/// What `buildLoss` works with: an output of static batch N, its target, the port's weight.
class LossBuilder : public NestBuilder {
public:
  LossBuilder(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value output, mlir::Value target,
              mlir::Value classWeights, double weight)
      : NestBuilder(builder, loc), output(output), target(target), classWeights(classWeights),
        weight(weight) {}

  const mlir::Value output, target;
  const mlir::Value classWeights; ///< [C], or null
  const double weight;
  mlir::Value loss;        ///< tensor<Nxf32>, to be set
  mlir::Value outputDelta; ///< type of `output`, to be set
};

/// Scalars of one optimizer step that vary between steps.
struct Hyper {
  Scalar learningRate;
  Scalar correction1; ///< 1 / (1 - beta1^t)
  Scalar correction2; ///< 1 / (1 - beta2^t)
  Scalar decay;       ///< 1 where weight decay applies, else 0
};

} // namespace ccm
