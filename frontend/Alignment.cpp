// SPDX-License-Identifier: Apache-2.0
// Aligned inputs: whether they index the same axes as the outputs they are aligned to.
#include "frontend/Declaration.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using llvm::StringRef;

namespace ccm::frontend {

/// Whether some rational stride leads from one extent to the other: exactly, with a small
/// denominator, or as an integer after padding the finer one by less than a stride.
static bool haveCommonStride(int64_t a, int64_t b) {
  constexpr int64_t kLargestDenominator = 16;
  int64_t fine = std::max(a, b), coarse = std::min(a, b);
  if (coarse / std::gcd(fine, coarse) <= kLargestDenominator)
    return true;
  int64_t stride = llvm::divideCeil(fine, coarse);
  return int64_t(llvm::divideCeil(fine, stride)) == coarse;
}

static void checkStrides(const Scope &scope, const Port &input, const Port &output) {
  for (auto [axis, extents] : llvm::enumerate(llvm::zip(input.shape, output.shape))) {
    auto [ours, theirs] = extents;
    if (!haveCommonStride(ours, theirs))
      scope.error(input.shapePlace, Message::NoCommonStride, ours, theirs, axis, output.name);
  }
}

static bool hasAxes(const Port &output) { return output.structure != Structure::Pointwise; }

static const Port *findOutput(const Declaration &declaration, StringRef name) {
  for (const Port &output : declaration.outputs)
    if (output.name == name)
      return &output;
  return nullptr;
}

static void reportUnknownOutput(const Scope &scope, const Declaration &declaration,
                                const Reference &reference) {
  llvm::SmallVector<StringRef> names;
  for (const Port &output : declaration.outputs)
    names.push_back(output.name);
  scope.error(reference.place, Message::UnknownOutput, printable(reference.name))
      .didYouMean(reference.name, names);
}

static void checkReference(const Scope &scope, const Declaration &declaration, const Port &input,
                           const Reference &reference) {
  const Port *output = findOutput(declaration, reference.name);
  if (!output) {
    reportUnknownOutput(scope, declaration, reference);
    return;
  }
  if (!input.shapeKnown || !output->shapeKnown)
    return;
  if (!hasAxes(*output))
    scope.error(reference.place, Message::AlignedPointwise, output->name);
  else if (input.shape.size() != output->shape.size())
    scope.error(reference.place, Message::AlignedRank, input.name, extentCount(input.shape.size()),
                output->name, extentCount(output->shape.size()));
  else
    checkStrides(scope, input, *output);
}

/// Without `aligned_to` every output of the input's rank is meant.
static void checkDefault(const Scope &scope, const Declaration &declaration, const Port &input) {
  bool found = false;
  for (const Port &output : declaration.outputs) {
    found |= !output.shapeKnown;
    if (!output.shapeKnown || !hasAxes(output) || output.shape.size() != input.shape.size())
      continue;
    found = true;
    checkStrides(scope, input, output);
  }
  if (!found)
    scope.error(input.shapePlace, Message::NothingToAlign, extentCount(input.shape.size()));
}

void checkAlignment(const Scope &scope, const Declaration &declaration) {
  for (const Port &input : declaration.alignedInputs) {
    for (const Reference &reference : input.alignedTo)
      checkReference(scope, declaration, input, reference);
    if (!input.namesOutputs && input.shapeKnown)
      checkDefault(scope, declaration, input);
  }
}

} // namespace ccm::frontend
