// SPDX-License-Identifier: Apache-2.0
// ccm-run as a user has it: results, exit codes, signals, and what lies on disk afterwards.
#include "tests/unit/data/RunTool.h"

#include <cmath>

namespace ccm::data::test {
namespace {

TEST(Run, InfoPrintsTheDescription) {
  const Finished finished = run(verb("info", {"--json"}));
  EXPECT_EQ(finished.code, 0) << finished.error;
  const Json description = jsonOf(finished);
  EXPECT_EQ(description["name"], "pair");
  ASSERT_EQ(description["memory"].size(), 2u);
  const Json &memory = description["memory"][1];
  EXPECT_EQ(memory["batch"], 32);
  EXPECT_EQ(memory["parameters"], 2048);
  EXPECT_EQ(memory["infer"], (Json{{"workspace", 0}, {"bytes", 2048}}));
  EXPECT_EQ(
      memory["train"],
      (Json{{"state", 2048}, {"delta", 2048}, {"workspace", 8960}, {"bytes", 2 * 2048 + 8960}}));
  EXPECT_EQ(run(verb("info")).out, "pair\n"
                                   "  port    name     shape  values         loss\n"
                                   "  input   numbers  3      f32\n"
                                   "  input   token    -      index below 4\n"
                                   "  output  kind     -      index below 5\n"
                                   "  output  curve    6x1    f32\n"
                                   "  300 MACs per sample, 304 parameters (1.22 kB), 0 kernels\n"
                                   "  entries all\n"
                                   "  memory  batch  parameters    state  workspace  of it a delta"
                                   "       all\n"
                                   "  infer       1     2.05 kB        -         0B              -"
                                   "   2.05 kB\n"
                                   "  train       1     2.05 kB  2.05 kB    2.26 kB        2.05 kB"
                                   "   6.36 kB\n"
                                   "  infer      32     2.05 kB        -         0B              -"
                                   "   2.05 kB\n"
                                   "  train      32     2.05 kB  2.05 kB    8.96 kB        2.05 kB"
                                   "  13.06 kB\n"
                                   "  trained by sgd, learning rate 0.05, - schedule, seed -\n"
                                   "  targets any; this processor uses any\n"
                                   "  source hash 00\n"
                                   "  compiled by ccm 0\n");
}

TEST(Run, InfoDrawsEveryPort) {
  const std::string dot = run(verb("info", {"--dot"})).out;
  EXPECT_TRUE(dot.starts_with("digraph \"pair\" {\n")) << dot;
  EXPECT_TRUE(dot.ends_with("}\n"));
  for (const char *edge : {"\"input numbers\" -> \"model\";", "\"input token\" -> \"model\";",
                           "\"model\" -> \"output kind\";", "\"model\" -> \"output curve\";"})
    EXPECT_NE(dot.find(edge), std::string::npos) << edge;
  EXPECT_EQ(run(verb("info", {"--dot", "--json"})).code, 2);
}

TEST(Run, TrainLearnsAndReports) {
  const Finished finished = run(verb(
      "train", {"--data", "synthetic:256", "--epochs", "30", "--validation", "0.25", "--json"}));
  ASSERT_EQ(finished.code, 0) << finished.error;
  const Json report = jsonOf(finished);
  EXPECT_EQ(keysOf(report), (std::vector<std::string>{"best_epoch", "best_step",
                                                      "best_validation_loss", "checkpoint", "loss",
                                                      "parameters_sha256", "samples_per_second",
                                                      "steps", "validation_loss", "wait_ms"}));
  EXPECT_EQ(report["steps"], 180);
  EXPECT_TRUE(report["checkpoint"].is_null());
  EXPECT_LT(report["loss"], 0.75 * std::log(5.0));
  EXPECT_LT(report["validation_loss"], std::log(5.0));
}

TEST(Run, TrainIsTheSameOnAnyNumberOfThreads) {
  std::vector<std::string> sums;
  for (const char *threads : {"1", "2", "3"})
    sums.push_back(jsonOf(run(verb("train", {"--data", "synthetic:64", "--steps", "50", "--threads",
                                             threads, "--json"})))["parameters_sha256"]);
  EXPECT_EQ(sums[0], sums[1]);
  EXPECT_EQ(sums[0], sums[2]);
}

TEST(Run, ResumedIsTheSameAsUninterrupted) {
  const Folder folder;
  const std::string out = folder.path + "/run";
  auto train = [&](const char *steps, std::vector<std::string> more) {
    more.insert(more.begin(), {"--data", "synthetic:64", "--batch", "8", "--json", "--steps", steps,
                               "--validation", "synthetic:16"});
    return run(verb("train", more));
  };
  const Json whole = jsonOf(train("40", {}));
  ASSERT_EQ(train("17", {"--out", out}).code, 0);
  const Finished again = train("40", {"--out", out});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.error.find("--resume"), std::string::npos) << again.error;
  const Json resumed = jsonOf(train("40", {"--out", out, "--resume"}));
  EXPECT_EQ(resumed["parameters_sha256"], whole["parameters_sha256"]);
  EXPECT_EQ(resumed["steps"], 40);
  EXPECT_EQ(resumed["validation_loss"], whole["validation_loss"]);
  const std::string log = *io::readFile(out + "/log.jsonl");
  size_t steps = 0;
  for (size_t at = 0; (at = log.find("\"learning_rate\"", at)) != log.npos; ++at)
    ++steps;
  EXPECT_EQ(steps, 40u);
  EXPECT_TRUE(io::readFile(out + "/loss.svg")->starts_with("<svg"));
}

TEST(Run, TrainStartsFromACheckpointOnOtherData) {
  const Folder folder;
  const std::string first = trained(folder), second = folder.path + "/second";
  const Json before =
      jsonOf(run(verb("eval", {"--data", "synthetic:64", "--checkpoint", first, "--json"})));
  const Finished tuned =
      run(verb("train", {"--data", "synthetic:40", "--batch", "5", "--steps", "3", "--checkpoint",
                         first, "--out", second, "--learning-rate", "1e-6", "--json"}));
  ASSERT_EQ(tuned.code, 0) << tuned.error;
  EXPECT_NE(tuned.error.find("starts from '" + first + "' at step 0"), std::string::npos)
      << tuned.error;
  EXPECT_EQ(jsonOf(tuned)["steps"], 3);
  const Json after =
      jsonOf(run(verb("eval", {"--data", "synthetic:64", "--checkpoint", second, "--json"})));
  EXPECT_NEAR(after["loss"].get<double>(), before["loss"].get<double>(), 1e-3);
  // What was tuned goes on alone; the checkpoint that it began with is no part of it.
  const Finished resumed = run(verb("train", {"--data", "synthetic:40", "--batch", "5", "--steps",
                                              "5", "--out", second, "--resume"}));
  EXPECT_EQ(resumed.code, 0) << resumed.error;
  for (const std::vector<std::string> &wrong :
       {std::vector<std::string>{"--resume", "--out", second, "--checkpoint", first},
        std::vector<std::string>{"--partial"}}) {
    std::vector<std::string> arguments = {"--data", "synthetic:8"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    EXPECT_EQ(run(verb("train", arguments)).code, 2);
  }
}

TEST(Run, TrainTakesOfAnotherStructureWhatFits) {
  const Folder folder;
  const std::string first = trained(folder);
  auto train = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"train", PAIR_RELATIVE, "--data", "synthetic:8", "--steps", "1",
                               "--checkpoint", first});
    return run(more);
  };
  const Finished whole = train({});
  EXPECT_EQ(whole.code, 1);
  EXPECT_NE(whole.error.find("for model 'pair': it lacks parameter 'shift'"), std::string::npos)
      << whole.error;
  const Finished part = train({"--partial"});
  ASSERT_EQ(part.code, 0) << part.error;
  EXPECT_NE(part.error.find("': the checkpoint lacks parameter 'shift'\n"), std::string::npos)
      << part.error;
  EXPECT_NE(part.error.find("': the model lacks parameter 'bias'\n"), std::string::npos)
      << part.error;
}

TEST(Run, ALogThatACrashCutShortIsMended) {
  const Folder folder;
  const std::string out = folder.path + "/run", path = out + "/log.jsonl";
  const std::vector<std::string> more = {"--data", "synthetic:64", "--batch", "8", "--out", out};
  auto train = [&](const char *steps) {
    std::vector<std::string> arguments = more;
    arguments.insert(arguments.end(), {"--steps", steps, "--resume"});
    return run(verb("train", arguments));
  };
  const Finished first = train("10");
  ASSERT_EQ(first.code, 0) << first.error;
  EXPECT_NE(first.error.find("holds no checkpoint, the training begins"), std::string::npos);
  std::string log = *io::readFile(path);
  log.insert(log.find('\n') + 1, "not a record\n");
  ASSERT_TRUE(io::writeFileAtomically(path, log + "{\"step\":11,\"lo"));
  const Finished second = train("20");
  ASSERT_EQ(second.code, 0) << second.error;
  EXPECT_NE(second.error.find("is no record: not a record"), std::string::npos) << second.error;
  EXPECT_EQ(second.error.find("{\"step\":11,\"lo"), std::string::npos) << second.error;
  log = *io::readFile(path);
  int64_t step = 0;
  for (size_t at = 0; at < log.size(); at = log.find('\n', at) + 1) {
    const Json line = Json::parse(log.substr(at, log.find('\n', at) - at), nullptr, false);
    ASSERT_TRUE(line.is_object()) << log.substr(at);
    if (line.contains("checkpoint"))
      continue;
    EXPECT_EQ(line["step"], ++step);
    EXPECT_EQ(keysOf(line), (std::vector<std::string>{"epoch", "learning_rate", "loss", "seconds",
                                                      "step", "wait_ms"}));
  }
  EXPECT_EQ(step, 20);
  EXPECT_NE(train("20").error.find("no step is left to do"), std::string::npos);
}

TEST(Run, FilesThatAreReadAheadGiveTheSameBits) {
  const Folder folder;
  std::string table = "numbers,token,kind,curve\n";
  for (int i = 0; i < 12; ++i) {
    const std::string name = std::to_string(i) + ".txt", number = std::to_string(i % 5);
    folder.write(name, number + " 1 -" + number + "\n");
    table += name + "," + std::to_string(i % 4) + "," + number + ",0 1 0 1 0 " + number + "\n";
  }
  const std::string path = folder.write("t.csv", table);
  auto train = [&](const char *memory, const char *ahead) {
    return jsonOf(
        run(verb("train", {"--data", path, "--validation", "0.25", "--epochs", "5", "--batch", "4",
                           "--data-memory", memory, "--ahead", ahead, "--json"})));
  };
  const Json held = train("1", "0");
  for (const char *ahead : {"0", "1", "3"}) {
    const Json read = train("0", ahead);
    EXPECT_EQ(read["parameters_sha256"], held["parameters_sha256"]) << ahead;
    EXPECT_EQ(read["validation_loss"], held["validation_loss"]) << ahead;
    EXPECT_GT(read["wait_ms"], 0);
  }
}

TEST(Run, InterruptSavesAndExits130) {
  const Folder folder;
  const std::string out = folder.path + "/run";
  auto hasStepped = [&] {
    io::Result<std::string> log = io::readFile(out + "/log.jsonl");
    return log && !log->empty();
  };
  const Finished finished =
      run(verb("train", {"--data", "synthetic:64", "--steps", "100000000", "--out", out, "--json"}),
          {hasStepped});
  EXPECT_EQ(finished.code, 130) << finished.error;
  const Json report = jsonOf(finished);
  EXPECT_GT(report["steps"], 0);
  ASSERT_TRUE(report["checkpoint"].is_string());
  const Finished eval = run(verb("eval", {"--data", "synthetic:64", "--checkpoint",
                                          report["checkpoint"].get<std::string>(), "--json"}));
  EXPECT_EQ(eval.code, 0) << eval.error;
}

TEST(Run, EvalReportsLossAndAccuracy) {
  const Finished finished = run(verb("eval", {"--data", "synthetic:100", "--json"}));
  ASSERT_EQ(finished.code, 0) << finished.error;
  const Json report = jsonOf(finished);
  EXPECT_EQ(keysOf(report), (std::vector<std::string>{"loss", "outputs"}));
  EXPECT_GE(report["outputs"]["kind"]["accuracy"], 0);
  EXPECT_LE(report["outputs"]["kind"]["accuracy"], 1);
  EXPECT_FALSE(report["outputs"]["curve"].contains("accuracy"));
  EXPECT_FALSE(report["outputs"]["curve"].contains("iou")); // its loss is not bce
  EXPECT_NEAR(report["loss"],
              report["outputs"]["kind"]["loss"].get<double>() +
                  report["outputs"]["curve"]["loss"].get<double>(),
              1e-9);
}

TEST(Run, EvalKnowsWhatAConstantAnswerGives) {
  const Folder folder;
  // Two rows whose mean is one half everywhere, and whose kinds are 0 and 1.
  const std::string table = folder.write(
      "t.csv", "numbers,token,kind,curve\n1 2 3,0,0,0 0 0 0 0 0\n1 2 3,1,1,1 1 1 1 1 1\n");
  const Finished finished = run(verb("eval", {"--data", table, "--baseline", "--json"}));
  ASSERT_EQ(finished.code, 0) << finished.error;
  const Json report = jsonOf(finished);
  EXPECT_NEAR(report["outputs"]["curve"]["baseline"], 0.25, 1e-6);
  // Counts of 1.5, 1.5, 0.5, 0.5, 0.5.
  EXPECT_NEAR(report["outputs"]["kind"]["baseline"], std::log(4.5 / 1.5), 1e-5);
  EXPECT_NEAR(report["baseline"], 0.25 + std::log(3.0), 1e-5);
}

TEST(Run, GradcheckPasses) {
  const Finished finished = run(verb("gradcheck", {"--json"}));
  ASSERT_EQ(finished.code, 0) << finished.error;
  const Json report = jsonOf(finished);
  EXPECT_EQ(keysOf(report),
            (std::vector<std::string>{"checked", "frozen", "passed", "worst", "worst_parameter"}));
  EXPECT_EQ(report["checked"], 6);
  EXPECT_EQ(report["frozen"], 0);
  EXPECT_EQ(report["passed"], true);
}

TEST(Run, BenchReports) {
  const Finished finished =
      run(verb("bench", {"--json", "--batch", "8", "--threads", "2", "--seconds", "0.05"}));
  ASSERT_EQ(finished.code, 0) << finished.error;
  const Json report = jsonOf(finished);
  EXPECT_EQ(keysOf(report),
            (std::vector<std::string>{"infer_gflops", "infer_ms", "internal_bytes", "peak_gflops",
                                      "scratch_bytes", "train_gflops", "train_ms"}));
  EXPECT_EQ(report["internal_bytes"], 8 * 16 * 4);
  EXPECT_NEAR(report["train_gflops"], 3 * 2 * 300 * 8 / report["train_ms"].get<double>() / 1e6,
              1e-9);
}

TEST(Run, BadDataNamesEveryPlace) {
  const Folder folder;
  const std::string table =
      folder.write("t.csv", "numbers,token,kind,curve\n1 2 3,4,0,0 0 0 0 0 0\n1 2,0,9,0\n");
  const Finished finished = run(verb("train", {"--data", table}));
  EXPECT_EQ(finished.code, 1);
  EXPECT_EQ(finished.error,
            table + ":2:7: error: 'token' expects an integer below 4, got '4'\n" + table +
                ":3:1: error: 'numbers' expects 3 numbers, or an npy or txt file, got 2 numbers\n" +
                table + ":3:7: error: 'kind' expects an integer below 5, got '9'\n" + table +
                ":3:9: error: 'curve' expects a wav, ogg, flac, npy or txt file, got 1 numbers\n");
  EXPECT_EQ(finished.out, "");
}

TEST(Run, ExitCodesSayWhoseFaultItIs) {
  EXPECT_EQ(run({}).code, 2);
  EXPECT_EQ(run({"trane"}).code, 2);
  EXPECT_EQ(run(verb("train")).code, 2);
  EXPECT_EQ(run(verb("train", {"--data", "synthetic:8", "--batch", "0"})).code, 2);
  EXPECT_EQ(run(verb("train", {"--data", "synthetic:8", "--resume"})).code, 2);
  EXPECT_EQ(run(verb("train", {"--data", "synthetic:x"})).code, 1);
  EXPECT_EQ(run(verb("train", {"--data", "/nonexistent.csv"})).code, 74);
  EXPECT_EQ(run({"info", "/nonexistent.so"}).code, 74);
  EXPECT_EQ(run({"info", CCM_RUN}).code, 1);
  EXPECT_EQ(run({"--help"}).code, 0);
  EXPECT_EQ(run({"--version"}).code, 0);
}

TEST(Run, ADivergingTrainingSaysSo) {
  const Finished finished =
      run(verb("train", {"--data", "synthetic:64", "--epochs", "50", "--learning-rate", "1e20"}));
  EXPECT_EQ(finished.code, 1);
  EXPECT_NE(finished.error.find("not finite"), std::string::npos) << finished.error;
}

} // namespace
} // namespace ccm::data::test
