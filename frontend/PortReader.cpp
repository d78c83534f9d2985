// SPDX-License-Identifier: Apache-2.0
// One port: its kind, shape and structure, and what its side adds.
#include "frontend/Declaration.h"
#include "frontend/Values.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using llvm::StringRef;

namespace ccm::frontend {

StringRef kindName(const Port &port) { return port.discrete ? "discrete" : "continuous"; }

static void readShape(const Scope &scope, const Fields &fields, Port &port) {
  if (fields.has("shape"))
    port.shape.clear();
  for (const JsonValue &extent : fields.items("shape"))
    port.shape.push_back(extent.integer);
  port.shapeKnown = fields.good("shape");
  port.shapePlace = fields.place(fields.has("shape") ? "shape" : "name");
}

static void readDiscrete(const Scope &scope, const Fields &fields, Port &port) {
  if (fields.has("vocabulary") && !fields.has("values"))
    port.vocabulary = fields.integer("vocabulary");
  else if (port.vocabulary == 0)
    scope.error(fields.place("discrete"), Message::NeedsVocabulary).note(Message::SayVocabulary);
  if (fields.has("channels"))
    scope.error(fields.place("channels"), Message::OnlyContinuous, "channels");
}

static void readContinuous(const Scope &scope, const Fields &fields, Port &port) {
  if (fields.has("channels"))
    port.channels = fields.integer("channels");
  for (StringRef key : {"vocabulary", "values"})
    if (fields.has(key))
      scope.error(fields.place(key), Message::OnlyDiscrete, key).note(Message::SayDiscrete);
}

static void readType(const Scope &scope, const Fields &fields, Port &port) {
  const JsonValue *type = fields.find("dtype");
  if (!type)
    return;
  if (port.discrete != (type->text == "i32"))
    scope.error(type->place, Message::TypeOfKind, kindName(port),
                port.discrete ? "i32" : "f32 or u8", type->text);
  port.bytes = type->text == "u8";
}

static void readKind(const Scope &scope, const Fields &fields, Port &port) {
  if (fields.has("discrete"))
    port.discrete = fields.flag("discrete");
  readSource(scope, fields, port);
  if (!fields.good("discrete") || !fields.good("values"))
    return;
  if (port.discrete)
    readDiscrete(scope, fields, port);
  else
    readContinuous(scope, fields, port);
  readType(scope, fields, port);
}

/// Scores go through a sigmoid in their loss: they are not what noise was mixed into.
static void checkDiffusionLoss(const Scope &scope, const Fields &fields, const Port &port) {
  if (port.loss == "bce" && fields.good("loss"))
    scope.error(fields.place("loss"), Message::LossOfKind, "diffusion", "huber, l1 or mse",
                port.loss);
}

static Generate generateOf(StringRef word) {
  return llvm::StringSwitch<Generate>(word)
      .Case("autoregressive", Generate::Autoregressive)
      .Case("diffusion", Generate::Diffusion)
      .Default(Generate::Direct);
}

static void readGenerate(const Scope &scope, const Fields &fields, Port &port) {
  std::string generate = fields.word("generate");
  Place place = port.generatePlace = fields.place("generate");
  port.generate = generateOf(generate);
  if (port.generate == Generate::Direct || !fields.good("discrete") || !port.shapeKnown)
    return;
  std::string found = (kindName(port) + " and " + stringifyStructure(port.structure)).str();
  bool isDiffusion = port.generate == Generate::Diffusion;
  if (!isDiffusion && (!port.discrete || port.structure != Structure::Low))
    scope.error(place, Message::GenerateOfKind, generate, "discrete low", found);
  else if (isDiffusion && port.discrete)
    scope.error(place, Message::GenerateOfKind, generate, "continuous", found);
  else if (isDiffusion)
    checkDiffusionLoss(scope, fields, port);
}

static void readOutput(const Scope &scope, const Fields &fields, Port &port) {
  readLoss(scope, fields, port);
  readGenerate(scope, fields, port);
}

static void readInput(const Scope &scope, const Fields &fields, Port &port) {
  port.optional = fields.flag("optional");
  readMissing(scope, fields, port);
  readAugment(scope, fields, port);
  if (port.side != kAligned)
    return;
  port.namesOutputs = fields.has("aligned_to");
  for (const JsonValue &name : fields.items("aligned_to"))
    port.alignedTo.push_back({name.text.str(), name.place});
}

Port readPort(const Scope &scope, Owner side, const JsonValue &value, const Budget &model) {
  Fields fields(scope, side, value);
  Used used = readUse(scope, fields, side);
  Port port = portOf(used, side);
  port.namePlace = fields.place("name");
  if (const JsonValue *name = fields.find("name"))
    port.name = name->text.str();
  if (used.failed) {
    port.shapeKnown = false;
    return port;
  }
  readShape(scope, fields, port);
  readKind(scope, fields, port);
  deriveStructure(scope, fields, port);
  checkElements(scope, fields, port);
  checkColumns(scope, fields, port);
  checkUse(scope, fields, used, port);
  port.part = readPart(scope, fields, used, model);
  if (side == kOutput)
    readOutput(scope, fields, port);
  else
    readInput(scope, fields, port);
  port.scale = readScale(scope, fields, used, port);
  return port;
}

} // namespace ccm::frontend
