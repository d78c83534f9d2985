// SPDX-License-Identifier: Apache-2.0
// Cuts the backward from the forward that it repeats: keeps values, or recomputes them.
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "nests/NestClass.h"
#include "passes/Passes.h"
#include "passes/kernels/Layouts.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_CHOOSEINTERNALS
#include "passes/Passes.h.inc"

namespace {

/// What became of the internals of a block.
struct InternalsReport {
  int64_t kept, all;  ///< bytes
  int64_t recomputed; ///< values
  int64_t points;     ///< of their loops
};

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
    all = keptBytes();
    while (capPerBlock > 0 && keptBytes() > capPerBlock && recomputeOne())
      markNeeded();
  }

  /// Bytes that are kept, and points of loops that are computed again.
  InternalsReport report() {
    int64_t points = 0;
    for (Operation *op : recomputed)
      points += pointsOf(op);
    return {keptBytes(), all, int64_t(recomputed.size()), points};
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
    if (!recomputed.empty())
      sinkRepeated();
  }

  llvm::SetVector<Operation *> kept;       ///< of the backward's repeated part, in order
  llvm::SetVector<Operation *> recomputed; ///< because of the cap

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

  /// Points of an operation's loops: multiply-adds of a product, elements of anything else.
  static int64_t pointsOf(Operation *op) {
    if (auto nest = dyn_cast<linalg::GenericOp>(op))
      return computeProduct(nest.getStaticLoopRanges());
    return cast<ShapedType>(op->getResult(0).getType()).getNumElements();
  }

  int64_t bytesReadLater(Operation *op) {
    int64_t bytes = 0;
    for (Value value : op->getResults())
      bytes += isReadLater(value) ? bytesOf(value) : 0;
    return bytes;
  }

  /// An operation with those before it that must be computed again for it, up to what is at hand.
  /// Views are repeated anyway.
  void addChain(Operation *op, llvm::SetVector<Operation *> &chain) {
    if (isKeepable(op) && !chain.insert(op))
      return;
    for (Value value : readsOf(op))
      if (!isAvailable(value))
        addChain(value.getDefiningOp(), chain);
  }

  /// Computes the kept value again that frees most bytes for what it costs, the first of equals.
  bool recomputeOne() {
    double most = 0;
    llvm::SetVector<Operation *> best;
    for (Operation *op : kept) {
      llvm::SetVector<Operation *> chain;
      addChain(op, chain);
      double points = 1;
      for (Operation *link : chain)
        points += double(pointsOf(link));
      double worth = double(bytesReadLater(op)) / points;
      if (worth > most)
        most = worth, best = std::move(chain);
    }
    recomputed.insert(best.begin(), best.end());
    return !best.empty();
  }

  /// Moves what is computed again to where it is first read, so that it lives no longer than that
  /// needs.
  void sinkRepeated() {
    Block &block = backward.getBody().front();
    SmallVector<Operation *> left;
    for (Operation &op : block.without_terminator())
      left.push_back(&op);
    for (Operation *op : llvm::reverse(left)) {
      Operation *first = nullptr;
      for (Value value : op->getResults())
        for (Operation *reader : readersOf(value))
          if (!first || reader->isBeforeInBlock(first))
            first = reader;
      if (first && survives(op))
        op->moveBefore(first);
    }
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
  int64_t all = 0; ///< bytes that would be kept without a cap
};

struct ChooseInternals : impl::ChooseInternalsBase<ChooseInternals> {
  using ChooseInternalsBase::ChooseInternalsBase;

  /// The option's, or else the model's; 0 for none.
  int64_t capOf(func::FuncOp function) {
    for (ModelOp model : function->getParentOfType<ModuleOp>().getOps<ModelOp>())
      if (auto limit = model->getAttrOfType<IntegerAttr>(kInternalsCapAttr); limit && cap == 0)
        return limit.getInt();
    return cap;
  }

  /// What reports tell, per sample, of the last block.
  void record(const InternalsReport &report, int64_t block) {
    Builder b(&getContext());
    auto perSample = [&](StringRef name, int64_t number) {
      return b.getNamedAttr(name, b.getI64IntegerAttr(number / block));
    };
    for (ModelOp model : getOperation().getOps<ModelOp>())
      model->setAttr(
          kInternalsAttr,
          b.getDictionaryAttr({perSample("kept", report.kept), perSample("all", report.all),
                               b.getNamedAttr("recomputed", b.getI64IntegerAttr(report.recomputed)),
                               perSample("points", report.points)}));
  }

  LogicalResult choose(func::FuncOp forward, func::FuncOp backward) {
    Cut cut(forward, backward);
    if (failed(cut.check()))
      return failure();
    int64_t perBlock;
    if (llvm::MulOverflow(capOf(backward), blockOf(backward), perBlock))
      perBlock = INT64_MAX;
    cut.choose(perBlock);
    record(cut.report(), blockOf(backward));
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
