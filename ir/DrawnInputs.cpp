// SPDX-License-Identifier: Apache-2.0
#include "ir/DrawnInputs.h"

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
    return numbers.empty();
  case Draw::Noised:
    return numbers.size() == 2 && std::isfinite(numbers[0]) && std::isfinite(numbers[1]) &&
           numbers[1] > 0;
  }
  return false;
}

LogicalResult verifyDrawn(InputOp op) {
  if (!op.getDrawn() && !op.getDrawnOf() && !op.getNumbers())
    return success();
  bool isSaid = op.getDrawn() && op.getDrawnOf() && op.getNumbers();
  if (isSaid && !op.getVocabulary() && !op.getBytes() &&
      (*op.getDrawn() == Draw::Noised || isOneFloat(op)) &&
      areNumbersOf(*op.getDrawn(), *op.getNumbers()))
    return success();
  return op.emitOpError() << "expects what is drawn to have f32 values, one of a presence or time, "
                             "and the numbers of its draw, got "
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

InputOp InputOp::findPresence() {
  return findDrawn((*this)->getParentOfType<ModelOp>(), Draw::Presence, getName());
}

/// Whether there is what the input is drawn for.
static bool isOfPort(ModelOp model, InputOp op) {
  if (*op.getDrawn() == Draw::Presence) {
    InputOp of = findPort<InputOp>(model, *op.getDrawnOf());
    return of && !of.getDrawn();
  }
  OutputOp of = findPort<OutputOp>(model, *op.getDrawnOf());
  Draw other = *op.getDrawn() == Draw::Time ? Draw::Noised : Draw::Time;
  return of && !of.getVocabulary() && InputOp::findDrawn(model, other, of.getName()) &&
         (*op.getDrawn() == Draw::Time || op.getType() == of.getValue().getType());
}

LogicalResult verifyDrawnInputs(ModelOp model) {
  for (InputOp op : opsOf<InputOp>(model)) {
    if (!op.getDrawn() ||
        (isOfPort(model, op) && InputOp::findDrawn(model, *op.getDrawn(), *op.getDrawnOf()) == op))
      continue;
    return op.emitOpError() << "expects to be the only " << stringifyDraw(*op.getDrawn())
                            << (*op.getDrawn() == Draw::Presence
                                    ? " of another input"
                                    : " of a continuous output, beside one time and one noised "
                                      "input of its type")
                            << ", got '" << *op.getDrawnOf() << "' (C5)";
  }
  return success();
}

} // namespace ccm
