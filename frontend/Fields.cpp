// SPDX-License-Identifier: Apache-2.0
// Checked access to the members of an object.
#include "frontend/Fields.h"
#include "frontend/Values.h"
#include "llvm/ADT/STLExtras.h"

using llvm::StringRef;

namespace ccm::frontend {

static Place firstCharacterOf(Place place) { return {place.offset, 1}; }

Fields::Fields(const Scope &scope, Owner owner, const JsonValue &value)
    : scope(scope), owner(owner), start(firstCharacterOf(value.place)) {
  if (value.kind != JsonValue::Kind::Object)
    return;
  for (const JsonValue &given : value.items)
    addMember(given);
  for (const Key &key : Language::table())
    if ((key.owners & owner) && key.required && !has(key.name))
      scope.error(start, Message::MissingKey, key.name, ownerName(owner));
}

void Fields::addMember(const JsonValue &value) {
  const Key *key = Language::find(owner, value.key);
  if (!key) {
    // A pin's configuration and an optimizer's numbers are known to those who read them.
    if (owner == kPin || owner == kTrain)
      rest.push_back(&value);
    else
      reportUnknown(value);
    return;
  }
  if (const Member *other = member(key->name)) {
    scope.error(value.keyPlace, Message::DuplicateKey, value.key)
        .note(Message::OneKey, other->value->key, value.key);
    return;
  }
  members.push_back({key, &value, checkValue(scope, *key, value)});
}

void Fields::reportUnknown(const JsonValue &value) const {
  Report report =
      scope.error(value.keyPlace, Message::UnknownKey, printable(value.key), ownerName(owner));
  if (!scope.diagnostics.full())
    report.didYouMean(value.key, Language::keysOf(owner));
}

const Fields::Member *Fields::member(StringRef key) const {
  auto *found = llvm::find_if(members, [&](const Member &m) { return m.key->name == key; });
  return found == members.end() ? nullptr : found;
}

bool Fields::has(StringRef key) const { return member(key); }

const JsonValue *Fields::find(StringRef key) const {
  const Member *found = member(key);
  return found && found->wellFormed ? found->value : nullptr;
}

bool Fields::flag(StringRef key) const {
  if (const JsonValue *value = find(key))
    return value->boolean;
  return Language::row(owner, key).fallback == "true";
}

int64_t Fields::integer(StringRef key) const {
  if (const JsonValue *value = find(key))
    return exactInteger(*value).value_or(0);
  int64_t fallback = 0;
  Language::row(owner, key).fallback.getAsInteger(10, fallback);
  return fallback;
}

double Fields::number(StringRef key) const {
  if (const JsonValue *value = find(key))
    return value->real;
  double fallback = 0;
  Language::row(owner, key).fallback.getAsDouble(fallback);
  return fallback;
}

std::string Fields::word(StringRef key) const {
  const Key &row = Language::row(owner, key);
  const JsonValue *value = find(key);
  if (!value)
    return row.fallback.str();
  return row.kind == ValueKind::AnyCaseWord ? value->text.lower() : value->text.str();
}

llvm::ArrayRef<JsonValue> Fields::items(StringRef key) const {
  const JsonValue *value = find(key);
  return value ? value->items : llvm::ArrayRef<JsonValue>();
}

Place Fields::place(StringRef key) const {
  const Member *found = member(key);
  return found ? found->value->place : start;
}

} // namespace ccm::frontend
