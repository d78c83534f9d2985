// SPDX-License-Identifier: Apache-2.0
// What upstream's lowering is not asked to do.
#include "codegen/ReferenceLowering.h"
#include "ir/Ccm.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;

namespace ccm {
namespace {

/// The first diagnostic of lowering the exponentials of `count` numbers, "" when that succeeds.
std::string refusal(int64_t count) {
  std::string type = "tensor<" + std::to_string(count) + "xf32>";
  std::string nest = " = linalg.exp ins(%x : " + type + ") outs(%e : " + type + ") -> " + type;
  std::string text = "func.func @f(%x: " + type + ") -> " + type +
                     " {\n  %e = tensor.empty() : " + type + "\n  %y" + nest +
                     "\n  return %y : " + type + "\n}\n";
  DialectRegistry registry;
  registerDialect(registry);
  registerReferenceLowering(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (message.empty())
      message = diagnostic.str();
  });
  auto module = parseSourceString<ModuleOp>(text, &context);
  EXPECT_TRUE(module) << message;
  if (module)
    (void)lowerByReference(*module, ReferenceNeeds::Nothing);
  return message;
}

TEST(ReferenceLowering, RefusesValuesBeyondTheStack) {
  EXPECT_EQ(refusal(600000),
            "expects the values of a reference kernel within 4194304 bytes of stack, got 4800000");
}

} // namespace
} // namespace ccm
