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

  static void mapParameters(func::FuncOp from, ArrayRef<Value> parameters, IRMapping &mapping) {
    for (BlockArgument argument : from.getArguments()) {
      FailureOr<Role> role = readRole(from, from.getArgAttrDict(argument.getArgNumber()));
      if (succeeded(role) && role->region == Region::Params)
        mapping.map(argument, parameters[role->index]);
    }
  }

  /// Builds `prepare` with one result per use; equal computations become one value.
  func::FuncOp build(ModelOp model, ArrayRef<Use> uses) {
    FunctionBuilder prepare(model, EntryKind::Prepare, 0);
    SmallVector<Value> parameters;
    for (auto [number, parameter] : llvm::enumerate(opsOf<ParameterOp>(model)))
      parameters.push_back(
          prepare.argument(parameter.getType(), {Region::Params, int64_t(number)}));
    llvm::DenseMap<Operation *, IRMapping> mappings; // by function
    for (Use use : uses) {
      IRMapping &mapping = mappings[use.function];
      if (mapping.getValueMap().empty())
        mapParameters(use.function, parameters, mapping);
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
    llvm::SetVector<Value> results(terminator->operand_begin(), terminator->operand_end());
    SmallVector<Value> distinct = results.takeVector();
    llvm::DenseMap<Value, int64_t> numbers;
    for (auto [number, result] : llvm::enumerate(distinct))
      numbers[result] = number;
    auto numberOf = [&](size_t use) { return numbers.lookup(terminator->getOperand(use)); };
    for (size_t first = 0, last = 0; first < uses.size(); first = last) {
      while (last < uses.size() && uses[last].function == uses[first].function)
        ++last;
      auto range = llvm::seq(first, last);
      readPrepared(uses.slice(first, last - first), llvm::map_to_vector(range, numberOf));
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

  /// Uses of one function become arguments of it.
  void readPrepared(ArrayRef<Use> uses, ArrayRef<int64_t> numbers) {
    func::FuncOp function = uses.front().function;
    SmallVector<Type> types;
    SmallVector<DictionaryAttr> roles;
    SmallVector<Location> locations;
    for (auto [use, number] : llvm::zip(uses, numbers)) {
      types.push_back(use.value.getType());
      roles.push_back(writeRole(&getContext(), {Region::Prepared, number}));
      locations.push_back(use.value.getLoc());
    }
    unsigned first = function.getNumArguments();
    (void)function.insertArguments(SmallVector<unsigned>(uses.size(), first), types, roles,
                                   locations);
    for (auto [position, use] : llvm::enumerate(uses))
      Value(use.value).replaceAllUsesWith(function.getArgument(first + unsigned(position)));
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
