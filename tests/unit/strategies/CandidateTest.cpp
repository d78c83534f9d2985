// SPDX-License-Identifier: Apache-2.0
// What is chosen keeps the budget, uses most of it, and is a whole, valid configuration.
#include "passes/strategies/Candidates.h"
#include "passes/strategies/Pins.h"
#include "tests/unit/strategies/TestModel.h"

using namespace ccm;
using namespace ccm::test;

namespace {

const std::string kClasses = "pointwise vocabulary 10 loss(\"cross_entropy\") : tensor<?x10xf32>";

/// The best candidate for the site keeps `macs` and uses at least 60 % of them.
void expectWellUsed(const Site &site, int64_t macs) {
  Measure measure;
  auto candidates = Candidates::collect(site, "", measure);
  ASSERT_TRUE(succeeded(candidates));
  const Candidate *best = candidates->best();
  ASSERT_NE(best, nullptr) << macs;
  EXPECT_LE(best->built.cost.macs, macs);
  EXPECT_GE(best->built.cost.macs, 0.6 * double(macs))
      << macs << " " << best->strategy->name().str() << " " << ccm::describe(best->config);
  EXPECT_TRUE(succeeded(checkConfig(*best->strategy, site, best->config)));
}

} // namespace

TEST(Candidates, ImagesUseTheirBudget) {
  for (double macs = 2e6; macs < 16e9; macs *= 2.3)
    expectWellUsed(TestModel("high : tensor<?x64x64x3xf32>", kClasses, macs).reduce(), macs);
}

TEST(Candidates, SoundsUseTheirBudget) {
  for (double macs = 2e5; macs < 16e9; macs *= 3.1)
    expectWellUsed(TestModel("high : tensor<?x4000x1xf32>", kClasses, macs).reduce(), macs);
}

TEST(Candidates, TextsUseTheirBudget) {
  for (double macs = 2e5; macs < 16e9; macs *= 3.1)
    expectWellUsed(TestModel("low vocabulary 256 : tensor<?x64xi32>", kClasses, macs).reduce(),
                   macs);
}

TEST(Candidates, CoresUseTheirBudget) {
  for (double macs = 1e6; macs < 16e9; macs *= 2.3)
    expectWellUsed(TestModel("low : tensor<?x49x8xf32>", kClasses, macs).core(49, 64), macs);
}

TEST(Candidates, SignalsOutUseTheirBudget) {
  std::string output = "high loss(\"l1\") : tensor<?x16000x1xf32>";
  for (double macs = 1e6; macs < 16e9; macs *= 3.1)
    expectWellUsed(TestModel("low : tensor<?x49x8xf32>", output, macs).expand(49, 64), macs);
}

// Measuring counts repeated blocks once and multiplies; the structure pass counts them all.
TEST(Candidates, RepeatedStepsCostTheirSum) {
  TestModel text("low vocabulary 64 : tensor<?x48xi32>", kClasses);
  auto macs = [&](int64_t depth) {
    std::string config = "{depth = " + std::to_string(depth) + ", width = 64}";
    return text.cost(text.core(48, 64), "transformer", config).macs;
  };
  EXPECT_EQ(macs(7) - macs(6), macs(2) - macs(1));
  EXPECT_EQ(macs(7) - macs(1), 6 * (macs(2) - macs(1)));
}

TEST(Candidates, FewerTokensOnDemand) {
  TestModel image("high : tensor<?x64x64x3xf32>", kClasses, 4000000);
  Measure measure;
  auto candidates = Candidates::collect(image.reduce(), "", measure);
  ASSERT_TRUE(succeeded(candidates));
  for (int64_t most : {1000, 100, 16}) {
    const Candidate *best = candidates->best({1, most});
    ASSERT_NE(best, nullptr);
    EXPECT_LE(best->tokens, most);
  }
  EXPECT_EQ(candidates->best({1, 3}), nullptr);
}

TEST(Candidates, RejectedCarryReasons) {
  TestModel image("high : tensor<?x28x28x1xf32>", kClasses, 2000000);
  Measure measure;
  auto candidates = Candidates::collect(image.reduce(), "", measure);
  ASSERT_TRUE(succeeded(candidates));
  const Candidate &best = *candidates->best();
  EXPECT_EQ(candidates->rejected(best, {}, true).size(), candidates->size() - 1);
  EXPECT_LE(candidates->rejected(best, {}, false).size(),
            2 * strategiesOf(ReduceOp::kind()).size());
  for (mlir::Attribute entry : candidates->rejected(best, {}, true))
    EXPECT_FALSE(mlir::cast<mlir::DictionaryAttr>(entry).getAs<mlir::StringAttr>("reason").empty());
}

TEST(Pins, Suggestions) {
  EXPECT_EQ(suggestion("widht", {"depth", "width"}), "; did you mean 'width'?");
  EXPECT_EQ(suggestion("zzzzz", {"depth", "width"}), "");
  EXPECT_EQ(suggestion("", {"depth", "width"}), "");
}
