// SPDX-License-Identifier: Apache-2.0
// The members of one object of a declaration, checked against the table of keys.
#pragma once

#include "frontend/Json.h"
#include "frontend/Language.h"
#include "ir/Ccm.h"

namespace ccm::frontend {

/// What every step of reading needs. The members outlive it.
struct Scope {
  mlir::MLIRContext &context;
  const Language &language;
  Diagnostics &diagnostics;
  /// The model of what a `use` names, or null after an error.
  llvm::function_ref<ModelOp(const JsonValue &)> use;

  template <typename... Args>
  Report error(Place place, Message message, Args &&...args) const {
    return diagnostics.error(place, message, std::forward<Args>(args)...);
  }
};

/// Reports what is wrong with an object by itself: unknown, missing and repeated keys, and values
/// of another kind or beyond the range. Accessors then give well-formed values or defaults, so that
/// reading goes on after an error.
class Fields {
public:
  /// `value` may be of any kind; one that is not an object is as one without members, of which
  /// nothing is reported.
  Fields(const Scope &scope, Owner owner, const JsonValue &value);

  /// Whether the key is given, well-formed or not.
  bool has(llvm::StringRef key) const;

  /// The well-formed value of a key, or null.
  const JsonValue *find(llvm::StringRef key) const;

  /// Whether the key is absent or well-formed.
  bool good(llvm::StringRef key) const { return !has(key) || find(key); }

  /// The value of a key, else the table's default.
  bool flag(llvm::StringRef key) const;
  int64_t integer(llvm::StringRef key) const;
  double number(llvm::StringRef key) const;
  /// In lower case where any case is accepted.
  std::string word(llvm::StringRef key) const;

  /// Items of a list, or none.
  llvm::ArrayRef<JsonValue> items(llvm::StringRef key) const;

  /// The place of a key's value if given, else of the object's first character.
  Place place(llvm::StringRef key) const;

  /// Members beside the known keys, of objects that may have such.
  llvm::ArrayRef<const JsonValue *> others() const { return rest; }

private:
  struct Member {
    const Key *key;
    const JsonValue *value;
    bool wellFormed;
  };
  void addMember(const JsonValue &value);
  void reportUnknown(const JsonValue &value) const;
  const Member *member(llvm::StringRef key) const;

  const Scope &scope;
  Owner owner;
  Place start;
  llvm::SmallVector<Member, 8> members;
  llvm::SmallVector<const JsonValue *> rest;
};

/// Reports a value that its key does not accept, as "`key` expects …, got …".
Report reportExpected(const Scope &scope, llvm::StringRef key, llvm::StringRef expected,
                      const JsonValue &got);

/// The integer that a value is exactly, in any notation, or none.
std::optional<int64_t> exactInteger(const JsonValue &value);

/// Whether a string can be a name; reports why not.
bool checkName(const Scope &scope, const JsonValue &value);

/// Whether a string is a letter a-z followed by letters a-z, digits and underscores.
bool isName(llvm::StringRef text);

} // namespace ccm::frontend
