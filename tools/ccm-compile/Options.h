// SPDX-License-Identifier: Apache-2.0
// The command line of ccm-compile.
#pragma once

#include "codegen/Targets.h"
#include "ir/Entries.h"
#include "tools/support/ExitCode.h"
#include <optional>
#include <string>
#include <vector>

namespace ccm {

/// What is written, in the order of the pipeline.
enum class Stage {
  Ccm,
  Structure,
  Header,
  Torch,
  Nests,
  Kernels,
  Llvm,
  Assembly,
  Object,
  StaticLibrary,
  Library
};

/// The word of `--emit` for a stage.
llvm::StringRef stageName(Stage stage);

/// How progress is shown on standard error.
enum class Progress { None, Plain, Line };

struct Options {
  std::string input;  ///< path of a .json or .mlir file, or "-"
  std::string output; ///< path, or "-" for standard output; "" only with `check`
  Stage stage = Stage::Library;
  std::vector<const Target *> targets;
  unsigned jobs = 0; ///< kernels compiled at once; 0: one per processor
  bool check = false, explain = false, timing = false, printSchedules = false;
  bool printSchema = false, printStrategies = false; ///< instead of compiling
  bool reportJson = false, diagnosticsJson = false, quiet = false, verbose = false;
  Progress progress = Progress::None;
  std::optional<bool> color; ///< none: when standard error is a terminal
  bool needsCache = false;   ///< the folder was asked for: one that cannot be made is an error
  std::string cacheDirectory;
  std::string depfile;
  bool byReference = false; ///< kernels go through upstream's own lowering
  std::string soname;       ///< of a shared library; "": `<name>.so`
  Entries entries = Entries::All;
  std::string pipeline; ///< as in `--ccm-pipeline="explain internals-cap=4096"`
};

/// Reads the command line. An exit code when nothing is to be done: help was shown, or the command
/// line is wrong and was explained.
std::optional<ExitCode> parseOptions(int argc, char **argv, Options &options);

} // namespace ccm
