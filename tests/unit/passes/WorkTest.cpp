// SPDX-License-Identifier: Apache-2.0
// What passes do grows with the model, not with its square: counted, not timed.
#include "mlir/Pass/PassManager.h"
#include "passes/Passes.h"
#include "passes/Pipelines.h"
#include "passes/functions/Expansion.h"
#include "passes/kernels/ClusterFit.h"
#include "runtime/io/Io.h"
#include "tests/unit/frontend/ImportRun.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace ccm;

namespace {

/// A declaration of the end-to-end tests, taken to nests.
class Nests {
public:
  explicit Nests(const std::string &name) : import(textOf(name)) {
    registerDialect(registry);
    import.context.appendDialectRegistry(registry);
    import.context.loadAllAvailableDialects();
    PassManager manager(&import.context);
    addStructureStage(manager, PipelineOptions());
    addNestsStage(manager, PipelineOptions());
    ok = import.module && succeeded(manager.run(*import.module));
  }

  auto functions() { return import.module->getOps<func::FuncOp>(); }

  bool ok = false;

private:
  static std::string textOf(const std::string &name) {
    auto text = io::readFile((llvm::Twine(CCM_TEST_MODELS "/") + name + ".json").str());
    return text ? *text : "";
  }

  DialectRegistry registry;
  frontend::ImportRun import;
};

/// Most operations looked at per operation of the largest functions while kernels are formed.
double visitsPerOperation(const std::string &name) {
  Nests nests(name);
  EXPECT_TRUE(nests.ok) << name;
  double most = 0;
  if (nests.ok)
    for (func::FuncOp function : nests.functions()) {
      Block &block = function.getBody().front();
      double operations = double(block.getOperations().size());
      FailureOr<ClusterFit> fit = ClusterFit::of(block);
      EXPECT_TRUE(succeeded(fit));
      if (operations > 100 && succeeded(fit))
        most = std::max(most, double(Clusters(block, *fit).visits()) / operations);
    }
  return most;
}

TEST(Work, ClustersOfATransformerOfDepth64) { EXPECT_LE(visitsPerOperation("deep"), 32); }

TEST(Work, ClustersOfAHundredInputs) { EXPECT_LE(visitsPerOperation("hundred"), 32); }

} // namespace
