// SPDX-License-Identifier: Apache-2.0
// The inputs of outputs that are generated. By diffusion a model is trained to find, from values
// with noise mixed in and how much of it, what they are without; autoregressive ones element by
// element, from the elements before.
#include "frontend/Declaration.h"

namespace ccm::frontend {

/// An input that is filled for the output, at the place that asks for it.
static Port drawnFor(const Port &output, Draw draw, llvm::StringRef suffix) {
  Port port;
  port.name = output.name + suffix.str();
  port.namePlace = port.part.place = port.shapePlace = output.generatePlace;
  port.drawn = {draw, output.name, {}};
  return port;
}

/// The same on the output's positions.
static Port drawnOn(const Port &output, Draw draw, llvm::StringRef suffix) {
  Port port = drawnFor(output, draw, suffix);
  port.shape = output.shape;
  port.shapeKnown = output.shapeKnown;
  port.structure = output.structure;
  return port;
}

static Port noisedOf(const Port &output) {
  Port port = drawnOn(output, Draw::Noised, "_noised");
  port.channels = output.channels;
  // Bytes are read as 0...1: noise has that middle and half that width, as if they were -1...1 and
  // it of deviation 1.
  port.drawn->numbers =
      output.bytes ? llvm::SmallVector<double, 2>{0.5, 0.5} : llvm::SmallVector<double, 2>{0, 1};
  return port;
}

/// At each position the index before it, and at the first one that no element has.
static Port beforeOf(const Port &output) {
  Port port = drawnOn(output, Draw::Shifted, "_before");
  port.discrete = true;
  port.vocabulary = output.vocabulary + 1;
  return port;
}

bool isSequence(const Port &output) {
  return output.generate == Generate::Autoregressive && output.discrete &&
         output.structure == Structure::Low;
}

void addDrawn(Declaration &declaration) {
  for (const Port &output : declaration.outputs) {
    if (isSequence(output))
      declaration.inputs.push_back(beforeOf(output));
    if (output.generate != Generate::Diffusion || output.discrete)
      continue;
    Port noised = noisedOf(output);
    bool hasAxes = output.structure != Structure::Pointwise;
    noised.side = hasAxes ? kAligned : kInput;
    noised.namesOutputs = hasAxes;
    if (hasAxes)
      noised.alignedTo.push_back({output.name, output.generatePlace});
    (hasAxes ? declaration.alignedInputs : declaration.inputs).push_back(noised);
    declaration.inputs.push_back(drawnFor(output, Draw::Time, "_time"));
  }
}

} // namespace ccm::frontend
