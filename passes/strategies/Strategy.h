// SPDX-License-Identifier: Apache-2.0
// A strategy: a way to build a part, offered as configurations and chosen by what they cost.
#pragma once

#include "passes/strategies/PartBuilder.h"
#include <variant>

namespace ccm {

/// One entry of a configuration, as declarations pin it: a number, or a list of numbers. Or a
/// model, which declarations pin by `use`.
struct Key {
  llvm::StringRef name;
  bool list;            ///< a list of 1 to 8 numbers instead of one
  int64_t least, most;  ///< bounds of every number
  int64_t multiple = 1; ///< every number is a multiple of it
  bool model = false;   ///< a model instead of a number
};

/// Tokens of one reduce part, as the core receives them.
struct TokenGroup {
  mlir::RankedTensorType type;     ///< tensor<?xTxWxf32>
  llvm::SmallVector<int64_t> grid; ///< its positions, when it has one token for each
  mlir::Value tokens = {};         ///< the part's
  bool causal = false;             ///< each is of what comes before its element of the output
};

/// An input among several, or on other extents than its outputs.
struct AlignedInput {
  mlir::RankedTensorType type;
  int64_t vocabulary; ///< of a discrete input, else 0
  bool optional;      ///< a sample may lack it
};

/// Of a tensor that goes beside the tokens: tensor<? x grid x C xf32>, a position for each window
/// of the positions of the reduce part that gives it.
struct SkipType {
  mlir::RankedTensorType type;
  int64_t window;
};

/// What an expand part is handed of one reduce part.
struct Pyramid {
  llvm::SmallVector<SkipType> levels; ///< from fine to coarse; the last has a position per token
  int64_t firstToken; ///< where the part's tokens start among the core's; -1: they are not there
};

/// A value beside the tokens, as `SkipType` has it.
struct Skip {
  mlir::Value value;
  int64_t window;
};

/// What a strategy built: the part's value, and of a reduce part that gives skips those.
struct Made {
  mlir::Value value;
  llvm::SmallVector<Skip> skips;

  Made(mlir::Value value = {}, llvm::SmallVector<Skip> skips = {})
      : value(value), skips(std::move(skips)) {}
};

/// What a strategy may know of the part that it builds. Later parts know their inputs' types only
/// once the earlier ones are chosen, so sites are made anew for every choice.
struct Site {
  PartOpInterface part;
  llvm::SmallVector<TokenGroup>
      groups;                   ///< of the core's inputs, in the order in which it joins them
  mlir::RankedTensorType input; ///< of a reduce part its input, of an expand part tensor<?xTxDxf32>
  llvm::SmallVector<AlignedInput> aligned; ///< of a reduce part that joins inputs; `input` is null
  llvm::SmallVector<int64_t> grid;         ///< of that part: the positions on which they meet
  bool givesSkips = false;                 ///< of a reduce part
  bool optional = false;                   ///< of a reduce part with one input: samples may lack it
  llvm::SmallVector<Pyramid> pyramids;     ///< of an expand part that is given skips
  mlir::RankedTensorType output;           ///< of an expand part: what it must give
  Structure structure = Structure::Low;    ///< of the port, where there is one
  int64_t vocabulary = 0;                  ///< of a discrete port, else 0
  bool matched = false;    ///< of a reduce part: some output has the input's positions
  bool owesTokens = false; ///< of a reduce part: a pinned strategy needs a token per position
  bool causal = false;     ///< elements of the output may look back alone
  bool pinned = false;     ///< the declaration names the strategy: it need only be possible
  BudgetAttr budget;       ///< the part's own, or the model's; null where a model has no core
  bool shares = false;     ///< it pays from the model's budget
  int64_t copies = 1;      ///< parts that have its parameters and pay as it does, with itself
  int64_t given = 0;       ///< of a core part: numbers that the model is given per sample

  /// Extents between batch and channels: of the input of a reduce, of the output of an expand part,
  /// or where inputs meet; none where there is a single position.
  llvm::ArrayRef<int64_t> positions() const;
  /// Product of `positions`.
  int64_t positionCount() const;
  /// Values per position, of all inputs that meet: 1 for indices of a discrete input.
  int64_t channels() const;
  /// Whether every group is a single token, so that no token has a place among others.
  bool hasSingleTokens() const;
  /// Tokens of all groups.
  int64_t groupTokens() const;
  /// Where the core's tokens start that stand for the output's positions, or none.
  std::optional<int64_t> firstOfPositions() const;
  /// Whether inputs are joined here, or skips given or taken.
  bool joins() const { return !aligned.empty() || !pyramids.empty(); }
  bool discreteInput() const { return input && input.getElementType().isInteger(32); }
};

/// A configuration, read. Keys are those that the strategy declares, all present.
class Config {
public:
  explicit Config(mlir::DictionaryAttr entries) : entries(entries) {}
  int64_t number(llvm::StringRef key) const;
  llvm::ArrayRef<int64_t> list(llvm::StringRef key) const;
  /// Of a model; null where the key is missing.
  mlir::FlatSymbolRefAttr model(llvm::StringRef key) const;

private:
  mlir::DictionaryAttr entries;
};

/// Takes a candidate's entries; tells whether it fits the budget, so that a strategy may skip the
/// rest of an axis along which cost grows.
class Proposer {
public:
  using Entry = std::pair<llvm::StringRef, std::variant<int64_t, llvm::SmallVector<int64_t>>>;
  using Take = llvm::function_ref<bool(mlir::DictionaryAttr)>;

  Proposer(mlir::MLIRContext *context, Take take) : context(context), take(take) {}
  bool operator()(llvm::ArrayRef<Entry> entries) const;

private:
  mlir::MLIRContext *context;
  Take take;
};

struct Strategy {
  virtual ~Strategy() = default;
  /// "patch-embed": printed in IR and reports, and what declarations pin.
  virtual llvm::StringRef name() const = 0;
  /// reduce, core or expand.
  virtual llvm::StringRef kind() const = 0;
  /// What it is for, as the tail of "patch-embed serves …".
  virtual llvm::StringRef scope() const = 0;
  /// Whether the part is within the scope. The methods below are called only then.
  virtual bool accepts(const Site &site) const = 0;
  /// Whether it can serve parts that join aligned inputs, or give or take skips; else it is not
  /// asked for those.
  virtual bool joins() const { return false; }
  /// Whether it can serve parts of autoregressive outputs; else it is not asked for those.
  virtual bool causal() const { return false; }
  bool serves(const Site &site) const {
    return (joins() || !site.joins()) && (causal() || !site.causal) && accepts(site);
  }
  virtual llvm::ArrayRef<Key> keys() const = 0;
  /// Whether `build` takes a token of the core for each position of the output.
  virtual bool needsTokenPerPosition() const { return false; }
  /// Offers configurations that fit the extents: along an axis of growing cost, the smallest first.
  virtual void propose(const Site &site, const Proposer &offer) const = 0;
  /// Expected quality between 0 and 1: what multiply-adds cannot say. Never cost.
  virtual double prior(const Site &site, const Config &config) const { return 1.0; }
  /// Whether the part gains from a configuration so wide and deep. Those beyond are taken only
  /// where no other fits; what they would have cost is left to other parts.
  virtual bool bears(const Site &site, const Config &config) const { return true; }
  /// Why a configuration within the bounds of `keys` cannot be built here: the tail of "… with
  /// {stages = 9} ", or empty.
  virtual std::string refuse(const Site &site, const Config &config) const { return {}; }
  /// Builds the part's value from its inputs' (of the core: the groups'; of an expand part the
  /// tokens, then the skips of all pyramids; of a reduce part then the presences of those that are
  /// optional): for reduce and core tensor<?xTxDxf32>, for expand the
  /// output's type.
  virtual Made build(PartBuilder &b, const Site &site, mlir::ValueRange inputs,
                     const Config &config) const = 0;
};

/// Types of skips.
llvm::SmallVector<SkipType> typesOf(llvm::ArrayRef<Skip> skips);

/// Extents between batch and channels of a port: of an input's indices, all after the batch.
llvm::ArrayRef<int64_t> extentsOfPort(mlir::RankedTensorType type);

/// What a strategy builds for the site; the tokens of an optional input have a learned value in
/// their place where a sample lacks it.
Made buildPart(const Strategy &strategy, PartBuilder &b, const Site &site, mlir::ValueRange inputs,
               const Config &config);

/// "24-48-96 depth 2": a configuration as reports show it.
std::string describe(mlir::DictionaryAttr config);

/// The strategies of a kind of part, in the order that settles ties.
llvm::SmallVector<const Strategy *> strategiesOf(llvm::StringRef kind);

/// The strategy of that kind and name, or null.
const Strategy *findStrategy(llvm::StringRef kind, llvm::StringRef name);

/// Most tokens that a part may give: dense computation over more is what reducing avoids.
constexpr int64_t kMostTokens = 1000;

/// Whether so many tokens are worth a proposal: fewer than four tell places hardly apart, and more
/// than `kMostTokens` never fit. All are where a declaration pins the strategy, for what else it
/// pins may make them others.
bool suits(const Site &site, int64_t tokens);

/// Widths on the lattice of configurations: multiples of 16.
llvm::ArrayRef<int64_t> widthLattice();

/// Widths for attention: 16, and multiples of a head's 32.
llvm::ArrayRef<int64_t> headedWidthLattice();

/// Numbers of blocks, from 1.
llvm::ArrayRef<int64_t> depthLattice();

/// The same with no blocks at all, first.
llvm::ArrayRef<int64_t> depthLatticeFromNone();

/// Offers every pair of a width and a depth, both lists ascending; stops along an axis where
/// nothing more fits.
void proposeAxes(llvm::ArrayRef<int64_t> widths, llvm::ArrayRef<int64_t> depths,
                 llvm::function_ref<bool(int64_t width, int64_t depth)> offer);

/// Offers every {depth, width}, both lists ascending; stops along an axis where nothing more fits.
void proposeGrid(const Proposer &offer, llvm::ArrayRef<int64_t> widths,
                 llvm::ArrayRef<int64_t> depths);

/// Windows from 2 that cut `positions` with little waste, one for each power of two, ascending.
llvm::SmallVector<int64_t> windowLattice(llvm::ArrayRef<int64_t> positions);

/// Windows needed along each axis to cover `positions`.
llvm::SmallVector<int64_t> windowsOver(llvm::ArrayRef<int64_t> positions, int64_t window);

/// Windows needed to cover `positions`.
int64_t patchCount(llvm::ArrayRef<int64_t> positions, int64_t window);

/// Width beyond which a part that is given so many numbers gains nothing: 16 for each, not below
/// `least`, and never above `most`.
int64_t widthFor(int64_t numbers, int64_t least, int64_t most);

/// "expects a patch of at most 28, the longest extent, got 64", or empty: longer windows only pad,
/// and what they hold may be more than can be counted.
std::string refuseWindow(llvm::ArrayRef<int64_t> positions, llvm::StringRef key, int64_t window);

/// 1 where `value` lies between `low` and `high`, falling with the square root of the ratio
/// outside.
double preferBetween(double value, double low, double high);

/// Transformers of this aspect are the published ones: width over depth from 32 to 96.
double preferAspect(int64_t width, int64_t depth);

/// Enough tokens to tell places apart, few enough for attention to stay cheap.
double preferTokens(int64_t tokens);

} // namespace ccm
