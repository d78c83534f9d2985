// SPDX-License-Identifier: Apache-2.0
// Gives every tensor a place: fixed regions for ports and parameters, one arena for the rest.
#include "passes/Passes.h"
#include "passes/kernels/Layouts.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_PLANBUFFERS
#include "passes/Passes.h.inc"

namespace {

int64_t padded(int64_t bytes) { return llvm::alignTo(bytes, kAlignment); }

/// Byte offsets of numbered tensors laid out one after the other.
class Sequence {
public:
  void append(int64_t bytes) {
    offsets.push_back(total);
    total += padded(bytes);
  }
  int64_t at(int64_t number) const { return offsets[number]; }
  int64_t bytes() const { return total; }

private:
  SmallVector<int64_t> offsets;
  int64_t total = 0;
};

/// What the functions of one model share.
struct Shared {
  SmallVector<int64_t> parameters; ///< offsets, in the order of the declaration
  Sequence prepared;
  std::map<int64_t, Sequence> internals; ///< by block size
};

/// An arena filled first-fit by lifetime.
class Arena {
public:
  struct Buffer {
    int64_t bytes, first, last, offset;
  };

  int64_t place(int64_t bytes, int64_t first, int64_t last) {
    int64_t offset = 0;
    SmallVector<const Buffer *> live;
    for (const Buffer &other : buffers)
      if (other.first <= last && first <= other.last)
        live.push_back(&other);
    llvm::sort(live, [](auto *a, auto *b) { return a->offset < b->offset; });
    for (const Buffer *other : live)
      if (offset + padded(bytes) > other->offset)
        offset = std::max(offset, other->offset + padded(other->bytes));
    buffers.push_back({bytes, first, last, offset});
    total = std::max(total, offset + padded(bytes));
    return offset;
  }

  int64_t total = 0;

private:
  SmallVector<Buffer> buffers;
};

/// Plans one function.
class Plan {
public:
  Plan(func::FuncOp function, Shared &shared)
      : function(function), shared(shared), layouts(function), builder(function.getContext()) {}

  LogicalResult run() {
    if (!layouts.needCopy.empty())
      return function.emitOpError() << "expects kernels with one destination per value; run "
                                       "ccm-form-kernels first";
    measureLifetimes();
    if (failed(placeRoots()))
      return failure();
    annotate();
    function->setAttr(kScratchBytes, builder.getI64IntegerAttr(arena.total));
    return success();
  }

  int64_t scratchBytes() const { return arena.total; }

private:
  struct Lifetime {
    int64_t first, last;
    Operation *writer;
  };

  void touch(Value value, Operation *op, int64_t time) {
    if (!isa<RankedTensorType>(value.getType()))
      return;
    auto [at, isNew] = lifetimes.try_emplace(layouts.of(value).root, Lifetime{time, time, op});
    if (isNew)
      roots.push_back(at->first);
    at->second.last = time;
  }

  void measureLifetimes() {
    int64_t time = 0;
    for (Operation &op : function.getBody().front()) {
      ++time;
      if (!isa<KernelOp, func::ReturnOp>(op))
        continue;
      for (Value value : op.getResults())
        touch(value, &op, time);
      for (Value value : op.getOperands())
        touch(value, &op, time);
    }
  }

  /// Place of the start of the buffer of role `role`.
  PlaceAttr regionPlace(Role role, int64_t bytes) {
    auto make = [&](int64_t index, int64_t offset) {
      return PlaceAttr::get(builder.getContext(), role.region, index, offset, {});
    };
    bool isUpdate = entryOf(function) == EntryKind::Update;
    switch (role.region) {
    case Region::Params:
    case Region::Delta:
      return make(0, isUpdate ? 0 : shared.parameters[role.index]);
    case Region::Prepared:
      return make(0, shared.prepared.at(role.index));
    case Region::Internal:
      return make(0, shared.internals[blockOf(function)].at(role.index));
    default:
      return make(role.index, 0);
    }
  }

  FailureOr<Role> roleOfRoot(Value root) {
    if (auto argument = dyn_cast<BlockArgument>(root))
      return readRole(function, function.getArgAttrDict(argument.getArgNumber()));
    return readRole(function, function.getResultAttrDict(*layouts.returnedAs(root)));
  }

  LogicalResult placeRoots() {
    for (Value root : roots) {
      Lifetime life = lifetimes.at(root);
      if (isa<BlockArgument>(root) || layouts.returnedAs(root)) {
        FailureOr<Role> role = roleOfRoot(root);
        if (failed(role))
          return failure();
        places[root] = regionPlace(*role, bytesOf(root));
      } else {
        places[root] = PlaceAttr::get(builder.getContext(), Region::Scratch, 0,
                                      arena.place(bytesOf(root), life.first, life.last), {});
      }
    }
    return success();
  }

  PlaceAttr placeOf(Value value) {
    const Layout &layout = layouts.of(value);
    PlaceAttr base = places.lookup(layout.root);
    int64_t width = cast<RankedTensorType>(value.getType()).getElementTypeBitWidth() / 8;
    return PlaceAttr::get(builder.getContext(), base.getRegion(), base.getIndex(),
                          base.getOffset() + layout.offset * width, layout.strides);
  }

  template <typename Range>
  ArrayAttr placesOf(const Range &values) {
    SmallVector<Attribute> attributes;
    for (Value value : values)
      attributes.push_back(placeOf(value));
    return builder.getArrayAttr(attributes);
  }

  void annotate() {
    function.walk([&](KernelOp kernel) {
      kernel.setOperandPlacesAttr(placesOf(kernel.getOperands()));
      kernel.setResultPlacesAttr(placesOf(kernel.getResults()));
    });
    for (Value root : roots)
      if (auto pad = root.getDefiningOp<tensor::PadOp>(); pad && !pad->use_empty())
        zeroBorder(pad);
  }

  void zeroBorder(tensor::PadOp pad) {
    Value root = pad.getResult();
    OpBuilder at(lifetimes.at(root).writer);
    ZeroBorderOp::create(at, pad.getLoc(), placeOf(root), shapeOf(root), pad.getStaticLow(),
                         pad.getStaticHigh());
  }

  func::FuncOp function;
  Shared &shared;
  Layouts layouts;
  Builder builder;
  Arena arena;
  SmallVector<Value> roots;
  llvm::DenseMap<Value, Lifetime> lifetimes;
  llvm::DenseMap<Value, PlaceAttr> places;
};

struct PlanBuffers : impl::PlanBuffersBase<PlanBuffers> {
  /// Parameters in order, those that are trained before the frozen ones: a delta and the
  /// optimizer's state have the former's bytes alone.
  void measureParameters(Shared &shared) {
    Builder builder(&getContext());
    SmallVector<ParameterOp> parameters;
    for (ModelOp model : getOperation().getOps<ModelOp>())
      llvm::append_range(parameters, opsOf<ParameterOp>(model));
    int64_t bytes = 0;
    shared.parameters.resize(parameters.size());
    for (bool frozen : {false, true})
      for (auto [number, parameter] : llvm::enumerate(parameters))
        if (parameter.getFrozen() == frozen) {
          parameter->setAttr(kOffsetAttr, builder.getI64IntegerAttr(bytes));
          shared.parameters[number] = bytes;
          bytes += padded(bytesOf(parameter));
        }
  }

  /// Sizes that functions agree on: of parameters, and of prepared values and internals as their
  /// producers return them.
  void measure(Shared &shared) {
    measureParameters(shared);
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (entryOf(function) == EntryKind::Prepare)
        append(shared.prepared, function, Region::Prepared);
      if (entryOf(function) == EntryKind::Forward)
        append(shared.internals[blockOf(function)], function, Region::Internal);
    }
  }

  void append(Sequence &sequence, func::FuncOp function, Region region) {
    Operation *terminator = function.getBody().front().getTerminator();
    for (auto [number, value] : llvm::enumerate(terminator->getOperands())) {
      FailureOr<Role> role = readRole(function, function.getResultAttrDict(number));
      if (failed(role) || role->region != region)
        continue;
      function.setResultAttr(number, kOffsetAttr,
                             Builder(&getContext()).getI64IntegerAttr(sequence.bytes()));
      sequence.append(bytesOf(value));
    }
  }

  void runOnOperation() override {
    Shared shared;
    measure(shared);
    Builder builder(&getContext());
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (!entryOf(function))
        continue;
      Plan plan(function, shared);
      if (failed(plan.run()))
        return signalPassFailure();
      scratchBytes = std::max<int64_t>(scratchBytes.getValue(), plan.scratchBytes());
      function->setAttr(kPreparedBytes, builder.getI64IntegerAttr(shared.prepared.bytes()));
      function->setAttr(kInternalBytes,
                        builder.getI64IntegerAttr(shared.internals[blockOf(function)].bytes()));
    }
  }
};
} // namespace
} // namespace ccm
