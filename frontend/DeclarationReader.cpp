// SPDX-License-Identifier: Apache-2.0
// The whole declaration: its lists of ports, the core, training, and rules across ports.
#include "frontend/Declaration.h"
#include "frontend/Values.h"
#include "llvm/ADT/StringMap.h"

using llvm::StringRef;

namespace ccm::frontend {

static std::vector<Port> readPorts(const Scope &scope, const Fields &model, StringRef key,
                                   Owner side, const Budget &budget) {
  std::vector<Port> ports;
  for (const JsonValue &item : model.items(key)) {
    if (item.kind == JsonValue::Kind::Object)
      ports.push_back(readPort(scope, side, item, budget));
    else
      reportExpected(scope, key, "a list of objects", item);
  }
  return ports;
}

/// Whether there are few enough ports to go on; reports it at the list that goes over.
static bool checkPortCount(const Scope &scope, const Fields &model) {
  size_t count = 0;
  StringRef over;
  for (StringRef key : {"unaligned_inputs", "aligned_inputs", "outputs"}) {
    count += model.items(key).size();
    if (count > kPortLimit && over.empty())
      over = key;
  }
  if (over.empty())
    return true;
  Place place = model.place(over);
  scope.error({place.offset, 1}, Message::TooManyPorts, kPortLimit, count);
  return false;
}

std::string presenceName(StringRef input) { return (input + "_present").str(); }

std::string weightName(StringRef output) { return (output + "_weight").str(); }

/// What is said of a port, the presence of an optional input or the weights of an output, is a port
/// too.
static void checkNameAside(const Scope &scope, const llvm::StringMap<Place> &names,
                           const Port &port) {
  if (!port.optional && port.weightColumn.empty())
    return;
  auto taken = names.find(port.optional ? presenceName(port.name) : weightName(port.name));
  if (taken == names.end())
    return;
  Position first = scope.diagnostics.position(port.namePlace);
  scope.error(taken->second, Message::DuplicateName, taken->first())
      .note(port.optional ? Message::PresenceOf : Message::WeightOf, port.name, first.line,
            first.column);
}

static void checkUniqueNames(const Scope &scope, const Declaration &declaration) {
  llvm::StringMap<Place> seen;
  for (auto *ports : {&declaration.inputs, &declaration.alignedInputs, &declaration.outputs})
    for (const Port &port : *ports) {
      if (port.name.empty())
        continue;
      auto [entry, isNew] = seen.try_emplace(port.name, port.namePlace);
      if (isNew)
        continue;
      Position first = scope.diagnostics.position(entry->second);
      scope.error(port.namePlace, Message::DuplicateName, port.name)
          .note(Message::FirstGiven, first.line, first.column);
    }
  for (auto *ports : {&declaration.inputs, &declaration.alignedInputs, &declaration.outputs})
    for (const Port &port : *ports)
      checkNameAside(scope, seen, port);
}

/// At least one output, and one input unless an output is generated.
static void checkSides(const Scope &scope, const Fields &model, const Declaration &declaration) {
  if (model.good("outputs") && model.items("outputs").empty())
    scope.error(model.place("outputs"), Message::NoOutputs);
  bool hasInputs = false;
  for (StringRef key : {"unaligned_inputs", "aligned_inputs"})
    hasInputs |= !model.good(key) || !model.items(key).empty();
  for (const Port &output : declaration.outputs)
    hasInputs |= output.generate != Generate::Direct;
  if (!hasInputs)
    scope.error(model.place("unaligned_inputs"), Message::NoInputs);
}

/// An autoregressive output goes alone: others would see all of it.
static void checkGenerated(const Scope &scope, const Declaration &declaration) {
  if (declaration.outputs.size() < 2)
    return;
  for (const Port &output : declaration.outputs)
    if (isSequence(output))
      scope.error(output.generatePlace, Message::GenerateAlone, declaration.outputs.size());
}

Declaration readDeclaration(const Scope &scope, const JsonValue &root) {
  Declaration declaration;
  if (root.kind != JsonValue::Kind::Object) {
    reportExpected(scope, "declaration", "an object", root);
    return declaration;
  }
  Fields model(scope, kModel, root);
  if (const JsonValue *name = model.find("name"))
    declaration.name = name->text.str();
  declaration.namePlace = model.place("name");
  const Budget usual = budgetOfLevel(kDefaultLevel);
  declaration.core = readPart(scope, model, readUse(scope, model, kModel), usual);
  const Budget budget = declaration.core.budget.value_or(usual);
  declaration.core.budget = budget;
  declaration.train = readTrain(scope, model);
  if (!checkPortCount(scope, model))
    return declaration;
  declaration.inputs = readPorts(scope, model, "unaligned_inputs", kInput, budget);
  declaration.alignedInputs = readPorts(scope, model, "aligned_inputs", kAligned, budget);
  declaration.outputs = readPorts(scope, model, "outputs", kOutput, budget);
  if (const JsonValue *group = model.find("group"))
    declaration.group = group->text.str();
  checkSides(scope, model, declaration);
  checkWindows(scope, model, declaration);
  checkGenerated(scope, declaration);
  addDrawn(declaration);
  checkUniqueNames(scope, declaration);
  resolveAlignment(scope, declaration);
  return declaration;
}

} // namespace ccm::frontend
