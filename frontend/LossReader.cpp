// SPDX-License-Identifier: Apache-2.0
// How an output is compared with its targets, and how much each of them weighs.
#include "frontend/Declaration.h"
#include "frontend/Values.h"
#include "llvm/ADT/STLExtras.h"

using llvm::StringRef;

namespace ccm::frontend {

static void readComparison(const Scope &scope, const Fields &fields, Port &port) {
  auto shortName = [](StringRef operation) { return operation.split('.').second; };
  StringRef scores = shortName(CrossEntropyOp::getOperationName());
  port.loss = port.discrete ? scores.str() : shortName(MseOp::getOperationName()).str();
  const JsonValue *loss = fields.find("loss");
  if (!loss || !fields.good("discrete"))
    return;
  port.loss = loss->text.str();
  if (port.discrete == (port.loss == scores))
    return;
  llvm::SmallVector<StringRef> fitting;
  for (StringRef name : scope.language.losses())
    if (port.discrete == (name == scores))
      fitting.push_back(name);
  scope.error(loss->place, Message::LossOfKind, kindName(port), alternatives(fitting), port.loss);
}

/// A weight for each index, one of which counts.
static void readClassWeights(const Scope &scope, const Fields &fields, Port &port) {
  const JsonValue *value = fields.find("class_weights");
  if (!value)
    return;
  port.balanced = value->kind != JsonValue::Kind::Array;
  for (const JsonValue &item : value->items)
    port.classWeights.push_back(item.real);
  if (port.balanced || !port.discrete || port.vocabulary == 0)
    return;
  if (int64_t(port.classWeights.size()) != port.vocabulary)
    scope.error(value->place, Message::WeightsOfVocabulary, port.vocabulary,
                port.classWeights.size());
  else if (llvm::all_of(port.classWeights, [](double weight) { return weight == 0; }))
    reportExpected(scope, "class_weights", "a weight above 0", *value);
}

void readLoss(const Scope &scope, const Fields &fields, Port &port) {
  port.weight = fields.number("weight");
  port.smoothing = fields.number("label_smoothing");
  readComparison(scope, fields, port);
  readClassWeights(scope, fields, port);
  if (const JsonValue *column = fields.find("sample_weight"))
    port.weightColumn = column->text.str();
  for (StringRef key : {"label_smoothing", "class_weights"})
    if (fields.has(key) && !port.discrete && fields.good("discrete"))
      scope.error(fields.place(key), Message::OnlyDiscrete, key);
}

} // namespace ccm::frontend
