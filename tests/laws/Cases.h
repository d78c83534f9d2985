// SPDX-License-Identifier: Apache-2.0
// The cases of the laws: functions of primitives in tests/laws/cases, and numbers to run them on.
#pragma once

#include "tests/laws/Functions.h"
#include "tests/laws/Reference.h"
#include <random>

namespace ccm::laws {

/// The context of all tests, with everything registered.
mlir::MLIRContext &context();

/// Names of the case files, sorted.
std::vector<std::string> caseFiles();

/// The functions of one file; a null module after diagnostics.
mlir::OwningOpRef<mlir::ModuleOp> parseCases(const std::string &file);

/// Numbers that are multiples of 2^-12 in (-1, 1), at least 3/64 away from 0, +-1 and from each
/// other's distance 0 and 1 when drawn as values and targets: no primitive has a kink within the
/// steps of a difference quotient, and adding a step is exact.
class Numbers {
public:
  explicit Numbers(llvm::StringRef seed);

  /// An argument of `source`; index tensors are drawn below what its primitive admits.
  Array argument(mlir::func::FuncOp source, unsigned number, int64_t batch);
  /// Values of the shape of `like`.
  Array values(const Array &like);
  /// Entries of -1 and 1.
  Array signs(const Array &like);

private:
  // tests/laws/torch/golden.py draws the same.
  double value() {
    double coarse = double(2 * int64_t(random() % 16) - 15) / 16;
    return coarse + jitter();
  }
  double target() { return double(int64_t(random() % 33) - 16) / 8; }
  double jitter() { return double(int64_t(random() % 129) - 64) / 4096; }

  std::mt19937_64 random;
};

} // namespace ccm::laws
