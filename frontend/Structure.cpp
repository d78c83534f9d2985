// SPDX-License-Identifier: Apache-2.0
// Structure classes: inferred from the product of the extents, and declared ones held against it.
#include "frontend/Declaration.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

using llvm::StringRef;

namespace ccm::frontend {

/// Largest products of the classes, and how far a declared class may be off.
static constexpr int64_t kPointwiseBorder = 1;
static constexpr int64_t kLowBorder = 1000;
static constexpr int64_t kTolerance = 4;

/// Product of extents, or none above the limit of elements.
static std::optional<int64_t> productOf(llvm::ArrayRef<int64_t> extents) {
  int64_t product = 1;
  for (int64_t extent : extents)
    if (llvm::MulOverflow(product, extent, product) || product > kElementLimit)
      return std::nullopt;
  return product;
}

static std::string joined(llvm::ArrayRef<int64_t> extents) {
  return llvm::join(llvm::map_range(extents, [](int64_t e) { return std::to_string(e); }), "×");
}

static Structure infer(int64_t product) {
  if (product <= kPointwiseBorder)
    return Structure::Pointwise;
  return product <= kLowBorder ? Structure::Low : Structure::High;
}

static bool accepts(Structure declared, int64_t product) {
  switch (declared) {
  case Structure::Pointwise:
    return product <= kPointwiseBorder * kTolerance;
  case Structure::Low:
    return product <= kLowBorder * kTolerance;
  case Structure::High:
    return product >= kLowBorder / kTolerance;
  }
  return false;
}

static Structure structureNamed(StringRef word) {
  return llvm::StringSwitch<Structure>(word)
      .Cases({"pointwise", "point"}, Structure::Pointwise)
      .Cases({"low", "lowstructure"}, Structure::Low)
      .Default(Structure::High);
}

static void reportContradiction(const Scope &scope, const Fields &fields, const Port &port,
                                Structure declared, int64_t product) {
  StringRef inferred = stringifyStructure(infer(product));
  std::string positions = product == 1 ? "1 position" : joined(port.shape) + " positions";
  std::string verdict = ((product == 1 ? "is " : "are ") + inferred).str();
  int64_t border = declared == Structure::Pointwise ? kPointwiseBorder : kLowBorder;
  std::string comparison =
      std::to_string(product) + (product < border ? " < " : " > ") + std::to_string(border);
  Place place = fields.place(fields.has("shape") ? "shape" : "structure");
  Report report = scope.error(place, Message::StructureContradicts, stringifyStructure(declared),
                              positions, verdict, comparison);
  if (fields.has("shape"))
    report.note(Message::SayStructure, inferred);
  else
    report.note(Message::GiveShape);
}

std::string extentCount(size_t rank) {
  return std::to_string(rank) + (rank == 1 ? " extent" : " extents");
}

static void checkDimensions(const Scope &scope, const Fields &fields, const Port &port) {
  const JsonValue *dimensions = fields.find("dimensions");
  if (dimensions && size_t(dimensions->integer) != port.shape.size())
    scope.error(dimensions->place, Message::DimensionsContradict, dimensions->key,
                dimensions->integer, extentCount(port.shape.size()));
}

void deriveStructure(const Scope &scope, const Fields &fields, Port &port) {
  if (port.shape.size() > kRankLimit) {
    scope.error(port.shapePlace, Message::RankTooHigh, kRankLimit, port.shape.size());
    port.shapeKnown = false;
  }
  if (!port.shapeKnown)
    return;
  checkDimensions(scope, fields, port);
  std::optional<int64_t> product = productOf(port.shape);
  if (!product) {
    scope.error(port.shapePlace, Message::TooManyElements, joined(port.shape) + " positions",
                kElementLimit);
    port.shapeKnown = false;
    return;
  }
  if (fields.has("shape") || !fields.has("use"))
    port.structure = infer(*product);
  if (!fields.find("structure"))
    return;
  Structure declared = structureNamed(fields.word("structure"));
  if (!accepts(declared, *product))
    reportContradiction(scope, fields, port, declared, *product);
  port.structure = declared;
}

void checkElements(const Scope &scope, const Fields &fields, const Port &port) {
  if (!port.shapeKnown)
    return;
  // A discrete input is an array of indices; a discrete output has a score for each of them.
  bool scores = port.discrete && port.side == kOutput;
  StringRef key = scores ? "vocabulary" : "channels";
  int64_t factor = scores ? port.vocabulary : port.channels;
  llvm::SmallVector<int64_t> extents(port.shape);
  extents.push_back(factor);
  if (!productOf(extents))
    scope.error(fields.place(key), Message::TooManyElements,
                joined(port.shape) + " positions × " + std::to_string(factor) + " " +
                    (scores ? "scores" : "channels"),
                kElementLimit);
}

} // namespace ccm::frontend
