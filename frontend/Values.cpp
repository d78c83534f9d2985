// SPDX-License-Identifier: Apache-2.0
// Kinds and ranges of values, and the sentence when they are wrong.
#include "frontend/Values.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using llvm::StringRef;

namespace ccm::frontend {

std::string quoted(const Scope &scope, const JsonValue &value) {
  constexpr size_t kLongest = 40;
  StringRef text = scope.diagnostics.slice(value.place);
  bool fits = text.size() <= kLongest && !text.contains('\n');
  if (value.kind == JsonValue::Kind::Object)
    return "an object";
  if (value.kind == JsonValue::Kind::Array && !fits)
    return "a list";
  if (fits)
    return printable(text);
  text = text.take_front(kLongest);
  while (!text.empty() && (text.back() & 0xC0) == 0x80)
    text = text.drop_back();
  return printable(text) + "…";
}

Report reportExpected(const Scope &scope, StringRef key, StringRef expected, const JsonValue &got) {
  Report report =
      scope.error(got.place, Message::Expects, printable(key), expected, quoted(scope, got));
  return report;
}

std::optional<int64_t> exactInteger(const JsonValue &value) {
  constexpr double kBeyond = 9223372036854775808.0; // 2^63
  if (value.kind == JsonValue::Kind::Integer)
    return value.integer;
  if (value.kind != JsonValue::Kind::Real || value.real != std::floor(value.real) ||
      std::fabs(value.real) >= kBeyond)
    return std::nullopt;
  return int64_t(value.real);
}

static bool isWithin(const Key &key, std::optional<int64_t> value) {
  return value && *value >= key.least && *value <= key.most;
}

static bool isInteger(const Key &key, const JsonValue &value) {
  return value.kind == JsonValue::Kind::Integer && isWithin(key, value.integer);
}

static bool isWord(const Scope &scope, const Key &key, const JsonValue &value) {
  if (value.kind != JsonValue::Kind::String)
    return false;
  auto words = scope.language.words(key);
  if (key.kind != ValueKind::AnyCaseWord && key.kind != ValueKind::Level)
    return llvm::is_contained(words, value.text);
  std::string lower = value.text.lower();
  return llvm::is_contained(words, StringRef(lower)) ||
         llvm::is_contained(key.synonyms, StringRef(lower));
}

static bool areAll(const JsonValue &list, llvm::function_ref<bool(const JsonValue &)> accepted) {
  return list.kind == JsonValue::Kind::Array && llvm::all_of(list.items, accepted);
}

static bool isKind(const JsonValue &value, JsonValue::Kind kind) { return value.kind == kind; }

static bool isNumber(const Key &key, const JsonValue &value) {
  return value.isNumber() && value.real >= key.lowest && value.real <= key.highest;
}

static bool areNumbers(const Key &key, const JsonValue &list) {
  return !list.items.empty() &&
         areAll(list, [&](const JsonValue &item) { return isNumber(key, item); });
}

static bool isNameOfIndex(const JsonValue &value) {
  return isKind(value, JsonValue::Kind::Integer) ||
         (isKind(value, JsonValue::Kind::String) && !value.text.empty());
}

/// Whether a value is what its key expects, without a word about it.
static bool isExpected(const Scope &scope, const Key &key, const JsonValue &value) {
  using Kind = JsonValue::Kind;
  switch (key.kind) {
  case ValueKind::Boolean:
    return isKind(value, Kind::Boolean);
  case ValueKind::Integer:
    return isInteger(key, value);
  case ValueKind::Whole:
    return isWithin(key, exactInteger(value));
  case ValueKind::Number:
    return isNumber(key, value);
  case ValueKind::Numbers:
    return isNumber(key, value) || areNumbers(key, value);
  case ValueKind::Weights:
    return isWord(scope, key, value) || areNumbers(key, value);
  case ValueKind::Name:
  case ValueKind::Text:
    return isKind(value, Kind::String) && !value.text.empty();
  case ValueKind::Word:
  case ValueKind::AnyCaseWord:
  case ValueKind::Loss:
  case ValueKind::Optimizer:
    return isWord(scope, key, value);
  case ValueKind::Extents:
    return areAll(value, [&](const JsonValue &item) { return isInteger(key, item); });
  case ValueKind::Names:
    return areAll(value, [](const JsonValue &item) { return isKind(item, Kind::String); });
  case ValueKind::Values:
    return !value.items.empty() && areAll(value, isNameOfIndex);
  case ValueKind::Level:
    return isKind(value, Kind::Object) || isWord(scope, key, value);
  case ValueKind::Object:
    return isKind(value, Kind::Object);
  case ValueKind::Objects:
    return isKind(value, Kind::Array);
  }
  return false;
}

static void reportWrong(const Scope &scope, StringRef name, const Key &key,
                        const JsonValue &wrong) {
  Report report = reportExpected(scope, name, scope.language.expectation(key), wrong);
  bool wantsInteger = key.kind == ValueKind::Integer || key.kind == ValueKind::Extents;
  if (wantsInteger && wrong.kind == JsonValue::Kind::Real && isWithin(key, exactInteger(wrong)))
    report.note(Message::WriteInteger, *exactInteger(wrong));
  if (wrong.kind == JsonValue::Kind::String)
    report.didYouMean(wrong.text, scope.language.words(key));
}

bool checkValue(const Scope &scope, const Key &key, const JsonValue &value) {
  if (isExpected(scope, key, value))
    return key.kind != ValueKind::Name || checkName(scope, value);
  if (key.kind != ValueKind::Extents || value.kind != JsonValue::Kind::Array) {
    reportWrong(scope, value.key, key, value);
    return false;
  }
  for (const JsonValue &item : value.items)
    if (!isInteger(key, item))
      reportWrong(scope, value.key, key, item);
  return false;
}

} // namespace ccm::frontend
