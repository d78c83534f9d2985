// SPDX-License-Identifier: Apache-2.0
// What a declaration pins of a part, checked against the registry.
#include "passes/strategies/Pins.h"
#include "ir/Words.h"
#include "passes/strategies/Sites.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace ccm {

std::string suggestion(StringRef word, ArrayRef<StringRef> known) {
  StringRef best = nearest(word, known);
  return best.empty() ? "" : ("; did you mean '" + best + "'?").str();
}

static InFlightDiagnostic errorAt(const Site &site) {
  return emitError(PartOpInterface(site.part)->getLoc());
}

/// Names of the strategies of the part's kind.
static SmallVector<StringRef> namesFor(const Site &site) {
  StringRef kind = PartOpInterface(site.part).getPartKind();
  return llvm::map_to_vector(strategiesOf(kind), [](const Strategy *s) { return s->name(); });
}

FailureOr<const Strategy *> findNamed(const Site &site, StringRef name) {
  if (const Strategy *strategy = findStrategy(PartOpInterface(site.part).getPartKind(), name))
    return strategy;
  SmallVector<StringRef> names = namesFor(site);
  return errorAt(site) << "expects a strategy for " << describe(site.part) << ", one of "
                       << llvm::join(names, ", ") << ", got '" << name << "'"
                       << suggestion(name, names);
}

FailureOr<const Strategy *> findPinned(const Site &site, DictionaryAttr pin) {
  if (auto name = pin.getAs<StringAttr>("name"))
    return findNamed(site, name);
  return errorAt(site) << "expects the name of a strategy for " << describe(site.part)
                       << ", one of " << llvm::join(namesFor(site), ", ");
}

std::string boundsOf(const Key &key) {
  if (key.model)
    return "a model, which `use` names";
  std::string multiple =
      key.multiple == 1 ? "a whole number" : "a multiple of " + std::to_string(key.multiple);
  std::string bounds =
      multiple + " from " + std::to_string(key.least) + " to " + std::to_string(key.most);
  return key.list ? "a list of 1 to 8 numbers, each " + bounds : bounds;
}

static bool inBounds(const Key &key, int64_t number) {
  return number >= key.least && number <= key.most && number % key.multiple == 0;
}

static bool matches(const Key &key, Attribute value) {
  if (key.model)
    return isa_and_nonnull<FlatSymbolRefAttr>(value);
  if (auto list = dyn_cast_or_null<DenseI64ArrayAttr>(value))
    return key.list && !list.empty() && list.size() <= 8 &&
           llvm::all_of(list.asArrayRef(), [&](int64_t number) { return inBounds(key, number); });
  auto number = dyn_cast_or_null<IntegerAttr>(value);
  return number && !key.list && number.getType().isInteger(64) && inBounds(key, number.getInt());
}

/// A value as the declaration has it.
static std::string textOf(Attribute value) {
  if (auto number = dyn_cast<IntegerAttr>(value))
    return std::to_string(number.getInt());
  if (auto list = dyn_cast<DenseI64ArrayAttr>(value))
    return "[" +
           llvm::join(
               llvm::map_range(list.asArrayRef(), [](int64_t n) { return std::to_string(n); }),
               ", ") +
           "]";
  if (auto text = dyn_cast<StringAttr>(value))
    return "\"" + text.getValue().str() + "\"";
  if (auto model = dyn_cast<FlatSymbolRefAttr>(value))
    return "the model " + model.getValue().str();
  return isa<UnitAttr>(value) ? "true" : "a number that is not whole";
}

static LogicalResult checkEntry(const Strategy &strategy, const Site &site, NamedAttribute entry) {
  auto keys = llvm::map_to_vector(strategy.keys(), [](const Key &key) { return key.name; });
  StringRef name = entry.getName();
  const Key *key = llvm::find_if(strategy.keys(), [&](const Key &k) { return k.name == name; });
  if (key == strategy.keys().end())
    return errorAt(site) << "strategy '" << strategy.name() << "' expects keys among "
                         << llvm::join(keys, ", ") << ", got '" << name << "'"
                         << suggestion(name, keys);
  if (matches(*key, entry.getValue()))
    return success();
  return errorAt(site) << "strategy '" << strategy.name() << "' expects " << name << " to be "
                       << boundsOf(*key) << ", got " << textOf(entry.getValue());
}

LogicalResult checkPin(const Strategy &strategy, const Site &site, DictionaryAttr pin) {
  LogicalResult result = success();
  for (NamedAttribute entry : pin)
    if (entry.getName() != "name" && failed(checkEntry(strategy, site, entry)))
      result = failure();
  return result;
}

DictionaryAttr withPin(DictionaryAttr config, DictionaryAttr pin) {
  if (!pin)
    return config;
  NamedAttrList entries(config);
  for (NamedAttribute entry : pin)
    if (entry.getName() != "name")
      entries.set(entry.getName(), entry.getValue());
  return entries.getDictionary(config.getContext());
}

LogicalResult checkScope(const Strategy &strategy, const Site &site) {
  if (strategy.serves(site))
    return success();
  return errorAt(site) << "strategy '" << strategy.name() << "' serves " << strategy.scope()
                       << ", got " << describeShape(site);
}

std::string refusalOf(const Strategy &strategy, DictionaryAttr config, StringRef reason) {
  return ("strategy '" + strategy.name() + "' with " + ccm::describe(config) + " " + reason).str();
}

LogicalResult checkConfig(const Strategy &strategy, const Site &site, DictionaryAttr config) {
  if (failed(checkScope(strategy, site)) || failed(checkPin(strategy, site, config)))
    return failure();
  for (const Key &key : strategy.keys())
    if (!config.contains(key.name))
      return errorAt(site) << "strategy '" << strategy.name() << "' expects the key " << key.name
                           << ": " << boundsOf(key) << ", got none";
  std::string reason = strategy.refuse(site, Config(config));
  if (reason.empty())
    return success();
  return errorAt(site) << refusalOf(strategy, config, reason);
}

} // namespace ccm
