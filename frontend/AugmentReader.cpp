// SPDX-License-Identifier: Apache-2.0
// How training changes the samples of an input.
#include "frontend/Declaration.h"
#include "ir/Augment.h"
#include "mlir/IR/Builders.h"

using llvm::StringRef;

namespace ccm::frontend {

static double numberOf(const Fields &fields, StringRef name) {
  switch (Language::row(kAugment, name).kind) {
  case ValueKind::Boolean:
    return fields.flag(name);
  case ValueKind::Integer:
    return double(fields.integer(name));
  default:
    return fields.number(name);
  }
}

static void checkKind(const Scope &scope, const JsonValue &value, const Port &port) {
  int64_t extents = int64_t(port.shape.size());
  if (port.discrete || (port.shapeKnown && (extents < 1 || extents > kAugmentAxes)))
    scope.error(value.place, Message::AugmentKind, kAugmentAxes, kindName(port),
                extentCount(port.shape.size()));
}

void readAugment(const Scope &scope, const Fields &fields, Port &port) {
  const JsonValue *value = fields.find("augment");
  if (!value)
    return;
  checkKind(scope, *value, port);
  Fields augment(scope, kAugment, *value);
  mlir::Builder builder(&scope.context);
  llvm::SmallVector<mlir::NamedAttribute> numbers;
  for (const AugmentNumber &number : augmentNumbers()) {
    double given = numberOf(augment, number.name);
    if (given == 0)
      continue;
    numbers.push_back(builder.getNamedAttr(number.name, builder.getF64FloatAttr(given)));
    if (number.moves && port.side == kAligned)
      scope.error(augment.place(number.name), Message::AugmentAligned, number.name);
  }
  if (!numbers.empty())
    port.augment = builder.getDictionaryAttr(numbers);
}

} // namespace ccm::frontend
