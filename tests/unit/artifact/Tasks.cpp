// SPDX-License-Identifier: Apache-2.0
// Compiled kernels cut into tasks: the same bits whoever runs how much of them.
#include "tests/unit/artifact/Emitted.h"

#include <cmath>
#include <gtest/gtest.h>
#include <mutex>
#include <set>

namespace ccm::test {
namespace {

/// Wide enough that products are cut at every block size.
constexpr const char *kModel = R"mlir(
ccm.model @tiny train {optimizer = "adam", learning_rate = 1.0e-2} blocks [1, 2, 8] {
  %x = ccm.input "x" pointwise : tensor<?x384xf32>
  %w0 = ccm.parameter "w0" shape [512, 384] layout(#ccm.layout<extents = [8, 384, 64], dims = [0, 1, 0], steps = [64, 1, 1]>) init("normal", 5.0e-2) decay : tensor<8x384x64xf32>
  %b0 = ccm.parameter "b0" shape [512] init("zeros", 0.0) : tensor<512xf32>
  %w1 = ccm.parameter "w1" shape [256, 512] layout(#ccm.layout<extents = [4, 512, 64], dims = [0, 1, 0], steps = [64, 1, 1]>) init("normal", 5.0e-2) decay : tensor<4x512x64xf32>
  %b1 = ccm.parameter "b1" shape [256] init("zeros", 0.0) : tensor<256xf32>
  %0 = ccm.dense %x, %w0, %b0 : tensor<?x384xf32>, tensor<8x384x64xf32>, tensor<512xf32> -> tensor<?x512xf32>
  %1 = ccm.gelu %0 : tensor<?x512xf32>
  %2 = ccm.dense %1, %w1, %b1 : tensor<?x512xf32>, tensor<4x512x64xf32>, tensor<256xf32> -> tensor<?x256xf32>
  ccm.output "y" %2 pointwise loss("mse") : tensor<?x256xf32>
}
)mlir";

const ccm_model *cutModel() {
  static const ccm_model *model = loadEmitted(kModel);
  return model;
}

/// Entries and blocks whose launches were cut, as an observer saw them.
struct Seen {
  std::set<std::pair<std::string, int64_t>> cut;
  int64_t begun = 0, ended = 0;
};

/// A runner that tells what it sees.
struct Observed {
  Seen *seen;
  const ccm_runner *threads;
  std::mutex mutex = {};
  static void run(void *self, ccm_task task, void *context, int64_t count) {
    const ccm_runner *threads = static_cast<Observed *>(self)->threads;
    threads->run(threads->self, task, context, count);
  }
  static void note(void *self, const ccm_launch_note *note) {
    std::lock_guard lock(static_cast<Observed *>(self)->mutex);
    Seen &seen = *static_cast<Observed *>(self)->seen;
    (note->ends ? seen.ended : seen.begun) += 1;
    if (note->tasks > 1)
      seen.cut.insert({note->entry, note->samples});
  }
};

/// Everything that the entries compute of a batch, as bytes.
class Computed {
public:
  Computed(int64_t count, int32_t workers) : threads(workers) {
    sizes.bytes = sizeof(sizes);
    EXPECT_EQ(model.sizes(count, workers, &sizes, nullptr), CCM_OK);
    Guarded x(count * 384 * 4), target(count * 256 * 4), y(count * 256 * 4), dy(count * 256 * 4),
        dx(count * 384 * 4), params(sizes.params), delta(sizes.delta), state(sizes.state),
        internal(sizes.internal);
    for (size_t i = 0; i < x.floats().size(); ++i)
      x.floats()[i] = std::sin(float(i) * 1.7f);
    for (size_t i = 0; i < target.floats().size(); ++i)
      target.floats()[i] = std::cos(float(i) * 0.9f);
    const void *inputs[] = {x.as()}, *targets[] = {target.as()};
    float *outputs[] = {y.as<float>()}, *outputDeltas[] = {dy.as<float>()},
          *inputDeltas[] = {dx.as<float>()};
    ccm_batch batch = {sizeof(batch), count,        inputs,      targets,
                       outputs,       outputDeltas, inputDeltas, 0};
    ok(model.init(params.as(), state.as(), 5, nullptr));
    auto with = [&](uint64_t bytes, auto call) {
      Guarded workspace(bytes);
      ccm_buffers buffers = {sizeof(buffers), internal.as(), workspace.as(), workspace.size()};
      ok(call(&buffers));
    };
    double loss = 0;
    with(sizes.infer, [&](const ccm_buffers *buffers) {
      return model.infer(params.as(), &batch, buffers, threads.runner(), nullptr);
    });
    bytes += y.copy();
    with(sizes.forward, [&](const ccm_buffers *buffers) {
      return model.forward(params.as(), &batch, buffers, threads.runner(), nullptr);
    });
    bytes += y.copy();
    with(sizes.loss, [&](const ccm_buffers *buffers) {
      return model.loss(params.as(), &batch, &loss, nullptr, buffers, threads.runner(), nullptr);
    });
    with(sizes.backward, [&](const ccm_buffers *buffers) {
      return model.backward(params.as(), &batch, delta.as(), buffers, threads.runner(), nullptr);
    });
    bytes += dy.copy() + dx.copy() + delta.copy();
    for (int64_t index = 0; index < 2; ++index)
      with(sizes.step, [&](const ccm_buffers *buffers) {
        ccm_update update = {sizeof(update), 0.01f, 1.0f, index};
        return model.step(params.as(), state.as(), &batch, &update, &loss, buffers,
                          threads.runner(), nullptr);
      });
    bytes += params.copy() + state.copy() + std::to_string(loss);
  }
  std::string bytes;

private:
  static void ok(int32_t status) { EXPECT_EQ(status, CCM_OK); }
  const ccm_model &model = *cutModel();
  ccm_sizes sizes = {};
  Threads threads;
};

TEST(Tasks, SameBitsForAnyWorkers) {
  ASSERT_TRUE(cutModel());
  for (int64_t count = 1; count <= 17; ++count) {
    Computed serial(count, 1);
    for (int32_t workers = 2; workers <= 4; ++workers)
      EXPECT_TRUE(Computed(count, workers).bytes == serial.bytes)
          << count << " samples, " << workers << " workers";
  }
}

/// What is cut when `count` samples are inferred by `workers`.
Seen observe(int64_t count, int32_t workers) {
  const ccm_model &model = *cutModel();
  Seen seen;
  Threads threads(workers);
  Observed observed{&seen, threads.runner()};
  ccm_runner runner = {sizeof(ccm_runner), workers, Observed::run, &observed, Observed::note};
  ccm_sizes sizes = {};
  sizes.bytes = sizeof(sizes);
  EXPECT_EQ(model.sizes(count, workers, &sizes, nullptr), CCM_OK);
  Guarded x(count * 384 * 4), y(count * 256 * 4), params(sizes.params), workspace(sizes.infer);
  const void *inputs[] = {x.as()};
  float *outputs[] = {y.as<float>()};
  ccm_batch batch = {sizeof(batch), count, inputs, nullptr, outputs, nullptr, nullptr, 0};
  ccm_buffers buffers = {sizeof(buffers), nullptr, workspace.as(), workspace.size()};
  EXPECT_EQ(model.init(params.as(), nullptr, 5, nullptr), CCM_OK);
  EXPECT_EQ(model.infer(params.as(), &batch, &buffers, &runner, nullptr), CCM_OK);
  return seen;
}

TEST(Tasks, FewBlocksAreCutAndManyAreNot) {
  ASSERT_TRUE(cutModel());
  EXPECT_EQ(observe(1, 2).cut.size(), 1u);
  EXPECT_EQ(observe(8, 2).cut.size(), 1u);
  EXPECT_EQ(observe(8, 1).cut.size(), 0u);
  EXPECT_EQ(observe(32, 2).cut.size(), 0u);
}

TEST(Tasks, ObserversAreToldOfEveryLaunch) {
  ASSERT_TRUE(cutModel());
  Seen seen = observe(17, 1);
  EXPECT_EQ(seen.begun, seen.ended);
  EXPECT_GE(seen.begun, 6);
}

} // namespace
} // namespace ccm::test
