// SPDX-License-Identifier: Apache-2.0
// Translation of nests to Halide functions.
#include "codegen/halide/HalideNests.h"
#include "codegen/halide/HalideScalar.h"
#include "codegen/plan/PlanStages.h"

using namespace mlir;
using Halide::Expr;
using Halide::Func;
using Halide::RDom;
using Halide::RVar;
using Halide::Var;

namespace ccm {

/// Halide lists dimensions innermost first, MLIR outermost first.
template <typename T>
static std::vector<T> reversed(std::vector<T> values) {
  std::reverse(values.begin(), values.end());
  return values;
}

/// Names are short, as Halide copies and compares them all the time: that of a loop, with those of
/// its function and stage before it ("n1g0.s1.d2.d2i"), should fit where a string keeps fifteen
/// letters in itself. Those that Halide makes up end in more digits.
static std::vector<Var> makeVars(const std::string &name, size_t rank) {
  std::vector<Var> vars;
  for (size_t dim = 0; dim < rank; ++dim)
    vars.push_back(Var(name + std::to_string(dim)));
  return vars;
}

/// A function of exactly this name, which no other of the kernel has.
static Func named(const std::string &name) { return Func(Halide::Internal::Function(name)); }

static Expr affineExpr(AffineExpr e, const std::vector<Expr> &loops) {
  if (auto constant = dyn_cast<AffineConstantExpr>(e))
    return Expr(int(constant.getValue()));
  if (auto dim = dyn_cast<AffineDimExpr>(e))
    return loops[dim.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(e);
  Expr left = affineExpr(binary.getLHS(), loops), right = affineExpr(binary.getRHS(), loops);
  switch (e.getKind()) {
  case AffineExprKind::Add:
    return left + right;
  case AffineExprKind::Mul:
    return left * right;
  case AffineExprKind::FloorDiv:
    return left / right;
  case AffineExprKind::CeilDiv:
    return (left + right - 1) / right;
  default:
    return left % right;
  }
}

static std::vector<Expr> asExprs(const std::vector<Var> &vars) {
  return std::vector<Expr>(vars.begin(), vars.end());
}

KernelFuncs::KernelFuncs(KernelOp kernel, const KernelPlan &plan) : kernel(kernel), plan(plan) {
  for (unsigned number = 0; number < plan.groups.size() && !hasFailed; ++number) {
    if (auto scatter = plan.groups[number].scatter)
      storeScatter(number, plan.nests[*scatter]);
    else
      storeGroup(number);
  }
}

Expr KernelFuncs::fail(Operation *op) {
  if (!hasFailed)
    op->emitError() << "expects an operation that kernels support, got '" << op->getName() << "'";
  hasFailed = true;
  return Expr(0.0f);
}

const Stage *KernelFuncs::stageOf(unsigned number, int group) const {
  ArrayRef<Stage> stages = group == kShared ? plan.shared : plan.groups[group].stages;
  const Stage *stage =
      llvm::find_if(stages, [&](const Stage &candidate) { return candidate.nest == number; });
  return stage == stages.end() ? nullptr : stage;
}

//===--- Stores -------------------------------------------------------------------------------===//

void KernelFuncs::storeGroup(unsigned number) {
  const Group &group = plan.groups[number];
  std::vector<Var> vars = makeVars("d", group.shape.size());
  std::vector<Expr> values;
  for (unsigned result : group.results)
    values.push_back(read(plan.sinks[result].value, asExprs(vars), number));
  Func store = named("s" + std::to_string(number));
  if (values.size() == 1)
    store(reversed(vars)) = values[0];
  else
    store(reversed(vars)) = Halide::Tuple(values);
  stores.push_back(store);
}

/// A destination that is one of the kernel's buffers already holds the values that there are.
void KernelFuncs::storeScatter(unsigned number, const Nest &nest) {
  unsigned result = plan.groups[number].results.front();
  std::vector<Var> vars = makeVars("d", nest.results.size());
  Func store = named("s" + std::to_string(number));
  Value init = nest.op.getDpsInits()[0];
  if (kernel.getInPlaceOperand(result))
    store(reversed(vars)) = Halide::undef(halideType(init.getType()));
  else
    store(reversed(vars)) = read(init, asExprs(vars), number);
  NestFunc &func = nests[{plan.numberOf(nest), int(number)}];
  Body body = begin(nest, number, vars);
  func.loops = bindSums(body, "s", 0, nest.extents[nest.sums.front()]);
  int extent = int(nest.extentOfDim(nest.oneHot->dim));
  Expr index = evaluate(nest.oneHot->index, body), term = evaluate(nest.oneHot->term, body);
  std::vector<Expr> at = asExprs(vars);
  at[nest.oneHot->dim] = Halide::clamp(index, 0, extent - 1);
  Expr inside = index >= 0 && index < extent, has = store(reversed(at));
  store(reversed(at)) = nest.oneHot->replaces ? Halide::select(inside, term, has)
                                              : has + Halide::select(inside, term, 0.0f);
  func.sums = func.full = store;
  stores.push_back(store);
}

//===--- Nests --------------------------------------------------------------------------------===//

NestFunc &KernelFuncs::define(const Nest &nest, int group) {
  unsigned number = plan.numberOf(nest);
  auto [at, isNew] = nests.try_emplace({number, group});
  NestFunc &func = at->second;
  if (!isNew)
    return func;
  std::string name = "n" + std::to_string(number) + (group < 0 ? "" : "g" + std::to_string(group));
  std::vector<Var> vars = makeVars("d", nest.results.size());
  Body body = begin(nest, group, vars);
  func.sums = named(name);
  defineSums(func, body, vars);
  const Stage *stage = stageOf(number, group);
  func.full = func.sums;
  bool isStored = nest.isReduction() && stage &&
                  (stage->placement == Placement::Root || stage->placement == Placement::Loop);
  if (!isStored && !nest.isCompensated)
    return func;
  func.full = named(name + "f");
  std::vector<Var> outer = makeVars("d", nest.results.size());
  auto sums = func.sums(reversed(asExprs(outer)));
  if (nest.isCompensated)
    func.full(reversed(outer)) = sums[0];
  else if (nest.op->getNumResults() == 1)
    func.full(reversed(outer)) = Expr(sums);
  else
    func.full(reversed(outer)) = Halide::Tuple(sums);
  return func;
}

KernelFuncs::Body KernelFuncs::begin(const Nest &nest, int group,
                                     const std::vector<Var> &vars) const {
  Body body{nest, group, Exprs(nest.extents.size()), Environment()};
  for (auto [dim, loop] : llvm::enumerate(nest.results))
    body.loops[loop] = vars[dim];
  return body;
}

/// Gives the reduced loops their variables, the densest one `extent` elements from `start` on.
/// Returns the variables by loop.
std::vector<RVar> KernelFuncs::bindSums(Body &body, const std::string &name, int64_t start,
                                        int64_t extent) {
  Halide::Region box;
  for (unsigned loop : body.nest.sums)
    box.push_back({0, int(body.nest.extents[loop])});
  box.front() = {int(start), int(extent)};
  RDom sums(box, name);
  std::vector<RVar> loops(body.nest.extents.size());
  for (auto [position, loop] : llvm::enumerate(body.nest.sums)) {
    loops[loop] = sums[position];
    body.loops[loop] = loops[loop];
  }
  bindInputs(body);
  return loops;
}

/// Reads the operands that the body uses; destinations are bound by the caller.
void KernelFuncs::bindInputs(Body &body) {
  linalg::LinalgOp op = body.nest.op;
  body.values.clear();
  for (OpOperand *operand : op.getDpsInputOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(operand);
    if (argument.use_empty())
      continue;
    Exprs at;
    for (AffineExpr index : op.getMatchingIndexingMap(operand).getResults())
      at.push_back(affineExpr(index, body.loops));
    body.values[argument] = read(operand->get(), at, body.group);
  }
}

void KernelFuncs::defineSums(NestFunc &func, Body &body, const std::vector<Var> &vars) {
  linalg::LinalgOp op = body.nest.op;
  Exprs at = asExprs(vars), starts;
  for (OpOperand &init : op.getDpsInitsMutable())
    if (body.nest.isReduction() || !op.getMatchingBlockArgument(&init).use_empty())
      starts.push_back(read(init.get(), at, body.group));
    else
      starts.push_back(Halide::undef(halideType(init.get().getType())));
  if (!body.nest.isReduction()) {
    bindInputs(body);
    for (auto [number, start] : llvm::enumerate(starts))
      body.values[op.getRegionOutputArgs()[number]] = start;
    Exprs values;
    for (Value value : op.getBlock()->getTerminator()->getOperands())
      values.push_back(evaluate(value, body));
    starts = values;
  }
  if (body.nest.isCompensated)
    starts.push_back(Expr(0.0f));
  if (starts.size() == 1)
    func.sums(reversed(vars)) = starts[0];
  else
    func.sums(reversed(vars)) = Halide::Tuple(starts);
  if (body.nest.isReduction())
    addTerms(func, body, at);
}

void KernelFuncs::addTerms(NestFunc &func, Body &body, const Exprs &at) {
  const PartialSums &partial = body.nest.partial;
  if (partial.width == 1)
    return addChain(func, body, at, 0);
  addPartial(func, body, at);
  if (partial.rest)
    addChain(func, body, at, body.nest.extents[body.nest.sums.front()] - partial.rest);
}

/// Adds to a sum that carries what its last addition lost. Every operation is rounded as it stands.
static void addCompensated(Func sums, const std::vector<Expr> &at, const Expr &term) {
  Expr sum = sums(reversed(at))[0], lost = sums(reversed(at))[1];
  Expr wanted = term - lost, next = sum + wanted;
  sums(reversed(at)) = Halide::Tuple(next, (next - sum) - wanted);
}

/// The terms from element `start` of the densest sum on, one after the other.
void KernelFuncs::addChain(NestFunc &func, Body &body, const Exprs &at, int64_t start) {
  const Nest &nest = body.nest;
  auto loops =
      bindSums(body, start == 0 ? "s" : "e", start, nest.extents[nest.sums.front()] - start);
  if (start == 0)
    func.loops = loops;
  if (nest.isCompensated)
    return addCompensated(func.sums, at, evaluate(combinationOf(nest.op, 0).term, body));
  for (auto [number, argument] : llvm::enumerate(nest.op.getRegionOutputArgs()))
    body.values[argument] = nest.op->getNumResults() == 1 ? Expr(func.sums(reversed(at)))
                                                          : Expr(func.sums(reversed(at))[number]);
  fuseProducts(body);
  Exprs values;
  for (Value value : nest.op.getBlock()->getTerminator()->getOperands())
    values.push_back(evaluate(value, body));
  if (values.size() == 1)
    func.sums(reversed(at)) = values[0];
  else
    func.sums(reversed(at)) = Halide::Tuple(values);
}

/// Lanes lie densest where they are vectors, as those of rows are; else dims do.
template <typename T>
static std::vector<T> orderPartial(const Nest &nest, const std::vector<T> &dims,
                                   const std::vector<T> &runs, const T &lane) {
  std::vector<T> all = nest.kind == NestClass::RowReduction ? dims : runs;
  const std::vector<T> &rest = nest.kind == NestClass::RowReduction ? runs : dims;
  if (nest.kind != NestClass::RowReduction)
    all.push_back(lane);
  all.insert(all.end(), rest.begin(), rest.end());
  if (nest.kind == NestClass::RowReduction)
    all.push_back(lane);
  return reversed(all);
}

/// Adds the results of all runs of partial sums, block by block, the other sums outside.
void KernelFuncs::addPartial(NestFunc &func, Body &body, const Exprs &at) {
  const Nest &nest = body.nest;
  std::vector<Var> dims = makeVars("p", nest.results.size()),
                   runs = makeVars("r", nest.sums.size());
  func.lane = Var("l");
  definePartial(func, body, dims, runs);
  Halide::Region box{{0, int(nest.partial.blocks)}};
  for (unsigned loop : ArrayRef(nest.sums).drop_front())
    box.push_back({0, int(nest.extents[loop])});
  RDom sums(box, "r");
  Exprs run;
  for (size_t position = 0; position < box.size(); ++position) {
    run.push_back(sums[position]);
    func.runs.push_back(sums[position]);
  }
  Operation *join = nest.op.getBlock()->getTerminator()->getOperand(0).getDefiningOp();
  Expr whole = func.halves.back()(orderPartial(nest, at, run, Expr(0)));
  if (nest.isCompensated)
    return addCompensated(func.sums, at, whole);
  func.sums(reversed(at)) = scalarExpr(join, {func.sums(reversed(at)), whole});
}

/// What a combiner starts from.
static Expr neutral(Combiner combiner, Halide::Type type) {
  if (combiner == Combiner::Add)
    return Halide::cast(type, 0);
  return combiner == Combiner::Max ? type.min() : type.max();
}

/// Defines the partial sums of one run, and the functions that join them pairwise.
void KernelFuncs::definePartial(NestFunc &func, const Body &outer, const std::vector<Var> &dims,
                                const std::vector<Var> &runs) {
  const Nest &nest = outer.nest;
  const PartialSums &partial = nest.partial;
  const std::string name = func.sums.name();
  Body body = begin(nest, outer.group, dims);
  RDom steps(0, int(partial.steps), "t");
  func.step = steps.x;
  for (auto [position, loop] : llvm::enumerate(nest.sums))
    body.loops[loop] = runs[position];
  body.loops[nest.sums.front()] =
      (runs[0] * int(partial.steps) + steps.x) * int(partial.width) + func.lane;
  bindInputs(body);
  std::vector<Var> vars = orderPartial(nest, dims, runs, func.lane);
  Operation *join = nest.op.getBlock()->getTerminator()->getOperand(0).getDefiningOp();
  func.partial = named(name + "p");
  func.partial(vars) =
      neutral(combinationOf(nest.op, 0).combiner, halideType(nest.op.getDpsInits()[0].getType()));
  body.values[nest.op.getRegionOutputArgs()[0]] = func.partial(vars);
  fuseProducts(body);
  func.partial(vars) = evaluate(join->getResult(0), body);
  Func last = func.partial;
  for (int64_t width = partial.width / 2; width >= 1; width /= 2) {
    Func half = named(name + "h" + std::to_string(width));
    Exprs second = orderPartial(nest, asExprs(dims), asExprs(runs), Expr(func.lane) + int(width));
    half(vars) = scalarExpr(join, {last(vars), last(second)});
    func.halves.push_back(half);
    last = half;
  }
}

/// A sum of products is a chain of fused multiply-adds.
void KernelFuncs::fuseProducts(Body &body) {
  auto yielded = body.nest.op.getBlock()->getTerminator()->getOperands();
  for (unsigned number = 0; number < body.nest.op->getNumResults(); ++number) {
    Combination sum = combinationOf(body.nest.op, number);
    auto product = sum.term ? sum.term.getDefiningOp<arith::MulFOp>() : arith::MulFOp();
    if (sum.combiner == Combiner::Add && product && product->hasOneUse())
      body.values[yielded[number]] =
          fusedMultiplyAdd(evaluate(product.getLhs(), body), evaluate(product.getRhs(), body),
                           body.values[body.nest.op.getRegionOutputArgs()[number]]);
  }
}

//===--- Values -------------------------------------------------------------------------------===//

Expr KernelFuncs::evaluate(Value value, Body &body) {
  if (auto at = body.values.find(value); at != body.values.end())
    return at->second;
  Operation *op = value.getDefiningOp();
  Expr result;
  if (!op) {
    result = fail(body.nest.op);
  } else if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    result = constantExpr(constant.getValue(), constant.getType());
  } else if (auto index = dyn_cast<linalg::IndexOp>(op)) {
    result = body.loops[index.getDim()];
  } else if (auto element = dyn_cast<tensor::ExtractOp>(op)) {
    result = extract(element, body);
  } else {
    Exprs operands;
    for (Value operand : op->getOperands())
      operands.push_back(evaluate(operand, body));
    result = scalarExpr(op, operands);
  }
  if (!result.defined())
    result = fail(op);
  body.values[value] = result;
  return result;
}

/// Indices from outside are kept within the tensor, whatever they are.
Expr KernelFuncs::extract(tensor::ExtractOp op, Body &body) {
  Exprs at;
  for (auto [dim, index] : llvm::enumerate(op.getIndices())) {
    Expr value = evaluate(index, body);
    int64_t extent = op.getTensor().getType().getDimSize(dim);
    at.push_back(index.getDefiningOp<linalg::IndexOp>() ? value
                                                        : Halide::clamp(value, 0, int(extent - 1)));
  }
  return read(op.getTensor(), at, body.group);
}

Expr KernelFuncs::read(Value value, Exprs at, int group) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    addOperand(argument.getArgNumber());
    return operands.at(argument.getArgNumber())(reversed(at));
  }
  Operation *op = value.getDefiningOp();
  if (auto fill = dyn_cast<linalg::FillOp>(op))
    op = fill.getInputs()[0].getDefiningOp();
  if (auto constant = dyn_cast_or_null<arith::ConstantOp>(op)) {
    Expr number = constantExpr(constant.getValue(), constant.getType());
    return number.defined() ? number : fail(op);
  }
  if (auto pad = dyn_cast_or_null<tensor::PadOp>(op))
    return readPadded(pad, at, group);
  if (plan.nestOf(value))
    return readNest(value, at, group);
  if (isa_and_nonnull<tensor::EmptyOp>(op))
    return Halide::undef(halideType(value.getType()));
  SmallVector<AffineExpr> loops;
  for (unsigned dim = 0; dim < at.size(); ++dim)
    loops.push_back(getAffineDimExpr(dim, value.getContext()));
  Access access = stepThroughView(value, loops);
  if (!access.source)
    return fail(op ? op : kernel.getOperation());
  Exprs behind;
  for (AffineExpr index : access.indices)
    behind.push_back(Halide::Internal::simplify(affineExpr(index, at)));
  return read(access.source, behind, group);
}

/// The element when it lies inside, else the padding; the index is kept inside in either case.
Expr KernelFuncs::readPadded(tensor::PadOp op, const Exprs &at, int group) {
  Value padding = op.getConstantPaddingValue();
  if (!padding || !padding.getDefiningOp<arith::ConstantOp>())
    return fail(op);
  Expr inside = Halide::cast<bool>(true);
  Exprs behind;
  for (auto [dim, low] : llvm::enumerate(op.getStaticLow())) {
    int extent = int(op.getSourceType().getDimSize(dim));
    Expr index = at[dim] - int(low);
    bool padded = low != 0 || op.getStaticHigh()[dim] != 0;
    behind.push_back(padded ? Halide::clamp(index, 0, extent - 1) : index);
    if (padded)
      inside = inside && index >= 0 && index < extent;
  }
  auto constant = padding.getDefiningOp<arith::ConstantOp>();
  return Halide::select(inside, read(op.getSource(), behind, group),
                        constantExpr(constant.getValue(), constant.getType()));
}

Expr KernelFuncs::readNest(Value value, const Exprs &at, int group) {
  const Nest &nest = *plan.nestOf(value);
  unsigned number = plan.numberOf(nest), result = cast<OpResult>(value).getResultNumber();
  auto owner = plan.groupOf(value);
  if (owner && int(*owner) != group) {
    ArrayRef<unsigned> results = plan.groups[*owner].results;
    Func store = stores[*owner];
    if (results.size() == 1)
      return store(reversed(at));
    auto isValue = [&](unsigned sink) { return plan.sinks[sink].value == value; };
    return store(reversed(at))[llvm::find_if(results, isValue) - results.begin()];
  }
  bool isShared = llvm::any_of(plan.shared, [&](const Stage &s) { return s.nest == number; });
  NestFunc &func = define(nest, isShared ? kShared : group);
  if (nest.op->getNumResults() == 1)
    return func.full(reversed(at));
  return func.full(reversed(at))[result];
}

void KernelFuncs::addOperand(unsigned number) {
  if (operands.count(number))
    return;
  Type type = kernel.getOperand(number).getType();
  ArrayRef<int64_t> shape = cast<ShapedType>(type).getShape();
  Halide::ImageParam param(halideType(type), int(shape.size()), "o" + std::to_string(number));
  ArrayRef<int64_t> strides = plan.operandStrides[number];
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    auto dimension = param.dim(int(shape.size() - 1 - dim));
    dimension.set_bounds(0, int(shape[dim])).set_stride(int(strides[dim]));
  }
  operands.emplace(number, param);
}

} // namespace ccm
