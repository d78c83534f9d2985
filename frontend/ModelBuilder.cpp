// SPDX-License-Identifier: Apache-2.0
// Builds `ccm.model` from a declaration without errors.
#include "frontend/ModelBuilder.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;

namespace ccm::frontend {

namespace {
class ModelBuilder {
public:
  explicit ModelBuilder(const Scope &scope)
      : source(scope.diagnostics.source()), builder(&scope.context) {}

  OwningOpRef<ModuleOp> build(const Declaration &declaration);

private:
  Location at(Place place);
  RankedTensorType typeOf(const Port &port);
  IntegerAttr vocabularyOf(const Port &port);
  /// Null where the part has none of its own.
  BudgetAttr budgetOf(const Part &part);
  Value addInput(const Port &port);
  void addOutput(const Port &port, Value tokens);

  const Source &source;
  OpBuilder builder;
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

/// The input, reduced to tokens.
Value ModelBuilder::addInput(const Port &port) {
  Value input = InputOp::create(builder, at(port.namePlace), typeOf(port), port.name,
                                port.structure, port.bytes, vocabularyOf(port),
                                /*aligned_to=*/ArrayAttr());
  return ReduceOp::create(builder, at(port.part.place), TokensType::get(builder.getContext()),
                          port.name, input, budgetOf(port.part), /*strategy=*/StringAttr(),
                          /*config=*/DictionaryAttr(), port.part.pin, /*rejected=*/ArrayAttr());
}

void ModelBuilder::addOutput(const Port &port, Value tokens) {
  Value value = ExpandOp::create(builder, at(port.part.place), typeOf(port), port.name, tokens,
                                 budgetOf(port.part), /*strategy=*/StringAttr(),
                                 /*config=*/DictionaryAttr(), port.part.pin,
                                 /*rejected=*/ArrayAttr());
  OutputOp::create(builder, at(port.namePlace), port.name, value, port.structure,
                   vocabularyOf(port), port.loss, APFloat(port.weight), /*type=*/ModelTypeAttr());
}

static std::string digestOf(StringRef text) {
  auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text));
  return llvm::toHex(digest, /*LowerCase=*/true);
}

OwningOpRef<ModuleOp> ModelBuilder::build(const Declaration &declaration) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(at(Place{}));
  builder.setInsertionPointToEnd(module->getBody());
  auto model = ModelOp::create(builder, at(declaration.namePlace), declaration.name,
                               declaration.train, /*blocks=*/DenseI64ArrayAttr(),
                               builder.getStringAttr(digestOf(source.text())));
  builder.setInsertionPointToEnd(&model.getBody().emplaceBlock());
  SmallVector<Value> tokens;
  for (const Port &port : declaration.inputs)
    tokens.push_back(addInput(port));
  Value core = CoreOp::create(builder, at(declaration.core.place),
                              TokensType::get(builder.getContext()), declaration.name, tokens,
                              budgetOf(declaration.core), /*strategy=*/StringAttr(),
                              /*config=*/DictionaryAttr(), declaration.core.pin,
                              /*rejected=*/ArrayAttr());
  for (const Port &port : declaration.outputs)
    addOutput(port, core);
  return module;
}

OwningOpRef<ModuleOp> buildModel(const Scope &scope, const Declaration &declaration) {
  return ModelBuilder(scope).build(declaration);
}

} // namespace ccm::frontend
