// SPDX-License-Identifier: Apache-2.0
// Ports, parts, costs and training of a model as JSON.
#include "tools/ccm-compile/Describe.h"
#include "passes/structure/Report.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
namespace json = llvm::json;

namespace ccm {
namespace {

json::Array extents(ArrayRef<int64_t> shape) {
  json::Array list;
  for (int64_t extent : shape)
    list.push_back(extent);
  return list;
}

/// Name, structure and grid of a port; `grid` is its type without batch and channels.
json::Object port(StringRef name, Structure structure, ArrayRef<int64_t> grid) {
  return json::Object{
      {"name", name}, {"structure", stringifyStructure(structure)}, {"shape", extents(grid)}};
}

json::Value describeInput(InputOp input) {
  auto shape = cast<RankedTensorType>(input.getType()).getShape().drop_front();
  bool discrete = input.getVocabulary().has_value();
  json::Object object =
      port(input.getName(), input.getStructure(), discrete ? shape : shape.drop_back());
  if (discrete)
    object["vocabulary"] = int64_t(*input.getVocabulary());
  else
    object["channels"] = shape.back();
  object["dtype"] = discrete ? "i32" : input.getBytes() ? "u8" : "f32";
  return object;
}

json::Value describeOutput(OutputOp output) {
  auto shape = cast<RankedTensorType>(output.getValue().getType()).getShape().drop_front();
  json::Object object = port(output.getName(), output.getStructure(), shape.drop_back());
  if (output.getVocabulary())
    object["vocabulary"] = int64_t(*output.getVocabulary());
  else
    object["channels"] = shape.back();
  object["dtype"] = "f32";
  object["loss"] = output.getLoss();
  object["weight"] = number(output.getWeight());
  object["type"] = typeName(output);
  return object;
}

/// Whether an attribute says how training goes on, or how numbers are stored, rather than what the
/// model computes.
bool isAside(Operation &op, StringRef name) {
  static constexpr StringLiteral kAside[] = {"layout", "init",   "scale",  "decay",
                                             "frozen", "weight", "numbers"};
  bool trains = isa<ParameterOp, InputOp, OutputOp>(op) && llvm::is_contained(kAside, name);
  return trains || name.contains('.');
}

/// SHA-256 over the primitives: which, their numbers, shapes and connections. Not over the text of
/// the declaration, budgets, first values and training, under which a checkpoint stays one.
std::string structureDigest(ModelOp model) {
  std::string text;
  llvm::raw_string_ostream out(text);
  llvm::DenseMap<Value, int64_t> numbers;
  for (Operation &op : model.getBody().front()) {
    out << op.getName();
    for (Value operand : op.getOperands())
      out << " %" << numbers.lookup(operand);
    for (NamedAttribute attribute : op.getAttrDictionary())
      if (!isAside(op, attribute.getName()))
        out << " " << attribute.getName().getValue() << "=" << attribute.getValue();
    for (Value result : op.getResults()) {
      if (!isa<ParameterOp>(op)) // its type is the packed one
        out << " : " << result.getType();
      numbers.try_emplace(result, int64_t(numbers.size()));
    }
    out << "\n";
  }
  auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text));
  return llvm::toHex(digest, /*LowerCase=*/true);
}

} // namespace

void describe(ModuleOp module, ModelOp model) {
  json::Object object = reportToJson(model, /*explain=*/false);
  json::Array inputs, outputs;
  for (InputOp input : opsOf<InputOp>(model))
    inputs.push_back(describeInput(input));
  for (OutputOp output : opsOf<OutputOp>(model))
    outputs.push_back(describeOutput(output));
  object["structure"] = structureDigest(model);
  object["inputs"] = std::move(inputs);
  object["outputs"] = std::move(outputs);
  object["train"] = toJson(model.getTrain());
  std::string text;
  llvm::raw_string_ostream(text) << json::Value(std::move(object));
  module->setAttr("ccm.describe", StringAttr::get(module.getContext(), text));
}

} // namespace ccm
