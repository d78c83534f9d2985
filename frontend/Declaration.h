// SPDX-License-Identifier: Apache-2.0
// What a declaration says, read and checked, with the places that later errors point at.
#pragma once

#include "frontend/Fields.h"

namespace ccm::frontend {

/// What a part may cost per sample; 0 is no limit.
struct Budget {
  int64_t macs = 0;
  int64_t parameters = 0;
  int64_t activationBytes = 0;
};

/// The part that a port or the model pays for.
struct Part {
  std::optional<Budget> budget; ///< none: it shares the model's
  mlir::DictionaryAttr pin;     ///< null unless a strategy is pinned, or a model used
  bool frozen = false;          ///< its parameters are not trained
  std::string share;            ///< name of the set of parameters that it has with others, or ""
  Place place; ///< the pinned name, else what is used, else the budget, else the name of the port
};

/// The name of an output that an input is aligned to.
struct Reference {
  std::string name;
  Place place;
};

/// How an output is made.
enum class Generate { Direct, Autoregressive, Diffusion };

/// That a port is filled where a batch does not give it; as in `ccm.input`.
struct Drawn {
  Draw draw;
  std::string of;
  llvm::SmallVector<double, 2> numbers;
};

/// The scale of a port's values; numbers are of a fixed one.
struct PortScale {
  Scale kind;
  llvm::SmallVector<double> offsets, factors;
};

/// What a port says of the data that its values come from.
struct PortSource {
  llvm::SmallVector<std::string> columns; ///< titles; none: the port's name is the title
  llvm::SmallVector<std::string> values;  ///< names of indices; none: they have none
  bool unknown = false;                   ///< whether one index more is for what has no name
  bool missing = false;                   ///< whether values may be missing
  int64_t steps = 0, stride = 0;          ///< rows that the first extent is; 0: it is not
  Place windowPlace;
  bool hasHorizon = false; ///< of an output
  int64_t horizon = 0;
};

struct Port {
  Owner side = kInput;
  std::string name; ///< "" after an error
  Place namePlace;
  llvm::SmallVector<int64_t> shape;
  bool shapeKnown = true; ///< false after an error in the shape
  Place shapePlace;
  Structure structure = Structure::Pointwise;
  int64_t channels = 1;
  bool discrete = false;
  int64_t vocabulary = 0;         ///< of a discrete port
  bool bytes = false;             ///< the array holds u8
  bool optional = false;          ///< an input that a sample may lack
  std::optional<PortScale> scale; ///< none: values are taken as they are
  PortSource source;
  mlir::DictionaryAttr augment; ///< of an input; null: training takes samples as they are
  Part part;
  std::string loss; ///< of an output
  double weight = 1;
  double smoothing = 0;
  bool balanced = false; ///< whether weights of indices follow the data
  llvm::SmallVector<double> classWeights;
  std::string weightColumn; ///< title of the column of samples' weights; "": there is none
  Generate generate = Generate::Direct;
  Place generatePlace;
  std::optional<Drawn> drawn; ///< of an input that another port brings along
  bool namesOutputs = false;  ///< whether an aligned input says what it is aligned to
  llvm::SmallVector<Reference> alignedTo;
  llvm::SmallVector<unsigned> alignedOutputs; ///< their numbers, ascending, once checked
};

struct Declaration {
  std::string name;
  Place namePlace;
  Part core;
  mlir::DictionaryAttr train;
  std::string group;        ///< title of the column that tells series apart, or ""
  std::vector<Port> inputs; ///< unaligned ones
  std::vector<Port> alignedInputs;
  std::vector<Port> outputs;
};

/// Reads a declaration. After an error the result is of no use but to find further errors.
Declaration readDeclaration(const Scope &scope, const JsonValue &root);

/// Reads a port of a side; `model` gives what a budget of the port leaves open.
Port readPort(const Scope &scope, Owner side, const JsonValue &value, const Budget &model);

/// The level of a model that says nothing about its budget.
constexpr llvm::StringRef kDefaultLevel = "low";

/// What a level, in lower case, buys.
Budget budgetOfLevel(llvm::StringRef level);

/// The model that a part uses.
struct Used {
  ModelOp model;       ///< null where it uses none, and after an error
  bool failed = false; ///< after an error
};

/// Reads `use` of an owner. Reports a model that cannot be such a part.
Used readUse(const Scope &scope, const Fields &fields, Owner owner);

/// A port as the used model has it: an input as its input, an output as its output.
Port portOf(Used used, Owner side);

/// Holds what the declaration says of a port against the used model.
void checkUse(const Scope &scope, const Fields &fields, Used used, const Port &port);

/// Reads budget and pin of the part that `fields` pays for. `open` gives what its budget leaves
/// open.
Part readPart(const Scope &scope, const Fields &fields, Used used, const Budget &open);

/// Reads the dictionary of training: optimizer, its numbers, learning_rate, schedule, clip, seed,
/// with defaults filled in. `fields` are the model's.
mlir::DictionaryAttr readTrain(const Scope &scope, const Fields &fields);

/// Reads `scale` of a port that is known otherwise, or finds what it is by default. A port that
/// uses another model has none by default: that model has its own.
std::optional<PortScale> readScale(const Scope &scope, const Fields &fields, Used used,
                                   const Port &port);

/// "discrete" or "continuous".
llvm::StringRef kindName(const Port &port);

/// Reads the loss of an output, and what is said of it.
void readLoss(const Scope &scope, const Fields &fields, Port &port);

/// Reads columns, values, window and horizon, and what shape, channels and vocabulary follow from
/// them. The shape that is given is known.
void readSource(const Scope &scope, const Fields &fields, Port &port);

/// Reads whether values may be missing, of an input that is known otherwise.
void readMissing(const Scope &scope, const Fields &fields, Port &port);

/// Reads how training changes samples of an input that is known otherwise.
void readAugment(const Scope &scope, const Fields &fields, Port &port);

/// Holds the number of columns against what the port has room for.
void checkColumns(const Scope &scope, const Fields &fields, const Port &port);

/// Holds windows, horizons and the group against each other.
void checkWindows(const Scope &scope, const Fields &model, const Declaration &declaration);

/// Finds the structure of a port and compares it with the one that is declared.
void deriveStructure(const Scope &scope, const Fields &fields, Port &port);

/// Name of the port that says whether a sample has the optional input of that name.
std::string presenceName(llvm::StringRef input);

/// Name of the port of samples' weights of the output of that name.
std::string weightName(llvm::StringRef output);

/// Whether an output is made element by element, and can be.
bool isSequence(const Port &output);

/// Adds the inputs that generated outputs have: by diffusion what their target is with noise mixed
/// in, aligned to them, and how much of it; of autoregressive ones what is before each element.
void addDrawn(Declaration &declaration);

/// "1 extent", "2 extents".
std::string extentCount(size_t rank);

/// Checks that a port's arrays stay below the limit of elements.
void checkElements(const Scope &scope, const Fields &fields, const Port &port);

/// Checks aligned inputs against the outputs they name, or finds those of their rank, and sets
/// `alignedOutputs`.
void resolveAlignment(const Scope &scope, Declaration &declaration);

/// An attribute of the kind that a value maps to: integer, number, string, list of integers, or
/// unit for true; null for every other value.
mlir::Attribute attributeOf(const Scope &scope, const JsonValue &value);

} // namespace ccm::frontend
