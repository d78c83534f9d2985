// SPDX-License-Identifier: Apache-2.0
// Times and sizes, pass by pass.
#include "tools/ccm-compile/PassLog.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace ccm {

// Passes that only hand functions to others have no argument.
void PassLog::runBeforePass(Pass *pass, Operation *) {
  if (pass->getArgument().empty())
    return;
  if (name != pass->getArgument()) {
    print();
    name = pass->getArgument().str();
    seconds = 0;
    operations = 0;
  }
  start = Clock::now();
}

void PassLog::runAfterPass(Pass *pass, Operation *op) {
  if (pass->getArgument().empty())
    return;
  seconds += std::chrono::duration<double>(Clock::now() - start).count();
  op->walk([&](Operation *) { ++operations; });
}

void PassLog::print() {
  if (!name.empty())
    llvm::errs() << llvm::formatv("{0}: {1:f3} s, {2} operations\n", name, seconds, operations);
}

} // namespace ccm
