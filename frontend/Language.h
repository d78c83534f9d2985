// SPDX-License-Identifier: Apache-2.0
// The declaration language as one table of keys, read by the importer and by the schema.
#pragma once

#include "ir/Numbers.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <string>
#include <vector>

namespace mlir {
class MLIRContext;
}

namespace ccm::frontend {

/// Objects of a declaration, as a set: a key may be of several.
enum Owner : unsigned {
  kModel = 1,
  kInput = 2, ///< an unaligned one
  kAligned = 4,
  kOutput = 8,
  kBudget = 16,
  kPin = 32,
  kTrain = 64,
  kScale = 128,
  kWindow = 256,
  kAugment = 512,
  kInputs = kInput | kAligned,
  kPorts = kInputs | kOutput,
};

/// What an owner is called in messages, such as "an output".
llvm::StringRef ownerName(Owner owner);

/// Kinds of values.
enum class ValueKind : uint8_t {
  Boolean,
  Integer,     ///< without point or exponent, within a range
  Whole,       ///< an integer in any notation (4e9), within a range
  Number,      ///< within a range
  Name,        ///< a name of the declaration
  Text,        ///< any string that is not empty
  Word,        ///< one of some words
  AnyCaseWord, ///< one of some words, in any case
  Loss,        ///< a registered loss
  Optimizer,   ///< a registered optimizer
  Extents,     ///< integers within a range
  Numbers,     ///< a number within a range, or a list of such
  Weights,     ///< one of some words, or a list of numbers within a range
  Names,       ///< strings
  Values,      ///< strings and integers, at least one
  Level,       ///< one of some words in any case, or an object
  Object,
  Objects, ///< a list
};

/// A row of the table.
struct Key {
  llvm::StringRef name;
  unsigned owners = 0; ///< of `Owner`
  ValueKind kind = ValueKind::Text;
  int64_t least = 0; ///< range of Integer, Whole and Extents
  int64_t most = 0;
  double lowest = 0; ///< range of Number, Numbers and Weights
  double highest = 0;
  llvm::ArrayRef<llvm::StringRef> words = {};    ///< those that are suggested
  llvm::ArrayRef<llvm::StringRef> synonyms = {}; ///< other accepted words
  Owner items = kModel;                          ///< of Level, Object and Objects
  bool required = false;
  llvm::StringRef alias = "";    ///< another name of the key
  llvm::StringRef fallback = ""; ///< the default as JSON, words without quotes; "" if derived
  llvm::StringRef summary = "";
};

/// Limits that several parts of the frontend share.
constexpr int64_t kExtentLimit = INT32_MAX;
constexpr int64_t kElementLimit = INT32_MAX;
constexpr size_t kRankLimit = 8;
constexpr size_t kNameLimit = 63;
constexpr size_t kPortLimit = 1000;
constexpr size_t kColumnLimit = 65536;

/// The table with what is registered in a context: losses and optimizers.
class Language {
public:
  /// Loads the dialect into `context`.
  explicit Language(mlir::MLIRContext &context);

  /// All rows.
  static llvm::ArrayRef<Key> table();

  /// The row of a key or an alias in an object, or null.
  static const Key *find(Owner owner, llvm::StringRef name);

  /// The row of a key that is known to exist.
  static const Key &row(Owner owner, llvm::StringRef name);

  /// All keys and aliases of an object.
  static llvm::SmallVector<llvm::StringRef> keysOf(Owner owner);

  /// The words a key accepts and suggests, those of registered operations included.
  llvm::SmallVector<llvm::StringRef> words(const Key &key) const;

  /// What a key expects, such as "an integer from 1 to 2147483647".
  std::string expectation(const Key &key) const;

  llvm::ArrayRef<std::string> losses() const { return lossNames; }
  llvm::ArrayRef<std::string> optimizers() const { return optimizerNames; }
  /// The numbers that a registered optimizer takes beside those of every training.
  llvm::ArrayRef<NumberRange> numbersOf(llvm::StringRef optimizer) const;

private:
  std::vector<std::string> lossNames;
  std::vector<std::string> optimizerNames;
  mlir::MLIRContext &context;
};

/// "a, b or c".
std::string alternatives(llvm::ArrayRef<llvm::StringRef> words);

} // namespace ccm::frontend
