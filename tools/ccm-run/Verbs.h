// SPDX-License-Identifier: Apache-2.0
// The verbs of ccm-run. Each adds itself to the command line and sets `exitCode` when it was
// chosen; failures are thrown as Failure.
#pragma once

#include <CLI/App.hpp>

namespace ccm::run {

/// Names the app and adds all verbs below.
void addVerbs(CLI::App &app, int &exitCode);

/// Writes a first declaration for a table.
void addDeclare(CLI::App &app, int &exitCode);

/// Prints what a library says of its model.
void addInfo(CLI::App &app, int &exitCode);

/// Trains a model on data.
void addTrain(CLI::App &app, int &exitCode);

/// Measures loss and accuracy on data.
void addEval(CLI::App &app, int &exitCode);

/// Measures what each input contributes.
void addImportance(CLI::App &app, int &exitCode);

/// Computes the outputs of one sample.
void addInfer(CLI::App &app, int &exitCode);
void addForecast(CLI::App &app, int &exitCode);

/// Makes samples of outputs that are generated.
void addGenerate(CLI::App &app, int &exitCode);

/// Measures the time of a training step and of inference.
void addBench(CLI::App &app, int &exitCode);

/// Compares deltas with differences of the loss.
void addGradcheck(CLI::App &app, int &exitCode);

/// Compares a library with a reference.
void addVerify(CLI::App &app, int &exitCode);

} // namespace ccm::run
