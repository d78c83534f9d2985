// SPDX-License-Identifier: Apache-2.0
// Groups nests into kernels.
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/IR/IRMapping.h"
#include "passes/Passes.h"
#include "passes/kernels/ClusterFit.h"
#include "passes/kernels/Layouts.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_FORMKERNELS
#include "passes/Passes.h.inc"

namespace {

/// What a nest starts from or captures that every kernel makes anew: constants, fills, shapes.
bool isLocal(Operation *op) {
  return isa_and_present<arith::ConstantOp, tensor::EmptyOp, linalg::FillOp>(op);
}

/// Moves one group into a kernel.
class Outline {
public:
  Outline(Cluster cluster, Layouts &layouts)
      : group(std::move(cluster)), builder(this->group.back()), layouts(layouts) {
    for (linalg::GenericOp nest : this->group)
      members.insert(nest);
  }

  void run() {
    collectInputs();
    collectResults();
    KernelOp kernel = create();
    for (auto [value, result] : llvm::zip(results, kernel.getOutputs())) {
      layouts.replace(value, result);
      value.replaceUsesWithIf(result, [&](OpOperand &use) {
        Operation *reader = kernel->getBlock()->findAncestorOpInBlock(*use.getOwner());
        return !members.contains(reader) && reader != kernel;
      });
    }
    for (linalg::GenericOp nest : llvm::reverse(group))
      nest.erase();
  }

private:
  void collectInputs() {
    for (linalg::GenericOp nest : group) {
      for (Value value : readsOf(nest)) {
        Operation *op = value.getDefiningOp();
        if (isLocal(op))
          locals.insert(op);
        else if (!members.contains(op))
          inputs.insert(value);
      }
    }
  }

  void collectResults() {
    for (linalg::GenericOp nest : group)
      for (Value result : nest->getResults())
        if (llvm::any_of(readersOf(result),
                         [&](Operation *user) { return !members.contains(user); }))
          results.push_back(result);
  }

  KernelOp create() {
    Location loc = group.front().getLoc();
    SmallVector<Type> types;
    for (Value result : results)
      types.push_back(result.getType());
    auto kernel = KernelOp::create(builder, loc, types, inputs.getArrayRef(), strides(inputs),
                                   strides(results), ArrayAttr(), ArrayAttr());
    Block *block = builder.createBlock(&kernel.getBody());
    IRMapping mapping;
    for (Value input : inputs)
      mapping.map(input, block->addArgument(input.getType(), input.getLoc()));
    for (Operation *op : locals)
      cloneLocal(op, mapping);
    for (linalg::GenericOp nest : group)
      builder.clone(*nest, mapping);
    SmallVector<Value> yielded;
    for (Value result : results)
      yielded.push_back(mapping.lookup(result));
    YieldOp::create(builder, loc, yielded);
    return kernel;
  }

  /// A fill needs its own constant and shape first.
  void cloneLocal(Operation *op, IRMapping &mapping) {
    if (mapping.contains(op->getResult(0)))
      return;
    for (Value operand : op->getOperands())
      cloneLocal(operand.getDefiningOp(), mapping);
    builder.clone(*op, mapping);
  }

  template <typename Range>
  ArrayAttr strides(const Range &values) {
    bool dense = llvm::all_of(values, [&](Value value) { return layouts.isDense(value); });
    if (dense)
      return {};
    SmallVector<Attribute> attributes;
    for (Value value : values)
      attributes.push_back(builder.getDenseI64ArrayAttr(layouts.of(value).strides));
    return builder.getArrayAttr(attributes);
  }

  Cluster group;
  OpBuilder builder;
  Layouts &layouts;
  llvm::DenseSet<Operation *> members;
  llvm::SetVector<Value> inputs;
  llvm::SetVector<Operation *> locals;
  SmallVector<Value> results;
};

struct FormKernels : impl::FormKernelsBase<FormKernels> {
  /// A fresh copy right before the reader, for that reader alone.
  void copy(OpOperand &operand) {
    OpBuilder builder(operand.getOwner());
    std::string dims = axisNames(operand.get());
    NestBuilder nests(builder, operand.getOwner()->getLoc());
    operand.set(
        nests.map(dims + " -> " + dims, operand.get(), [](ArrayRef<Scalar> s) { return s[0]; }));
    ++numCopies;
  }

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!entryOf(function))
      return;
    std::optional<Layouts> layouts(std::in_place, function);
    while (!layouts->needCopy.empty()) {
      for (OpOperand *operand : layouts->needCopy)
        copy(*operand);
      layouts.emplace(function);
    }
    Block &block = function.getBody().front();
    FailureOr<ClusterFit> fit = ClusterFit::of(block);
    if (failed(fit))
      return signalPassFailure();
    Clusters clusters(block, *fit);
    numVisits += clusters.visits();
    for (Cluster &cluster : clusters.take()) {
      Outline(std::move(cluster), *layouts).run();
      ++numKernels;
    }
    // A kernel stands where its last nest stood; what reads another of its results may not.
    sortTopologically(&block);
    eraseUnused(function);
  }
};
} // namespace
} // namespace ccm
