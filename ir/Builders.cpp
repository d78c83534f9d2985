// SPDX-License-Identifier: Apache-2.0
// Emission of loop nests from index notation.
#include "ir/Builders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include <cfloat>

using namespace mlir;

namespace ccm {

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

std::string axisNames(unsigned first, unsigned last) {
  std::string names;
  for (unsigned axis = first; axis < last; ++axis)
    names += (axis == first ? "d" : " d") + std::to_string(axis);
  return names;
}

std::string axisNames(Value value) { return axisNames(0, shapeOf(value).size()); }

/// A parsed nest: loops are the result's names in order, then the reduced ones by appearance.
struct NestBuilder::Nest {
  SmallVector<StringRef> names;
  SmallVector<int64_t> extents; ///< per name; 0 while unknown
  unsigned parallel = 0;        ///< the first `parallel` names are the result's
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps; ///< per operand, then the result's
  SmallVector<int> entries;    ///< per body argument: operand number, or -1 - loop for "#name"
  SmallVector<int64_t> shape;  ///< of the result

  unsigned loop(StringRef name) {
    auto at = llvm::find(names, name);
    if (at != names.end())
      return at - names.begin();
    names.push_back(name);
    extents.push_back(0);
    return names.size() - 1;
  }
};

[[noreturn]] static void malformed(StringRef indices, const Twine &why) {
  llvm::report_fatal_error("malformed loop nest '" + indices + "': " + why);
}

static SmallVector<StringRef> pieces(StringRef text, char separator) {
  SmallVector<StringRef> parts, trimmed;
  text.split(parts, separator, -1, /*KeepEmpty=*/separator == ',');
  for (StringRef part : parts)
    trimmed.push_back(part.trim());
  return trimmed;
}

/// One term of an index: "y", "2*y", "y*2", "3" or "-j".
static AffineExpr parseTerm(StringRef term, MLIRContext *context,
                            llvm::function_ref<unsigned(StringRef)> loop) {
  int64_t factor = 1;
  AffineExpr value = getAffineConstantExpr(1, context);
  if (term.consume_front("-"))
    factor = -1;
  for (StringRef piece : pieces(term, '*')) {
    int64_t number;
    if (!piece.getAsInteger(10, number))
      factor *= number;
    else
      value = getAffineDimExpr(loop(piece), context);
  }
  return value * factor;
}

static AffineExpr parseIndex(StringRef index, MLIRContext *context,
                             llvm::function_ref<unsigned(StringRef)> loop) {
  std::string spaced;
  for (char c : index)
    spaced += c == '-' ? std::string("+-") : std::string(1, c);
  AffineExpr sum = getAffineConstantExpr(0, context);
  for (StringRef term : pieces(spaced, '+'))
    if (!term.empty()) {
      // `spaced` is a copy: names must refer to the caller's text to outlive it.
      sum = sum + parseTerm(term, context, [&](StringRef name) {
              return loop(index.substr(index.find(name), name.size()));
            });
    }
  return sum;
}

NestBuilder::Nest NestBuilder::parse(StringRef indices, ValueRange operands, const Sizes &sizes) {
  auto [left, right] = indices.split("->");
  MLIRContext *context = builder.getContext();
  Nest nest;
  auto loop = [&](StringRef name) { return nest.loop(name); };
  for (StringRef name : pieces(right, ' '))
    nest.loop(name);
  nest.parallel = nest.names.size();
  SmallVector<SmallVector<AffineExpr>> exprs;
  for (StringRef entry : pieces(left, ',')) {
    if (entry.starts_with("#")) {
      nest.entries.push_back(-1 - int(nest.loop(entry.drop_front())));
      continue;
    }
    if (nest.operands.size() == operands.size())
      malformed(indices, "more entries than operands");
    Value operand = operands[nest.operands.size()];
    nest.entries.push_back(nest.operands.size());
    nest.operands.push_back(operand);
    auto &list = exprs.emplace_back();
    for (StringRef index : pieces(entry, ' '))
      list.push_back(parseIndex(index, context, loop));
    if (list.size() != shapeOf(operand).size())
      malformed(indices, "an operand of rank " + Twine(shapeOf(operand).size()) + " has " +
                             Twine(list.size()) + " indices");
    for (auto [expr, extent] : llvm::zip(list, shapeOf(operand)))
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        nest.extents[dim.getPosition()] = extent;
  }
  if (nest.operands.size() != operands.size())
    malformed(indices, "fewer entries than operands");
  // linalg infers extents from operands alone: loops that stand alone in none get a shape-only one.
  SmallVector<AffineExpr> lone;
  SmallVector<int64_t> loneExtents;
  for (auto [number, name] : llvm::enumerate(nest.names)) {
    if (nest.extents[number])
      continue;
    auto size = sizes.find(name);
    if (size == sizes.end())
      malformed(indices, "the extent of '" + name + "' is unknown");
    nest.extents[number] = size->second;
    if (number >= nest.parallel) {
      lone.push_back(getAffineDimExpr(number, context));
      loneExtents.push_back(size->second);
    }
  }
  if (!lone.empty()) {
    exprs.emplace_back(lone);
    nest.operands.push_back(
        tensor::EmptyOp::create(builder, loc, loneExtents, builder.getF32Type()));
  }
  SmallVector<AffineExpr> result;
  for (unsigned i = 0; i < nest.parallel; ++i) {
    result.push_back(getAffineDimExpr(i, context));
    nest.shape.push_back(nest.extents[i]);
  }
  exprs.push_back(result);
  for (auto &list : exprs)
    nest.maps.push_back(AffineMap::get(nest.names.size(), 0, list, context));
  return nest;
}

std::unique_ptr<Block> NestBuilder::makeBlock(const Nest &nest) {
  auto block = std::make_unique<Block>();
  for (Value operand : nest.operands)
    block->addArgument(getElementTypeOrSelf(operand.getType()), loc);
  return block;
}

SmallVector<Scalar> NestBuilder::scalarsOf(const Nest &nest, Block &block) {
  SmallVector<Scalar> scalars;
  for (int entry : nest.entries) {
    Value value = entry >= 0 ? Value(block.getArgument(entry))
                             : Value(linalg::IndexOp::create(builder, loc, -1 - entry));
    scalars.push_back(Scalar(builder, loc, value));
  }
  return scalars;
}

SmallVector<Value> NestBuilder::finish(const Nest &nest, std::unique_ptr<Block> block,
                                       ValueRange inits, ValueRange yielded) {
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(block.get());
    linalg::YieldOp::create(builder, loc, yielded);
  }
  SmallVector<AffineMap> maps(ArrayRef(nest.maps).drop_back());
  maps.append(inits.size(), nest.maps.back());
  SmallVector<utils::IteratorType> iterators(nest.names.size(), utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), nest.parallel, utils::IteratorType::parallel);
  auto op = linalg::GenericOp::create(builder, loc, TypeRange(inits), nest.operands, inits, maps,
                                      iterators);
  op.getRegion().push_back(block.release());
  return llvm::to_vector_of<Value>(op.getResults());
}

SmallVector<Value> NestBuilder::mapMany(StringRef indices, ValueRange operands, ManyBody body,
                                        const Sizes &sizes) {
  Nest nest = parse(indices, operands, sizes);
  if (nest.parallel != nest.names.size())
    malformed(indices, "a map reduces over nothing");
  auto block = makeBlock(nest);
  SmallVector<Value> yielded, inits;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(block.get());
    for (Scalar scalar : body(scalarsOf(nest, *block)))
      yielded.push_back(scalar.get());
  }
  for (Value value : yielded) {
    block->addArgument(value.getType(), loc);
    inits.push_back(tensor::EmptyOp::create(builder, loc, nest.shape, value.getType()));
  }
  return finish(nest, std::move(block), inits, yielded);
}

Value NestBuilder::map(StringRef indices, ValueRange operands, Body body, const Sizes &sizes) {
  return mapMany(
      indices, operands,
      [&](ArrayRef<Scalar> scalars) { return SmallVector<Scalar>{body(scalars)}; }, sizes)[0];
}

Value NestBuilder::reduce(StringRef indices, ValueRange operands, Body body,
                          llvm::function_ref<Scalar(Scalar, Scalar)> combine, double start,
                          Value init, const Sizes &sizes) {
  Nest nest = parse(indices, operands, sizes);
  if (!init)
    init = fill(nest.shape, start);
  if (shapeOf(init) != ArrayRef(nest.shape))
    malformed(indices, "the initial value has another shape");
  auto block = makeBlock(nest);
  Value total;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(block.get());
    Scalar value = body(scalarsOf(nest, *block));
    Value sum = block->addArgument(value.get().getType(), loc);
    total = combine(Scalar(builder, loc, sum), value).get();
  }
  return finish(nest, std::move(block), init, total)[0];
}

Value NestBuilder::sum(StringRef indices, ValueRange operands, Body body, Value init,
                       const Sizes &sizes) {
  return reduce(
      indices, operands, body, [](Scalar a, Scalar b) { return a + b; }, 0.0, init, sizes);
}

Value NestBuilder::contract(StringRef indices, Value left, Value right, Value init,
                            const Sizes &sizes) {
  return sum(indices, {left, right}, [](ArrayRef<Scalar> s) { return s[0] * s[1]; }, init, sizes);
}

Value NestBuilder::maximum(StringRef indices, ValueRange operands, Body body, const Sizes &sizes) {
  return reduce(
      indices, operands, body, [](Scalar a, Scalar b) { return max(a, b); }, -FLT_MAX, {}, sizes);
}

/// The row that an index names, counted from row `first` on.
static Scalar rowOf(Scalar id, int64_t first) {
  return first ? toIndex(id) + double(first) : toIndex(id);
}

Value NestBuilder::gather(StringRef indices, Value ids, Value table, int64_t first) {
  auto [left, right] = indices.split("->");
  StringRef column = pieces(right, ' ').back();
  Sizes sizes;
  sizes[column] = shapeOf(table)[1];
  std::string withColumn = (left + ", #" + column + " ->" + right).str();
  return map(
      withColumn, ids,
      [&](ArrayRef<Scalar> s) {
        Value row = rowOf(s[0], first).get();
        return Scalar(builder, loc,
                      tensor::ExtractOp::create(builder, loc, table, ValueRange{row, s[1].get()}));
      },
      sizes);
}

Value NestBuilder::scatterAdd(StringRef indices, Value ids, Value values, Value init) {
  auto [left, right] = indices.split("->");
  StringRef row = pieces(right, ' ').front();
  Sizes sizes;
  sizes[row] = shapeOf(init)[0];
  std::string withRow = (left + ", #" + row + " ->" + right).str();
  return sum(
      withRow, {ids, values},
      [](ArrayRef<Scalar> s) { return select(equal(toIndex(s[0]), s[2]), s[1], 0.0); }, init,
      sizes);
}

Value NestBuilder::scatter(StringRef indices, StringRef row, Value ids, Value values, Value into,
                           int64_t first) {
  auto [left, right] = indices.split("->");
  SmallVector<StringRef> names = pieces(right, ' ');
  Sizes sizes;
  sizes[row] = shapeOf(into)[llvm::find(names, row) - names.begin()];
  Nest nest = parse((left + ", #" + row + " ->" + right).str(), ValueRange{ids, values}, sizes);
  auto block = makeBlock(nest);
  Value chosen;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(block.get());
    SmallVector<Scalar> s = scalarsOf(nest, *block);
    Scalar has(builder, loc, block->addArgument(s[1].get().getType(), loc));
    chosen = select(equal(rowOf(s[0], first), s[2]), s[1], has).get();
  }
  return finish(nest, std::move(block), into, chosen)[0];
}

Value NestBuilder::pad(Value operand, ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
  auto isZero = [](int64_t width) { return width == 0; };
  if (llvm::all_of(low, isZero) && llvm::all_of(high, isZero))
    return operand;
  auto type = cast<RankedTensorType>(operand.getType());
  SmallVector<int64_t> shape(type.getShape());
  for (auto [extent, before, after] : llvm::zip(shape, low, high))
    extent += before + after;
  auto attributes = [&](ArrayRef<int64_t> widths) {
    return getAsIndexOpFoldResult(builder.getContext(), widths);
  };
  Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type.getElementType()));
  return tensor::PadOp::create(builder, loc, type.clone(shape), operand, attributes(low),
                               attributes(high), zero);
}

Value NestBuilder::slice(Value operand, ArrayRef<int64_t> offsets, ArrayRef<int64_t> extents,
                         ArrayRef<int64_t> strides) {
  if (shapeOf(operand) == extents)
    return operand;
  SmallVector<int64_t> steps(strides);
  if (steps.empty())
    steps.assign(extents.size(), 1);
  auto attributes = [&](ArrayRef<int64_t> numbers) {
    return getAsIndexOpFoldResult(builder.getContext(), numbers);
  };
  auto type = cast<RankedTensorType>(operand.getType()).clone(extents);
  return tensor::ExtractSliceOp::create(builder, loc, cast<RankedTensorType>(type), operand,
                                        attributes(offsets), attributes(extents),
                                        attributes(steps));
}

/// Groups of dimensions of both shapes with equal products, and the products.
static void matchShapes(ArrayRef<int64_t> from, ArrayRef<int64_t> to,
                        SmallVector<ReassociationIndices> &fromGroups,
                        SmallVector<ReassociationIndices> &toGroups, SmallVector<int64_t> &common) {
  size_t i = 0, j = 0;
  while (i < from.size() && j < to.size()) {
    ReassociationIndices left{int64_t(i)}, right{int64_t(j)};
    int64_t p = from[i++], q = to[j++];
    while (p != q) {
      if (p < q) {
        left.push_back(i);
        p *= from[i++];
      } else {
        right.push_back(j);
        q *= to[j++];
      }
    }
    fromGroups.push_back(left);
    toGroups.push_back(right);
    common.push_back(p);
  }
  for (; i < from.size(); ++i)
    fromGroups.back().push_back(i);
  for (; j < to.size(); ++j)
    toGroups.back().push_back(j);
}

Value NestBuilder::reshape(Value operand, ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(operand.getType());
  if (type.getShape() == shape)
    return operand;
  if (type.getNumElements() != ShapedType::getNumElements(shape))
    llvm::report_fatal_error("a reshape changes the number of elements");
  SmallVector<ReassociationIndices> fromGroups, toGroups;
  SmallVector<int64_t> common;
  matchShapes(type.getShape(), shape, fromGroups, toGroups, common);
  if (common.size() < type.getShape().size())
    operand = tensor::CollapseShapeOp::create(builder, loc, operand, fromGroups);
  if (common.size() < shape.size())
    operand = tensor::ExpandShapeOp::create(builder, loc, type.clone(shape), operand, toGroups);
  return operand;
}

Value NestBuilder::numbersOf(Value stored) {
  if (!cast<RankedTensorType>(stored.getType()).getElementType().isInteger(8))
    return stored;
  std::string dims = axisNames(stored);
  return map(dims + " -> " + dims, stored,
             [](ArrayRef<Scalar> s) { return toFloat(s[0]) * (1.0 / 255.0); });
}

Value NestBuilder::fill(ArrayRef<int64_t> shape, double number) {
  Type type = builder.getF32Type();
  Value empty = tensor::EmptyOp::create(builder, loc, shape, type);
  Value constant = arith::ConstantOp::create(builder, loc, builder.getFloatAttr(type, number));
  return linalg::FillOp::create(builder, loc, constant, empty).getResult(0);
}

Value StepBuilder::remember(StringRef indices, StringRef row, Value values,
                            ArrayRef<int64_t> shape) {
  Value after = scatter(indices, row, position, values, caches.next(shape), first);
  caches.give(after);
  return after;
}

LogicalResult ForwardBuilder::output(Value value) {
  result = value;
  return success();
}

} // namespace ccm
