// SPDX-License-Identifier: Apache-2.0
// What upstream's lowering is not asked to do.
#include "codegen/reference/ReferenceLowering.h"
#include "ir/Ccm.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;

namespace ccm {
namespace {

/// The first diagnostic of lowering two exponentials, one of the other, of `count` numbers; "" when
/// that succeeds.
std::string refusal(int64_t count) {
  std::string shape = "<" + std::to_string(count) + "xf32>";
  std::string tensor = "tensor" + shape, memref = "memref" + shape;
  auto exponential = [&](StringRef from) {
    return " = linalg.exp ins(" + from.str() + " : " + tensor + ") outs(%e : " + tensor + ") -> " +
           tensor + "\n";
  };
  std::string text = "func.func @f(%x: " + memref + ", %y: " + memref + ") {\n" +
                     "%t = bufferization.to_tensor %x restrict : " + memref + " to " + tensor +
                     "\n%e = tensor.empty() : " + tensor + "\n%a" + exponential("%t") + "%b" +
                     exponential("%a") + "bufferization.materialize_in_destination %b in " +
                     "restrict writable %y : (" + tensor + ", " + memref + ") -> ()\nreturn\n}\n";
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
