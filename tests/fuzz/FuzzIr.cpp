// SPDX-License-Identifier: Apache-2.0
// Text IR as ccm-opt reads it: the scan, then MLIR's parser with this dialect's verifiers.
#include "frontend/TextDepth.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "tests/fuzz/Context.h"
#include "tests/fuzz/Target.h"

using namespace ccm;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // The parser's lexer reads to a zero behind the text, which every std::string of the tools has.
  const std::string text(fuzz::asText(data, size));
  if (frontend::findTextProblem(text))
    return 0;
  mlir::MLIRContext &context = fuzz::context();
  bool said = false;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    (void)diagnostic.str();
    said = true;
    return mlir::success();
  });
  auto module =
      mlir::parseSourceString<mlir::ModuleOp>(text, mlir::ParserConfig(&context), "m.mlir");
  fuzz::require(module || said, "a module or an error");
  if (!module)
    return 0;
  fuzz::require(succeeded(mlir::verify(*module)), "what was parsed is valid");
  std::string printed;
  llvm::raw_string_ostream stream(printed);
  module->print(stream);
  return 0;
}
