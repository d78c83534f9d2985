// SPDX-License-Identifier: Apache-2.0
// One number, however it is computed: compares the bits of all ways to compute a model's results.
#include "tests/support/FilledBatch.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

namespace ccm::test {
namespace {

constexpr uint64_t kSeed = 7;

/// The bits of one array of some samples.
struct Bits {
  std::string what;
  std::vector<std::string> samples;
};

/// Everything that the entries give for one batch.
struct Answers {
  std::vector<Bits> inferred, forward, outputDeltas, inputDeltas, inputDeltasAlone;
  std::string delta, deltaAlone;
};

/// The block sizes that a description names: "1,16".
std::string blocksOf(const Artifact &artifact) {
  std::string_view text = artifact.describe();
  size_t at = text.find("\"blocks\":[");
  if (at == text.npos)
    return "1";
  text = text.substr(at + 10);
  return std::string(text.substr(0, text.find(']')));
}

int64_t largestBlock(const Artifact &artifact) {
  std::string blocks = blocksOf(artifact);
  return std::atoll(blocks.c_str() + (blocks.rfind(',') + 1));
}

/// Runs entries on batches of chosen items.
class Model {
public:
  explicit Model(const std::string &path)
      : artifact(must(Artifact::load(path))), session(must(Session::create(artifact))),
        workspace(artifact) {
    // Biases start as zeros, which would hide faults.
    Batch batch = filledBatch(artifact, 32, kSeed);
    for (int64_t index = 0; index < 3; ++index)
      must(session->step(batch.first(32), makeUpdate(1e-2f, index, 1)));
  }

  void takeParameters(const Model &other) {
    std::vector<float> values;
    for (int32_t i = 0; i < int32_t(artifact->parameters().size()); ++i) {
      values.resize(static_cast<size_t>(elementCount(artifact->parameters()[i])));
      must(other.session->readParameter(i, values));
      must(session->writeParameter(i, values));
    }
  }

  static std::vector<int64_t> firstItems(int64_t count) {
    std::vector<int64_t> items(static_cast<size_t>(count));
    std::iota(items.begin(), items.end(), 0);
    return items;
  }

  Answers answer(const std::vector<int64_t> &items) {
    Batch owner = filledBatch(artifact, items, kSeed);
    ccm_batch batch = owner.first(static_cast<int64_t>(items.size()));
    Answers answers;
    must(session->infer(batch, workspace));
    answers.inferred = outputs(owner, batch.count, &Batch::output);
    must(session->forward(batch, workspace));
    answers.forward = outputs(owner, batch.count, &Batch::output);
    must(session->loss(batch, workspace));
    answers.outputDeltas = outputs(owner, batch.count, &Batch::outputDelta);
    Delta delta = must(session->makeDelta());
    must(session->backward(batch, delta, workspace));
    answers.inputDeltas = inputDeltas(owner, batch.count);
    answers.delta = bytes(delta);
    must(session->backwardInput(batch, workspace));
    answers.inputDeltasAlone = inputDeltas(owner, batch.count);
    must(session->backwardTrain(batch, delta, workspace));
    answers.deltaAlone = bytes(delta);
    return answers;
  }

  std::shared_ptr<const Artifact> artifact;

private:
  static void must(const Status &status) {
    if (!status)
      stop(status.error());
  }
  template <typename T>
  static T must(Result<T> result) {
    return test::must(std::move(result));
  }

  std::string bytes(const Delta &delta) const {
    return {static_cast<const char *>(delta.data()), delta.size()};
  }

  static Bits cut(std::string what, const float *array, uint64_t sampleBytes, int64_t count) {
    Bits bits{std::move(what), {}};
    for (int64_t sample = 0; sample < count; ++sample)
      bits.samples.emplace_back(reinterpret_cast<const char *>(array) +
                                    static_cast<uint64_t>(sample) * sampleBytes,
                                sampleBytes);
    return bits;
  }

  std::vector<Bits> outputs(const Batch &batch, int64_t count,
                            float *(Batch::*array)(int32_t) const) const {
    std::vector<Bits> all;
    for (size_t i = 0; i < artifact->outputs().size(); ++i)
      all.push_back(cut(artifact->outputs()[i].name, (batch.*array)(static_cast<int32_t>(i)),
                        artifact->outputs()[i].bytes, count));
    return all;
  }

  std::vector<Bits> inputDeltas(const Batch &batch, int64_t count) const {
    std::vector<Bits> all;
    for (size_t i = 0; i < artifact->inputs().size(); ++i) {
      const ccm_port &port = artifact->inputs()[i];
      if (float *array = batch.inputDelta(static_cast<int32_t>(i)))
        all.push_back(cut(port.name, array, port.bytes * (port.dtype == CCM_U8 ? 4 : 1), count));
    }
    return all;
  }

  std::unique_ptr<Session> session;
  Workspace workspace;
};

/// Counts comparisons and says which ones failed.
class Report {
public:
  /// Sample `positions[i]` of `found` is sample i of `expected`.
  void compare(const std::string &which, const std::vector<Bits> &expected,
               const std::vector<Bits> &found, const std::vector<size_t> &positions) {
    for (size_t port = 0; port < expected.size(); ++port) {
      int64_t wrong = 0;
      for (size_t i = 0; i < positions.size(); ++i)
        wrong += expected[port].samples[i] != found[port].samples[positions[i]];
      note(wrong == 0, which + " of '" + expected[port].what + "': " + std::to_string(wrong) +
                           " of " + std::to_string(positions.size()) + " samples differ");
    }
  }

  void compare(const std::string &which, const std::string &expected, const std::string &found) {
    size_t wrong = 0;
    for (size_t i = 0; i + 4 <= expected.size(); i += 4)
      wrong += std::memcmp(&expected[i], &found[i], 4) != 0;
    note(wrong == 0, which + ": " + std::to_string(wrong) + " of " +
                         std::to_string(expected.size() / 4) + " numbers differ");
  }

  int finish() const {
    std::printf("%lld passed, %lld failed\n", static_cast<long long>(passed),
                static_cast<long long>(failed));
    return failed ? 1 : 0;
  }

private:
  void note(bool holds, const std::string &text) {
    (holds ? passed : failed) += 1;
    if (!holds && failed <= 20)
      std::printf("%s\n", text.c_str());
  }

  int64_t passed = 0, failed = 0;
};

std::vector<size_t> inOrder(size_t count) {
  std::vector<size_t> positions(count);
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}

/// What holds for the answers of one batch.
void checkEntries(const std::string &batch, const Answers &a, Report &report) {
  auto all = inOrder(a.forward.front().samples.size());
  report.compare(batch + ": infer against forward", a.forward, a.inferred, all);
  report.compare(batch + ": input delta by itself", a.inputDeltas, a.inputDeltasAlone, all);
  report.compare(batch + ": train delta by itself", a.delta, a.deltaAlone);
}

/// What is of a sample does not depend on the batch around it.
void checkSamples(const std::string &batch, const Answers &a, const Answers &b,
                  const std::vector<size_t> &positions, Report &report) {
  report.compare(batch + ": output", a.forward, b.forward, positions);
  report.compare(batch + ": output delta", a.outputDeltas, b.outputDeltas, positions);
  report.compare(batch + ": input delta", a.inputDeltas, b.inputDeltas, positions);
}

/// Every batch size from 1 to twice the largest block and one more; every item at every place.
void checkBatches(Model &model, int64_t most, Report &report) {
  int64_t largest = std::min(most, 2 * largestBlock(*model.artifact) + 1);
  Answers whole = model.answer(Model::firstItems(largest));
  for (int64_t count = 1; count <= largest; ++count) {
    std::string name = "batch of " + std::to_string(count);
    Answers part = model.answer(Model::firstItems(count));
    checkEntries(name, part, report);
    checkSamples(name, part, whole, inOrder(static_cast<size_t>(count)), report);
  }
  for (int64_t shift = 1; shift < largest; shift += std::max<int64_t>(1, largest / 8)) {
    std::vector<int64_t> items = Model::firstItems(largest);
    std::rotate(items.begin(), items.begin() + shift, items.end());
    std::vector<size_t> positions(items.begin(), items.end());
    checkSamples("rotated by " + std::to_string(shift), model.answer(items), whole, positions,
                 report);
  }
}

/// Two libraries of one declaration that keep other values. The sum of deltas over a batch follows
/// its blocks, which they may have chosen differently.
void checkAgainst(Model &model, Model &other, int64_t most, Report &report) {
  other.takeParameters(model);
  bool isSameSum = blocksOf(*model.artifact) == blocksOf(*other.artifact);
  int64_t largest = std::min(most, 2 * largestBlock(*model.artifact) + 1);
  for (int64_t count = 1; count <= largest; count += std::max<int64_t>(1, largest / 4)) {
    std::string name = "other library, batch of " + std::to_string(count);
    auto items = Model::firstItems(count);
    Answers a = model.answer(items), b = other.answer(items);
    checkSamples(name, a, b, inOrder(items.size()), report);
    if (isSameSum || count == 1)
      report.compare(name + ": train delta", a.delta, b.delta);
  }
}

} // namespace
} // namespace ccm::test

/// ccm-numbers LIBRARY MOST [OTHER]: batches of at most MOST samples.
int main(int argc, char **argv) {
  using namespace ccm::test;
  if (argc < 3) {
    std::fprintf(stderr, "usage: ccm-numbers LIBRARY MOST [OTHER]\n");
    return 64;
  }
  int64_t most = std::atoll(argv[2]);
  Report report;
  Model model(argv[1]);
  checkBatches(model, most, report);
  if (argc > 3) {
    Model other(argv[3]);
    checkAgainst(model, other, most, report);
  }
  return report.finish();
}
