// SPDX-License-Identifier: Apache-2.0
// ccm-run infer: one sample, folders and tables in; text, tables, arrays and files out.
#include "data/Array.h"
#include "tests/unit/data/RunTool.h"

namespace ccm::data::test {
namespace {

TEST(Infer, WritesFiles) {
  const Folder folder;
  const std::string checkpoint = trained(folder), npy = folder.path + "/c.npy",
                    wav = folder.path + "/c.wav";
  const Finished finished =
      run(verb("infer", {"--checkpoint", checkpoint, "--input", "numbers=0.5 1 -1", "--input",
                         "token=2", "--output", "curve=@" + npy, "--json"}));
  ASSERT_EQ(finished.code, 0) << finished.error;
  const Json report = jsonOf(finished);
  EXPECT_LT(report["outputs"]["kind"]["index"], 5);
  Result<Array> array = readArray(*io::readFile(npy));
  ASSERT_TRUE(array) << textOf(array);
  EXPECT_EQ(array->shape, (std::vector<int64_t>{6, 1}));
  EXPECT_FLOAT_EQ(float(array->at(3)), report["outputs"]["curve"]["values"][3].get<float>());
  const Finished sound =
      run(verb("infer", {"--checkpoint", checkpoint, "--input", "numbers=0.5 1 -1", "--input",
                         "token=2", "--output", "curve=@" + wav}));
  EXPECT_EQ(sound.code, 0) << sound.error;
  EXPECT_TRUE(io::readFile(wav)->starts_with("RIFF"));
}

TEST(Infer, RefusesInOneSentence) {
  const Folder folder;
  const std::string checkpoint = trained(folder);
  auto infer = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"--checkpoint", checkpoint});
    return run(verb("infer", more));
  };
  const Finished missing = infer({"--input", "token=2"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_EQ(missing.error, "error: no --input for 'numbers'\n");
  const Finished bad = infer({"--input", "numbers=1 2 x", "--input", "token=2"});
  EXPECT_EQ(bad.code, 1);
  EXPECT_EQ(bad.error, "error: 'numbers' expects 3 numbers, or an npy or txt file, got 'x'\n");
  const Finished over =
      infer({"--input", "numbers=1 2 3", "--input", "token=2", "--output", "curve=" PAIR_LIBRARY});
  EXPECT_NE(over.code, 0);
  const Finished kind = infer({"--input", "numbers=1 2 3", "--input", "token=2", "--output",
                               "kind=" + folder.path + "/k.png"});
  EXPECT_EQ(kind.code, 2);
  EXPECT_FALSE(io::readFile(folder.path + "/k.png"));
}

/// infer with a trained checkpoint and these arguments.
Finished infer(const std::string &checkpoint, std::vector<std::string> more) {
  more.insert(more.begin(), {"--checkpoint", checkpoint});
  return run(verb("infer", more));
}

TEST(Infer, TellsTheLikeliestLabels) {
  const Folder folder;
  const std::string checkpoint = trained(folder);
  const std::vector<std::string> sample = {"--input", "numbers=1 2 3", "--input", "token=1"};
  std::vector<std::string> more = sample;
  more.insert(more.end(), {"--top", "9", "--json"});
  const Json kind = jsonOf(infer(checkpoint, more))["outputs"]["kind"];
  ASSERT_EQ(kind["top"].size(), 5u) << kind;
  double sum = 0, before = 1;
  for (const Json &choice : kind["top"]) {
    EXPECT_LE(choice["share"], before);
    before = choice["share"];
    sum += before;
  }
  EXPECT_NEAR(sum, 1, 1e-9);
  EXPECT_EQ(kind["top"][0]["index"], kind["index"]);
  const std::string names = folder.write("names.txt", "ant\nbee\ncat\ndog\neel\n");
  more = sample;
  more.insert(more.end(), {"--names", "kind=" + names});
  const Finished named = infer(checkpoint, more);
  const char *expected[] = {"ant", "bee", "cat", "dog", "eel"};
  EXPECT_TRUE(named.out.starts_with(std::string("kind  ") + expected[kind["index"].get<int>()]))
      << named.out << named.error;
}

TEST(Infer, TakesATableAndWritesOne) {
  const Folder folder;
  const std::string checkpoint = trained(folder), out = folder.path + "/p.csv";
  // Columns of outputs are there and are not read.
  const std::string table =
      folder.write("t.csv", "numbers,token,kind\n1 2 3,0,nothing\n0.5 1 -1,2,\n1 2 3,0,\n");
  const Finished finished =
      infer(checkpoint, {"--data", table, "--output", "kind=" + out, "--batch", "2", "--top", "2"});
  ASSERT_EQ(finished.code, 0) << finished.error;
  EXPECT_EQ(finished.out, "wrote what is said of 3 samples to " + out + "\n");
  const std::string text = *io::readFile(out);
  EXPECT_TRUE(text.starts_with("row,kind,kind_share,kind_2,kind_2_share\n1,")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  // Equal samples get equal answers, whatever stands beside them in a batch.
  const size_t first = text.find("\n1,") + 3, third = text.find("\n3,") + 3;
  EXPECT_EQ(text.substr(first, text.find('\n', first) - first),
            text.substr(third, text.find('\n', third) - third));
  const Json alone =
      jsonOf(infer(checkpoint, {"--input", "numbers=0.5 1 -1", "--input", "token=2", "--json"}));
  EXPECT_NE(text.find("\n2," + alone["outputs"]["kind"]["index"].dump() + ","), std::string::npos)
      << text;
}

TEST(Infer, AColumnTellsRowsApart) {
  const Folder folder;
  const std::string checkpoint = trained(folder), out = folder.path + "/p.csv";
  const std::string table =
      folder.write("t.csv", "the id,numbers,token\n\"k,7\",1 2 3,0\nk9,0.5 1 -1,2\n");
  const std::vector<std::string> asked = {"--data", table, "--id", "the id"};
  std::vector<std::string> more = asked;
  more.insert(more.end(), {"--output", "kind=" + out});
  ASSERT_EQ(infer(checkpoint, more).code, 0);
  const std::string text = *io::readFile(out);
  EXPECT_TRUE(text.starts_with("the id,kind,kind_share\n\"k,7\",")) << text;
  EXPECT_NE(text.find("\nk9,"), std::string::npos) << text;
  more = asked;
  more.push_back("--json");
  EXPECT_EQ(jsonOf(infer(checkpoint, more))["rows"][1]["row"], "k9");
  EXPECT_EQ(infer(checkpoint, asked).error.find("passed over"), std::string::npos);
  const Finished absent = infer(checkpoint, {"--data", table, "--id", "key"});
  EXPECT_NE(absent.error.find("t.csv:1:1: error: no column 'key', which tells the rows apart"),
            std::string::npos)
      << absent.error;
  EXPECT_NE(infer(checkpoint, {"--data", "synthetic:2", "--id", "key"})
                .error.find("--id expects --data of a table whose rows are samples"),
            std::string::npos);
}

TEST(Infer, StacksArraysAndWritesAFilePerSample) {
  const Folder folder;
  const std::string checkpoint = trained(folder);
  const Finished stack = infer(checkpoint, {"--data", "synthetic:11", "--output",
                                            "curve=" + folder.path + "/c.npy", "--json"});
  ASSERT_EQ(stack.code, 0) << stack.error;
  Result<Array> array = readArray(*io::readFile(folder.path + "/c.npy"));
  ASSERT_TRUE(array) << textOf(array);
  EXPECT_EQ(array->shape, (std::vector<int64_t>{11, 6, 1}));
  const Json rows = jsonOf(stack)["rows"];
  ASSERT_EQ(rows.size(), 11u);
  EXPECT_EQ(rows[10]["row"], "11");
  EXPECT_FLOAT_EQ(rows[10]["outputs"]["curve"]["values"][2].get<float>(), float(array->at(62)));
  const Finished files = infer(
      checkpoint, {"--data", "synthetic:11", "--output", "curve=" + folder.path + "/c-{}.wav"});
  ASSERT_EQ(files.code, 0) << files.error;
  EXPECT_TRUE(io::readFile(folder.path + "/c-01.wav")->starts_with("RIFF"));
  EXPECT_TRUE(io::readFile(folder.path + "/c-11.wav")->starts_with("RIFF"));
}

TEST(Infer, TakesAFolderOfFiles) {
  const Folder folder;
  const std::string checkpoint = trained(folder), files = folder.path + "/in";
  ASSERT_TRUE(io::makeDirectories(files));
  folder.write("in/a.txt", "1 2 3\n");
  folder.write("in/b.txt", "3 2 1\n");
  const std::vector<std::string> inputs = {"--input", "numbers=@" + files, "--input", "token=1"};
  std::vector<std::string> more = inputs;
  more.insert(more.end(), {"--output", "curve=" + folder.path + "/{}.npy"});
  ASSERT_EQ(infer(checkpoint, more).code, 0);
  EXPECT_EQ(readArray(*io::readFile(folder.path + "/b.npy"))->shape, (std::vector<int64_t>{6, 1}));
  more.back() = "curve=" + folder.path + "/{}.wav";
  const Finished finished = infer(checkpoint, more);
  ASSERT_EQ(finished.code, 0) << finished.error;
  EXPECT_TRUE(io::readFile(folder.path + "/a.wav"));
  EXPECT_TRUE(io::readFile(folder.path + "/b.wav"));
  const std::string table = infer(checkpoint, inputs).out;
  EXPECT_TRUE(table.starts_with("row  kind")) << table;
  EXPECT_NE(table.find("\nb "), std::string::npos) << table;
  // Every bad file is told.
  folder.write("in/b.txt", "3 2\n");
  folder.write("in/c.txt", "x\n");
  const Finished bad = infer(checkpoint, inputs);
  EXPECT_EQ(bad.code, 1);
  EXPECT_NE(bad.error.find("in/b.txt': 'numbers' expects 3 numbers"), std::string::npos)
      << bad.error;
  EXPECT_NE(bad.error.find("in/c.txt': 'numbers' expects 3 numbers"), std::string::npos);
}

TEST(Infer, NeverWritesOverWhatItRead) {
  const Folder folder;
  const std::string checkpoint = trained(folder), files = folder.path + "/in";
  ASSERT_TRUE(io::makeDirectories(files));
  folder.write("in/a.txt", "1 2 3\n");
  const Finished one = infer(checkpoint, {"--input", "numbers=@" + files, "--input", "token=1",
                                          "--output", "curve=" + files + "/{}.txt"});
  EXPECT_EQ(one.code, 1) << one.error;
  const std::string table = folder.write("t.csv", "numbers,token\n1 2 3,0\n");
  const Finished two = infer(checkpoint, {"--data", table, "--output", "kind=" + table});
  EXPECT_EQ(two.code, 1) << two.error;
  EXPECT_EQ(*io::readFile(files + "/a.txt"), "1 2 3\n");
  EXPECT_EQ(*io::readFile(table), "numbers,token\n1 2 3,0\n");
  // What a cell names is read too, and a path may hold the comma that parts arrays.
  const std::string cell = folder.write("in/1.txt", "1 2 3\n"),
                    named = folder.write("n.csv", "numbers,token\n@in/1.txt,0\n");
  const Finished three =
      infer(checkpoint, {"--data", named, "--output", "curve=" + files + "/{}.txt"});
  EXPECT_EQ(three.code, 1) << three.error;
  EXPECT_EQ(*io::readFile(cell), "1 2 3\n");
  const std::string array = folder.path + "/a,b.npy", other = folder.path + "/token.npy";
  ASSERT_TRUE(io::writeFileAtomically(
      array, writeNpy(std::vector<float>{1, 2, 3}, std::vector<int64_t>{1, 3})));
  ASSERT_TRUE(
      io::writeFileAtomically(other, writeNpy(std::vector<float>{1}, std::vector<int64_t>{1})));
  const std::string before = *io::readFile(array);
  const Finished four = infer(
      checkpoint, {"--data", "numbers=" + array + ",token=" + other, "--output", "curve=" + array});
  EXPECT_EQ(four.code, 1) << four.error;
  EXPECT_EQ(*io::readFile(array), before);
}

TEST(Infer, ExplainsOutputsThatDoNotFit) {
  const Folder folder;
  const std::string checkpoint = trained(folder);
  auto refusal = [&](const std::string &output) {
    const Finished finished = infer(checkpoint, {"--data", "synthetic:3", "--output", output});
    EXPECT_EQ(finished.code, 2) << output;
    return finished.error;
  };
  EXPECT_NE(refusal("curve=c.wav").find("expects {}"), std::string::npos);
  EXPECT_NE(refusal("kind=k.png").find("cannot be written to 'k.png'"), std::string::npos);
  EXPECT_NE(refusal("sort=s.csv").find("--output expects port=value"), std::string::npos);
  EXPECT_NE(refusal("kind").find("--output expects port=value"), std::string::npos);
}

} // namespace
} // namespace ccm::data::test
