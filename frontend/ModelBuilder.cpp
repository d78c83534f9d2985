// SPDX-License-Identifier: Apache-2.0
// Builds `ccm.model` from a declaration without errors.
#include "frontend/ModelBuilder.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;

namespace ccm::frontend {

namespace {
class ModelBuilder {
public:
  ModelBuilder(const Scope &scope, const Source &source)
      : source(source), builder(&scope.context) {}

  ModelOp build(const Declaration &declaration, ModuleOp module, StringRef symbol);

private:
  Location at(Place place);
  RankedTensorType typeOf(const Port &port);
  IntegerAttr vocabularyOf(const Port &port);
  /// Null where the part has none of its own.
  BudgetAttr budgetOf(const Part &part);
  /// Null where the part shares nothing.
  StringAttr shareOf(const Part &part);
  /// Null where the port is not scaled.
  ScaleAttr scaleOf(const Port &port);
  /// Null for an empty list.
  ArrayAttr textsOf(ArrayRef<std::string> texts);
  /// Null where the port has none.
  DenseI64ArrayAttr windowOf(const Port &port);
  /// Null where they are not fixed.
  DenseF64ArrayAttr numbersOf(const Port &port, SmallVector<double> PortScale::*numbers);
  InputOp createInput(const Port &port, ArrayAttr alignedTo);
  void createPresence(const Port &port);
  void createWeight(const Port &port);
  ReduceOp createReduce(const Part &part, StringRef name, ValueRange inputs, bool givesSkips);
  void addGroups(const Declaration &declaration);
  void addGroup(const Declaration &declaration, ArrayRef<const Port *> inputs);
  /// What an output of diffusion is, where its expand finds the way to the noise.
  Value denoised(const Port &port, Value drift);
  void addOutput(const Port &port, Value core, ValueRange pyramids);

  const Source &source;
  OpBuilder builder;
  SmallVector<Value> tokens;             ///< of all inputs
  SmallVector<SmallVector<Value>> skips; ///< for each output
};
} // namespace

Location ModelBuilder::at(Place place) {
  Position position = source.position(place.offset);
  return FileLineColLoc::get(builder.getContext(), source.path(), position.line, position.column);
}

/// Indices of a discrete input; else values, or scores, of every position.
RankedTensorType ModelBuilder::typeOf(const Port &port) {
  SmallVector<int64_t> shape{ShapedType::kDynamic};
  llvm::append_range(shape, port.shape);
  if (port.discrete && port.side != kOutput)
    return RankedTensorType::get(shape, builder.getI32Type());
  shape.push_back(port.discrete ? port.vocabulary : port.channels);
  return RankedTensorType::get(shape, builder.getF32Type());
}

IntegerAttr ModelBuilder::vocabularyOf(const Port &port) {
  return port.discrete ? builder.getI64IntegerAttr(port.vocabulary) : nullptr;
}

BudgetAttr ModelBuilder::budgetOf(const Part &part) {
  if (!part.budget)
    return nullptr;
  return BudgetAttr::get(builder.getContext(), part.budget->macs, part.budget->parameters,
                         part.budget->activationBytes);
}

StringAttr ModelBuilder::shareOf(const Part &part) {
  return part.share.empty() ? nullptr : builder.getStringAttr(part.share);
}

ScaleAttr ModelBuilder::scaleOf(const Port &port) {
  return port.scale ? ScaleAttr::get(builder.getContext(), port.scale->kind) : nullptr;
}

DenseF64ArrayAttr ModelBuilder::numbersOf(const Port &port,
                                          SmallVector<double> PortScale::*numbers) {
  if (!port.scale || port.scale->kind != Scale::Fixed)
    return nullptr;
  return builder.getDenseF64ArrayAttr((*port.scale).*numbers);
}

ArrayAttr ModelBuilder::textsOf(ArrayRef<std::string> texts) {
  if (texts.empty())
    return nullptr;
  return builder.getStrArrayAttr(llvm::to_vector_of<StringRef>(texts));
}

DenseI64ArrayAttr ModelBuilder::windowOf(const Port &port) {
  const PortSource &source = port.source;
  return source.steps > 0 ? builder.getDenseI64ArrayAttr({source.steps, source.stride}) : nullptr;
}

InputOp ModelBuilder::createInput(const Port &port, ArrayAttr alignedTo) {
  const std::optional<Drawn> &drawn = port.drawn;
  InputOp input = InputOp::create(
      builder, at(port.namePlace), typeOf(port), port.name, port.structure, port.bytes,
      vocabularyOf(port), alignedTo,
      drawn ? DrawAttr::get(builder.getContext(), drawn->draw) : DrawAttr(),
      drawn ? builder.getStringAttr(drawn->of) : StringAttr(),
      drawn ? builder.getDenseF64ArrayAttr(drawn->numbers) : DenseF64ArrayAttr(), scaleOf(port),
      numbersOf(port, &PortScale::offsets), numbersOf(port, &PortScale::factors),
      textsOf(port.source.columns), textsOf(port.source.values), port.source.unknown,
      port.source.missing, windowOf(port), port.augment);
  if (port.optional)
    createPresence(port);
  return input;
}

/// The port that says whether a sample has an optional input. One in ten samples is trained
/// without.
void ModelBuilder::createPresence(const Port &port) {
  constexpr double kDropout = 0.1;
  Port presence;
  presence.name = presenceName(port.name);
  presence.namePlace = port.namePlace;
  presence.drawn = {Draw::Presence, port.name, {kDropout}};
  createInput(presence, /*alignedTo=*/nullptr);
}

/// The port of what samples' losses of the output are multiplied by.
void ModelBuilder::createWeight(const Port &port) {
  Port weight;
  weight.name = weightName(port.name);
  weight.namePlace = port.namePlace;
  weight.drawn = {Draw::Weight, port.name, {}};
  weight.source.columns.push_back(port.weightColumn);
  createInput(weight, /*alignedTo=*/nullptr);
}

ReduceOp ModelBuilder::createReduce(const Part &part, StringRef name, ValueRange inputs,
                                    bool givesSkips) {
  MLIRContext *context = builder.getContext();
  return ReduceOp::create(builder, at(part.place), TokensType::get(context),
                          givesSkips ? PyramidType::get(context) : Type(), name, inputs,
                          part.frozen, shareOf(part), budgetOf(part), /*strategy=*/StringAttr(),
                          /*config=*/DictionaryAttr(), part.pin, /*rejected=*/ArrayAttr());
}

/// Whether the output needs skips: it is high, and so is an input that is aligned to it.
static bool isU(const Declaration &declaration, unsigned output) {
  return declaration.outputs[output].structure == Structure::High &&
         llvm::any_of(declaration.alignedInputs, [&](const Port &input) {
           return input.structure == Structure::High &&
                  llvm::is_contained(input.alignedOutputs, output);
         });
}

/// The part of several inputs: what those of them say that have budgets of their own adds up, and
/// what one of them is frozen by holds for all.
static Part joined(ArrayRef<const Port *> inputs) {
  Part part = inputs.front()->part;
  for (const Port *input : inputs.drop_front()) {
    if (const std::optional<Budget> &budget = input->part.budget) {
      part.budget = part.budget.value_or(Budget());
      part.budget->macs += budget->macs;
      part.budget->parameters += budget->parameters;
      part.budget->activationBytes += budget->activationBytes;
    }
    part.frozen |= input->part.frozen;
    if (part.share.empty())
      part.share = input->part.share;
    if (input->part.pin) {
      part.pin = input->part.pin;
      part.place = input->part.place;
    }
  }
  return part;
}

/// Inputs aligned to the same outputs become one part.
void ModelBuilder::addGroup(const Declaration &declaration, ArrayRef<const Port *> inputs) {
  ArrayRef<unsigned> outputs = inputs.front()->alignedOutputs;
  auto names = llvm::map_to_vector(
      outputs, [&](unsigned number) { return StringRef(declaration.outputs[number].name); });
  ArrayAttr alignedTo = builder.getStrArrayAttr(names);
  auto values = llvm::map_to_vector(
      inputs, [&](const Port *input) -> Value { return createInput(*input, alignedTo); });
  auto needsSkips = [&](unsigned output) { return isU(declaration, output); };
  ReduceOp reduce =
      createReduce(joined(inputs), inputs.front()->name, values, llvm::any_of(outputs, needsSkips));
  tokens.push_back(reduce.getTokens());
  for (unsigned output : llvm::make_filter_range(outputs, needsSkips))
    skips[output].push_back(reduce.getSkips());
}

void ModelBuilder::addGroups(const Declaration &declaration) {
  SmallVector<SmallVector<const Port *>> groups;
  for (const Port &input : declaration.alignedInputs) {
    auto *group = llvm::find_if(groups, [&](const auto &members) {
      return members.front()->alignedOutputs == input.alignedOutputs;
    });
    (group == groups.end() ? groups.emplace_back() : *group).push_back(&input);
  }
  for (ArrayRef<const Port *> group : groups)
    addGroup(declaration, group);
}

Value ModelBuilder::denoised(const Port &port, Value drift) {
  auto model = cast<ModelOp>(builder.getInsertionBlock()->getParentOp());
  auto drawn = [&](Draw draw) { return InputOp::findDrawn(model, draw, port.name).getValue(); };
  return DenoiseOp::create(builder, at(port.generatePlace), drift.getType(), drawn(Draw::Noised),
                           drawn(Draw::Time), drift);
}

void ModelBuilder::addOutput(const Port &port, Value core, ValueRange pyramids) {
  Value value =
      ExpandOp::create(builder, at(port.part.place), typeOf(port), port.name, core, pyramids,
                       port.part.frozen, shareOf(port.part), budgetOf(port.part),
                       /*strategy=*/StringAttr(),
                       /*config=*/DictionaryAttr(), port.part.pin,
                       /*rejected=*/ArrayAttr());
  if (port.generate == Generate::Diffusion)
    value = denoised(port, value);
  if (!port.weightColumn.empty())
    createWeight(port);
  OutputOp::create(
      builder, at(port.namePlace), port.name, value, port.structure, port.bytes, vocabularyOf(port),
      port.loss, APFloat(port.weight), /*type=*/ModelTypeAttr(), scaleOf(port),
      numbersOf(port, &PortScale::offsets), numbersOf(port, &PortScale::factors),
      textsOf(port.source.columns), textsOf(port.source.values), port.source.unknown,
      port.source.hasHorizon ? builder.getI64IntegerAttr(port.source.horizon) : IntegerAttr(),
      APFloat(port.smoothing), port.balanced,
      port.classWeights.empty() ? nullptr : builder.getDenseF64ArrayAttr(port.classWeights),
      /*scaling=*/ValueRange(), /*weighing=*/Value());
}

static std::string digestOf(StringRef text) {
  auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text));
  return llvm::toHex(digest, /*LowerCase=*/true);
}

/// The text, and what is known of the models that stand before and may be parts.
static std::string sourcesOf(const Source &source, ModuleOp module) {
  std::string text = source.text().str();
  for (ModelOp model : module.getOps<ModelOp>())
    text += model.getSource().value_or("");
  return text;
}

ModelOp ModelBuilder::build(const Declaration &declaration, ModuleOp module, StringRef symbol) {
  builder.setInsertionPointToEnd(module.getBody());
  auto model = ModelOp::create(
      builder, at(declaration.namePlace), symbol, declaration.train,
      /*blocks=*/DenseI64ArrayAttr(), builder.getStringAttr(digestOf(sourcesOf(source, module))),
      declaration.group.empty() ? StringAttr() : builder.getStringAttr(declaration.group));
  builder.setInsertionPointToEnd(&model.getBody().emplaceBlock());
  for (const Port &port : declaration.inputs)
    tokens.push_back(
        createReduce(port.part, port.name, createInput(port, nullptr).getValue(), false)
            .getTokens());
  skips.resize(declaration.outputs.size());
  addGroups(declaration);
  Value core = CoreOp::create(
      builder, at(declaration.core.place), TokensType::get(builder.getContext()), declaration.name,
      tokens, declaration.core.frozen, shareOf(declaration.core), budgetOf(declaration.core),
      /*strategy=*/StringAttr(),
      /*config=*/DictionaryAttr(), declaration.core.pin,
      /*rejected=*/ArrayAttr());
  for (auto [port, pyramids] : llvm::zip(declaration.outputs, skips))
    addOutput(port, core, pyramids);
  return model;
}

ModelOp buildModel(const Scope &scope, const Declaration &declaration, ModuleOp module,
                   StringRef symbol) {
  const Source &source = scope.diagnostics.sourceOf(declaration.namePlace);
  return ModelBuilder(scope, source).build(declaration, module, symbol);
}

} // namespace ccm::frontend
