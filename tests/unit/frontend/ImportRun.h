// SPDX-License-Identifier: Apache-2.0
// Runs the importer on a text and keeps everything it says.
#pragma once

#include "frontend/ModelImporter.h"
#include "mlir/IR/MLIRContext.h"
#include <memory>
#include <string>

namespace ccm::frontend {

/// One import of `text` as "model.json".
class ImportRun {
public:
  explicit ImportRun(std::string text)
      : source(std::make_unique<Source>("model.json", std::move(text))), diagnostics(*source),
        module(importModel(context, diagnostics)) {}

  /// All diagnostics in a form.
  std::string said(DiagnosticFormat format = DiagnosticFormat::Text) const {
    std::string result;
    llvm::raw_string_ostream out(result);
    diagnostics.print(out, format);
    return result;
  }

  /// The IR, or "" after errors.
  std::string ir(bool withLocations = false) {
    std::string result;
    llvm::raw_string_ostream out(result);
    mlir::OpPrintingFlags flags;
    if (module)
      module->print(out, flags.enableDebugInfo(withLocations, withLocations));
    return result;
  }

  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  std::unique_ptr<Source> source;
  Diagnostics diagnostics;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace ccm::frontend
