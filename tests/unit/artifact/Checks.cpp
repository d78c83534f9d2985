// SPDX-License-Identifier: Apache-2.0
// What entries refuse, and how they say so.
#include "tests/unit/artifact/TinyModel.h"

#include <gtest/gtest.h>
#include <limits>

namespace ccm::test {
namespace {

/// A good call of `infer` or `step`, to be spoilt.
struct Checks : testing::Test {
  Call call{5, 2};
  ccm_batch batch = call.batch();
  ccm_buffers buffers = call.buffers();
  ccm_runner runner = *call.threads.runner();
  ccm_update update = {sizeof(update), 0.1f, 0, 0};
  const void *params = call.params.as();

  void infer(int32_t status, const std::string &message) {
    EXPECT_EQ(tinyModel().infer(params, &batch, &buffers, &runner, &call.error), status);
    EXPECT_EQ(call.message, message);
  }
  void step(int32_t status, const std::string &message) {
    double loss = 0;
    EXPECT_EQ(tinyModel().step(call.params.as(), call.state.as(), &batch, &update, &loss, &buffers,
                               &runner, &call.error),
              status);
    EXPECT_EQ(call.message, message);
  }
};

TEST_F(Checks, Buffers) {
  params = nullptr;
  infer(CCM_BAD_ARGUMENT, "expected 'params' of 160256 bytes, found null");
  params = call.params.as<char>() + 4;
  infer(CCM_BAD_ARGUMENT,
        "expected 'params' at a multiple of 64 bytes, found it 4 bytes after one");
  params = call.params.as();
  buffers.workspace_bytes = call.sizes.infer - 1;
  std::string bytes = std::to_string(call.sizes.infer);
  infer(CCM_BAD_ARGUMENT, "expected a workspace of " + bytes +
                              " bytes for 5 samples and 2 workers, found " +
                              std::to_string(call.sizes.infer - 1));
  buffers.workspace = nullptr;
  infer(CCM_BAD_ARGUMENT, "expected 'workspace' of " + bytes + " bytes, found null");
}

TEST_F(Checks, Internals) {
  buffers.internal = nullptr;
  EXPECT_EQ(tinyModel().forward(params, &batch, &buffers, &runner, &call.error), CCM_BAD_ARGUMENT);
  EXPECT_STREQ(call.message, "expected 'internal' of 128 bytes, found null");
}

TEST_F(Checks, Batch) {
  batch.count = 0;
  infer(CCM_BAD_ARGUMENT, "expected a batch of at least 1 sample, found 0");
  batch.count = std::numeric_limits<int64_t>::max();
  infer(CCM_BAD_ARGUMENT, "expected a batch whose buffers fit into memory, found "
                          "9223372036854775807 samples");
  EXPECT_EQ(tinyModel().infer(params, nullptr, &buffers, &runner, &call.error), CCM_BAD_ARGUMENT);
  EXPECT_STREQ(call.message, "expected a 'ccm_batch', found null");
}

TEST_F(Checks, Arrays) {
  const void *inputs[] = {call.x.as(), nullptr, call.p.as()};
  batch.inputs = inputs;
  infer(CCM_BAD_ARGUMENT, "expected an array of 5 samples as input 'id', found null");
  inputs[1] = call.id.as<char>() + 1;
  infer(CCM_BAD_ARGUMENT,
        "expected input 'id' at a multiple of 4 bytes, found it 1 bytes after one");
  inputs[1] = call.id.as();
  batch.outputs = nullptr;
  infer(CCM_BAD_ARGUMENT, "expected a list of 1 output arrays, found null");
  batch.targets = nullptr;
  step(CCM_BAD_ARGUMENT, "expected a list of 1 target arrays, found null");
}

TEST_F(Checks, Vocabulary) {
  call.id.as<int32_t>()[3] = 4;
  infer(CCM_BAD_VALUE, "expected indices from 0 to 3 in input 'id', found 4 in sample 3");
  call.id.as<int32_t>()[3] = -1;
  step(CCM_BAD_VALUE, "expected indices from 0 to 3 in input 'id', found -1 in sample 3");
}

TEST_F(Checks, Runner) {
  runner.workers = 0;
  infer(CCM_BAD_ARGUMENT, "expected at least 1 worker, found 0");
  runner = {sizeof(runner), 2, nullptr, nullptr, nullptr};
  infer(CCM_BAD_ARGUMENT, "expected 1 worker of a runner without 'run', found 2");
}

/// A struct of a caller that knows more members, with `beyond` in the first of them.
template <typename Struct>
struct Newer {
  Newer(const Struct &known, uint64_t beyond) : known(known), beyond(beyond) {
    this->known.bytes = sizeof(*this);
  }
  Struct known;
  uint64_t beyond;
};

TEST_F(Checks, StructsOfNewerCallers) {
  for (uint64_t beyond : {0, 1}) {
    Newer<ccm_batch> batch(this->batch, beyond);
    EXPECT_EQ(tinyModel().infer(params, &batch.known, &buffers, &runner, &call.error),
              beyond ? CCM_BAD_ARGUMENT : CCM_OK);
  }
  std::string end = " with members that this library does not know; compile the model again";
  EXPECT_EQ(call.message, "expected a 'ccm_batch' of at most 64 bytes, found 72" + end);
  Newer<ccm_runner> newRunner(runner, 1);
  EXPECT_EQ(tinyModel().infer(params, &batch, &buffers, &newRunner.known, &call.error),
            CCM_BAD_ARGUMENT);
  EXPECT_EQ(call.message, "expected a 'ccm_runner' of at most 32 bytes, found 40" + end);
  Newer<ccm_buffers> newBuffers(buffers, 1);
  EXPECT_EQ(tinyModel().infer(params, &batch, &newBuffers.known, &runner, &call.error),
            CCM_BAD_ARGUMENT);
  EXPECT_EQ(call.message, "expected a 'ccm_buffers' of at most 32 bytes, found 40" + end);
}

TEST_F(Checks, StructsThatAreTooSmall) {
  std::string end = "; set its member 'bytes' to its size";
  batch.bytes = 0;
  infer(CCM_BAD_ARGUMENT, "expected a 'ccm_batch' of at least 56 bytes, found 0" + end);
  batch.bytes = sizeof(batch);
  update.bytes = sizeof(update) - 1;
  step(CCM_BAD_ARGUMENT, "expected a 'ccm_update' of at least 24 bytes, found 23" + end);
  update.bytes = sizeof(update);
  ccm_sizes sizes = {};
  EXPECT_EQ(tinyModel().sizes(5, 2, &sizes, &call.error), CCM_BAD_ARGUMENT);
  EXPECT_EQ(call.message, "expected a 'ccm_sizes' of at least 80 bytes, found 0" + end);
}

TEST_F(Checks, SizesOfNewerCallersAreZeroBeyond) {
  Newer<ccm_sizes> sizes({}, 7);
  EXPECT_EQ(tinyModel().sizes(5, 2, &sizes.known, &call.error), CCM_OK);
  EXPECT_EQ(sizes.known.step, call.sizes.step);
  EXPECT_EQ(sizes.known.bytes, sizeof(sizes));
  EXPECT_EQ(sizes.beyond, 0u);
}

TEST_F(Checks, Update) {
  update.learning_rate = std::numeric_limits<float>::infinity();
  step(CCM_BAD_ARGUMENT, "expected a finite learning rate, found none");
  update = {sizeof(update), 0.1f, 0, -2};
  step(CCM_BAD_ARGUMENT, "expected a step of 0 or more, found -2");
  update = {sizeof(update), 0.1f, -1, 0};
  step(CCM_BAD_ARGUMENT, "expected a clip of 0 or more, found none");
}

TEST_F(Checks, MessagesFitTheirBuffer) {
  char small[8] = "-------";
  ccm_error error = {small, 5};
  EXPECT_EQ(tinyModel().infer(nullptr, &batch, &buffers, &runner, &error), CCM_BAD_ARGUMENT);
  EXPECT_EQ(std::string(small, 8), std::string("expe\0--\0", 8));
  error = {small, 0};
  EXPECT_EQ(tinyModel().infer(nullptr, &batch, &buffers, &runner, &error), CCM_BAD_ARGUMENT);
  EXPECT_EQ(tinyModel().infer(nullptr, &batch, &buffers, &runner, nullptr), CCM_BAD_ARGUMENT);
}

} // namespace
} // namespace ccm::test
