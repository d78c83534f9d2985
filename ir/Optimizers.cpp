// SPDX-License-Identifier: Apache-2.0
// Formulas that optimizers share, and the ranges of their numbers.
#include "ir/Ccm.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace ccm {

Scalar adamDirection(Scalar m, Scalar v, double epsilon, const Hyper &hyper) {
  return m * hyper.correction1 / (sqrt(v * hyper.correction2) + epsilon);
}

bool NumberRange::contains(double value) const {
  return value >= lowest && (belowHighest ? value < highest : value <= highest);
}

std::string NumberRange::text() const {
  std::string result;
  llvm::raw_string_ostream(result)
      << "a number from " << llvm::format("%g", lowest) << (belowHighest ? " to below " : " to ")
      << llvm::format("%g", highest);
  return result;
}

ArrayRef<NumberRange> trainingNumbers() {
  static constexpr NumberRange kNumbers[] = {
      {.name = "learning_rate", .lowest = kSmallestNumber},
      {.name = "clip"},
  };
  return kNumbers;
}

LogicalResult verifyNumbers(Operation *op, DictionaryAttr numbers, ArrayRef<NumberRange> ranges,
                            StringRef constraint) {
  for (const NumberRange &range : ranges) {
    Attribute given = numbers.get(range.name);
    auto real = dyn_cast_if_present<FloatAttr>(given);
    if (given && !(real && range.contains(real.getValueAsDouble())))
      return op->emitOpError() << "expects `" << range.name << "` to be " << range.text()
                               << ", got " << given << " (" << constraint << ")";
  }
  return success();
}

LogicalResult verifyTraining(Operation *op, DictionaryAttr train, StringRef constraint) {
  if (failed(verifyNumbers(op, train, trainingNumbers(), constraint)))
    return failure();
  Attribute given = train.get("optimizer");
  if (!given)
    return success();
  auto word = dyn_cast<StringAttr>(given);
  auto optimizer =
      word ? RegisteredOperationName::lookup(("ccm." + word.getValue()).str(), op->getContext())
           : std::nullopt;
  if (!optimizer || !optimizer->hasInterface<OptimizerOpInterface>())
    return op->emitOpError() << "expects a registered optimizer, got " << given << " ("
                             << constraint << ")";
  return verifyNumbers(op, train, optimizer->getInterface<OptimizerOpInterface>()->getNumbers(),
                       constraint);
}

FailureOr<OwningOpRef<Operation *>> createOptimizer(ModelOp model) {
  auto word = model.getTrain().getAs<StringAttr>("optimizer");
  if (!word)
    return model.emitError() << "expects an optimizer in `train`, got none";
  OperationState state(model.getLoc(), ("ccm." + word.getValue()).str());
  for (StringAttr number : state.name.getAttributeNames())
    if (Attribute value = model.getTrain().get(number))
      state.addAttribute(number, value);
  return OwningOpRef<Operation *>(Operation::create(state));
}

} // namespace ccm
