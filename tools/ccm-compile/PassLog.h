// SPDX-License-Identifier: Apache-2.0
// What `--verbose` says of passes.
#pragma once

#include "mlir/Pass/PassInstrumentation.h"
#include <chrono>
#include <string>

namespace ccm {

/// Says on standard error, for every pass of ccm in turn, how long it took and how many operations
/// it left in what it worked on; the runs of one pass over several functions count together.
class PassLog : public mlir::PassInstrumentation {
public:
  ~PassLog() override { print(); }

  void runBeforePass(mlir::Pass *pass, mlir::Operation *op) override;
  void runAfterPass(mlir::Pass *pass, mlir::Operation *op) override;

private:
  using Clock = std::chrono::steady_clock;
  void print();

  std::string name; ///< of the pass that is counted; "": none yet
  Clock::time_point start;
  double seconds = 0;
  size_t operations = 0;
};

} // namespace ccm
