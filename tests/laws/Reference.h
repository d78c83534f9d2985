// SPDX-License-Identifier: Apache-2.0
// Runs functions of nests in f64 through upstream's own lowering: bufferize, loops, LLVM.
#pragma once

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"
#include <memory>
#include <vector>

namespace ccm::laws {

/// A tensor's elements, row-major; those of an index tensor as numbers too.
struct Array {
  std::vector<int64_t> shape;
  std::vector<double> data;
  bool isIndex = false;

  /// An array of zeros.
  static Array zeros(mlir::Type tensor);
};

/// A result and, per element, a bound on its rounding error.
struct Bounded {
  Array value, error;
};

/// Functions of f32 nests on static tensors, compiled for f64.
class Reference {
public:
  /// Takes the functions of `module`, all of static tensors of f32 and i32. Returns none after
  /// diagnostics.
  static std::unique_ptr<Reference> create(mlir::OwningOpRef<mlir::ModuleOp> module);

  /// Runs one function.
  std::vector<Bounded> run(llvm::StringRef function, const std::vector<Array> &arguments) const;

private:
  struct Signature {
    llvm::SmallVector<mlir::Type> results;
  };

  mlir::OwningOpRef<mlir::ModuleOp> module;
  llvm::StringMap<Signature> signatures;
  std::unique_ptr<mlir::ExecutionEngine> engine;
};

} // namespace ccm::laws
