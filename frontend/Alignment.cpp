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

/// The number of the output of that name, or none.
static std::optional<unsigned> findOutput(const Declaration &declaration, StringRef name) {
  for (auto [number, output] : llvm::enumerate(declaration.outputs))
    if (output.name == name)
      return number;
  return std::nullopt;
}

static void reportUnknownOutput(const Scope &scope, const Declaration &declaration,
                                const Reference &reference) {
  llvm::SmallVector<StringRef> names;
  for (const Port &output : declaration.outputs)
    names.push_back(output.name);
  scope.error(reference.place, Message::UnknownOutput, printable(reference.name))
      .didYouMean(reference.name, names);
}

static void checkReference(const Scope &scope, const Declaration &declaration, Port &input,
                           const Reference &reference) {
  std::optional<unsigned> number = findOutput(declaration, reference.name);
  if (!number) {
    reportUnknownOutput(scope, declaration, reference);
    return;
  }
  const Port &output = declaration.outputs[*number];
  input.alignedOutputs.push_back(*number);
  if (!input.shapeKnown || !output.shapeKnown)
    return;
  if (!hasAxes(output))
    scope.error(reference.place, Message::AlignedPointwise, output.name);
  else if (input.shape.size() != output.shape.size())
    scope.error(reference.place, Message::AlignedRank, input.name, extentCount(input.shape.size()),
                output.name, extentCount(output.shape.size()));
  else
    checkStrides(scope, input, output);
}

/// Without `aligned_to` every output of the input's rank is meant.
static void findOutputs(const Scope &scope, const Declaration &declaration, Port &input) {
  bool found = false;
  for (auto [number, output] : llvm::enumerate(declaration.outputs)) {
    found |= !output.shapeKnown;
    if (!output.shapeKnown || !hasAxes(output) || output.shape.size() != input.shape.size())
      continue;
    found = true;
    input.alignedOutputs.push_back(number);
    checkStrides(scope, input, output);
  }
  if (!found)
    scope.error(input.shapePlace, Message::NothingToAlign, extentCount(input.shape.size()));
}

/// Inputs aligned to the same outputs are one part, which has one strategy.
static void checkPins(const Scope &scope, const Declaration &declaration) {
  for (auto [number, input] : llvm::enumerate(declaration.alignedInputs))
    for (const Port &earlier : llvm::ArrayRef(declaration.alignedInputs).take_front(number))
      if (input.part.pin && earlier.part.pin && input.alignedOutputs == earlier.alignedOutputs)
        scope.error(input.part.place, Message::TwoPins, input.name, earlier.name);
}

void resolveAlignment(const Scope &scope, Declaration &declaration) {
  for (Port &input : declaration.alignedInputs) {
    for (const Reference &reference : input.alignedTo)
      checkReference(scope, declaration, input, reference);
    if (!input.namesOutputs && input.shapeKnown)
      findOutputs(scope, declaration, input);
    llvm::sort(input.alignedOutputs);
    input.alignedOutputs.erase(llvm::unique(input.alignedOutputs), input.alignedOutputs.end());
  }
  checkPins(scope, declaration);
}

} // namespace ccm::frontend
