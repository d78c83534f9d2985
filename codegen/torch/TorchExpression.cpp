// SPDX-License-Identifier: Apache-2.0
// Words of a definition's expression, from the operation that it is of.
#include "codegen/torch/TorchExpression.h"
#include "codegen/torch/PythonText.h"

using namespace mlir;

namespace ccm {

std::optional<std::string>
fillWords(StringRef expression, llvm::function_ref<std::optional<std::string>(StringRef)> word) {
  std::string filled;
  while (!expression.empty()) {
    auto [before, rest] = expression.split('{');
    filled += before;
    if (before.size() == expression.size())
      break;
    auto [name, after] = rest.split('}');
    std::optional<std::string> value = word(name);
    if (!value)
      return std::nullopt;
    filled += *value;
    expression = after;
  }
  return filled;
}

/// An attribute's value; of a flag, which is there or not, whether it is.
static std::optional<std::string> valueOf(Attribute attribute) {
  if (!attribute)
    return "False";
  if (isa<UnitAttr>(attribute))
    return "True";
  if (auto list = dyn_cast<DenseI64ArrayAttr>(attribute))
    return "[" + pythonList(list.asArrayRef()) + "]";
  if (auto number = dyn_cast<IntegerAttr>(attribute))
    return std::to_string(number.getInt());
  if (auto number = dyn_cast<FloatAttr>(attribute))
    return pythonNumber(number.getValueAsDouble());
  if (auto text = dyn_cast<StringAttr>(attribute))
    return pythonString(text);
  return std::nullopt;
}

/// What is said of the result's extents, and of the first operand's.
static std::optional<std::string> extentsWord(Operation *op, StringRef word) {
  auto shape = cast<RankedTensorType>(op->getResult(0).getType()).getShape();
  if (word == "shape")
    return "-1" + (shape.size() > 1 ? ", " + pythonList(shape.drop_front()) : "");
  if (word == "positions" && shape.size() >= 2)
    return pythonList(shape.drop_front().drop_back());
  if (word == "rank" && op->getNumOperands() > 0)
    return std::to_string(cast<RankedTensorType>(op->getOperand(0).getType()).getRank() - 2);
  return std::nullopt;
}

/// The operand of that name among the definition's; all operands from there on where it is the last
/// name, which may stand for any number.
static std::optional<std::string> operandWord(Operation *op, ArrayRef<StringRef> operands,
                                              StringRef word,
                                              llvm::function_ref<std::string(Value)> nameOf) {
  const auto *found = llvm::find(operands, word);
  if (found == operands.end())
    return std::nullopt;
  size_t number = found - operands.begin();
  if (number >= op->getNumOperands())
    return "None"; // an optional one that is not there
  if (number + 1 < operands.size())
    return nameOf(op->getOperand(number));
  return llvm::join(llvm::map_range(op->getOperands().drop_front(number), nameOf), ", ");
}

FailureOr<std::string> torchExpression(Operation *op, const TorchForm &form,
                                       llvm::function_ref<std::string(Value)> nameOf) {
  SmallVector<StringRef> names, operands;
  form.words.split(names, ' ');
  auto attributes = op->getName().getAttributeNames();
  auto isAttribute = [&](StringRef name) {
    return llvm::any_of(attributes, [&](StringAttr a) { return a.getValue() == name; });
  };
  llvm::copy_if(names, std::back_inserter(operands), [&](StringRef n) { return !isAttribute(n); });
  auto expression = fillWords(form.expression, [&](StringRef word) -> std::optional<std::string> {
    if (auto operand = operandWord(op, operands, word, nameOf))
      return operand;
    return isAttribute(word) ? valueOf(op->getInherentAttr(word).value_or(Attribute()))
                             : extentsWord(op, word);
  });
  if (!expression)
    return op->emitError() << "internal error: a word of its PyTorch form stands for nothing: "
                           << form.expression;
  return *expression;
}

} // namespace ccm
