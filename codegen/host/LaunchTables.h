// SPDX-License-Identifier: Apache-2.0
// Planned functions as lists of launches.
#pragma once

#include "codegen/host/HostEmitter.h"
#include "codegen/host/HostTables.h"
#include "codegen/plan/Work.h"

namespace ccm {

/// Adds the launches of one path's functions to a module and makes `ccm_function` records of them.
class LaunchTables {
public:
  LaunchTables(TableBuilder &tables, WorkTable &works, const HostPath &path)
      : tables(tables), works(works), path(path) {}

  /// Adds the list `name` of what the operations of a planned function do, in order. Fails after a
  /// diagnostic at a kernel without code or places.
  llvm::LogicalResult define(llvm::StringRef name, llvm::ArrayRef<mlir::Operation *> ops);

  /// The `ccm_function` of `ops`, whose list is `name`; all zero for a null function. `readers` are
  /// those of a part of `prepare`.
  llvm::Constant *functionRecord(llvm::StringRef name, llvm::ArrayRef<mlir::Operation *> ops,
                                 mlir::func::FuncOp function, uint64_t readers = 0);

private:
  /// What one operation becomes: names of its places' list and of its border's constants.
  struct Launch {
    mlir::Operation *op;
    std::string places, border;
    size_t placeCount;
  };

  llvm::FailureOr<Launch> kernelLaunch(KernelOp kernel);
  Launch borderLaunch(ZeroBorderOp border);
  std::string definePlaces(llvm::ArrayRef<ccm_place> places);
  std::string defineBorder(ZeroBorderOp border);
  llvm::Constant *launchRecord(const Launch &launch);

  TableBuilder &tables;
  WorkTable &works;
  const HostPath &path;
};

} // namespace ccm
