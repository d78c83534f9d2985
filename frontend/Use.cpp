// SPDX-License-Identifier: Apache-2.0
// Another model as a part: whether it can be one, and what a port has of its port.
#include "frontend/Declaration.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using llvm::StringRef;

namespace ccm::frontend {

/// "inputs `a` and `b`".
template <typename Op>
static std::string namesOf(ModelOp model, StringRef what) {
  auto ports = opsOf<Op>(model);
  std::string text = (what + (ports.size() == 1 ? "" : "s")).str();
  for (auto [index, port] : llvm::enumerate(ports))
    text += ((index == 0 ? " `" : ", `") + port.getName() + "`").str();
  return text;
}

/// Notes where a port is declared.
static void noteDeclared(Report report, mlir::Operation *port) {
  report.note(Message::DeclaredHere, port->getAttrOfType<mlir::StringAttr>("name").getValue())
      .putAt(port->getLoc());
}

static bool checkContinuous(const Scope &scope, const Fields &fields, Owner owner, ModelOp model,
                            mlir::Operation *port, StringRef what) {
  if (!port->hasAttr("vocabulary"))
    return true;
  scope.error(fields.place("use"), Message::UseDiscrete, ownerName(owner), what, model.getSymName())
      .note(Message::DeclaredHere, port->getAttrOfType<mlir::StringAttr>("name").getValue())
      .putAt(port->getLoc());
  return false;
}

/// Whether the model takes what such a part is given and gives what it must: tokens are continuous.
static bool fits(const Scope &scope, const Fields &fields, Owner owner, ModelOp model) {
  auto inputs = opsOf<InputOp>(model);
  auto outputs = opsOf<OutputOp>(model);
  if (inputs.size() != 1 || outputs.size() != 1) {
    scope
        .error(fields.place("use"), Message::UsePorts, ownerName(owner), model.getSymName(),
               namesOf<InputOp>(model, "input"), namesOf<OutputOp>(model, "output"))
        .note(Message::DeclaredHere, model.getSymName())
        .putAt(model.getLoc());
    return false;
  }
  bool isInput = owner & kInputs;
  bool takes = isInput || checkContinuous(scope, fields, owner, model, inputs.front(), "input");
  return (owner == kOutput ||
          checkContinuous(scope, fields, owner, model, outputs.front(), "output")) &&
         takes;
}

Used readUse(const Scope &scope, const Fields &fields, Owner owner) {
  const JsonValue *value = fields.find("use");
  if (!value)
    return {};
  ModelOp model = scope.use(*value);
  if (!model || !fits(scope, fields, owner, model))
    return {nullptr, /*failed=*/true};
  return {model};
}

/// What an input and an output have alike.
template <typename Op>
static Port portOf(Op op, mlir::RankedTensorType type) {
  Port port;
  port.structure = op.getStructure();
  port.bytes = op.getBytes();
  port.vocabulary = op.getVocabulary().value_or(0);
  port.discrete = port.vocabulary > 0;
  if (mlir::ArrayAttr values = op.getValuesAttr())
    for (StringRef value : values.getAsValueRange<mlir::StringAttr>())
      port.source.values.push_back(value.str());
  port.source.unknown = op.getUnknown();
  llvm::ArrayRef<int64_t> extents = type.getShape().drop_front();
  if (!port.discrete) {
    port.channels = extents.back();
    extents = extents.drop_back();
  }
  llvm::append_range(port.shape, extents);
  return port;
}

Port portOf(Used used, Owner side) {
  Port port;
  if (used.model && side == kOutput) {
    OutputOp output = opsOf<OutputOp>(used.model).front();
    port = portOf(output, output.getTargetType());
  } else if (used.model) {
    InputOp input = opsOf<InputOp>(used.model).front();
    port = portOf(input, mlir::cast<mlir::RankedTensorType>(input.getType()));
  }
  port.side = side;
  return port;
}

static std::string shapeText(const Port &port) {
  auto extents = llvm::map_range(port.shape, [](int64_t e) { return std::to_string(e); });
  return "[" + llvm::join(extents, ", ") + "]";
}

static StringRef typeText(const Port &port) {
  return port.discrete ? "i32" : port.bytes ? "u8" : "f32";
}

void checkUse(const Scope &scope, const Fields &fields, Used used, const Port &port) {
  if (!used.model)
    return;
  Port given = portOf(used, port.side);
  mlir::Operation *other = port.side == kOutput ? opsOf<OutputOp>(used.model).front().getOperation()
                                                : opsOf<InputOp>(used.model).front().getOperation();
  auto compare = [&](StringRef key, const std::string &ours, const std::string &theirs) {
    if (fields.find(key) && ours != theirs)
      noteDeclared(scope.error(fields.place(key), Message::UseDiffers, key, ours, theirs,
                               used.model.getSymName()),
                   other);
  };
  auto truth = [](bool value) { return std::string(value ? "true" : "false"); };
  compare("shape", shapeText(port), shapeText(given));
  compare("discrete", truth(port.discrete), truth(given.discrete));
  if (port.discrete != given.discrete)
    return;
  compare("channels", std::to_string(port.channels), std::to_string(given.channels));
  compare("vocabulary", std::to_string(port.vocabulary), std::to_string(given.vocabulary));
  compare("dtype", typeText(port).str(), typeText(given).str());
}

} // namespace ccm::frontend
