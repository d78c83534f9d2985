// SPDX-License-Identifier: Apache-2.0
#include "ir/DrawnInputs.h"
#include "ir/Functions.h"

using namespace mlir;

namespace ccm {

// ---- One of them --------------------------------------------------------------------------------

static bool isOneFloat(InputOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  return type.getRank() == 2 && type.getDimSize(1) == 1;
}

/// Whether these are the numbers of a draw.
static bool areNumbersOf(Draw draw, ArrayRef<double> numbers) {
  switch (draw) {
  case Draw::Presence:
    return numbers.size() == 1 && numbers[0] >= 0 && numbers[0] < 1;
  case Draw::Time:
  case Draw::Shifted:
  case Draw::Weight:
    return numbers.empty();
  case Draw::Noised:
    return numbers.size() == 2 && std::isfinite(numbers[0]) && std::isfinite(numbers[1]) &&
           numbers[1] > 0;
  }
  return false;
}

/// Whether the port has values that are drawn so.
static bool hasValuesOf(InputOp op) {
  if (*op.getDrawn() == Draw::Shifted)
    return bool(op.getVocabulary());
  return !op.getVocabulary() && !op.getBytes() &&
         (*op.getDrawn() == Draw::Noised || isOneFloat(op));
}

LogicalResult verifyDrawn(InputOp op) {
  if (!op.getDrawn() && !op.getDrawnOf() && !op.getNumbers())
    return success();
  bool isSaid = op.getDrawn() && op.getDrawnOf() && op.getNumbers();
  if (isSaid && hasValuesOf(op) && areNumbersOf(*op.getDrawn(), *op.getNumbers()))
    return success();
  return op.emitOpError() << "expects what is drawn to have f32 values, one of a presence or time, "
                             "when shifted indices, and the numbers of its draw, got "
                          << op.getType() << " (C4)";
}

// ---- All of a model -----------------------------------------------------------------------------

template <typename Port>
static Port findPort(ModelOp model, StringRef name) {
  for (Port port : opsOf<Port>(model))
    if (port.getName() == name)
      return port;
  return nullptr;
}

InputOp InputOp::findDrawn(ModelOp model, Draw drawn, StringRef of) {
  for (InputOp input : opsOf<InputOp>(model))
    if (input.getDrawn() == drawn && input.getDrawnOf() == of)
      return input;
  return nullptr;
}

InputOp OutputOp::findWeight() {
  return InputOp::findDrawn((*this)->getParentOfType<ModelOp>(), Draw::Weight, getName());
}

InputOp InputOp::findPresence() {
  return findDrawn((*this)->getParentOfType<ModelOp>(), Draw::Presence, getName());
}

/// Whether the input is what comes before each element of the output, and decodes serve all of
/// them.
static bool isShiftOf(InputOp op, OutputOp of) {
  auto positions = elementsPerSample(cast<RankedTensorType>(op.getType()));
  return positions && *positions <= kShortestContext << (kMostContexts - 1) && of &&
         of.getVocabulary() && op.getVocabulary() == *of.getVocabulary() + 1 &&
         op.getType() == of.getTargetType() &&
         opsOf<OutputOp>(op->getParentOfType<ModelOp>()).size() == 1;
}

/// Whether there is what the input is drawn for.
static bool isOfPort(ModelOp model, InputOp op) {
  if (*op.getDrawn() == Draw::Presence) {
    InputOp of = findPort<InputOp>(model, *op.getDrawnOf());
    return of && !of.getDrawn();
  }
  OutputOp of = findPort<OutputOp>(model, *op.getDrawnOf());
  if (*op.getDrawn() == Draw::Shifted)
    return isShiftOf(op, of);
  if (*op.getDrawn() == Draw::Weight)
    return of && op.getValue().use_empty();
  Draw other = *op.getDrawn() == Draw::Time ? Draw::Noised : Draw::Time;
  return of && !of.getVocabulary() && InputOp::findDrawn(model, other, of.getName()) &&
         (*op.getDrawn() == Draw::Time || op.getType() == of.getValue().getType());
}

/// What ports so drawn are of.
static StringRef partnersOf(Draw draw) {
  switch (draw) {
  case Draw::Presence:
    return " of another input";
  case Draw::Time:
  case Draw::Noised:
    return " of a continuous output, beside one time and one noised input of its type";
  case Draw::Shifted:
    return " of a discrete output, the only one of its model, of its shape of at most 4096 "
           "positions and with one index more";
  case Draw::Weight:
    return " of an output, and to be read by nothing";
  }
  return "";
}

LogicalResult verifyDrawnInputs(ModelOp model) {
  for (InputOp op : opsOf<InputOp>(model)) {
    if (!op.getDrawn() ||
        (isOfPort(model, op) && InputOp::findDrawn(model, *op.getDrawn(), *op.getDrawnOf()) == op))
      continue;
    return op.emitOpError() << "expects to be the only " << stringifyDraw(*op.getDrawn())
                            << partnersOf(*op.getDrawn()) << ", got '" << *op.getDrawnOf()
                            << "' (C5)";
  }
  return success();
}

} // namespace ccm
