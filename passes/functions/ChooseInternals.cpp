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
    findOfParameters();
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
    SmallVector<Passed> passed;
    for (Operation *op : kept)
      for (OpResult value : op->getResults())
        if (isReadLater(value))
          passed.push_back(
              Passed(value, original[position[op]]->getResult(value.getResultNumber())));
    giveBack(passed);
    take(passed);
    eraseUnused(backward);
  }

  llvm::SetVector<Operation *> kept;      ///< of the backward's repeated part, in order
  llvm::DenseSet<Operation *> recomputed; ///< elementwise, because of the cap

private:
  /// The padded form of a value, if the forward makes one: its producer writes into the padding, so
  /// the padded form is what lies in memory.
  static Value paddedForm(Value source) {
    for (Operation *user : source.getUsers())
      if (auto pad = dyn_cast<tensor::PadOp>(user))
        return pad.getResult();
    return source;
  }

  /// A value of the backward, the forward's that it repeats, and what of that lies in memory.
  struct Passed {
    Value value, source, stored;
    Passed(Value value, Value source) : value(value), source(source), stored(paddedForm(source)) {}
  };

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

  /// Values of the repeated part that depend on parameters alone, in its order.
  void findOfParameters() {
    for (BlockArgument argument : backward.getArguments()) {
      FailureOr<Role> role = readRole(backward, backward.getArgAttrDict(argument.getArgNumber()));
      if (succeeded(role) && role->region == Region::Params)
        ofParameters.insert(argument);
    }
    for (Operation *op : repeated)
      if (llvm::all_of(readsOf(op), [&](Value v) { return ofParameters.contains(v); }))
        ofParameters.insert(op->result_begin(), op->result_end());
  }

  bool isKeepable(Operation *op) {
    return isa<linalg::GenericOp, tensor::PadOp, tensor::InsertSliceOp>(op) &&
           !recomputed.contains(op) && !ofParameters.contains(op->getResult(0));
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

  /// Makes the stored forms results of the forward.
  void giveBack(ArrayRef<Passed> passed) {
    Operation *terminator = forward.getBody().front().getTerminator();
    auto stored = llvm::map_to_vector(passed, [](const Passed &p) { return p.stored; });
    terminator->insertOperands(terminator->getNumOperands(), stored);
    SmallVector<DictionaryAttr> roles;
    for (auto [number, p] : llvm::enumerate(passed)) {
      NamedAttrList role(writeRole(forward.getContext(), {Region::Internal, int64_t(number)}));
      if (StringAttr primitive = primitiveOf(p.source))
        role.set(kOfAttr, primitive);
      roles.push_back(role.getDictionary(forward.getContext()));
    }
    SmallVector<unsigned> at(passed.size(), forward.getNumResults());
    (void)forward.insertResults(at, TypeRange(ValueRange(stored)), roles);
  }

  /// Makes them arguments of the backward, and its own values those or views of them.
  void take(ArrayRef<Passed> passed) {
    SmallVector<Type> types;
    SmallVector<DictionaryAttr> roles;
    SmallVector<Location> locations;
    for (auto [number, p] : llvm::enumerate(passed)) {
      types.push_back(p.stored.getType());
      roles.push_back(writeRole(backward.getContext(), {Region::Internal, int64_t(number)}));
      locations.push_back(p.value.getLoc());
    }
    unsigned first = backward.getNumArguments();
    (void)backward.insertArguments(SmallVector<unsigned>(passed.size(), first), types, roles,
                                   locations);
    for (auto [number, p] : llvm::enumerate(passed))
      replace(p, backward.getArgument(first + number));
  }

  void replace(const Passed &passed, Value argument) {
    if (passed.stored != passed.source) {
      OpBuilder builder = OpBuilder::atBlockBegin(&backward.getBody().front());
      auto pad = passed.stored.getDefiningOp<tensor::PadOp>();
      argument = NestBuilder(builder, passed.value.getLoc())
                     .slice(argument, pad.getStaticLow(), shapeOf(passed.value));
    }
    Value(passed.value).replaceAllUsesWith(argument);
  }

  func::FuncOp forward, backward;
  SmallVector<Operation *> original, repeated;
  llvm::DenseMap<Operation *, size_t> position;
  llvm::DenseSet<Operation *> surviving;
  llvm::DenseSet<Value> ofParameters;
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
