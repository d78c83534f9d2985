// SPDX-License-Identifier: Apache-2.0
// What was built of a declaration, for people and for scripts.
#include "passes/structure/Report.h"
#include "passes/strategies/Pins.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <map>

using namespace mlir;

namespace ccm {

DictionaryAttr PartReport::toAttribute(MLIRContext *context) const {
  Builder b(context);
  auto number = [&](StringRef name, int64_t value) {
    return b.getNamedAttr(name, b.getI64IntegerAttr(value));
  };
  auto text = [&](StringRef name, StringRef value) {
    return b.getNamedAttr(name, b.getStringAttr(value));
  };
  return b.getDictionaryAttr(
      {number("activation_bytes", activationBytes), number("budget_macs", budgetMacs),
       b.getNamedAttr("config", config), number("macs", macs), number("parameters", parameters),
       text("part", part), text("port", port), b.getNamedAttr("rejected", rejected),
       text("strategy", strategy), number("tokens", tokens), number("trained", trained)});
}

static std::optional<PartReport> readPart(Attribute attribute) {
  auto entry = dyn_cast<DictionaryAttr>(attribute);
  if (!entry)
    return std::nullopt;
  PartReport report{};
  bool complete = true;
  auto number = [&](StringRef name, int64_t &to) {
    auto value = entry.getAs<IntegerAttr>(name);
    complete &= value && value.getType().isInteger(64);
    to = complete ? value.getInt() : 0;
  };
  auto text = [&](StringRef name, StringRef &to) {
    auto value = entry.getAs<StringAttr>(name);
    complete &= bool(value);
    to = value ? value.getValue() : StringRef();
  };
  text("part", report.part);
  text("port", report.port);
  text("strategy", report.strategy);
  number("tokens", report.tokens);
  number("macs", report.macs);
  number("budget_macs", report.budgetMacs);
  number("parameters", report.parameters);
  number("trained", report.trained);
  number("activation_bytes", report.activationBytes);
  report.config = entry.getAs<DictionaryAttr>("config");
  report.rejected = entry.getAs<ArrayAttr>("rejected");
  complete &= report.config && report.rejected;
  return complete ? std::optional(report) : std::nullopt;
}

SmallVector<PartReport> partsReport(ModelOp model) {
  SmallVector<PartReport> parts;
  if (auto entries = model->getAttrOfType<ArrayAttr>(kPartsAttr))
    for (Attribute entry : entries)
      if (std::optional<PartReport> part = readPart(entry))
        parts.push_back(*part);
  return parts;
}

Attribute dropRejected(ModelOp model) {
  Attribute before = model->getAttr(kPartsAttr);
  SmallVector<Attribute> entries;
  for (PartReport part : partsReport(model)) {
    part.rejected = ArrayAttr::get(model.getContext(), {});
    entries.push_back(part.toAttribute(model.getContext()));
  }
  if (before)
    model->setAttr(kPartsAttr, ArrayAttr::get(model.getContext(), entries));
  return before;
}

std::string typeName(OutputOp output) {
  if (!output.getType())
    return "-";
  std::string name = stringifyModelType(*output.getType()).str();
  llvm::replace(name, '_', '-');
  return name;
}

/// "0.28 G": three digits at most before the unit.
static std::string count(int64_t number) {
  constexpr std::pair<double, const char *> units[] = {{1e9, " G"}, {1e6, " M"}, {1e3, " k"}};
  for (auto [size, unit] : units)
    if (double(number) >= 0.1 * size)
      return llvm::formatv("{0:F2}{1}", double(number) / size, unit);
  return std::to_string(number);
}

static std::string share(int64_t used, int64_t budget) {
  if (budget == 0)
    return "-";
  return llvm::formatv("{0:F0} %", 100.0 * double(used) / double(budget));
}

/// Names, the middle left out where they are many.
static std::string listed(ArrayRef<StringRef> names) {
  constexpr size_t kShown = 8;
  if (names.size() <= kShown)
    return llvm::join(names, ", ");
  return llvm::formatv("{0}, …, {1} ({2})", llvm::join(names.take_front(2), ", "), names.back(),
                       names.size());
}

/// The model's type for each of its outputs, those of one type together.
static void printHead(raw_ostream &os, ModelOp model) {
  SmallVector<StringRef> inputs;
  for (InputOp input : opsOf<InputOp>(model))
    if (!input.isAside())
      inputs.push_back(input.getName());
  llvm::MapVector<std::string, SmallVector<StringRef>, std::map<std::string, unsigned>> byType;
  for (OutputOp output : opsOf<OutputOp>(model))
    byType[typeName(output)].push_back(output.getName());
  os << model.getSymName() << ":";
  for (const auto &[type, outputs] : byType)
    os << " " << type << " (" << listed(inputs) << " → " << listed(outputs) << ")";
  os << "\n";
}

/// ", 0 trained" of a part that has frozen parameters, else nothing.
static std::string frozenShare(const PartReport &part) {
  return part.trained == part.parameters ? "" : ", " + count(part.trained) + " trained";
}

using Row = std::array<std::string, 6>;

static Row rowOf(const PartReport &part) {
  std::string what =
      part.part == CoreOp::kind() ? part.part.str() : (part.part + " " + part.port).str();
  return {what,
          part.strategy.str() + " " + describe(part.config),
          std::to_string(part.tokens),
          count(part.macs),
          share(part.macs, part.budgetMacs),
          count(part.parameters) + frozenShare(part)};
}

static void printRow(raw_ostream &os, const Row &row, const std::array<size_t, 6> &widths) {
  os << " ";
  for (size_t i = 0; i < row.size(); ++i) {
    // Names to the left, numbers to the right.
    if (i < 2)
      os << " " << llvm::left_justify(row[i], widths[i]);
    else
      os << "  " << llvm::right_justify(row[i], widths[i]);
  }
  os << "\n";
}

static void printRejected(raw_ostream &os, const PartReport &part) {
  for (Attribute attribute : part.rejected) {
    auto entry = dyn_cast<DictionaryAttr>(attribute);
    auto strategy = entry ? entry.getAs<StringAttr>("strategy") : StringAttr();
    auto config = entry ? entry.getAs<DictionaryAttr>("config") : DictionaryAttr();
    auto reason = entry ? entry.getAs<StringAttr>("reason") : StringAttr();
    if (strategy && config && reason)
      os << "    not " << strategy.getValue() << " " << describe(config) << ": "
         << reason.getValue() << "\n";
  }
}

void printReport(raw_ostream &os, ModelOp model, bool explain) {
  SmallVector<PartReport> parts = partsReport(model);
  if (parts.empty())
    return;
  const Row head{"part", "strategy", "tokens", "MACs", "of budget", "parameters"};
  std::array<size_t, 6> widths;
  for (size_t i = 0; i < head.size(); ++i) {
    widths[i] = head[i].size();
    for (const PartReport &part : parts)
      widths[i] = std::max(widths[i], rowOf(part)[i].size());
  }
  printHead(os, model);
  printRow(os, head, widths);
  for (const PartReport &part : parts) {
    printRow(os, rowOf(part), widths);
    if (explain)
      printRejected(os, part);
  }
}

llvm::json::Value toJson(Attribute attribute) {
  if (auto number = dyn_cast<IntegerAttr>(attribute))
    return number.getInt();
  if (auto real = dyn_cast<FloatAttr>(attribute))
    return real.getValueAsDouble();
  if (auto text = dyn_cast<StringAttr>(attribute))
    return text.getValue().str();
  if (auto list = dyn_cast<DenseI64ArrayAttr>(attribute))
    return llvm::json::Array(list.asArrayRef());
  if (auto model = dyn_cast<FlatSymbolRefAttr>(attribute))
    return model.getValue().str();
  auto entries = dyn_cast<DictionaryAttr>(attribute);
  if (!entries)
    return nullptr;
  llvm::json::Object object;
  for (NamedAttribute entry : entries)
    object[entry.getName().getValue()] = toJson(entry.getValue());
  return object;
}

static llvm::json::Object toJson(const PartReport &part, bool explain) {
  llvm::json::Object object{{"part", part.part},
                            {"port", part.port},
                            {"strategy", part.strategy},
                            {"config", toJson(part.config)},
                            {"tokens", part.tokens},
                            {"macs", part.macs},
                            {"budget_macs", part.budgetMacs},
                            {"parameters", part.parameters},
                            {"trained", part.trained},
                            {"activation_bytes", part.activationBytes}};
  if (explain) {
    llvm::json::Array rejected;
    for (Attribute entry : part.rejected)
      rejected.push_back(toJson(entry));
    object["rejected"] = std::move(rejected);
  }
  return object;
}

void printStrategies(llvm::raw_ostream &os) {
  for (StringRef kind : {ReduceOp::kind(), CoreOp::kind(), ExpandOp::kind()})
    for (const Strategy *strategy : strategiesOf(kind)) {
      os << kind << " " << strategy->name() << ": serves " << strategy->scope() << "\n";
      for (const Key &key : strategy->keys())
        os << "  " << key.name << ": " << boundsOf(key) << "\n";
    }
}

llvm::json::Array partsToJson(ModelOp model, bool explain) {
  llvm::json::Array parts;
  for (const PartReport &part : partsReport(model))
    parts.push_back(toJson(part, explain));
  return parts;
}

llvm::json::Object reportToJson(ModelOp model, bool explain) {
  int64_t macs = 0, parameters = 0, trained = 0;
  for (const PartReport &part : partsReport(model)) {
    macs += part.macs;
    parameters += part.parameters;
    trained += part.trained;
  }
  llvm::json::Object types;
  for (OutputOp output : opsOf<OutputOp>(model))
    types[output.getName()] = typeName(output);
  return llvm::json::Object{{"name", model.getSymName()},
                            {"type", std::move(types)},
                            {"parts", partsToJson(model, explain)},
                            {"macs", macs},
                            {"parameters", parameters},
                            {"trained", trained}};
}

} // namespace ccm
