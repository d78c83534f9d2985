// SPDX-License-Identifier: Apache-2.0
// The manual and the completion of ccm-run know every option; wrong command lines are explained.
#include "tools/manual/Manual.h"
#include "tests/unit/data/RunTool.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>

namespace ccm::data::test {
namespace {

/// Every option and verb that --help shows, as it is written on a command line.
std::vector<std::string> shownWords() {
  CLI::App app;
  int exitCode = 0;
  ccm::run::addVerbs(app, exitCode);
  std::vector<std::string> words;
  std::vector<CLI::App *> all = app.get_subcommands([](CLI::App *) { return true; });
  for (const CLI::App *verb : all)
    words.push_back(verb->get_name());
  all.push_back(&app);
  for (const CLI::App *verb : all)
    for (const CLI::Option *option : verb->get_options())
      for (const std::string &name : option->get_lnames())
        if (!option->get_group().empty())
          words.push_back("--" + name);
  return words;
}

std::string withoutEscapes(std::string page) {
  for (size_t at; (at = page.find("\\-")) != page.npos;)
    page.erase(at, 1);
  return page;
}

TEST(Manual, NamesEveryOptionAndVerb) {
  const Finished page = run({"--help-man"}), completion = run({"--completion"});
  EXPECT_EQ(page.code, 0) << page.error;
  EXPECT_EQ(completion.code, 0) << completion.error;
  const std::string text = withoutEscapes(page.out);
  const std::vector<std::string> words = shownWords();
  EXPECT_GT(words.size(), 40u);
  for (const std::string &word : words) {
    EXPECT_NE(text.find(word), std::string::npos) << word;
    EXPECT_NE(completion.out.find(word), std::string::npos) << word;
  }
  EXPECT_TRUE(page.out.starts_with(".TH CCM\\-RUN 1 "));
  EXPECT_EQ(text.find("--help-man"), std::string::npos) << "hidden options stay hidden";
}

TEST(Manual, TextCannotBecomeAnInstruction) {
  CLI::App app(".ds x \\n", "tool");
  app.add_option("-o,--out", "'quoted' first, then a-b and c\\d");
  const std::string page = manPage(app, {"1", {".so /etc/passwd"}, {}});
  EXPECT_NE(page.find("\\&.so /etc/passwd"), std::string::npos) << page;
  EXPECT_NE(page.find("\\&'quoted' first, then a\\-b and c\\ed"), std::string::npos) << page;
  EXPECT_EQ(page.find("\n.so"), std::string::npos);
}

TEST(Manual, CompletesTheValuesOfAList) {
  CLI::App app("x", "a-tool");
  std::string value;
  app.add_option("-r,--report", value, "how")->check(CLI::IsMember({"text", "json"}));
  const std::string script = bashCompletion(app);
  EXPECT_NE(script.find("-r|--report) choices="), std::string::npos) << script;
  EXPECT_NE(script.find("json"), std::string::npos);
  EXPECT_TRUE(script.ends_with("complete -o filenames -F _a_tool a-tool\n"));
}

TEST(CommandLine, TheLibraryMayStandBehindOptions) {
  const Finished finished = run({"eval", "--data", "synthetic:8", "--confusion", "x.bmp", "--names",
                                 "kind=/nonexistent", PAIR_LIBRARY});
  EXPECT_EQ(finished.code, 74) << finished.error;
}

TEST(CommandLine, WrongOnesAreExplained) {
  EXPECT_EQ(run({"trian", "x.so"}).error,
            "error: unknown verb 'trian'; did you mean 'train'?\nsee: ccm-run --help\n");
  EXPECT_EQ(run({"frobnicate"}).error, "error: unknown verb 'frobnicate'\nsee: ccm-run --help\n");
  const Finished option = run(verb("train", {"--data", "synthetic:8", "--epoch=3"}));
  EXPECT_EQ(option.code, 2);
  EXPECT_NE(option.error.find("did you mean '--epochs'?"), std::string::npos) << option.error;
  EXPECT_EQ(run({}).error,
            "error: expects a verb: declare info train eval importance infer forecast generate "
            "bench gradcheck verify\n"
            "see: ccm-run --help\n");
  EXPECT_EQ(run({"train"}).error, "error: library is required\nsee: ccm-run train --help\n");
  EXPECT_EQ(run({"train", "m.so", "--dat", "t.csv"}).error,
            "error: the following argument was not expected: --dat; did you mean '--data'?\n"
            "see: ccm-run train --help\n");
}

} // namespace
} // namespace ccm::data::test
