// SPDX-License-Identifier: Apache-2.0
// Metrics by the kind of an output, against numbers that others publish or that are counted by
// hand.
#include "tools/ccm-run/Metric.h"
#include "tests/unit/data/PairModel.h"
#include "tests/unit/data/RunTool.h"
#include "tools/ccm-run/Accuracy.h"
#include "tools/ccm-run/Decisions.h"
#include "tools/ccm-run/Deviation.h"
#include "tools/ccm-run/Ranking.h"

#include <cmath>
#include <limits>

namespace ccm::data::test {
namespace {

using run::Scored;
using OrderedJson = nlohmann::ordered_json;

constexpr int32_t kKind = 0, kCurve = 1; // outputs of the pair model
constexpr int64_t kClasses = 5, kElements = 6;

std::shared_ptr<const Artifact> pairArtifact() {
  auto artifact = Artifact::wrap(ccm_model_pair());
  EXPECT_TRUE(artifact);
  return *artifact;
}

Field fieldOf(int32_t output) { return targetField(pairArtifact()->outputs()[size_t(output)]); }

/// Samples of one output: the target's values and the model's, as many of each as it has.
struct Answers {
  std::vector<float> targets, values;
};

/// Gives answers to a metric, `size` samples at a time.
void takeAll(run::Metric &metric, int32_t output, const Answers &answers, int64_t size) {
  const int64_t wide = output == kKind ? kClasses : kElements;
  const int64_t samples = int64_t(answers.values.size()) / wide;
  for (int64_t first = 0; first < samples; first += size) {
    const int64_t count = std::min(size, samples - first);
    auto batch = Batch::create(pairArtifact(), count, kTargets | kOutputs);
    ASSERT_TRUE(batch);
    std::copy_n(answers.values.begin() + first * wide, count * wide, batch->output(output));
    if (output == kKind)
      std::copy_n(answers.targets.begin() + first, count,
                  static_cast<int32_t *>(batch->target(output)));
    else
      std::copy_n(answers.targets.begin() + first * wide, count * wide,
                  static_cast<float *>(batch->target(output)));
    metric.take(*batch, count);
  }
}

OrderedJson reportOf(run::Metric &metric, int32_t output, const Answers &answers,
                     int64_t size = 2) {
  takeAll(metric, output, answers, size);
  OrderedJson report = OrderedJson::object();
  metric.report(report);
  return report;
}

/// Scores that say these classes.
Answers saying(const std::vector<float> &targets, const std::vector<int> &predicted) {
  Answers answers{targets, {}};
  for (int one : predicted)
    for (int k = 0; k < kClasses; ++k)
      answers.values.push_back(k == one ? 1 : 0);
  return answers;
}

/// Every element alike.
Answers curves(const std::vector<float> &targets, const std::vector<float> &values) {
  Answers answers;
  for (size_t i = 0; i < targets.size(); ++i) {
    answers.targets.insert(answers.targets.end(), size_t(kElements), targets[i]);
    answers.values.insert(answers.values.end(), size_t(kElements), values[i]);
  }
  return answers;
}

TEST(Metric, TheIntervalOfAccuracyIsWilsons) {
  const auto [low, high] = run::intervalOf(0.8, 10);
  EXPECT_NEAR(low, 0.490162, 1e-6);
  EXPECT_NEAR(high, 0.943318, 1e-6);
  EXPECT_EQ(run::intervalOf(0, 10).first, 0);
  EXPECT_NEAR(run::intervalOf(0, 10).second, 0.277533, 1e-6);
  EXPECT_NEAR(run::intervalOf(1, 10).second, 1, 1e-12);
}

TEST(Metric, AccuracyByClass) {
  run::Accuracy accuracy(kKind, fieldOf(kKind), true);
  const OrderedJson report =
      reportOf(accuracy, kKind, saying({0, 1, 0, 0, 1, 0}, {0, 1, 0, 0, 0, 1}));
  EXPECT_NEAR(report["accuracy"], 4.0 / 6, 1e-15);
  EXPECT_NEAR(report["balanced_accuracy"], 0.625, 1e-15);
  run::Accuracy other(kKind, fieldOf(kKind), true);
  EXPECT_NEAR(reportOf(other, kKind, saying({0, 1, 2, 0, 1, 2}, {0, 2, 1, 0, 0, 1}))["macro_f1"],
              0.8 / 3, 1e-15);
  run::Accuracy plain(kKind, fieldOf(kKind), false);
  EXPECT_FALSE(reportOf(plain, kKind, saying({0}, {0})).contains("macro_f1"));
}

TEST(Metric, AreasAreOfPairs) {
  EXPECT_EQ(run::areaOf({{0.1, false}, {0.4, false}, {0.35, true}, {0.8, true}}), 0.75);
  EXPECT_EQ(run::areaOf({{1, false}, {1, true}}), 0.5);
  EXPECT_EQ(run::areaOf({{0, false}, {1, false}, {1, true}, {1, true}, {2, false}}), 3.0 / 6);
  EXPECT_EQ(run::areaOf({{1, true}, {2, true}}), std::nullopt);
  EXPECT_EQ(run::areaOf({}), std::nullopt);
  EXPECT_EQ(run::areaOf({{NAN, true}, {2, false}}), std::nullopt);
}

TEST(Metric, TheAreaOfClassesIsTheMeanOfEachAgainstAll) {
  // Class 0 is before two of three others, class 1 in one of four pairs, class 2 before all; 3 and
  // 4 are no targets.
  const Answers answers{{0, 1, 2, 1},
                        {9,  0,  0, 0, 0, /**/ 0, -9, 9, 0, 0, /**/ 0, 0, 99, 0, 0, /**/
                         99, -9, 0, 0, 0}};
  run::Ranking ranking(kKind, fieldOf(kKind), 100);
  EXPECT_NEAR(reportOf(ranking, kKind, answers)["auc"], (2.0 / 3 + 1.0 / 4 + 1) / 3, 1e-15);
}

TEST(Metric, AnAreaSeesScoresWhoseProbabilitiesAreBothOne) {
  Field two = fieldOf(kKind);
  std::vector<Scored> scored;
  run::Ranking ranking(kKind, two, 100);
  const Answers answers{{0, 1, 0, 1},
                        {0, 200, 0, 0, 0, /**/ 0, 300, 0, 0, 0, /**/ 0, 200, 0, 0, 0, /**/
                         0, 300, 0, 0, 0}};
  EXPECT_EQ(reportOf(ranking, kKind, answers)["auc"], 1);
}

TEST(Metric, AreasEndWithTheRoomForScores) {
  const Answers answers = saying({0, 1, 2, 0}, {0, 1, 1, 0});
  for (int64_t size : {1, 3, 4}) {
    run::Ranking enough(kKind, fieldOf(kKind), 20), tooFew(kKind, fieldOf(kKind), 19);
    EXPECT_TRUE(reportOf(enough, kKind, answers, size)["auc"].is_number());
    const OrderedJson none = reportOf(tooFew, kKind, answers, size);
    EXPECT_TRUE(none["auc"].is_null());
    EXPECT_EQ(tooFew.words(none).below, "AUC not computed of more than 19 scores");
  }
}

TEST(Metric, DeviationStandsBesideTheConstantAnswer) {
  run::Deviation deviation(kCurve, fieldOf(kCurve), 1000);
  const OrderedJson report = reportOf(deviation, kCurve, curves({3, -0.5, 2, 7}, {2.5, 0, 2, 8}));
  EXPECT_NEAR(report["r2"], 0.948608137, 1e-9);
  EXPECT_NEAR(report["rmse"], std::sqrt(0.375), 1e-12);
  EXPECT_NEAR(report["mae"], 0.5, 1e-12);
  EXPECT_NEAR(report["baseline_rmse"], std::sqrt(29.1875 / 4), 1e-12);
  EXPECT_NEAR(report["baseline_mae"], (0.125 + 3.375 + 0.875 + 4.125) / 4, 1e-12);
  EXPECT_EQ(deviation.words(report).line, "R2 0.9486");
  EXPECT_EQ(deviation.words(report).below,
            "RMSE 0.6124 (always the mean 2.701)  MAE 0.5 (always the mean 2.125)");
}

TEST(Metric, ExplainedVarianceIsTheMeanOverChannels) {
  Field field = fieldOf(kCurve);
  field.extents = {3, 2};
  run::Deviation deviation(kCurve, field, 1000);
  // The first channel, in thousands, is said exactly, the second always as the mean.
  const Answers answers{{1000, 1, 2000, 1, 3000, 1, /**/ 3000, 3, 1000, 3, 2000, 3},
                        {1000, 2, 2000, 2, 3000, 2, /**/ 3000, 2, 1000, 2, 2000, 2}};
  EXPECT_NEAR(reportOf(deviation, kCurve, answers)["r2"], 0.5, 1e-12);
}

TEST(Metric, DeviationOfTargetsThatNeverChange) {
  run::Deviation deviation(kCurve, fieldOf(kCurve), 1);
  const OrderedJson report = reportOf(deviation, kCurve, curves({2, 2}, {1, 2}));
  EXPECT_TRUE(report["r2"].is_null());
  EXPECT_EQ(report["mae"], 0.5);
  EXPECT_TRUE(report["baseline_mae"].is_null()) << "no room for the targets";
}

TEST(Metric, DecisionsAreOfScoresAboveZero) {
  run::Decisions decisions(kCurve, fieldOf(kCurve));
  const OrderedJson report =
      reportOf(decisions, kCurve, {{1, 0.5f, 0.49f, 0, 1, 0}, {2, -1, 0.1f, 0, 1e-3f, -3}});
  EXPECT_NEAR(report["accuracy"], 4.0 / 6, 1e-15);
}

TEST(Metric, BatchesChangeNoDigit) {
  Answers kinds, values;
  for (int i = 0; i < 101; ++i) {
    kinds.targets.push_back(float(i * 7 % 5));
    for (int k = 0; k < kClasses; ++k)
      kinds.values.push_back(std::sin(float(i * 5 + k)));
    for (int k = 0; k < kElements; ++k) {
      values.targets.push_back(1000 + std::cos(float(i + k)));
      values.values.push_back(1000 + std::cos(float(i + k) + 0.1f));
    }
  }
  std::string first;
  for (int64_t size : {101, 1, 2, 37}) {
    run::Ranking ranking(kKind, fieldOf(kKind), 1000);
    run::Deviation deviation(kCurve, fieldOf(kCurve), 1000);
    const std::string text = reportOf(ranking, kKind, kinds, size).dump() +
                             reportOf(deviation, kCurve, values, size).dump();
    first = first.empty() ? text : first;
    EXPECT_EQ(text, first) << size;
  }
}

TEST(Eval, TellsMetricsByTheKindOfOutput) {
  const Finished finished = run(verb("eval", {"--data", "synthetic:100", "--json"}));
  ASSERT_EQ(finished.code, 0) << finished.error;
  const Json outputs = jsonOf(finished)["outputs"];
  EXPECT_EQ(keysOf(outputs["kind"]),
            (std::vector<std::string>{"accuracy", "accuracy_interval", "auc", "balanced_accuracy",
                                      "loss", "macro_f1"}));
  EXPECT_EQ(keysOf(outputs["curve"]), (std::vector<std::string>{"baseline_mae", "baseline_rmse",
                                                                "loss", "mae", "r2", "rmse"}));
  EXPECT_NEAR(std::pow(outputs["curve"]["rmse"].get<double>(), 2), outputs["curve"]["loss"], 1e-6);
  for (const char *threads : {"1", "3"})
    for (const char *batch : {"1", "7", "100"}) {
      Json again = jsonOf(run(verb(
          "eval", {"--data", "synthetic:100", "--json", "--threads", threads, "--batch", batch})));
      for (const char *output : {"kind", "curve"})
        for (const auto &[key, value] : outputs[output].items())
          if (key != "loss") {
            EXPECT_EQ(again["outputs"][output][key], value) << key << " in batches of " << batch;
          }
    }
  const std::string text = run(verb("eval", {"--data", "synthetic:100"})).out;
  for (const char *said :
       {"\n  kind  loss ", "  accuracy ", "\n    95 % interval ", "  balanced ", "  macro F1 ",
        "  AUC ", "\n  curve  loss ", "  R2 ", "\n    RMSE ", " (always the mean ", "  MAE "})
    EXPECT_NE(text.find(said), std::string::npos) << said << " in\n" << text;
}

} // namespace
} // namespace ccm::data::test
