// SPDX-License-Identifier: Apache-2.0
// What the host code of an artifact is made from: a planned module, read and checked once.
#pragma once

#include "codegen/artifact/blocks.h"
#include "ir/Entries.h"
#include "ir/Functions.h"
#include <array>

namespace ccm {

/// A port as `abi.h` describes it; pointers in `abi` are null, what they point at stands beside it.
struct HostPort {
  llvm::StringRef name;
  ccm_port abi = {};
  llvm::SmallVector<llvm::StringRef> columns = {}, names = {};
  double weight = 0; ///< of an output's loss
};

/// A parameter as `abi.h` describes it, and what it starts as; `abi.name` is null.
struct HostParameter {
  llvm::StringRef name;
  ccm_parameter abi = {};
  ccm_initial initial = {};
  llvm::ArrayRef<double> values = {}; ///< that it starts as, where they are constants of its own
};

/// The functions for one block size, by `ccm_function_number`; null where the model has no such
/// entry.
struct HostBlock {
  int64_t samples = 0;
  std::array<mlir::func::FuncOp, CCM_FUNCTION_COUNT> functions;
};

/// A model and its functions. Strings live as long as the module's context.
struct HostModel {
  llvm::StringRef name, group; ///< no group: ""
  Entries entries = Entries::All;
  float learningRate = 0;
  double beta1 = 0, beta2 = 0; ///< of the optimizer; 0: it has none
  std::vector<HostPort> inputs, outputs;
  std::vector<HostParameter> parameters; ///< trained ones before the others, offsets ascending
  size_t trainedCount = 0;               ///< how many of them are trained
  uint64_t paramsBytes = 0;              ///< with all padding
  uint64_t trainedBytes = 0;             ///< of those that are trained; they come first
  unsigned stateCount = 0;               ///< state tensors per parameter
  std::vector<uint64_t> caches;          ///< bytes of a sample of each; none: it makes no sequences
  std::vector<HostBlock> blocks;         ///< ascending
  mlir::func::FuncOp prepare, updateLarge, updateSmall; ///< null where there are none
};

/// Reads the one `ccm.model` of a module and its functions, found by `ccm.entry` and `ccm.block`.
/// Fails after a diagnostic where one is missing or a size exceeds its limit.
llvm::FailureOr<HostModel> readHostModel(mlir::ModuleOp module);

/// Reads name and ports alone, of a model at any stage. Fails after a diagnostic where one exceeds
/// its limit.
llvm::LogicalResult readPorts(ModelOp model, HostModel &host);

} // namespace ccm
