// SPDX-License-Identifier: Apache-2.0
// Verifiers of the model, its ports, parameters and kernels.
#include "ir/Augment.h"
#include "ir/Ccm.h"
#include "ir/DrawnInputs.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/CcmOps.cpp.inc"

namespace ccm {

StringRef ReduceOp::getPartKind() { return kind(); }
StringRef CoreOp::getPartKind() { return kind(); }
StringRef ExpandOp::getPartKind() { return kind(); }

template <typename Op>
static LogicalResult verifyUnique(ModelOp model, llvm::StringSet<> &seen, StringRef what) {
  for (Op op : model.getBody().getOps<Op>())
    if (!seen.insert(op.getName()).second)
      return op.emitOpError() << "expects a unique " << what << " name, got '" << op.getName()
                              << "' twice (C1)";
  return success();
}

LogicalResult ModelOp::verify() {
  llvm::StringSet<> ports, parameters;
  if (failed(verifyUnique<InputOp>(*this, ports, "port")) ||
      failed(verifyUnique<OutputOp>(*this, ports, "port")) ||
      failed(verifyUnique<ParameterOp>(*this, parameters, "parameter")))
    return failure();
  if (auto blocks = getBlocks())
    if (blocks->empty() || blocks->front() != 1 || !llvm::is_sorted(*blocks, std::less_equal<>()))
      return emitOpError() << "expects blocks that start with 1 and ascend (C2)";
  if (getBody().getOps<OutputOp>().empty())
    return emitOpError() << "expects at least one output, got none (C3)";
  if (failed(verifyDrawnInputs(*this)))
    return failure();
  return verifyTraining(*this, getTrain(), "C4");
}

/// Whether numbers are there as the kind of scale wants them, one or one per channel.
template <typename Port>
static LogicalResult verifyFixedScale(Port port, Type type, StringRef constraint) {
  bool isFixed = port.getScale() == Scale::Fixed;
  if (isFixed != bool(port.getOffsets()))
    return port.emitOpError() << "expects offsets and factors with a fixed scale and no other ("
                              << constraint << ")";
  if (!isFixed)
    return success();
  size_t channels = cast<RankedTensorType>(type).getShape().back();
  for (ArrayRef<double> numbers : {*port.getOffsets(), *port.getFactors()})
    if (numbers.size() != 1 && numbers.size() != channels)
      return port.emitOpError() << "expects 1 or " << channels << " numbers of a scale, got "
                                << numbers.size() << " (" << constraint << ")";
  if (!llvm::all_of(*port.getFactors(), [](double factor) { return factor > 0; }))
    return port.emitOpError() << "expects positive factors (" << constraint << ")";
  return success();
}

/// Whether what a port says of the table that its values come from fits what it holds.
template <typename Port>
static LogicalResult verifySource(Port port, ArrayRef<int64_t> elements, StringRef constraint) {
  const size_t unknown = port.getUnknown() ? 1 : 0;
  if (ArrayAttr values = port.getValuesAttr();
      (values || unknown) &&
      (!values || values.size() + unknown != port.getVocabulary().value_or(0)))
    return port.emitOpError() << "expects values for all indices of its vocabulary (" << constraint
                              << ")";
  ArrayAttr columns = port.getColumnsAttr();
  int64_t count = 1;
  for (int64_t extent : elements)
    count *= extent;
  if (columns && columns.size() != 1 && int64_t(columns.size()) != count)
    return port.emitOpError() << "expects 1 or " << count << " columns, got " << columns.size()
                              << " (" << constraint << ")";
  return success();
}

static LogicalResult verifyRows(InputOp input) {
  auto type = cast<RankedTensorType>(input.getType());
  if (input.getMissing() && (input.getVocabulary() || input.getBytes() || input.getDrawn()))
    return input.emitOpError() << "expects f32 values that are given where some may be missing "
                                  "(C7)";
  std::optional<ArrayRef<int64_t>> window = input.getWindow();
  if (window && (window->size() != 2 || (*window)[0] < 1 || (*window)[1] < 1 ||
                 type.getRank() < 2 || type.getDimSize(1) != (*window)[0]))
    return input.emitOpError() << "expects a window of the first extent and a positive stride (C7)";
  return verifySource(input, type.getShape().drop_front(window ? 2 : 1), "C6");
}

static LogicalResult verifyAugment(InputOp input) {
  DictionaryAttr augment = input.getAugmentAttr();
  int64_t axes = cast<RankedTensorType>(input.getType()).getRank() - 2;
  if (!augment)
    return success();
  if (input.getVocabulary() || input.getDrawn() || axes < 1 || axes > kAugmentAxes)
    return input.emitOpError() << "expects to augment continuous values of 1 to " << kAugmentAxes
                               << " extents that are given, got " << input.getType() << " (C8)";
  if (!areAugmentNumbers(augment))
    return input.emitOpError() << "expects numbers that samples are changed by, got " << augment
                               << " (C8)";
  if (input.getAlignedTo() && movesPositions(augment))
    return input.emitOpError() << "expects positions to stay where they are aligned, got "
                               << augment << " (C8)";
  return success();
}

LogicalResult InputOp::verify() {
  if (failed(verifySampleType(*this, getType(), "a value (C1)")))
    return failure();
  Type element = cast<RankedTensorType>(getType()).getElementType();
  if (!(getVocabulary() ? element.isInteger(32) : element.isF32()))
    return emitOpError() << "expects element type " << (getVocabulary() ? "i32" : "f32")
                         << (getVocabulary() ? " with" : " without") << " a vocabulary, got "
                         << element << " (C2)";
  if (getBytes() && !element.isF32())
    return emitOpError() << "expects bytes to be read as f32, got " << element << " (C3)";
  if (getScale() && (getDrawn() || getVocabulary() || getScale() == Scale::Calibrated))
    return emitOpError() << "expects a scale of values that are given (C5)";
  if (failed(verifyFixedScale(*this, getType(), "C5")) || failed(verifyRows(*this)) ||
      failed(verifyAugment(*this)))
    return failure();
  return verifyDrawn(*this);
}

RankedTensorType InputOp::getReadType() {
  auto type = cast<RankedTensorType>(getType());
  if (!getMissing())
    return type;
  SmallVector<int64_t> shape(type.getShape());
  shape.back() *= 2;
  return type.clone(shape);
}

ScaleOp InputOp::findScale() {
  for (Operation *reader : getValue().getUsers())
    if (auto scale = dyn_cast<ScaleOp>(reader); getScale() && scale)
      return scale;
  return nullptr;
}

LogicalResult InputOp::buildForward(ForwardBuilder &b) { return b.output(b.numbersOf(b.input(0))); }

LogicalResult ReduceOp::verify() {
  if (getInputs().empty())
    return emitOpError() << "expects at least one input, got none (C1)";
  ArrayAttr aligned;
  for (Value value : getInputs()) {
    auto input = value.getDefiningOp<InputOp>();
    ArrayAttr names = input ? input.getAlignedToAttr() : nullptr;
    if (getInputs().size() > 1 && (!names || (aligned && names != aligned)))
      return emitOpError() << "expects several inputs to be aligned to the same outputs (C1)";
    aligned = names;
  }
  return success();
}

LogicalResult ExpandOp::verify() {
  if (llvm::all_of(getSkips(), [](Value skips) { return bool(skips.getDefiningOp<ReduceOp>()); }))
    return success();
  return emitOpError() << "expects skips from ccm.reduce (C1)";
}

RankedTensorType OutputOp::getTargetType() {
  auto type = cast<RankedTensorType>(getValue().getType());
  if (getBytes())
    return RankedTensorType::get(type.getShape(), IntegerType::get(getContext(), 8));
  if (!getVocabulary())
    return type;
  return RankedTensorType::get(type.getShape().drop_back(), IntegerType::get(getContext(), 32));
}

int64_t OutputOp::getStepsOfTarget() {
  RankedTensorType type = getTargetType();
  bool isOfOneExtent = type.getRank() == (getVocabulary() ? 2 : 3);
  return getHorizon() && isOfOneExtent ? type.getDimSize(1) : 0;
}

/// An operation's name without the dialect's.
template <typename Op>
static StringRef shortName() {
  return Op::getOperationName().split('.').second;
}

static LogicalResult verifyScaling(OutputOp op) {
  bool isOfScores = op.getVocabulary() || op.getLoss() == shortName<BceOp>();
  if (op.getScale() && isOfScores != (op.getScale() == Scale::Calibrated))
    return op.emitOpError()
           << "expects scores, of bce or cross_entropy, to be calibrated and other "
              "values scaled otherwise (C6)";
  if (failed(verifyFixedScale(op, op.getValue().getType(), "C6")))
    return failure();
  ArrayRef<int64_t> channels = cast<RankedTensorType>(op.getValue().getType()).getShape();
  bool fit = llvm::all_of(op.getScaling(), [&](Value value) {
    return bool(value.getDefiningOp<ParameterOp>()) && shapeOf(value) == channels.take_back();
  });
  if (op.getScaling().empty() || (op.getScale() && op.getScaling().size() == 2 && fit))
    return success();
  return op.emitOpError() << "expects to be scaled, where it has a scale, by two parameters of "
                          << channels.back() << " values (C6)";
}

/// Whether weights of indices are there as they are said to be.
static LogicalResult verifyWeighing(OutputOp op) {
  double smoothing = number(op.getSmoothing());
  auto weights = op.getClassWeights();
  int64_t classes = op.getVocabulary().value_or(0);
  if ((smoothing != 0 || op.isWeighed()) && !classes)
    return op.emitOpError() << "expects smoothing and weights with a vocabulary (C9)";
  if (!(smoothing >= 0 && smoothing < 1))
    return op.emitOpError() << "expects a smoothing from 0 to below 1, got " << smoothing
                            << " (C9)";
  auto isWeight = [](double weight) { return weight >= 0 && std::isfinite(weight); };
  if (weights && (op.getBalanced() || int64_t(weights->size()) != classes ||
                  !llvm::all_of(*weights, isWeight) ||
                  llvm::all_of(*weights, [](double weight) { return weight == 0; })))
    return op.emitOpError() << "expects a weight for each of " << classes
                            << " indices, none negative and not all 0, or balanced ones (C9)";
  Value value = op.getWeighing();
  if (!value ||
      (op.isWeighed() && value.getDefiningOp<ParameterOp>() && shapeOf(value) == ArrayRef(classes)))
    return success();
  return op.emitOpError() << "expects to be weighed, where indices have weights, by a parameter of "
                          << classes << " values (C9)";
}

LogicalResult OutputOp::verify() {
  if (failed(verifySampleType(*this, getValue().getType(), "a value (C1)")))
    return failure();
  auto type = cast<RankedTensorType>(getValue().getType());
  if (getBytes() && getVocabulary())
    return emitOpError() << "expects bytes without a vocabulary, got " << *getVocabulary()
                         << " (C5)";
  if (auto vocabulary = getVocabulary())
    if (type.getRank() < 2 || int64_t(*vocabulary) != type.getShape().back())
      return emitOpError() << "expects a last extent of the vocabulary " << *vocabulary << ", got "
                           << type << " (C2)";
  auto loss = RegisteredOperationName::lookup(("ccm." + getLoss()).str(), getContext());
  if (!loss || !loss->hasInterface<LossOpInterface>())
    return emitOpError() << "expects a registered loss, got '" << getLoss() << "' (C3)";
  if ((getLoss() == shortName<CrossEntropyOp>()) != bool(getVocabulary()))
    return emitOpError() << "expects cross_entropy with a vocabulary and no other loss, got '"
                         << getLoss() << "' (C3)";
  if (failed(verifyScaling(*this)) || failed(verifyWeighing(*this)) ||
      failed(verifySource(*this, getTargetType().getShape().drop_front(getStepsOfTarget() ? 2 : 1),
                          "C7")))
    return failure();
  if (int64_t horizon = getHorizon().value_or(0); horizon < 0)
    return emitOpError() << "expects a horizon that is not negative, got " << horizon << " (C8)";
  double weight = number(getWeight());
  if (!(weight > 0) || !std::isfinite(weight))
    return emitOpError() << "expects a positive finite weight, got " << weight << " (C4)";
  return success();
}

/// Whether the steps of one canonical dimension reach each of [0, extent) once: every step, by
/// size, is the number of values that the smaller ones reach, as digits of a number are; only
/// beyond the extent, in padding, there may be gaps. The layout is separable, so covering each
/// dimension once covers each element once.
static bool coversOnce(LayoutAttr layout, int64_t dim, int64_t extent) {
  SmallVector<std::pair<int64_t, int64_t>> digits;
  for (auto [count, of, step] : llvm::zip(layout.getExtents(), layout.getDims(), layout.getSteps()))
    if (of == dim && count > 1)
      digits.emplace_back(step, count);
  llvm::sort(digits);
  int64_t end = 1; // beyond the largest value that is reached
  for (auto [step, count] : digits) {
    int64_t reach;
    if (step < end || (step > end && end < extent) || llvm::MulOverflow(step, count - 1, reach) ||
        llvm::AddOverflow(end, reach, end))
      return false;
  }
  return end >= extent;
}

static LogicalResult verifyLayout(ParameterOp op, LayoutAttr layout) {
  int64_t product = 1;
  for (auto [extent, dim] : llvm::zip(layout.getExtents(), layout.getDims())) {
    if (dim >= int64_t(op.getShape().size()))
      return op.emitOpError() << "expects layout dims below " << op.getShape().size() << ", got "
                              << dim << " (C2)";
    if (llvm::MulOverflow(product, extent, product))
      return op.emitOpError() << "expects a layout whose extents multiply without overflow (C2)";
  }
  int64_t elements = cast<RankedTensorType>(op.getType()).getNumElements();
  if (product != elements)
    return op.emitOpError() << "expects layout extents that multiply to " << elements << ", got "
                            << product << " (C2)";
  for (auto [dim, extent] : llvm::enumerate(op.getShape()))
    if (!coversOnce(layout, dim, extent))
      return op.emitOpError() << "expects the layout to cover axis " << dim << " of extent "
                              << extent << " exactly once (C3)";
  return success();
}

/// Whether a formula of that name, if it is one, gives values for the shape.
static bool formulaFits(StringRef init, ArrayRef<int64_t> shape) {
  if (init == "fourier")
    return shape.size() == 3 && shape[0] == shape[1] && shape[1] % 2 == 0 && shape[2] == 1;
  return init != "mel" || (shape.size() == 2 && shape[1] % 2 == 0);
}

LogicalResult ParameterOp::verify() {
  int64_t product = 1;
  for (int64_t extent : getShape())
    if (extent < 1 || llvm::MulOverflow(product, extent, product) || product > (int64_t(1) << 31))
      return emitOpError() << "expects positive extents of at most 2147483648 elements, got "
                           << ArrayRef<int64_t>(getShape()) << " (C1)";
  if (!isTrainedType(cast<RankedTensorType>(getType())))
    return emitOpError() << "expects a value of positive extents and at most 2147483647 elements, "
                            "got "
                         << getType() << " (C1)";
  if (!llvm::is_contained({"normal", "zeros", "ones", "constant", "fourier", "mel"}, getInit()))
    return emitOpError() << "expects init normal, zeros, ones, constant, fourier or mel, got '"
                         << getInit() << "' (C4)";
  if (getValues() && (getInit() != "constant" || int64_t(getValues()->size()) != product))
    return emitOpError() << "expects values with init constant, " << product << " of them, got "
                         << getValues()->size() << " with " << getInit() << " (C4)";
  if (!formulaFits(getInit(), getShape()))
    return emitOpError() << "expects for init " << getInit() << " a shape of "
                         << (getInit() == "mel" ? "[bands, n]" : "[n, n, 1]")
                         << " with n even, got " << ArrayRef<int64_t>(getShape()) << " (C5)";
  if (auto layout = getLayoutAttr())
    return verifyLayout(*this, layout);
  if (getShape() != cast<RankedTensorType>(getType()).getShape())
    return emitOpError() << "expects the canonical shape as type without a layout, got "
                         << getType() << " (C2)";
  return success();
}

static LogicalResult verifyCount(KernelOp op, ArrayAttr attribute, size_t count, StringRef what) {
  if (attribute && attribute.size() != count)
    return op.emitOpError() << "expects " << count << " " << what << ", got " << attribute.size()
                            << " (C3)";
  return success();
}

LogicalResult KernelOp::verify() {
  Block &block = getBody().front();
  if (!llvm::equal(block.getArgumentTypes(), getOperandTypes()))
    return emitOpError() << "expects block arguments of the operands' types (C1)";
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || !llvm::equal(yield.getOperandTypes(), getResultTypes()))
    return emitOpError() << "expects a yield of the results' types (C1)";
  for (Operation &op : block)
    for (Type type : op.getResultTypes())
      if (auto shaped = dyn_cast<ShapedType>(type); shaped && !shaped.hasStaticShape())
        return op.emitOpError() << "expects static types in a kernel, got " << type << " (C2)";
  if (failed(verifyCount(*this, getOperandStridesAttr(), getNumOperands(), "operand strides")) ||
      failed(verifyCount(*this, getResultStridesAttr(), getNumResults(), "result strides")) ||
      failed(verifyCount(*this, getOperandPlacesAttr(), getNumOperands(), "operand places")))
    return failure();
  return verifyCount(*this, getResultPlacesAttr(), getNumResults(), "result places");
}

std::optional<unsigned> KernelOp::getInPlaceOperand(unsigned number) {
  Value value = getBody().front().getTerminator()->getOperand(number);
  while (auto nest = value.getDefiningOp<linalg::LinalgOp>())
    value = nest.getDpsInitOperand(cast<OpResult>(value).getResultNumber())->get();
  auto argument = dyn_cast<BlockArgument>(value);
  return argument ? std::optional<unsigned>(argument.getArgNumber()) : std::nullopt;
}

} // namespace ccm
