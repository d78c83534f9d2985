// SPDX-License-Identifier: Apache-2.0
// Prints the table of keys as a JSON Schema.
#include "frontend/ModelSchema.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using llvm::StringRef;

namespace ccm::frontend {

/// Name of an object's definition in the schema.
static StringRef definitionName(Owner owner) {
  switch (owner) {
  case kInput:
    return "unaligned_input";
  case kAligned:
    return "aligned_input";
  case kOutput:
    return "output";
  case kBudget:
    return "budget";
  case kPin:
    return "strategy";
  case kTrain:
    return "train";
  case kScale:
    return "scale";
  case kWindow:
    return "window";
  case kAugment:
    return "augment";
  default:
    return "model";
  }
}

/// "^([Ll][Oo][Ww]|...)$": patterns of schemas cannot ignore case.
static std::string anyCasePattern(llvm::ArrayRef<StringRef> words) {
  std::string pattern = "^(";
  for (auto [index, word] : llvm::enumerate(words)) {
    pattern += index > 0 ? "|" : "";
    for (char letter : word)
      pattern += {'[', llvm::toUpper(letter), letter, ']'};
  }
  return pattern + ")$";
}

namespace {
class SchemaPrinter {
public:
  SchemaPrinter(const Language &language, llvm::raw_ostream &out)
      : language(language), json(out, /*IndentSize=*/2) {}

  void print();

private:
  void printObject(Owner owner);
  void printKey(const Key &key);
  void printConstraints(const Key &key);
  void printDefault(const Key &key);
  void printWords(llvm::ArrayRef<StringRef> words);
  void printAnyCaseWords(const Key &key);
  void printRange(const Key &key);
  void printNumberRange(const Key &key);
  void printNumbersOf(const Key &key);
  void printNamesOfIndices();
  void printReference(Owner owner);
  void printNumbers();
  void printNumber(const NumberRange &number);

  const Language &language;
  llvm::json::OStream json;
};
} // namespace

void SchemaPrinter::printReference(Owner owner) {
  json.attribute("$ref", ("#/$defs/" + definitionName(owner)).str());
}

void SchemaPrinter::printWords(llvm::ArrayRef<StringRef> words) {
  json.attributeArray("enum", [&] {
    for (StringRef word : words)
      json.value(word);
  });
}

/// The plain words first, which editors offer; then the same in any case, and synonyms.
void SchemaPrinter::printAnyCaseWords(const Key &key) {
  llvm::SmallVector<StringRef> all(key.words);
  llvm::append_range(all, key.synonyms);
  json.attributeArray("anyOf", [&] {
    json.object([&] { printWords(key.words); });
    json.object([&] {
      json.attribute("type", "string");
      json.attribute("pattern", anyCasePattern(all));
    });
    if (key.kind == ValueKind::Level)
      json.object([&] { printReference(key.items); });
  });
}

void SchemaPrinter::printRange(const Key &key) {
  json.attribute("type", "integer");
  json.attribute("minimum", key.least);
  json.attribute("maximum", key.most);
}

void SchemaPrinter::printNumberRange(const Key &key) {
  json.attribute("type", "number");
  json.attribute("minimum", key.lowest);
  json.attribute("maximum", key.highest);
}

void SchemaPrinter::printNumbersOf(const Key &key) {
  json.attributeArray("anyOf", [&] {
    json.object([&] {
      if (key.words.empty())
        printNumberRange(key);
      else
        printWords(key.words);
    });
    json.object([&] {
      json.attribute("type", "array");
      json.attribute("minItems", 1);
      json.attributeObject("items", [&] { printNumberRange(key); });
    });
  });
}

void SchemaPrinter::printNamesOfIndices() {
  json.attribute("type", "array");
  json.attribute("minItems", 1);
  json.attribute("uniqueItems", true);
  json.attributeObject("items", [&] {
    json.attributeArray("type", [&] {
      json.value("string");
      json.value("integer");
    });
    json.attribute("minLength", 1);
  });
}

void SchemaPrinter::printConstraints(const Key &key) {
  switch (key.kind) {
  case ValueKind::Boolean:
    return json.attribute("type", "boolean");
  case ValueKind::Integer:
  case ValueKind::Whole:
    return printRange(key);
  case ValueKind::Number:
    return printNumberRange(key);
  case ValueKind::Numbers:
  case ValueKind::Weights:
    return printNumbersOf(key);
  case ValueKind::Name:
    json.attribute("type", "string");
    json.attribute("maxLength", int64_t(kNameLimit));
    return json.attribute("pattern", "^[a-z][a-z0-9_]*$");
  case ValueKind::Text:
    json.attribute("type", "string");
    return json.attribute("minLength", 1);
  case ValueKind::Word:
  case ValueKind::Loss:
  case ValueKind::Optimizer:
    return printWords(language.words(key));
  case ValueKind::AnyCaseWord:
  case ValueKind::Level:
    return printAnyCaseWords(key);
  case ValueKind::Extents:
    json.attribute("type", "array");
    json.attribute("maxItems", int64_t(kRankLimit));
    return json.attributeObject("items", [&] { printRange(key); });
  case ValueKind::Names:
    json.attribute("type", "array");
    return json.attributeObject("items", [&] { json.attribute("type", "string"); });
  case ValueKind::Values:
    return printNamesOfIndices();
  case ValueKind::Object:
    return printReference(key.items);
  case ValueKind::Objects:
    json.attribute("type", "array");
    return json.attributeObject("items", [&] { printReference(key.items); });
  }
}

void SchemaPrinter::printDefault(const Key &key) {
  if (key.fallback.empty())
    return;
  bool isWord = key.kind == ValueKind::Word || key.kind == ValueKind::Optimizer;
  if (isWord)
    return json.attribute("default", key.fallback);
  json.attributeBegin("default");
  json.rawValue(key.fallback);
  json.attributeEnd();
}

void SchemaPrinter::printKey(const Key &key) {
  auto print = [&] {
    json.attribute("description", key.summary);
    printConstraints(key);
    printDefault(key);
  };
  json.attributeObject(key.name, print);
  if (!key.alias.empty())
    json.attributeObject(key.alias, print);
}

void SchemaPrinter::printNumber(const NumberRange &number) {
  json.attributeObject(number.name, [&] {
    json.attribute("type", "number");
    json.attribute("minimum", number.lowest);
    json.attribute(number.belowHighest ? "exclusiveMaximum" : "maximum", number.highest);
  });
}

/// Every optimizer has numbers of its own. The one that is not named is the default.
void SchemaPrinter::printNumbers() {
  const Key &key = Language::row(kTrain, "optimizer");
  json.attributeArray("allOf", [&] {
    for (const std::string &optimizer : language.optimizers())
      json.object([&] {
        json.attributeObject("if", [&] {
          json.attributeObject("properties", [&] {
            json.attributeObject(key.name, [&] { json.attribute("const", optimizer); });
          });
          if (optimizer != key.fallback)
            json.attributeArray("required", [&] { json.value(key.name); });
        });
        json.attributeObject("then", [&] {
          json.attributeObject("properties", [&] {
            for (const NumberRange &number : language.numbersOf(optimizer))
              printNumber(number);
          });
        });
      });
  });
  json.attribute("unevaluatedProperties", false);
}

void SchemaPrinter::printObject(Owner owner) {
  auto isOwned = [&](const Key &key) { return key.owners & owner; };
  auto keys = llvm::make_filter_range(Language::table(), isOwned);
  json.attribute("type", "object");
  json.attributeObject("properties", [&] {
    for (const Key &key : keys)
      printKey(key);
  });
  json.attributeArray("required", [&] {
    for (const Key &key : keys)
      if (key.required)
        json.value(key.name);
  });
  if (owner == kBudget)
    json.attribute("minProperties", 1);
  if (owner == kTrain)
    printNumbers();
  else if (owner != kPin) // a strategy's configuration is open
    json.attribute("additionalProperties", false);
}

void SchemaPrinter::print() {
  json.object([&] {
    json.attribute("$schema", "https://json-schema.org/draft/2020-12/schema");
    json.attribute("title", "declaration of a composable model");
    printObject(kModel);
    json.attributeObject("$defs", [&] {
      for (Owner owner :
           {kInput, kAligned, kOutput, kBudget, kPin, kTrain, kScale, kWindow, kAugment})
        json.attributeObject(definitionName(owner), [&] { printObject(owner); });
    });
  });
}

void printSchema(const Language &language, llvm::raw_ostream &out) {
  SchemaPrinter(language, out).print();
  out << '\n';
}

} // namespace ccm::frontend
