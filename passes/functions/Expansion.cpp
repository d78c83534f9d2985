// SPDX-License-Identifier: Apache-2.0
// Functions with roles, and the forward of a whole model.
#include "passes/functions/Expansion.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/BitVector.h"

using namespace mlir;

namespace ccm {

FunctionBuilder::FunctionBuilder(ModelOp model, EntryKind entry, int64_t block, int64_t context)
    : builder(model.getContext()) {
  builder.setInsertionPointToEnd(model->getBlock());
  std::string name = stringifyEntryKind(entry).str();
  for (int64_t number : {context, block})
    name += number ? "_" + std::to_string(number) : "";
  function = func::FuncOp::create(builder, model.getLoc(), name, builder.getFunctionType({}, {}));
  setEntry(function, entry);
  function->setAttr(kBlockAttr, builder.getI64IntegerAttr(block));
  if (context)
    function->setAttr(kContextAttr, builder.getI64IntegerAttr(context));
  function.addEntryBlock();
  builder.setInsertionPointToStart(&function.getBody().front());
}

Value FunctionBuilder::argument(Type type, Role role) {
  argumentRoles.push_back(writeRole(builder.getContext(), role));
  return function.getBody().front().addArgument(type, function.getLoc());
}

void FunctionBuilder::result(Value value, Role role) {
  results.push_back(value);
  resultRoles.push_back(writeRole(builder.getContext(), role));
}

func::FuncOp FunctionBuilder::finish() {
  func::ReturnOp::create(builder, function.getLoc(), results);
  Block &block = function.getBody().front();
  function.setType(builder.getFunctionType(block.getArgumentTypes(), TypeRange(results)));
  function.setAllArgAttrs(argumentRoles);
  function.setAllResultAttrs(resultRoles);
  return function;
}

LogicalResult forEachBlock(ModuleOp module,
                           function_ref<LogicalResult(ModelOp model, int64_t block)> expand) {
  for (ModelOp model : llvm::to_vector(module.getOps<ModelOp>()))
    for (int64_t block : blocksOf(model))
      if (failed(expand(model, block)))
        return failure();
  return success();
}

/// The type of the caller's array behind an input.
static RankedTensorType storedType(InputOp input, int64_t block) {
  RankedTensorType type = withBatch(input.getType(), block);
  return input.getBytes()
             ? RankedTensorType::get(type.getShape(), IntegerType::get(input.getContext(), 8))
             : type;
}

/// What a parameter belongs to: "core.block0.up" of "core.block0.up.weight".
static StringRef ownerOf(ParameterOp parameter) { return parameter.getName().rsplit('.').first; }

/// A primitive as people find it in the declaration's parts: by its own parameters, or by those
/// that its first operand comes from: "gelu after dense 'core.block0.up'".
static std::string labelOf(Operation *op) {
  std::string label = op->getName().stripDialect().str();
  for (bool isFirst = true; op; isFirst = false) {
    std::string kind = (isFirst ? "" : " after " + op->getName().stripDialect().str());
    if (auto input = dyn_cast<InputOp>(op))
      return label + kind + " '" + input.getName().str() + "'";
    for (Value operand : op->getOperands())
      if (auto parameter = operand.getDefiningOp<ParameterOp>())
        return label + kind + " '" + ownerOf(parameter).str() + "'";
    op = op->getNumOperands() ? op->getOperand(0).getDefiningOp() : nullptr;
  }
  return label;
}

// Nests say whose they are by their location, which no merging or comparing of nests looks at.
Location locationOf(OpBuilder &builder, Operation *op) {
  return NameLoc::get(builder.getStringAttr(labelOf(op)), op->getLoc());
}

static LogicalResult expandOp(Operation &op, FunctionBuilder &function, ForwardValues &forward,
                              ValueRange operands) {
  auto primitive = dyn_cast<ForwardOpInterface>(op);
  if (!primitive)
    return op.emitError() << "the structure of this part has not been built yet";
  ForwardBuilder b(function.builder, locationOf(function.builder, &op), operands);
  if (failed(primitive.buildForward(b)))
    return failure();
  forward.values[op.getResult(0)] = b.result;
  forward.kept[&op] = std::move(b.kept);
  return success();
}

LogicalResult expandForward(FunctionBuilder &function, ModelOp model, int64_t block,
                            ForwardValues &forward) {
  for (auto [number, parameter] : llvm::enumerate(opsOf<ParameterOp>(model)))
    forward.values[parameter] =
        function.argument(parameter.getType(), {Region::Params, int64_t(number)});
  llvm::DenseMap<Operation *, Value> stored;
  for (auto [number, input] : llvm::enumerate(opsOf<InputOp>(model)))
    stored[input] = function.argument(storedType(input, block), {Region::Input, int64_t(number)});
  for (Operation &op : model.getBody().front()) {
    if (isa<ParameterOp, OutputOp>(op))
      continue;
    SmallVector<Value> operands;
    if (isa<InputOp>(op))
      operands.push_back(stored[&op]);
    for (Value operand : op.getOperands())
      operands.push_back(forward.values.lookup(operand));
    if (failed(expandOp(op, function, forward, operands)))
      return failure();
  }
  return success();
}

StringAttr primitiveOf(Value value) {
  auto location = dyn_cast<NameLoc>(value.getLoc());
  return location && !isa<BlockArgument>(value) ? location.getName() : StringAttr();
}

SmallVector<Value> readsOf(Operation *op) {
  llvm::SetVector<Value> reads(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), reads);
  return reads.takeVector();
}

SmallVector<Operation *> readersOf(Value value) {
  SmallVector<Operation *> readers;
  for (Operation *user : value.getUsers())
    if (Operation *reader = value.getParentBlock()->findAncestorOpInBlock(*user))
      readers.push_back(reader);
  return readers;
}

void eraseUnused(func::FuncOp function) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(function.getBody().front())))
    if (!op.hasTrait<OpTrait::IsTerminator>() && op.use_empty() && isMemoryEffectFree(&op))
      op.erase();
}

void eraseUnusedArguments(func::FuncOp function) {
  llvm::BitVector unused(function.getNumArguments());
  for (BlockArgument argument : function.getArguments())
    unused[argument.getArgNumber()] = argument.use_empty();
  (void)function.eraseArguments(unused);
}

func::FuncOp copyAs(EntryKind entry, func::FuncOp function) {
  OpBuilder builder(function);
  builder.setInsertionPointAfter(function);
  auto copy = cast<func::FuncOp>(builder.clone(*function));
  copy.setName((stringifyEntryKind(entry) + "_" + Twine(blockOf(function))).str());
  setEntry(copy, entry);
  return copy;
}

void keepResults(func::FuncOp function, llvm::function_ref<bool(Role)> wanted) {
  Operation *terminator = function.getBody().front().getTerminator();
  llvm::BitVector dropped(function.getNumResults());
  for (unsigned i = 0; i < function.getNumResults(); ++i) {
    FailureOr<Role> role = readRole(function, function.getResultAttrDict(i));
    dropped[i] = failed(role) || !wanted(*role);
  }
  (void)function.eraseResults(dropped);
  terminator->eraseOperands(dropped);
}

} // namespace ccm
