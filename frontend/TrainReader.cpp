// SPDX-License-Identifier: Apache-2.0
// Training: the optimizer is a registered operation, and its numbers are the operation's
// attributes.
#include "frontend/Declaration.h"
#include "frontend/Values.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/STLExtras.h"

using llvm::StringRef;

namespace ccm::frontend {

static mlir::FileLineColLoc locationOf(const Scope &scope, Place place) {
  const Source &source = scope.diagnostics.sourceOf(place);
  Position position = source.position(place.offset);
  return mlir::FileLineColLoc::get(&scope.context, source.path(), position.line, position.column);
}

static void reportUnknownNumber(const Scope &scope, StringRef optimizer, const JsonValue &value,
                                llvm::ArrayRef<NumberRange> numbers) {
  Report report = scope.error(value.keyPlace, Message::UnknownKey, printable(value.key),
                              ("`train` with " + optimizer).str());
  if (scope.diagnostics.full())
    return;
  llvm::SmallVector<StringRef> known = Language::keysOf(kTrain);
  for (const NumberRange &number : numbers)
    known.push_back(number.name);
  report.didYouMean(value.key, known);
}

/// The optimizer's numbers, its defaults included, as accepted by its own verifier.
static void readNumbers(const Scope &scope, StringRef optimizer, const Fields &fields,
                        mlir::NamedAttrList &train) {
  std::string name = (CcmDialect::getDialectNamespace() + "." + optimizer).str();
  mlir::OperationState state(locationOf(scope, fields.place("optimizer")), name);
  mlir::Operation *operation = mlir::Operation::create(state);
  auto numbers = mlir::cast<OptimizerOpInterface>(operation).getNumbers();
  mlir::Builder builder(&scope.context);
  for (const JsonValue *value : fields.others()) {
    const NumberRange *range = llvm::find_if(
        numbers, [&](const NumberRange &number) { return number.name == value->key; });
    if (range == numbers.end())
      reportUnknownNumber(scope, optimizer, *value, numbers);
    else if (!value->isNumber() || !range->contains(value->real))
      reportExpected(scope, value->key, range->text(), *value);
    else
      operation->setAttr(value->key, builder.getF64FloatAttr(value->real));
  }
  // What the verifier says reaches the diagnostics through the context's handler.
  (void)mlir::verify(operation);
  for (mlir::NamedAttribute number : operation->getAttrDictionary())
    train.set(number.getName(), number.getValue());
  operation->destroy();
}

mlir::DictionaryAttr readTrain(const Scope &scope, const Fields &model) {
  JsonValue absent;
  absent.kind = JsonValue::Kind::Object;
  absent.place = model.place("name");
  const JsonValue *given = model.find("train");
  Fields fields(scope, kTrain, given ? *given : absent);
  mlir::Builder builder(&scope.context);
  mlir::NamedAttrList train;
  if (fields.good("optimizer"))
    readNumbers(scope, fields.word("optimizer"), fields, train);
  train.set("optimizer", builder.getStringAttr(fields.word("optimizer")));
  train.set("learning_rate", builder.getF64FloatAttr(fields.number("learning_rate")));
  train.set("schedule", builder.getStringAttr(fields.word("schedule")));
  train.set("clip", builder.getF64FloatAttr(fields.number("clip")));
  train.set("seed", builder.getI64IntegerAttr(fields.integer("seed")));
  return train.getDictionary(&scope.context);
}

} // namespace ccm::frontend
