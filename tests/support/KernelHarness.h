// SPDX-License-Identifier: Apache-2.0
// Builds kernels from nests, compiles them, runs them between guard pages and compares them with
// the reference.
#pragma once

#include "codegen/halide/HalideEmitter.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "tests/support/NestReference.h"
#include <functional>
#include <memory>

namespace ccm::test {

/// A module with one kernel, in a context of its own.
class KernelFixture {
public:
  using Body = std::function<llvm::SmallVector<mlir::Value>(NestBuilder &, mlir::ValueRange)>;

  KernelFixture();
  /// A tensor type; `element` is 'f', 'i' (i32) or 'b' (i8).
  mlir::Type tensor(llvm::ArrayRef<int64_t> shape, char element = 'f');
  /// A kernel whose nests `body` builds from the operands; it returns what the kernel yields.
  KernelOp build(llvm::ArrayRef<mlir::Type> operands, const Body &body);
  /// The first kernel of a module's text.
  KernelOp parse(llvm::StringRef text);

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// A compiled kernel in this process.
class LoadedKernel {
public:
  /// Loads an object that `emitKernel` made; aborts the test on failure.
  explicit LoadedKernel(const KernelObject &object);
  ~LoadedKernel();
  /// Calls it for all its tasks with one buffer per argument; only their `host` is set.
  void call(llvm::ArrayRef<void *> buffers) const;

private:
  struct State;
  std::unique_ptr<State> state;
};

/// Elements of a type that test runs use: numbers in (-1/2, 1/2), bytes, or indices below `limit`.
Elements makeElements(mlir::Type type, unsigned seed, int64_t limit);

struct CheckOptions {
  int64_t indexLimit = 8;              ///< i32 operands are below it
  double tolerance = 4e-6;             ///< largest error over the largest value
  double reference = 0;                ///< of the reference, where it errs more: it adds in a row
  std::string schedule = "";           ///< text that the schedule must contain
  std::vector<Elements> operands = {}; ///< what it runs on; empty: those of `makeElements`
};

/// Compiles a kernel for every target, by a fast and by a plain plan, neither of which may be given
/// up. Where this processor can, runs it with each tensor's last byte
/// before an unmapped page and again with its first after one, and expects the reference's results
/// and untouched bytes between strided elements. Reports through GoogleTest.
void checkKernel(KernelOp kernel, const CheckOptions &options = {});

/// Whether this processor runs the target's code.
bool isRunnable(const Target &target);

} // namespace ccm::test
