// SPDX-License-Identifier: Apache-2.0
// Parse, read, build, verify.
#include "frontend/ModelImporter.h"
#include "frontend/ModelBuilder.h"
#include "mlir/IR/Verifier.h"

namespace ccm::frontend {

mlir::OwningOpRef<mlir::ModuleOp> importModel(mlir::MLIRContext &context,
                                              Diagnostics &diagnostics) {
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    diagnostics.add(diagnostic);
    return mlir::success();
  });
  Language language(context);
  std::unique_ptr<JsonDocument> document = parseJson(diagnostics);
  if (!document)
    return nullptr;
  Scope scope{context, language, diagnostics};
  Declaration declaration = readDeclaration(scope, document->root);
  if (diagnostics.hasErrors())
    return nullptr;
  mlir::OwningOpRef<mlir::ModuleOp> module = buildModel(scope, declaration);
  if (mlir::failed(mlir::verify(*module)))
    return nullptr;
  return module;
}

} // namespace ccm::frontend
