// SPDX-License-Identifier: Apache-2.0
// ccm-run verify: what rounding alone explains passes, one wrong delta in a corner does not.
#include "tests/unit/data/RunTool.h"

namespace ccm::data::test {
namespace {

Finished verify(const char *library, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"verify", library, "--reference", PAIR_LIBRARY});
  return run(more);
}

TEST(Verify, TheSameLibraryIsEqual) {
  const Json report = jsonOf(verify(PAIR_LIBRARY, {"--json"}));
  EXPECT_EQ(keysOf(report),
            (std::vector<std::string>{"compared", "passed", "worst", "worst_tensor"}));
  EXPECT_EQ(report["passed"], true);
  EXPECT_EQ(report["worst"], 0);
  // The loss, two outputs, the delta of the numbers, and five parameters.
  EXPECT_EQ(report["compared"], 9);
}

TEST(Verify, AnotherOrderOfSumsPasses) {
  for (const char *seed : {"0", "1", "2", "3", "4"}) {
    const Finished finished =
        verify(PAIR_REVERSED, {"--json", "--batch", "16", "--samples", "40", "--seed", seed});
    EXPECT_EQ(finished.code, 0) << finished.out << finished.error;
    const Json report = jsonOf(finished);
    EXPECT_EQ(report["passed"], true) << report;
    EXPECT_GT(report["worst"], 0) << "the orders differ, and so do the bits";
  }
}

TEST(Verify, OneWrongDeltaFails) {
  const Finished finished = verify(PAIR_SABOTAGED, {"--json"});
  EXPECT_EQ(finished.code, 1);
  const Json report = jsonOf(finished);
  EXPECT_EQ(report["passed"], false);
  EXPECT_EQ(report["worst_tensor"], "delta of kind");
  EXPECT_GT(report["worst"], 1000) << "not near the bound";
  const Finished text = verify(PAIR_SABOTAGED);
  EXPECT_NE(text.out.find("FAILED"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("output curve"), std::string::npos) << text.out;
}

TEST(Verify, RefusesAnotherDeclaration) {
  const Finished finished = verify(PAIR_STRANGER);
  EXPECT_EQ(finished.code, 1);
  EXPECT_EQ(finished.error, "error: the libraries are not of one declaration: expected model hash "
                            "'01' in the reference, found '00'\n");
  // It has fewer inputs, too: refused before any data is made for the one and read by the other.
  const Finished turned = run({"verify", PAIR_LIBRARY, "--reference", PAIR_STRANGER});
  EXPECT_EQ(turned.code, 1);
  EXPECT_NE(turned.error.find("not of one declaration"), std::string::npos) << turned.error;
  EXPECT_EQ(run({"verify", PAIR_LIBRARY}).code, 2);
}

} // namespace
} // namespace ccm::data::test
