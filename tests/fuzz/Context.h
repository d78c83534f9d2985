// SPDX-License-Identifier: Apache-2.0
// The context that runs of a target share.
#pragma once

#include "ir/Ccm.h"
#include <memory>

namespace ccm::fuzz {

/// A context with the dialect; a new one after some thousand runs, because it keeps every attribute
/// and type that was ever made in it.
inline mlir::MLIRContext &context() {
  constexpr int kRuns = 2000;
  static std::unique_ptr<mlir::MLIRContext> made;
  static int left = 0;
  if (left-- == 0) {
    mlir::DialectRegistry registry;
    registerDialect(registry);
    made = std::make_unique<mlir::MLIRContext>(registry, mlir::MLIRContext::Threading::DISABLED);
    left = kRuns;
  }
  return *made;
}

} // namespace ccm::fuzz
