// SPDX-License-Identifier: Apache-2.0
// Frozen parameters: no delta, no state, no decay, and the rest as if nothing were frozen.
#include "tests/unit/artifact/Emitted.h"

#include <cmath>
#include <gtest/gtest.h>

namespace ccm::test {
namespace {

/// The first product is frozen where FROZEN stands; everything decays.
constexpr const char *kModel = R"mlir(
ccm.model @tiny train {optimizer = "adamw", learning_rate = 1.0e-2, weight_decay = 5.0e-01} blocks [1, 8] {
  %x = ccm.input "x" pointwise : tensor<?x20xf32>
  %w0 = ccm.parameter "w0" shape [48, 20] layout(#ccm.layout<extents = [1, 20, 48], dims = [0, 1, 0], steps = [48, 1, 1]>) init("normal", 2.0e-1) decay FROZEN : tensor<1x20x48xf32>
  %b0 = ccm.parameter "b0" shape [48] init("normal", 1.0e-1) decay FROZEN : tensor<48xf32>
  %w1 = ccm.parameter "w1" shape [3, 48] layout(#ccm.layout<extents = [1, 48, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 2.0e-1) decay : tensor<1x48x16xf32>
  %b1 = ccm.parameter "b1" shape [3] layout(#ccm.layout<extents = [16], dims = [0], steps = [1]>) init("ones", 0.0) decay : tensor<16xf32>
  %0 = ccm.dense %x, %w0, %b0 : tensor<?x20xf32>, tensor<1x20x48xf32>, tensor<48xf32> -> tensor<?x48xf32>
  %1 = ccm.tanh %0 : tensor<?x48xf32>
  %2 = ccm.dense %1, %w1, %b1 : tensor<?x48xf32>, tensor<1x48x16xf32>, tensor<16xf32> -> tensor<?x3xf32>
  ccm.output "y" %2 pointwise loss("mse") : tensor<?x3xf32>
}
)mlir";

const ccm_model *modelWith(const std::string &word) {
  std::string text = kModel;
  for (size_t at; (at = text.find("FROZEN")) != std::string::npos;)
    text.replace(at, 6, word);
  return loadEmitted(text);
}

const ccm_model *frozenModel() {
  static const ccm_model *model = modelWith("frozen");
  return model;
}

const ccm_model *trainedModel() {
  static const ccm_model *model = modelWith("");
  return model;
}

/// A model at its first parameters, and a batch.
struct Trial {
  Trial(const ccm_model &model, int64_t count, int32_t workers)
      : model(model), threads(workers), count(count), x(count * 80), y(count * 12), dy(count * 12),
        target(count * 12) {
    sizes.bytes = sizeof(sizes);
    EXPECT_EQ(model.sizes(count, workers, &sizes, nullptr), CCM_OK);
    for (auto [buffer, bytes] :
         {std::pair(&params, sizes.params),
          {&delta, sizes.delta},
          {&state, sizes.state},
          {&internal, sizes.internal},
          {&workspace, std::max({sizes.forward, sizes.loss, sizes.backward, sizes.step})}})
      *buffer = std::make_unique<Guarded>(bytes);
    for (size_t i = 0; i < x.floats().size(); ++i)
      x.floats()[i] = std::sin(float(i) * 1.7f);
    for (size_t i = 0; i < target.floats().size(); ++i)
      target.floats()[i] = std::cos(float(i) * 0.9f);
    EXPECT_EQ(model.init(params->as(), state->as(), 5, nullptr), CCM_OK);
  }

  ccm_batch batch() {
    return {sizeof(ccm_batch), count, &inputs, &targets, &outputs, &outputDeltas, nullptr, 0};
  }
  ccm_buffers buffers() {
    return {sizeof(ccm_buffers), internal->as(), workspace->as(), workspace->size()};
  }

  void step(int64_t index, float clip) {
    ccm_batch given = batch();
    ccm_buffers memory = buffers();
    ccm_update update = {sizeof(update), 0.01f, clip, index};
    double loss = 0;
    EXPECT_EQ(model.step(params->as(), state->as(), &given, &update, &loss, &memory,
                         threads.runner(), nullptr),
              CCM_OK);
  }

  void backward() {
    ccm_batch given = batch();
    ccm_buffers memory = buffers();
    double loss = 0;
    const ccm_runner *runner = threads.runner();
    EXPECT_EQ(model.forward(params->as(), &given, &memory, runner, nullptr), CCM_OK);
    EXPECT_EQ(model.loss(params->as(), &given, &loss, nullptr, &memory, runner, nullptr), CCM_OK);
    EXPECT_EQ(model.backward_train(params->as(), &given, delta->as(), &memory, runner, nullptr),
              CCM_OK);
  }

  /// A parameter's floats, of params or of a delta.
  std::vector<float> valuesOf(const Guarded &of, const std::string &name) const {
    for (int32_t i = 0; i < model.parameter_count; ++i)
      if (const ccm_parameter &parameter = model.parameters[i]; parameter.name == name) {
        auto first = of.floats().begin() + int64_t(parameter.offset / 4);
        return {first, first + int64_t(parameter.bytes / 4)};
      }
    ADD_FAILURE() << name;
    return {};
  }

  const ccm_model &model;
  Threads threads;
  int64_t count;
  ccm_sizes sizes = {};
  Guarded x, y, dy, target;
  std::unique_ptr<Guarded> params, delta, state, internal, workspace;
  const void *inputs = x.as(), *targets = target.as();
  float *outputs = y.as<float>(), *outputDeltas = dy.as<float>();
};

struct Frozen : testing::Test {
  void SetUp() override { ASSERT_TRUE(frozenModel() && trainedModel()); }
};

TEST_F(Frozen, ComeLastAndHaveNeitherDeltaNorState) {
  const ccm_model &model = *frozenModel();
  ASSERT_EQ(model.parameter_count, 4);
  EXPECT_EQ(model.trained_count, 2);
  std::vector<std::string> names;
  for (int32_t i = 0; i < 4; ++i)
    names.push_back(model.parameters[i].name);
  EXPECT_EQ(names, (std::vector<std::string>{"w1", "b1", "w0", "b0"}));
  Trial trial(model, 8, 1);
  EXPECT_EQ(trial.sizes.delta, model.parameters[2].offset);
  EXPECT_EQ(trial.sizes.state, 2 * trial.sizes.delta);
  EXPECT_EQ(trial.sizes.params, Trial(*trainedModel(), 8, 1).sizes.params);
  EXPECT_EQ(trainedModel()->trained_count, 4);
}

TEST_F(Frozen, StartAsTheyDoWhenTrained) {
  Trial frozen(*frozenModel(), 1, 1), trained(*trainedModel(), 1, 1);
  for (const char *name : {"w0", "b0", "w1", "b1"})
    EXPECT_EQ(frozen.valuesOf(*frozen.params, name), trained.valuesOf(*trained.params, name));
}

TEST_F(Frozen, OthersHaveTheDeltasThatTheyHave) {
  Trial frozen(*frozenModel(), 19, 2), trained(*trainedModel(), 19, 2);
  frozen.backward();
  trained.backward();
  for (const char *name : {"w1", "b1"}) {
    std::vector<float> some = frozen.valuesOf(*frozen.delta, name);
    std::vector<float> all = trained.valuesOf(*trained.delta, name);
    for (size_t i = 0; i < all.size(); ++i)
      ASSERT_NEAR(some[i], all[i], 1e-5f) << name << " " << i;
  }
}

TEST_F(Frozen, StayThroughStepsWithDecay) {
  std::string bits;
  for (int32_t workers = 1; workers <= 3; ++workers) {
    Trial trial(*frozenModel(), 37, workers);
    std::vector<float> w0 = trial.valuesOf(*trial.params, "w0"),
                       b0 = trial.valuesOf(*trial.params, "b0");
    std::vector<float> w1 = trial.valuesOf(*trial.params, "w1");
    for (int64_t index = 0; index < 20; ++index)
      trial.step(index, index % 2 ? 0.25f : 0);
    EXPECT_EQ(trial.valuesOf(*trial.params, "w0"), w0);
    EXPECT_EQ(trial.valuesOf(*trial.params, "b0"), b0);
    std::vector<float> moved = trial.valuesOf(*trial.params, "w1");
    for (size_t i = 0; i < w1.size(); ++i)
      ASSERT_EQ(moved[i] == w1[i], i % 16 >= 3) << i << ": three outputs, then padding";
    if (workers == 1)
      bits = trial.params->copy();
    EXPECT_TRUE(trial.params->copy() == bits) << workers << " workers";
  }
}

TEST_F(Frozen, DeltasAddAndTrainOthersAlone) {
  Trial trial(*frozenModel(), 8, 1);
  trial.backward();
  std::vector<float> once = trial.valuesOf(*trial.delta, "w1"),
                     w0 = trial.valuesOf(*trial.params, "w0");
  std::vector<float> w1 = trial.valuesOf(*trial.params, "w1");
  Guarded other(trial.sizes.delta);
  EXPECT_EQ(trial.model.delta_zero(other.as(), nullptr), CCM_OK);
  for (int times = 0; times < 2; ++times)
    EXPECT_EQ(trial.model.delta_add(other.as(), trial.delta->as(), nullptr), CCM_OK);
  EXPECT_EQ(trial.model.delta_scale(other.as(), 0.5f, nullptr), CCM_OK);
  EXPECT_EQ(trial.valuesOf(other, "w1"), once);
  EXPECT_EQ(trial.model.train(trial.params->as(), other.as(), nullptr), CCM_OK);
  EXPECT_EQ(trial.valuesOf(*trial.params, "w0"), w0);
  for (size_t i = 0; i < w1.size(); ++i)
    EXPECT_EQ(trial.valuesOf(*trial.params, "w1")[i], w1[i] + once[i]);
}

} // namespace
} // namespace ccm::test
