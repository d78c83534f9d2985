// SPDX-License-Identifier: Apache-2.0
// Which inputs a model depends on: one that decides is told from one that it ignores.
#include "tests/unit/data/RunTool.h"

namespace ccm::data::test {
namespace {

/// The kind follows the first number alone, and nothing follows the token, which never changes.
struct Importance : testing::Test {
  Importance() {
    std::string table = "numbers,token,kind,curve\n";
    for (int i = 0; i < 40; ++i) {
      const std::string kind = std::to_string(i % 2);
      table += (i % 2 ? "1" : "-1") + std::string(" 0 0,3,") + kind + ",0 0 0 0 0 0\n";
    }
    data = folder.write("t.csv", table);
    EXPECT_EQ(run(verb("train", {"--data", data, "--epochs", "200", "--out", out})).code, 0);
  }
  Finished measure(std::vector<std::string> more) {
    more.insert(more.begin(), {"--data", data, "--checkpoint", out});
    return run(verb("importance", more));
  }
  const Folder folder;
  std::string data, out = folder.path + "/run";
};

TEST_F(Importance, TellsWhatDecidesFromWhatDoesNot) {
  const Finished finished = measure({"--json"});
  ASSERT_EQ(finished.code, 0) << finished.error;
  const Json report = jsonOf(finished);
  EXPECT_EQ(keysOf(report), (std::vector<std::string>{"inputs", "loss", "outputs", "repeats"}));
  EXPECT_EQ(report["repeats"], 5);
  EXPECT_EQ(report["outputs"]["kind"]["accuracy"], 1);
  const Json &first = report["inputs"][0], &second = report["inputs"][1];
  EXPECT_EQ(first["name"], "numbers");
  EXPECT_GT(first["loss_change"], 0.5);
  EXPECT_GT(first["loss_deviation"], 0);
  // Of 40 rows about half meet the other kind.
  EXPECT_NEAR(first["outputs"]["kind"]["accuracy_change"], -0.5, 0.2);
  EXPECT_EQ(second["name"], "token");
  EXPECT_EQ(second["loss_change"], 0);
  EXPECT_EQ(second["loss_deviation"], 0);
  EXPECT_EQ(second["outputs"]["kind"]["accuracy_change"], 0);
  EXPECT_TRUE(second["outputs"]["curve"]["r2_change"].is_null()) << "targets that never change";
}

TEST_F(Importance, IsTheSameEveryTime) {
  const std::string first = measure({"--json"}).out;
  EXPECT_EQ(measure({"--json"}).out, first);
  EXPECT_EQ(measure({"--json", "--threads", "3"}).out, first);
  EXPECT_NE(measure({"--json", "--seed", "7"}).out, first);
}

TEST_F(Importance, IsTold) {
  const Finished finished = measure({"--repeats", "1"});
  ASSERT_EQ(finished.code, 0) << finished.error;
  EXPECT_NE(finished.out.find(" over 40 samples, kind accuracy 1\n"), std::string::npos)
      << finished.out;
  EXPECT_NE(finished.out.find("\nwhat changes when an input is that of another row, the mean of 1 "
                              "time\n  input    "),
            std::string::npos)
      << finished.out;
  EXPECT_NE(finished.out.find("\n  numbers  +"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("\n  token       0          0                 0            -\n"),
            std::string::npos)
      << finished.out;
}

TEST_F(Importance, RefusesWhatItCannotMeasure) {
  const std::string one =
      folder.write("one.csv", "numbers,token,kind,curve\n1 0 0,3,1,0 0 0 0 0 0\n");
  const Finished finished = run(verb("importance", {"--data", one, "--checkpoint", out}));
  EXPECT_EQ(finished.code, 1);
  EXPECT_EQ(finished.error, "error: importance expects at least 2 rows to exchange, got 1\n");
  EXPECT_EQ(
      measure({"--repeats", "0"}).error,
      "error: --repeats: Value 0 not in range 1 to 1048576\nsee: ccm-run importance --help\n");
  EXPECT_EQ(run(verb("importance", {"--data", one})).code, 2) << "without a checkpoint";
}

} // namespace
} // namespace ccm::data::test
