// SPDX-License-Identifier: Apache-2.0
// A part that another declaration describes: its model, built before, goes where the part is.
#include "passes/strategies/Strategy.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace ccm {
namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Whether an operation is one that may be left of a model once its parts are built.
bool isPrimitive(Operation &op) {
  return isa<ForwardOpInterface, ParameterOp, OutputOp>(op) && op.getNumRegions() == 0;
}

/// What a model of one input and one output takes and gives.
struct Ends {
  RankedTensorType input, output;

  explicit Ends(ModelOp model)
      : input(typeOf(opsOf<InputOp>(model).front().getValue())),
        output(typeOf(opsOf<OutputOp>(model).front().getValue())) {}

  /// Whether the last axis of what is continuous is not the batch.
  bool haveChannels() const {
    return output.getRank() > 1 && (input.getRank() > 1 || input.getElementType().isInteger(32));
  }
  /// Its input as tokens.
  int64_t tokens() const { return productOf(positionsOf(input)); }
  int64_t width() const { return input.getShape().back(); }
};

std::string textOf(RankedTensorType type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

struct Use : Strategy {
  StringRef name() const override { return "use"; }

  ArrayRef<Key> keys() const override {
    static const Key keys[] = {
        {.name = "model", .list = false, .least = 0, .most = 0, .model = true}};
    return keys;
  }

  bool accepts(const Site &site) const override { return true; }

  // Which model is what the declaration says.
  void propose(const Site &site, const Proposer &offer) const override {
    if (site.pinned)
      offer({});
  }

  std::string refuse(const Site &site, const Config &config) const override {
    ModelOp model = find(site, config);
    if (!model || opsOf<InputOp>(model).size() != 1 || opsOf<OutputOp>(model).size() != 1 ||
        !llvm::all_of(model.getBody().front(), isPrimitive))
      return "expects a model of primitives, with one input and one output, that stands before";
    Ends ends(model);
    if (!ends.haveChannels())
      return "expects a model whose values have channels";
    return mismatch(site, ends);
  }

  Made build(PartBuilder &b, const Site &site, ValueRange inputs,
             const Config &config) const override {
    ModelOp model = find(site, config);
    return leave(b, b.inlined(model, enter(b, site, inputs, Ends(model))));
  }

protected:
  /// Why the part cannot take or give what the model does, or empty.
  virtual std::string mismatch(const Site &site, const Ends &ends) const = 0;
  /// The model's input, made from the part's.
  virtual Value enter(PartBuilder &b, const Site &site, ValueRange inputs,
                      const Ends &ends) const = 0;
  /// The part's value, made from the model's output.
  virtual Value leave(PartBuilder &b, Value output) const { return b.asTokens(output); }

private:
  static ModelOp find(const Site &site, const Config &config) {
    FlatSymbolRefAttr name = config.model("model");
    return name ? SymbolTable::lookupNearestSymbolFrom<ModelOp>(PartOpInterface(site.part), name)
                : ModelOp();
  }
};

/// Refuses a model whose input is not tokens, of the number that it is given.
std::string refuseTokens(const Ends &ends, int64_t tokens) {
  if (!ends.input.getElementType().isF32())
    return "expects a model of a continuous input";
  if (ends.tokens() == tokens)
    return "";
  return ("takes " + Twine(ends.tokens()) + " tokens, but is given " + Twine(tokens)).str();
}

/// Tokens under the extents of the model's input.
Value asInput(PartBuilder &b, Value tokens, const Ends &ends) {
  return b.reshape(tokens, ends.input.getShape().drop_front());
}

struct UseReduce : Use {
  StringRef kind() const override { return ReduceOp::kind(); }
  StringRef scope() const override { return "inputs that are joined with no others"; }

  std::string mismatch(const Site &site, const Ends &ends) const override {
    if (ends.input == site.input)
      return "";
    return "takes " + textOf(ends.input) + ", but is given " + textOf(site.input);
  }

  Value enter(PartBuilder &b, const Site &, ValueRange inputs, const Ends &) const override {
    return inputs[0];
  }
};

struct UseCore : Use {
  StringRef kind() const override { return CoreOp::kind(); }
  StringRef scope() const override { return "cores of any tokens"; }

  std::string mismatch(const Site &site, const Ends &ends) const override {
    return refuseTokens(ends, site.groupTokens());
  }

  // Tokens of another width go through a dense step each.
  Value enter(PartBuilder &b, const Site &, ValueRange inputs, const Ends &ends) const override {
    bool fit = llvm::all_of(
        inputs, [&](Value group) { return typeOf(group).getShape().back() == ends.width(); });
    return asInput(b, fit ? b.concatTokens(inputs) : b.joinGroups(inputs, ends.width()), ends);
  }
};

struct UseExpand : Use {
  StringRef kind() const override { return ExpandOp::kind(); }
  StringRef scope() const override { return "outputs that are given no skips"; }

  // A model of a single token takes the mean of any number.
  std::string mismatch(const Site &site, const Ends &ends) const override {
    if (ends.output != site.output)
      return "gives " + textOf(ends.output) + ", but " + textOf(site.output) + " is wanted";
    return refuseTokens(ends, ends.tokens() == 1 ? 1 : site.input.getShape()[1]);
  }

  Value enter(PartBuilder &b, const Site &site, ValueRange inputs,
              const Ends &ends) const override {
    Value tokens = inputs[0];
    if (ends.tokens() == 1)
      tokens = b.reshape(b.meanOfTokens(tokens), {1, site.input.getShape().back()});
    if (site.input.getShape().back() != ends.width())
      tokens = b.dense("enter", tokens, ends.width());
    return asInput(b, tokens, ends);
  }

  Value leave(PartBuilder &, Value output) const override { return output; }
};

} // namespace

const Strategy &useReduce() {
  static const UseReduce strategy;
  return strategy;
}

const Strategy &useCore() {
  static const UseCore strategy;
  return strategy;
}

const Strategy &useExpand() {
  static const UseExpand strategy;
  return strategy;
}

} // namespace ccm
