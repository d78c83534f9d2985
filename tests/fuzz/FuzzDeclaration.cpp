// SPDX-License-Identifier: Apache-2.0
// A declaration's text to verified IR: either a model, or errors that can be printed.
#include "frontend/ModelImporter.h"
#include "ir/Ccm.h"
#include "tests/fuzz/Target.h"

using namespace ccm;

/// One context for many runs; a new one now and then, because it keeps every attribute it made.
static mlir::MLIRContext &context() {
  constexpr int kRuns = 5000;
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  frontend::Source source("m.json", std::string(fuzz::asText(data, size)));
  frontend::Diagnostics diagnostics(source);
  auto module = frontend::importModel(context(), diagnostics);
  fuzz::require(bool(module) != diagnostics.hasErrors(), "a model or errors, not both");
  for (const frontend::Diagnostic &diagnostic : diagnostics.list())
    fuzz::require(!diagnostic.file.empty() && diagnostic.place, "every error has its place");
  std::string said;
  llvm::raw_string_ostream stream(said);
  diagnostics.print(stream, frontend::DiagnosticFormat::Text);
  diagnostics.print(stream, frontend::DiagnosticFormat::Json);
  fuzz::require(said.empty() == bool(module), "errors are printed");
  return 0;
}
