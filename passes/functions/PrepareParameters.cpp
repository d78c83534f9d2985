// SPDX-License-Identifier: Apache-2.0
// Moves what depends on parameters alone into a function that runs once per call.
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/CSE.h"
#include "passes/Passes.h"
#include "passes/functions/Expansion.h"

using namespace mlir;

namespace ccm {
#define GEN_PASS_DEF_PREPAREPARAMETERS
#include "passes/Passes.h.inc"

namespace {

/// A value of a block function that `prepare` will compute.
struct Use {
  func::FuncOp function;
  Value value;
};

/// Finds, in one function, the values computed by nests from parameters alone that others read.
class Finder {
public:
  explicit Finder(func::FuncOp function) : function(function) {
    for (BlockArgument argument : function.getArguments()) {
      FailureOr<Role> role = readRole(function, function.getArgAttrDict(argument.getArgNumber()));
      if (succeeded(role) && role->region == Region::Params)
        prepared.insert(argument);
    }
    for (Operation &op : function.getBody().front().without_terminator())
      if (llvm::all_of(readsOf(&op), [&](Value v) { return prepared.contains(v); }))
        prepared.insert(op.result_begin(), op.result_end());
  }

  SmallVector<Use> find() {
    SmallVector<Use> uses;
    for (Operation &op : function.getBody().front())
      if (isa<linalg::GenericOp, tensor::PadOp>(op) && prepared.contains(op.getResult(0)) &&
          isReadOutside(op.getResult(0)))
        uses.push_back({function, op.getResult(0)});
    return uses;
  }

private:
  bool isReadOutside(Value value) {
    return llvm::any_of(readersOf(value), [&](Operation *user) {
      if (user->getNumResults() == 0 || !prepared.contains(user->getResult(0)))
        return true;
      return !isa<linalg::GenericOp, tensor::PadOp>(user) && isReadOutside(user->getResult(0));
    });
  }

  func::FuncOp function;
  llvm::DenseSet<Value> prepared;
};

/// Clones the computation of `value` to the builder's place, its parameters mapped by number.
Value cloneComputation(OpBuilder &builder, Value value, IRMapping &mapping) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  for (Value operand : readsOf(op))
    cloneComputation(builder, operand, mapping);
  builder.clone(*op, mapping);
  return mapping.lookup(value);
}

struct PrepareParameters : impl::PrepareParametersBase<PrepareParameters> {
  SmallVector<Use> findUses() {
    SmallVector<Use> uses;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (entryOf(function) != EntryKind::Update)
        llvm::append_range(uses, Finder(function).find());
    return uses;
  }

  /// Builds `prepare` with one result per use; equal computations become one value.
  func::FuncOp build(ModelOp model, ArrayRef<Use> uses) {
    FunctionBuilder prepare(model, EntryKind::Prepare, 0);
    SmallVector<Value> parameters;
    for (auto [number, parameter] : llvm::enumerate(opsOf<ParameterOp>(model)))
      parameters.push_back(
          prepare.argument(parameter.getType(), {Region::Params, int64_t(number)}));
    for (Use use : uses) {
      IRMapping mapping;
      for (BlockArgument argument : use.function.getArguments()) {
        FailureOr<Role> role =
            readRole(use.function, use.function.getArgAttrDict(argument.getArgNumber()));
        if (succeeded(role) && role->region == Region::Params)
          mapping.map(argument, parameters[role->index]);
      }
      prepare.result(cloneComputation(prepare.builder, use.value, mapping), {Region::Prepared, 0});
    }
    func::FuncOp function = prepare.finish();
    IRRewriter rewriter(function.getContext());
    DominanceInfo dominance(function);
    eliminateCommonSubExpressions(rewriter, dominance, function);
    return function;
  }

  /// Gives equal results one number, and every use an argument of that number.
  void connect(func::FuncOp prepare, ArrayRef<Use> uses) {
    Operation *terminator = prepare.getBody().front().getTerminator();
    SmallVector<Value> distinct;
    for (auto [use, result] : llvm::zip(uses, terminator->getOperands())) {
      auto at = llvm::find(distinct, result);
      int64_t number = at - distinct.begin();
      if (at == distinct.end())
        distinct.push_back(result);
      readPrepared(use, number);
    }
    terminator->setOperands(distinct);
    SmallVector<DictionaryAttr> roles;
    for (size_t i = 0; i < distinct.size(); ++i)
      roles.push_back(writeRole(prepare.getContext(), {Region::Prepared, int64_t(i)}));
    prepare.setType(FunctionType::get(prepare.getContext(), prepare.getArgumentTypes(),
                                      TypeRange(ValueRange(distinct))));
    prepare.setAllResultAttrs(roles);
    numPrepared += distinct.size();
  }

  void readPrepared(Use use, int64_t number) {
    unsigned at = use.function.getNumArguments();
    (void)use.function.insertArgument(at, use.value.getType(),
                                      writeRole(&getContext(), {Region::Prepared, number}),
                                      use.value.getLoc());
    use.value.replaceAllUsesWith(use.function.getArgument(at));
  }

  void runOnOperation() override {
    auto models = getOperation().getOps<ModelOp>();
    SmallVector<Use> uses = findUses();
    if (models.empty() || uses.empty())
      return;
    connect(build(*models.begin(), uses), uses);
    for (auto function : getOperation().getOps<func::FuncOp>())
      eraseUnused(function);
  }
};
} // namespace
} // namespace ccm
