// SPDX-License-Identifier: Apache-2.0
// The model of `model.mlir` as a loaded library, and everything its entries need.
#pragma once

#include "ccm/abi.h"
#include "codegen/host/HostEmitter.h"
#include "tests/support/Guarded.h"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ccm::test {

/// The module of `model.mlir`, after `edit` of its text, and what it needs to live.
struct TinyModule {
  explicit TinyModule(const std::function<void(std::string &)> &edit = {});
  /// One code path whose kernels are those of `Kernels.c`.
  HostPath path(std::string name) const;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// Builds, links and returns a library with these paths.
std::string linkTinyModel(const std::vector<HostPath> &paths, const TinyModule &module);
/// The library with one path, made once.
const std::string &tinyLibrary();
/// Loads a library and returns its table.
const ccm_model *loadModel(const std::string &library);
/// The table of `tinyLibrary`, loaded once.
const ccm_model &tinyModel();

/// Everything a call of an entry needs, exactly as large as the table says. Inputs and targets are
/// made from the sample's number.
struct Call {
  Call(int64_t count, int32_t workers);
  ccm_batch batch(bool withInputDeltas = true);
  ccm_buffers buffers() const;
  ccm_sizes sizes;
  int64_t count;
  Threads threads;
  Guarded x, id, p, target, y, dy, dx, dp;
  Guarded params, state, delta, internal, workspace;
  char message[256] = "";
  ccm_error error{message, sizeof(message)};

private:
  std::array<const void *, 3> inputs;
  std::array<const void *, 1> targets;
  std::array<float *, 1> outputs, outputDeltas;
  std::array<float *, 3> inputDeltas;
};

} // namespace ccm::test
