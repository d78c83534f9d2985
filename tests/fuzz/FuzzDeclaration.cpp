// SPDX-License-Identifier: Apache-2.0
// A declaration's text to verified IR: either a model, or errors that can be printed.
#include "frontend/ModelImporter.h"
#include "tests/fuzz/Context.h"
#include "tests/fuzz/Target.h"

using namespace ccm;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  frontend::Source source("m.json", std::string(fuzz::asText(data, size)));
  frontend::Diagnostics diagnostics(source);
  auto module = frontend::importModel(fuzz::context(), diagnostics);
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
