// SPDX-License-Identifier: Apache-2.0
// ccm-run as a user has it: results, exit codes, signals, and what lies on disk afterwards.
#include "tests/unit/data/TestData.h"
#include "tools/data/Array.h"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <functional>
#include <thread>

namespace ccm::data::test {
namespace {

using Json = nlohmann::json;

struct Finished {
  int code = -1; ///< 1000 + n: ended by signal n
  std::string out, error;
};

std::string drain(int descriptor) {
  std::string text;
  char block[4096];
  for (ssize_t got; (got = read(descriptor, block, sizeof(block))) > 0;)
    text.append(block, size_t(got));
  close(descriptor);
  return text;
}

/// Starts ccm-run with its outputs going to these pipes.
pid_t start(std::vector<std::string> arguments, const int *out, const int *error) {
  arguments.insert(arguments.begin(), "ccm-run");
  std::vector<char *> argv;
  for (std::string &argument : arguments)
    argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    dup2(out[1], 1);
    dup2(error[1], 2);
    execv(CCM_RUN, argv.data());
    _exit(99);
  }
  close(out[1]);
  close(error[1]);
  return child;
}

/// Runs ccm-run to its end; gets a SIGINT once `isTime`, when given, says so.
Finished run(const std::vector<std::string> &arguments, const std::function<bool()> &isTime = {}) {
  int out[2], error[2];
  EXPECT_EQ(pipe2(out, O_CLOEXEC), 0);
  EXPECT_EQ(pipe2(error, O_CLOEXEC), 0);
  const pid_t child = start(arguments, out, error);
  Finished finished;
  std::thread drainError([&] { finished.error = drain(error[0]); });
  if (isTime) {
    for (int wait = 0; wait < 6000 && !isTime(); ++wait)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    kill(child, SIGINT);
  }
  finished.out = drain(out[0]);
  drainError.join();
  int status = 0;
  waitpid(child, &status, 0);
  finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  return finished;
}

std::vector<std::string> verb(const std::string &name, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {name, PAIR_LIBRARY});
  return more;
}

Json jsonOf(const Finished &finished) {
  const Json object = Json::parse(finished.out, nullptr, false);
  EXPECT_TRUE(object.is_object()) << finished.out << finished.error;
  return object;
}

std::vector<std::string> keysOf(const Json &object) {
  std::vector<std::string> keys;
  for (const auto &[key, value] : object.items())
    keys.push_back(key);
  return keys;
}

TEST(Run, InfoPrintsTheDescription) {
  const Finished finished = run(verb("info", {"--json"}));
  EXPECT_EQ(finished.code, 0) << finished.error;
  EXPECT_EQ(jsonOf(finished)["name"], "pair");
  EXPECT_NE(run(verb("info")).out.find("numbers"), std::string::npos);
}

TEST(Run, TrainLearnsAndReports) {
  const Finished finished = run(verb(
      "train", {"--data", "synthetic:256", "--epochs", "30", "--validation", "0.25", "--json"}));
  ASSERT_EQ(finished.code, 0) << finished.error;
  const Json report = jsonOf(finished);
  EXPECT_EQ(keysOf(report),
            (std::vector<std::string>{"checkpoint", "loss", "parameters_sha256",
                                      "samples_per_second", "steps", "validation_loss"}));
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
  for (size_t at = 0; (at = log.find("\"loss\"", at)) != log.npos; ++at)
    ++steps;
  EXPECT_EQ(steps, 40u);
  EXPECT_TRUE(io::readFile(out + "/loss.svg")->starts_with("<svg"));
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
          hasStepped);
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
            (std::vector<std::string>{"checked", "passed", "worst", "worst_parameter"}));
  EXPECT_EQ(report["checked"], 6);
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

/// A trained checkpoint of the pair model.
std::string trained(const Folder &folder) {
  const std::string out = folder.path + "/run";
  EXPECT_EQ(run(verb("train", {"--data", "synthetic:64", "--out", out})).code, 0);
  return out;
}

TEST(Run, InferWritesFiles) {
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

TEST(Run, InferRefusesInOneSentence) {
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
