// SPDX-License-Identifier: Apache-2.0
// A training left alone: which generation is kept as the best, when it ends, and what it holds out.
#include "data/Sound.h"
#include "tests/unit/data/RunTool.h"

namespace ccm::data::test {
namespace {

/// Trained on one kind and validated where every fourth is another, the pair model's validation
/// loss falls until the share of the kind is right, then rises.
struct Overfitting : testing::Test {
  Overfitting() {
    std::string first = "numbers,token,kind,curve\n", second = first;
    for (int i = 0; i < 16; ++i) {
      const std::string inputs = "1 0 0," + std::to_string(i % 4) + ",", curve = ",0 0 0 0 0 0\n";
      first += inputs + "2" + curve;
      second += inputs + (i % 4 == 0 ? "3" : "2") + curve;
    }
    data = folder.write("train.csv", first), validation = folder.write("validation.csv", second);
  }
  Finished train(std::vector<std::string> more) {
    more.insert(more.begin(), {"--data", data, "--validation", validation, "--batch", "8"});
    return run(verb("train", more));
  }
  double lossOf(const std::string &checkpoint) {
    return jsonOf(run(verb("eval", {"--data", validation, "--batch", "8", "--checkpoint",
                                    checkpoint, "--json"})))["loss"];
  }
  const Folder folder;
  std::string data, validation, out = folder.path + "/run";
};

TEST_F(Overfitting, TheBestGenerationIsKeptAndTaken) {
  const Finished finished = train({"--epochs", "60", "--out", out, "--json"});
  ASSERT_EQ(finished.code, 0) << finished.error;
  const Json report = jsonOf(finished);
  const int64_t best = report["best_epoch"];
  EXPECT_GT(best, 1);
  EXPECT_LT(best, 50);
  EXPECT_EQ(report["best_step"], 2 * best);
  EXPECT_LT(report["best_validation_loss"], report["validation_loss"]);
  EXPECT_EQ(lossOf(out), report["best_validation_loss"]);
  EXPECT_EQ(lossOf(report["checkpoint"]), report["validation_loss"]);
  // The least loss of the log is the best.
  const std::string log = *io::readFile(out + "/log.jsonl");
  double least = 1e9;
  for (size_t at = 0; at < log.size(); at = log.find('\n', at) + 1)
    least = std::min(
        least, Json::parse(log.substr(at, log.find('\n', at) - at)).value("validation_loss", 1e9));
  EXPECT_EQ(report["best_validation_loss"], least);
  // With every loss stand the metrics of the outputs.
  const size_t at = log.rfind("{\"step\":120,", log.rfind("\"validation_loss\""));
  const Json last = Json::parse(log.substr(at, log.find('\n', at) - at));
  EXPECT_EQ(last["outputs"]["kind"]["accuracy"], 0.75);
  EXPECT_TRUE(last["outputs"]["curve"].contains("mae"));
}

TEST_F(Overfitting, TheEndSaysWhichWasTheBest) {
  const Json report = jsonOf(train({"--epochs", "60", "--json"}));
  const std::string epoch = std::to_string(report["best_epoch"].get<int64_t>());
  const Finished told = train({"--epochs", "60", "--out", out});
  EXPECT_NE(told.out.find("\nbest in epoch " + epoch + ", step "), std::string::npos) << told.out;
  EXPECT_NE(told.out.find("; that is what eval, infer and generate take of '" + out + "'\n"),
            std::string::npos)
      << told.out;
}

TEST_F(Overfitting, AResumedTrainingKnowsTheBestOfBefore) {
  const Json whole = jsonOf(train({"--epochs", "60", "--json"}));
  ASSERT_EQ(train({"--epochs", "50", "--out", out}).code, 0);
  const Json resumed = jsonOf(train({"--epochs", "60", "--out", out, "--resume", "--json"}));
  for (const char *key : {"best_step", "best_epoch", "best_validation_loss", "parameters_sha256"})
    EXPECT_EQ(resumed[key], whole[key]) << key;
  EXPECT_EQ(lossOf(out), whole["best_validation_loss"]);
}

TEST_F(Overfitting, PatienceEndsIt) {
  const Finished finished = train({"--epochs", "60", "--patience", "3", "--out", out, "--json"});
  ASSERT_EQ(finished.code, 0) << finished.error;
  const Json report = jsonOf(finished);
  EXPECT_EQ(report["steps"], report["best_step"].get<int64_t>() + 3 * 2);
  EXPECT_LT(report["steps"], 120);
  EXPECT_EQ(report["best_step"], jsonOf(train({"--epochs", "60", "--json"}))["best_step"]);
  const Finished again = train({"--epochs", "60", "--patience", "3", "--out", out, "--resume"});
  EXPECT_NE(again.out.find("stopped in epoch "), std::string::npos) << again.out;
  EXPECT_NE(again.out.find(" of 60: no better validation loss in 3 epochs\n"), std::string::npos)
      << again.out;
  EXPECT_NE(again.out.find(report["parameters_sha256"].get<std::string>()), std::string::npos);
  // Where it is interrupted makes no difference.
  const std::string other = folder.path + "/other";
  for (const char *epochs : {"2", "11", "60"})
    ASSERT_EQ(train({"--epochs", epochs, "--patience", "3", "--out", other, "--resume"}).code, 0);
  const Finished last =
      train({"--epochs", "60", "--patience", "3", "--out", other, "--resume", "--json"});
  for (const char *key : {"steps", "best_step", "best_validation_loss", "parameters_sha256"})
    EXPECT_EQ(jsonOf(last)[key], report[key]) << key;
}

TEST(Divergence, LeavesTheBest) {
  const Folder folder;
  const std::string out = folder.path + "/run";
  const Finished finished =
      run(verb("train", {"--data", "synthetic:64", "--validation", "synthetic:16", "--batch", "64",
                         "--learning-rate", "1e3", "--epochs", "60", "--out", out}));
  EXPECT_EQ(finished.code, 1);
  EXPECT_NE(finished.error.find("not finite"), std::string::npos) << finished.error;
  EXPECT_TRUE(io::readFile(out + "/step-000000000001.safetensors")) << "that of the first epoch";
  EXPECT_EQ(run(verb("eval", {"--data", "synthetic:16", "--checkpoint", out})).code, 0);
}

TEST_F(Overfitting, PatienceHasItsLimits) {
  const std::string see = "\nsee: ccm-run train --help\n";
  const Finished negative = train({"--patience", "-1"}), broken = train({"--patience", "1.5"});
  EXPECT_EQ(negative.code, 2);
  EXPECT_EQ(negative.error, "error: --patience: Value -1 not in range 0 to 1099511627776" + see);
  EXPECT_EQ(broken.code, 2);
  EXPECT_EQ(broken.error, "error: --patience: Value 1.5 not in range 0 to 1099511627776" + see);
  const Finished finished = run(verb("train", {"--data", data, "--patience", "2"}));
  EXPECT_EQ(finished.code, 2);
  EXPECT_EQ(finished.error, "error: --patience expects rows to validate with; give --validation\n");
}

TEST(Length, FewRowsArePassedOftenAndManyTwentyTimes) {
  const auto stepsOf = [](const char *data) {
    return jsonOf(run(verb("train", {"--data", data, "--validation", "0", "--json"})))["steps"];
  };
  EXPECT_EQ(stepsOf("synthetic:1"), 1500);
  EXPECT_EQ(stepsOf("synthetic:65"), 1500);   // 500 times 3
  EXPECT_EQ(stepsOf("synthetic:1000"), 1504); // 47 times 32, the first whole number of passes
  EXPECT_EQ(stepsOf("synthetic:2432"), 1520); // 20 times 76
}

TEST(HeldOut, ATenthOfATableUnlessSaidOtherwise) {
  const Folder folder;
  std::string table = "numbers,token,kind,curve\n";
  for (int i = 0; i < 100; ++i)
    table += "1 0 0,0," + std::to_string(i / 50) + ",0 0 0 0 0 0\n";
  const std::string path = folder.write("t.csv", table);
  const std::string said = "note: 10 of 100 rows are held out to validate with; --validation gives "
                           "another share, 0 none\n";
  const auto passOnce = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"--data", path, "--batch", "1", "--epochs", "1", "--json"});
    return run(verb("train", more));
  };
  const Finished plain = passOnce({});
  EXPECT_NE(plain.error.find(said), std::string::npos) << plain.error;
  EXPECT_EQ(jsonOf(plain)["steps"], 90);
  EXPECT_EQ(jsonOf(plain)["best_step"], 90);
  const Finished whole = passOnce({"--validation", "0"});
  EXPECT_EQ(whole.error.find("held out"), std::string::npos) << whole.error;
  EXPECT_EQ(jsonOf(whole)["steps"], 100);
  EXPECT_TRUE(jsonOf(whole)["best_step"].is_null());
  const Finished wrong = run(verb("train", {"--data", path, "--validation", "1.5"}));
  EXPECT_EQ(wrong.code, 1);
  EXPECT_EQ(wrong.error, "error: validation expects a fraction between 0 and 1 of at least 2 rows, "
                         "got 1.500000 of 100\n");
  EXPECT_EQ(run(verb("train", {"--data", path, "--validation", "0", "--patience", "1"})).code, 2);
}

/// The pair model's curve may be a sound of six samples.
struct Rate : testing::Test {
  Rate() {
    const std::vector<float> sound = {0, 0.5f, 0, -0.5f, 0, 0.5f, 0, -0.5f, 0, 0.5f, 0, -0.5f};
    folder.write("s.wav", *encodeWav(sound, 8000));
    data = folder.write("t.csv", "numbers,token,kind,curve\n1 2 3,0,1,s.wav\n3 2 1,1,0,s.wav\n");
  }
  Finished go(const std::string &name, std::vector<std::string> more) {
    more.insert(more.begin(), {"--data", data});
    return run(verb(name, more));
  }
  const Folder folder;
  std::string data, out = folder.path + "/run";
};

TEST_F(Rate, OfATrainingServesItsCheckpoint) {
  ASSERT_EQ(go("train", {"--rate", "4000", "--out", out}).code, 0);
  EXPECT_EQ(*io::readFile(out + "/rate.json"), "{\"rate\":4000}\n");
  const Finished taken = go("eval", {"--checkpoint", out, "--json"});
  ASSERT_EQ(taken.code, 0) << taken.error;
  EXPECT_EQ(go("eval", {"--checkpoint", out, "--rate", "4000", "--json"}).out, taken.out);
  ASSERT_TRUE(io::removeTree(out + "/rate.json"));
  EXPECT_NE(go("eval", {"--checkpoint", out, "--json"}).out, taken.out) << "at 8000";
}

TEST_F(Rate, AnotherIsRefused) {
  ASSERT_EQ(go("train", {"--rate", "4000", "--out", out}).code, 0);
  for (const char *name : {"eval", "infer"}) {
    const Finished other = go(name, {"--checkpoint", out, "--rate", "8000"});
    EXPECT_EQ(other.code, 1);
    EXPECT_EQ(other.error,
              "error: --rate 8000: the training of '" + out + "' heard 4000 samples a second\n");
  }
  EXPECT_EQ(go("train", {"--rate", "8000", "--out", out, "--resume"}).code, 1);
  EXPECT_EQ(go("train", {"--steps", "5", "--out", out, "--resume"}).code, 0);
  EXPECT_EQ(*io::readFile(out + "/rate.json"), "{\"rate\":4000}\n");
  // A training of its own may hear otherwise, and else hears as what it starts from.
  const std::string tuned = folder.path + "/tuned", alike = folder.path + "/alike";
  ASSERT_EQ(go("train", {"--rate", "2000", "--checkpoint", out, "--out", tuned}).code, 0);
  EXPECT_EQ(*io::readFile(tuned + "/rate.json"), "{\"rate\":2000}\n");
  ASSERT_EQ(go("train", {"--checkpoint", out, "--out", alike}).code, 0);
  EXPECT_EQ(*io::readFile(alike + "/rate.json"), "{\"rate\":4000}\n");
}

TEST_F(Rate, OfABadFileIsRefused) {
  ASSERT_EQ(go("train", {"--out", out}).code, 0);
  for (const char *text : {"", "4000", "[4000]", "{\"rate\":0}", "{\"rate\":\"4000\"}",
                           "{\"rate\":1e400}", "{\"rate\":99999999999}", "{\"rates\":4000}"}) {
    ASSERT_TRUE(io::writeFileAtomically(out + "/rate.json", text));
    const Finished finished = go("eval", {"--checkpoint", out});
    EXPECT_EQ(finished.code, 1) << text;
    EXPECT_EQ(finished.error, "error: " + out +
                                  "/rate.json: expects an object with a rate of 1 to "
                                  "16777216 samples a second\n")
        << text;
  }
}

TEST_F(Rate, AFolderOfAnotherTrainingStaysAsItIs) {
  ASSERT_EQ(go("train", {"--rate", "4000", "--out", out}).code, 0);
  EXPECT_EQ(go("train", {"--rate", "2000", "--out", out}).code, 1);
  EXPECT_EQ(*io::readFile(out + "/rate.json"), "{\"rate\":4000}\n");
}

} // namespace
} // namespace ccm::data::test
