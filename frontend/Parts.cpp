// SPDX-License-Identifier: Apache-2.0
// What a part may cost, and how it is made: a pinned strategy, or another declaration.
#include "frontend/Declaration.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using llvm::StringRef;

namespace ccm::frontend {

Budget budgetOfLevel(StringRef level) {
  int64_t macs = llvm::StringSwitch<int64_t>(level)
                     .Case("tiny", 10000000)
                     .Case("low", 300000000)
                     .Case("medium", 4000000000)
                     .Default(16000000000);
  return {macs, 0, 0};
}

static std::optional<Budget> readBudget(const Scope &scope, const Fields &owner,
                                        const Budget &open) {
  const JsonValue *value = owner.find("compute");
  if (!value)
    return std::nullopt;
  if (value->kind == JsonValue::Kind::String)
    return budgetOfLevel(value->text.lower());
  Fields fields(scope, kBudget, *value);
  if (value->items.empty())
    scope.error(value->place, Message::EmptyBudget);
  int64_t macs = fields.has("macs") ? fields.integer("macs") : open.macs;
  return Budget{macs, fields.integer("parameters"), fields.integer("activation_bytes")};
}

mlir::Attribute attributeOf(const Scope &scope, const JsonValue &value) {
  mlir::Builder builder(&scope.context);
  auto isInteger = [](const JsonValue &item) { return item.kind == JsonValue::Kind::Integer; };
  switch (value.kind) {
  case JsonValue::Kind::Integer:
    return builder.getI64IntegerAttr(value.integer);
  case JsonValue::Kind::Real:
    return builder.getF64FloatAttr(value.real);
  case JsonValue::Kind::String:
    return builder.getStringAttr(value.text);
  case JsonValue::Kind::Boolean:
    return value.boolean ? builder.getUnitAttr() : nullptr;
  case JsonValue::Kind::Array:
    if (!llvm::all_of(value.items, isInteger))
      return nullptr;
    return builder.getDenseI64ArrayAttr(llvm::to_vector(
        llvm::map_range(value.items, [](const JsonValue &item) { return item.integer; })));
  default:
    return nullptr;
  }
}

static bool checkConfigurationSize(const Scope &scope, Place place, size_t size) {
  constexpr size_t kConfigurationLimit = 64;
  if (size > kConfigurationLimit)
    scope.error(place, Message::ConfigurationTooLarge, kConfigurationLimit, size);
  return size <= kConfigurationLimit;
}

/// Adds a value of a strategy's configuration. False is said by the absence of a unit attribute.
static void readConfiguration(const Scope &scope, const JsonValue &value,
                              llvm::SmallVectorImpl<mlir::NamedAttribute> &pin) {
  if (!isName(value.key)) {
    scope.error(value.keyPlace, Message::ConfigurationName,
                printable(scope.diagnostics.slice(value.keyPlace)));
    return;
  }
  if (value.kind == JsonValue::Kind::Boolean && !value.boolean)
    return;
  if (!checkConfigurationSize(scope, value.place, value.items.size()))
    return;
  if (mlir::Attribute attribute = attributeOf(scope, value))
    pin.emplace_back(mlir::StringAttr::get(&scope.context, value.key), attribute);
  else
    reportExpected(scope, value.key,
                   "an integer, a number, a string, true, false or a list of integers", value);
}

static mlir::DictionaryAttr readPin(const Scope &scope, const JsonValue &value) {
  Fields fields(scope, kPin, value);
  if (!checkConfigurationSize(scope, {value.place.offset, 1}, fields.others().size()))
    return nullptr;
  llvm::SmallVector<mlir::NamedAttribute> pin;
  if (const JsonValue *name = fields.find("name"))
    pin.emplace_back(mlir::StringAttr::get(&scope.context, "name"), attributeOf(scope, *name));
  for (const JsonValue *item : fields.others())
    readConfiguration(scope, *item, pin);
  return mlir::DictionaryAttr::get(&scope.context, pin);
}

/// A used model is built by the strategy of that name.
static mlir::DictionaryAttr pinOf(ModelOp model) {
  mlir::Builder builder(model.getContext());
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("model", mlir::FlatSymbolRefAttr::get(model)),
       builder.getNamedAttr("name", builder.getStringAttr("use"))});
}

/// Where errors about a part point: what the user wrote about it, the most particular first.
static Place placeOfPart(const Fields &fields) {
  if (const JsonValue *pin = fields.find("strategy"))
    for (const JsonValue &member : pin->items)
      if (member.key == "name")
        return member.place;
  for (StringRef key : {"use", "compute"})
    if (fields.has(key))
      return fields.place(key);
  return fields.place("name");
}

Part readPart(const Scope &scope, const Fields &fields, Used used, const Budget &open) {
  Part part;
  part.budget = readBudget(scope, fields, open);
  if (const JsonValue *pin = fields.find("strategy"))
    part.pin = readPin(scope, *pin);
  if (used.model)
    part.pin = pinOf(used.model);
  if (fields.find("strategy") && fields.find("use"))
    scope.error(fields.place("use"), Message::UseAndStrategy);
  part.frozen = fields.flag("frozen");
  part.share = fields.word("share");
  part.place = placeOfPart(fields);
  return part;
}

} // namespace ccm::frontend
