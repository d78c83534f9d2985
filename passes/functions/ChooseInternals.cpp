// SPDX-License-Identifier: Apache-2.0
// Cuts the backward from the forward that it repeats: keeps values, or recomputes them.
#include "nests/NestClass.h"
#include "passes/Passes.h"
#include "passes/kernels/Layouts.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_CHOOSEINTERNALS
#include "passes/Passes.h.inc"

namespace {

/// A forward and the backward that begins by repeating it, operation by operation.
class Cut {
public:
  Cut(func::FuncOp forward, func::FuncOp backward) : forward(forward), backward(backward) {
    for (Operation &op : forward.getBody().front().without_terminator())
      original.push_back(&op);
    for (Operation &op : backward.getBody().front())
      if (repeated.size() < original.size())
        position[&op] = repeated.size(), repeated.push_back(&op);
  }

  /// Fails after a diagnostic unless the backward does begin with the forward's operations.
  LogicalResult check() {
    for (auto [a, b] : llvm::zip(original, repeated))
      if (a->getName() != b->getName())
        return backward.emitOpError() << "expects to repeat the forward, got " << b->getName()
                                      << " where it has " << a->getName();
    return success();
  }

  void choose(int64_t capPerBlock) {
    readThroughPads();
    markNeeded();
    while (capPerBlock > 0 && keptBytes() > capPerBlock && recomputeOne())
      markNeeded();
  }

  void apply() {
    OpBuilder builder(backward.getContext());
    int64_t number = 0;
    for (Operation *op : kept)
      for (Value value : op->getResults())
        if (isReadLater(value))
          pass(value, original[position[op]]->getResult(cast<OpResult>(value).getResultNumber()),
               number++);
    eraseUnused(backward);
  }

  llvm::SetVector<Operation *> kept;      ///< of the backward's repeated part, in order
  llvm::DenseSet<Operation *> recomputed; ///< elementwise, because of the cap

private:
  bool isLater(Operation *user) const { return !position.contains(user) || survives(user); }
  bool survives(Operation *op) const { return surviving.contains(op); }
  bool isReadLater(Value value) const {
    return llvm::any_of(readersOf(value), [&](Operation *user) { return isLater(user); });
  }

  /// A padded value that the backward reads holds the unpadded one inside: keep one of the two.
  void readThroughPads() {
    for (Operation *op : repeated) {
      auto pad = dyn_cast<tensor::PadOp>(op);
      if (!pad || !isReadLater(pad.getResult()))
        continue;
      OpBuilder builder(pad->getContext());
      builder.setInsertionPointAfter(repeated.back());
      NestBuilder nests(builder, pad.getLoc());
      Value inside = nests.slice(pad.getResult(), pad.getStaticLow(), shapeOf(pad.getSource()));
      pad.getSource().replaceUsesWithIf(inside, [&](OpOperand &use) {
        return use.getOwner() != inside.getDefiningOp() &&
               !position.contains(
                   backward.getBody().front().findAncestorOpInBlock(*use.getOwner()));
      });
    }
  }

  bool dependsOnParametersAlone(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      FailureOr<Role> role = readRole(backward, backward.getArgAttrDict(argument.getArgNumber()));
      return succeeded(role) && role->region == Region::Params;
    }
    return llvm::all_of(readsOf(value.getDefiningOp()),
                        [&](Value operand) { return dependsOnParametersAlone(operand); });
  }

  bool isKeepable(Operation *op) {
    return isa<linalg::GenericOp, tensor::PadOp, tensor::InsertSliceOp>(op) &&
           !recomputed.contains(op) && !dependsOnParametersAlone(op->getResult(0));
  }

  /// From the end of the repeated part: what is read later is kept, or recomputed from its
  /// operands.
  void markNeeded() {
    kept.clear();
    surviving.clear();
    SmallVector<Operation *> keptInReverse;
    for (Operation *op : llvm::reverse(repeated)) {
      if (llvm::none_of(op->getResults(), [&](Value value) { return isReadLater(value); }))
        continue;
      if (isKeepable(op))
        keptInReverse.push_back(op);
      else
        surviving.insert(op);
    }
    kept.insert(keptInReverse.rbegin(), keptInReverse.rend());
  }

  int64_t keptBytes() {
    int64_t total = 0;
    for (Operation *op : kept)
      for (Value value : op->getResults())
        total += isReadLater(value) ? bytesOf(value) : 0;
    return total;
  }

  bool isAvailable(Value value) {
    Operation *op = value.getDefiningOp();
    return !op || isa<arith::ConstantOp>(op) || kept.contains(op) || survives(op) ||
           isa<tensor::EmptyOp>(op) || (isView(op) && isAvailable(op->getOperand(0)));
  }

  /// Turns the largest kept elementwise value whose operands are at hand into a recomputed one.
  bool recomputeOne() {
    Operation *best = nullptr;
    for (Operation *op : kept)
      if (isElementwise(op) && llvm::all_of(readsOf(op), [&](Value v) { return isAvailable(v); }))
        if (!best || bytesOf(op->getResult(0)) > bytesOf(best->getResult(0)))
          best = op;
    if (best)
      recomputed.insert(best);
    return best;
  }

  /// The padded form of a value, if the forward makes one: its producer writes into the padding, so
  /// the padded form is what lies in memory.
  static Value paddedForm(Value source) {
    for (Operation *user : source.getUsers())
      if (auto pad = dyn_cast<tensor::PadOp>(user))
        return pad.getResult();
    return source;
  }

  /// Makes `source` a result of the forward and the backward's `value` an argument, or a view of
  /// it.
  void pass(Value value, Value source, int64_t number) {
    Value stored = paddedForm(source);
    DictionaryAttr role = writeRole(forward.getContext(), {Region::Internal, number});
    Operation *terminator = forward.getBody().front().getTerminator();
    terminator->insertOperands(terminator->getNumOperands(), stored);
    unsigned result = forward.getNumResults();
    (void)forward.insertResult(result, stored.getType(), role);
    if (StringAttr primitive = primitiveOf(source))
      forward.setResultAttr(result, kOfAttr, primitive);
    unsigned at = backward.getNumArguments();
    (void)backward.insertArgument(at, stored.getType(), role, value.getLoc());
    Value argument = backward.getArgument(at);
    if (stored != source) {
      OpBuilder builder = OpBuilder::atBlockBegin(&backward.getBody().front());
      auto pad = stored.getDefiningOp<tensor::PadOp>();
      argument =
          NestBuilder(builder, value.getLoc()).slice(argument, pad.getStaticLow(), shapeOf(value));
    }
    value.replaceAllUsesWith(argument);
  }

  func::FuncOp forward, backward;
  SmallVector<Operation *> original, repeated;
  llvm::DenseMap<Operation *, size_t> position;
  llvm::DenseSet<Operation *> surviving;
};

struct ChooseInternals : impl::ChooseInternalsBase<ChooseInternals> {
  using ChooseInternalsBase::ChooseInternalsBase;

  LogicalResult choose(func::FuncOp forward, func::FuncOp backward) {
    Cut cut(forward, backward);
    if (failed(cut.check()))
      return failure();
    cut.choose(cap * blockOf(backward));
    cut.apply();
    numKept += cut.kept.size();
    numRecomputed += cut.recomputed.size();
    eraseUnused(forward);
    return success();
  }

  void runOnOperation() override {
    for (auto backward : getOperation().getOps<func::FuncOp>())
      if (entryOf(backward) == EntryKind::Backward)
        for (auto forward : getOperation().getOps<func::FuncOp>())
          if (entryOf(forward) == EntryKind::Forward && blockOf(forward) == blockOf(backward))
            if (failed(choose(forward, backward)))
              return signalPassFailure();
  }
};
} // namespace
} // namespace ccm
