// SPDX-License-Identifier: Apache-2.0
// The table of keys, and sentences made from it.
#include "frontend/Language.h"
#include "ir/Ccm.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using llvm::ArrayRef;
using llvm::StringRef;

namespace ccm::frontend {

static constexpr StringRef kStructures[] = {"pointwise", "low", "high"};
static constexpr StringRef kSeedStructures[] = {"point", "lowstructure", "highstructure"};
static constexpr StringRef kElementTypes[] = {"f32", "u8", "i32"};
static constexpr StringRef kLevels[] = {"tiny", "low", "medium", "high"};
static constexpr StringRef kGenerators[] = {"direct", "autoregressive", "diffusion"};
static constexpr StringRef kScales[] = {"standard", "robust", "none"};
static constexpr StringRef kClassWeights[] = {"balanced"};
static constexpr StringRef kMissing[] = {"error", "learn"};
static constexpr StringRef kSchedules[] = {"constant", "cosine", "warmup"};

static constexpr int64_t kMostMacs = 1000000000000000000;
static constexpr int64_t kMostParameters = int64_t(1) << 32; // 2^34 bytes of f32

// clang-format off
static constexpr Key kTable[] = {
    {.name = "ccm", .owners = kModel, .kind = ValueKind::Integer, .least = 1, .most = 1,
     .required = true, .summary = "version of the language"},
    {.name = "name", .owners = kModel | kPorts, .kind = ValueKind::Name, .required = true,
     .summary = "[a-z][a-z0-9_]*, at most 63 characters, unique among ports"},
    {.name = "unaligned_inputs", .owners = kModel, .kind = ValueKind::Objects, .items = kInput,
     .fallback = "[]", .summary = "inputs that become tokens"},
    {.name = "aligned_inputs", .owners = kModel, .kind = ValueKind::Objects, .items = kAligned,
     .fallback = "[]", .summary = "inputs that index the same axes as an output"},
    {.name = "outputs", .owners = kModel, .kind = ValueKind::Objects, .items = kOutput,
     .fallback = "[]", .summary = "what the model computes, at least one"},

    {.name = "shape", .owners = kPorts, .kind = ValueKind::Extents, .least = 1,
     .most = kExtentLimit, .fallback = "[]",
     .summary = "variable extents; their product is the structural dimension; [] is pointwise"},
    {.name = "channels", .owners = kPorts, .kind = ValueKind::Integer, .least = 1,
     .most = kExtentLimit, .fallback = "1", .summary = "values per position, of continuous ports"},
    {.name = "structure", .owners = kPorts, .kind = ValueKind::AnyCaseWord, .words = kStructures,
     .synonyms = kSeedStructures,
     .summary = "size class of the shape; inferred: product 1 is pointwise, up to 1000 low, else "
                "high; a declared class may be off by a factor of 4"},
    {.name = "dimensions", .owners = kPorts, .kind = ValueKind::Integer, .least = 0,
     .most = kRankLimit, .alias = "dimension", .summary = "number of extents in shape; checked"},
    {.name = "discrete", .owners = kPorts, .kind = ValueKind::Boolean, .fallback = "false",
     .summary = "integers below vocabulary; as an input embedded, as an output classified"},
    {.name = "vocabulary", .owners = kPorts, .kind = ValueKind::Integer, .least = 2,
     .most = kExtentLimit, .summary = "number of values of a discrete port"},
    {.name = "values", .owners = kPorts, .kind = ValueKind::Values,
     .summary = "what the indices are called, in place of discrete and vocabulary"},
    {.name = "unknown", .owners = kPorts, .kind = ValueKind::Boolean,
     .summary = "one more index, for what is none of the values; true for inputs unless given"},
    {.name = "column", .owners = kPorts, .kind = ValueKind::Text,
     .summary = "title of the table's column that is the port; its name unless given"},
    {.name = "columns", .owners = kPorts, .kind = ValueKind::Names,
     .summary = "titles of the columns that fill channels, or elements, in order; \"t0 … t99\" are "
                "a hundred"},
    {.name = "missing", .owners = kInputs, .kind = ValueKind::Word, .words = kMissing,
     .fallback = "error",
     .summary = "what a value is that there is none of: an error, or learned, by channel"},
    {.name = "window", .owners = kInputs, .kind = ValueKind::Object, .items = kWindow,
     .summary = "the positions are consecutive rows of a table that has one row per time step"},
    {.name = "augment", .owners = kInputs, .kind = ValueKind::Object, .items = kAugment,
     .summary = "how training changes each sample of a picture or sound, each time anew"},
    {.name = "horizon", .owners = kOutput, .kind = ValueKind::Integer, .least = 0,
     .most = kExtentLimit,
     .summary = "rows from the last of the windows to the last of the target, whose positions are "
                "rows, too; all of it is in the last of the windows unless given"},
    {.name = "dtype", .owners = kPorts, .kind = ValueKind::Word, .words = kElementTypes,
     .summary = "f32; u8, bytes 0 to 255 read as 0 to 1; i32 for discrete ports"},
    {.name = "scale", .owners = kPorts, .kind = ValueKind::Level, .words = kScales,
     .items = kScale,
     .summary = "how values become numbers that train, by channel: standard, mean and deviation of "
                "the training data; robust, their median and quartiles; or numbers; standard for "
                "f32 inputs that are pointwise or low and for f32 outputs of mse, l1 and huber, "
                "none for others unless given"},
    {.name = "compute", .owners = kModel | kPorts, .kind = ValueKind::Level, .words = kLevels,
     .items = kBudget,
     .summary = "budget per sample: the model's, low unless given, is that of its core and of "
                "every input and output that has none of its own"},
    {.name = "aligned_to", .owners = kAligned, .kind = ValueKind::Names,
     .summary = "names of outputs; every output whose rank fits unless given"},
    {.name = "optional", .owners = kInputs, .kind = ValueKind::Boolean, .fallback = "false",
     .summary = "may be missing at run time"},
    {.name = "loss", .owners = kOutput, .kind = ValueKind::Loss,
     .summary = "mse for continuous outputs, cross_entropy for discrete ones unless given"},
    {.name = "weight", .owners = kOutput, .kind = ValueKind::Number, .lowest = 1e-9,
     .highest = 1e9, .fallback = "1", .summary = "share of the loss in the sum"},
    {.name = "label_smoothing", .owners = kOutput, .kind = ValueKind::Number, .lowest = 0,
     .highest = 0.999, .fallback = "0",
     .summary = "share of each target that is given to all indices alike, of discrete outputs"},
    {.name = "class_weights", .owners = kOutput, .kind = ValueKind::Weights, .lowest = 0,
     .highest = 1e9, .words = kClassWeights,
     .summary = "weight of each index in the loss, of discrete outputs; balanced: what makes all "
                "indices of the training data weigh the same"},
    {.name = "sample_weight", .owners = kOutput, .kind = ValueKind::Text,
     .summary = "title of the column that says by how much a row's loss is multiplied"},
    {.name = "calibrate", .owners = kOutput, .kind = ValueKind::Boolean, .fallback = "false",
     .summary = "divides scores by a temperature that training finds on held-out rows, of bce and "
                "cross_entropy"},
    {.name = "generate", .owners = kOutput, .kind = ValueKind::Word, .words = kGenerators,
     .fallback = "direct", .summary = "how the output is made"},
    {.name = "strategy", .owners = kModel | kPorts, .kind = ValueKind::Object, .items = kPin,
     .summary = "pins the choice of a strategy; other keys are its configuration"},
    {.name = "use", .owners = kModel | kPorts, .kind = ValueKind::Text,
     .summary = "another declaration or artifact as this part"},
    {.name = "frozen", .owners = kModel | kPorts, .kind = ValueKind::Boolean, .fallback = "false",
     .summary = "the part's parameters, of the model its core's, stay as they are in training"},
    {.name = "share", .owners = kModel | kPorts, .kind = ValueKind::Name,
     .summary = "one set of parameters for all parts that share a name"},
    {.name = "train", .owners = kModel, .kind = ValueKind::Object, .items = kTrain,
     .summary = "how the model is trained; other keys are the optimizer's numbers"},

    {.name = "group", .owners = kModel, .kind = ValueKind::Text,
     .summary = "title of the column that tells the series of a table apart; no window crosses"},

    {.name = "macs", .owners = kBudget, .kind = ValueKind::Whole, .least = 1, .most = kMostMacs,
     .summary = "multiply-accumulates of a forward pass; those of the default budget unless given"},
    {.name = "parameters", .owners = kBudget, .kind = ValueKind::Whole, .least = 1,
     .most = kMostParameters, .summary = "values of parameters; no limit unless given"},
    {.name = "activation_bytes", .owners = kBudget, .kind = ValueKind::Whole, .least = 1,
     .most = kMostMacs,
     .summary = "bytes kept for backward, of the model by computing others again; no limit unless "
                "given"},

    {.name = "offset", .owners = kScale, .kind = ValueKind::Numbers, .lowest = -1e38,
     .highest = 1e38, .fallback = "0",
     .summary = "what is taken off, one number or one per channel"},
    {.name = "factor", .owners = kScale, .kind = ValueKind::Numbers, .lowest = 1e-30,
     .highest = 1e30, .fallback = "1", .summary = "by which the rest is multiplied, as offset"},

    {.name = "steps", .owners = kWindow, .kind = ValueKind::Integer, .least = 1,
     .most = kExtentLimit, .required = true, .summary = "rows of a sample, the extent of the port"},
    {.name = "stride", .owners = kWindow, .kind = ValueKind::Integer, .least = 1,
     .most = kExtentLimit, .fallback = "1",
     .summary = "rows from the begin of a sample to that of the next, one number for all windows"},

    {.name = "flip", .owners = kAugment, .kind = ValueKind::Boolean, .fallback = "false",
     .summary = "half of the samples are mirrored along the last axis"},
    {.name = "shift", .owners = kAugment, .kind = ValueKind::Integer, .least = 0, .most = 65535,
     .fallback = "0",
     .summary = "most positions by which samples are moved along every axis; ends are repeated"},
    {.name = "crop", .owners = kAugment, .kind = ValueKind::Number, .lowest = 0, .highest = 0.9,
     .fallback = "0",
     .summary = "largest part of every axis that is cut away; the rest is stretched over all"},
    {.name = "gain", .owners = kAugment, .kind = ValueKind::Number, .lowest = 0, .highest = 1e9,
     .fallback = "0", .summary = "values are multiplied by 1 - gain to 1 + gain"},
    {.name = "brightness", .owners = kAugment, .kind = ValueKind::Number, .lowest = 0,
     .highest = 1e9, .fallback = "0",
     .summary = "most that is added to all values of a sample, or taken off; of bytes 1 is 255"},
    {.name = "noise", .owners = kAugment, .kind = ValueKind::Number, .lowest = 0, .highest = 1e9,
     .fallback = "0",
     .summary = "deviation of what is added to each value by itself; of bytes 1 is 255"},

    {.name = "name", .owners = kPin, .kind = ValueKind::Text, .required = true,
     .summary = "a strategy, such as conv-pyramid"},

    {.name = "optimizer", .owners = kTrain, .kind = ValueKind::Optimizer, .fallback = "adamw",
     .summary = "rule that turns deltas into changes"},
    {.name = "learning_rate", .owners = kTrain, .kind = ValueKind::Number, .lowest = 1e-12,
     .highest = 1e6, .fallback = "1e-3", .summary = "size of a step"},
    {.name = "schedule", .owners = kTrain, .kind = ValueKind::Word, .words = kSchedules,
     .fallback = "cosine", .summary = "learning rate over the steps"},
    {.name = "clip", .owners = kTrain, .kind = ValueKind::Number, .lowest = 0, .highest = 1e9,
     .fallback = "0", .summary = "largest 2-norm of a batch's mean delta; 0 is any"},
    {.name = "seed", .owners = kTrain, .kind = ValueKind::Integer, .least = 0, .most = INT64_MAX,
     .fallback = "0", .summary = "of initial parameters and of the order of samples"},
};
// clang-format on

ArrayRef<Key> Language::table() { return kTable; }

StringRef ownerName(Owner owner) {
  switch (owner) {
  case kModel:
    return "the model";
  case kInput:
    return "an unaligned input";
  case kAligned:
    return "an aligned input";
  case kOutput:
    return "an output";
  case kBudget:
    return "`compute`";
  case kPin:
    return "`strategy`";
  case kTrain:
    return "`train`";
  case kScale:
    return "`scale`";
  case kWindow:
    return "`window`";
  case kAugment:
    return "`augment`";
  default:
    return "a port";
  }
}

const Key *Language::find(Owner owner, StringRef name) {
  for (const Key &key : kTable)
    if ((key.owners & owner) && !name.empty() && (key.name == name || key.alias == name))
      return &key;
  return nullptr;
}

const Key &Language::row(Owner owner, StringRef name) { return *find(owner, name); }

llvm::SmallVector<StringRef> Language::keysOf(Owner owner) {
  llvm::SmallVector<StringRef> names;
  for (const Key &key : kTable)
    if (key.owners & owner)
      names.push_back(key.name);
  return names;
}

/// Sorted names of the dialect's operations with an interface, without the dialect.
template <typename Interface>
static std::vector<std::string> registeredNames(mlir::MLIRContext &context) {
  std::vector<std::string> names;
  for (mlir::RegisteredOperationName name : context.getRegisteredOperations())
    if (name.hasInterface<Interface>() &&
        name.getDialectNamespace() == CcmDialect::getDialectNamespace())
      names.push_back(name.stripDialect().str());
  llvm::sort(names);
  return names;
}

Language::Language(mlir::MLIRContext &context) : context(context) {
  context.getOrLoadDialect<CcmDialect>();
  lossNames = registeredNames<LossOpInterface>(context);
  optimizerNames = registeredNames<OptimizerOpInterface>(context);
}

ArrayRef<NumberRange> Language::numbersOf(StringRef optimizer) const {
  std::string name = (CcmDialect::getDialectNamespace() + "." + optimizer).str();
  mlir::OperationState state(mlir::UnknownLoc::get(&context), name);
  mlir::Operation *operation = mlir::Operation::create(state);
  ArrayRef<NumberRange> numbers = mlir::cast<OptimizerOpInterface>(operation).getNumbers();
  operation->destroy(); // they are its class's
  return numbers;
}

llvm::SmallVector<StringRef> Language::words(const Key &key) const {
  if (key.kind == ValueKind::Loss)
    return llvm::to_vector_of<StringRef>(lossNames);
  if (key.kind == ValueKind::Optimizer)
    return llvm::to_vector_of<StringRef>(optimizerNames);
  return llvm::SmallVector<StringRef>(key.words);
}

std::string alternatives(ArrayRef<StringRef> words) {
  std::string result;
  for (auto [index, word] : llvm::enumerate(words)) {
    if (index > 0)
      result += index + 1 == words.size() ? " or " : ", ";
    result += word;
  }
  return result;
}

static std::string range(StringRef what, const Key &key) {
  if (key.least == key.most)
    return std::to_string(key.least);
  return llvm::formatv("{0} from {1} to {2}", what, key.least, key.most).str();
}

static std::string rangeText(const Key &key) {
  std::string result;
  llvm::raw_string_ostream(result) << llvm::format("%g to %g", key.lowest, key.highest);
  return result;
}

static std::string numberRange(const Key &key) { return "a number from " + rangeText(key); }

std::string Language::expectation(const Key &key) const {
  switch (key.kind) {
  case ValueKind::Boolean:
    return "true or false";
  case ValueKind::Integer:
    return range("an integer", key);
  case ValueKind::Whole:
    return range("a whole number", key);
  case ValueKind::Number:
    return numberRange(key);
  case ValueKind::Name:
  case ValueKind::Text:
    return "a string that is not empty";
  case ValueKind::Word:
  case ValueKind::AnyCaseWord:
  case ValueKind::Loss:
  case ValueKind::Optimizer:
    return alternatives(words(key));
  case ValueKind::Extents:
    return range("a list of integers", key);
  case ValueKind::Numbers:
    return numberRange(key) + ", or a list of such";
  case ValueKind::Weights:
    return alternatives(words(key)) + ", or a list of numbers from " + rangeText(key);
  case ValueKind::Names:
    return "a list of names";
  case ValueKind::Values:
    return "a list of strings and integers";
  case ValueKind::Level:
    return alternatives(words(key)) + ", or an object";
  case ValueKind::Object:
    return "an object";
  case ValueKind::Objects:
    return "a list of objects";
  }
  return "";
}

} // namespace ccm::frontend
