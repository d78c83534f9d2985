// SPDX-License-Identifier: Apache-2.0
// Compiled models use the memory that `sizes` says and no byte more: every buffer ends where a page
// begins that cannot be touched.
#include "tests/embed/Models.h"
#include "tests/support/Guarded.h"

namespace ccm::test {
namespace {

/// Calls of one model on one batch size, with every buffer and array exactly as large as said.
class GuardedCalls {
public:
  GuardedCalls(const ccm_model &model, int64_t count, int32_t workers);
  void run();

private:
  template <typename Fill>
  std::vector<Guarded> arrays(std::span<const ccm_port> ports, uint64_t ccm_port::*bytes,
                              Fill fill);
  void ok(int32_t status, const char *entry) { EXPECT_EQ(status, CCM_OK) << entry << message; }

  const ccm_model &model;
  int64_t count;
  Threads threads;
  std::vector<Guarded> inputs, targets, outputs, outputDeltas, inputDeltas;
  char message[256] = "";
  ccm_error error{message, sizeof(message)};
};

void leave(const ccm_port &, int64_t, uint64_t, void *) {}

template <typename Fill>
std::vector<Guarded> GuardedCalls::arrays(std::span<const ccm_port> ports,
                                          uint64_t ccm_port::*bytes, Fill fill) {
  std::vector<Guarded> made;
  for (const ccm_port &port : ports) {
    made.emplace_back(static_cast<uint64_t>(count) * (port.*bytes));
    for (int64_t item = 0; item < count; ++item)
      fill(port, item, 5, made.back().as<char>() + static_cast<uint64_t>(item) * (port.*bytes));
  }
  return made;
}

GuardedCalls::GuardedCalls(const ccm_model &model, int64_t count, int32_t workers)
    : model(model), count(count), threads(workers) {
  std::span<const ccm_port> in(model.inputs, static_cast<size_t>(model.input_count));
  std::span<const ccm_port> out(model.outputs, static_cast<size_t>(model.output_count));
  inputs = arrays(in, &ccm_port::bytes, fillInput);
  targets = arrays(out, &ccm_port::target_bytes, fillTarget);
  outputs = arrays(out, &ccm_port::bytes, leave);
  outputDeltas = arrays(out, &ccm_port::bytes, leave);
  for (const ccm_port &port : in) // floats whatever the input holds
    inputDeltas.emplace_back(static_cast<uint64_t>(count) * port.bytes *
                             (port.dtype == CCM_U8 ? sizeof(float) : 1));
}

/// The arrays as a list of pointers.
template <typename T>
std::vector<T *> listOf(const std::vector<Guarded> &arrays) {
  std::vector<T *> list;
  for (const Guarded &array : arrays)
    list.push_back(array.as<T>());
  return list;
}

void GuardedCalls::run() {
  ccm_sizes sizes = {};
  sizes.bytes = sizeof(sizes);
  ASSERT_EQ(model.sizes(count, threads.runner()->workers, &sizes, &error), CCM_OK) << message;
  Guarded params(sizes.params), delta(sizes.delta), other(sizes.delta), state(sizes.state),
      internal(sizes.internal), workspace(std::max(sizes.step, sizes.backward));
  auto in = listOf<const void>(inputs), target = listOf<const void>(targets);
  auto out = listOf<float>(outputs), outDelta = listOf<float>(outputDeltas),
       inDelta = listOf<float>(inputDeltas);
  for (size_t i = 0; i < inDelta.size(); ++i)
    if (model.inputs[i].dtype == CCM_I32)
      inDelta[i] = nullptr;
  ccm_batch batch = {sizeof(ccm_batch), count,           in.data(),      target.data(),
                     out.data(),        outDelta.data(), inDelta.data(), 0};
  ccm_buffers buffers = {sizeof(ccm_buffers), internal.as(), workspace.as(), workspace.size()};
  const ccm_runner *runner = threads.runner();
  double loss = 0;
  ccm_update update = makeUpdate(model.learning_rate, 0, 1.0f);
  ok(model.init(params.as(), state.as(), 1, &error), "init");
  ok(model.infer(params.as(), &batch, &buffers, runner, &error), "infer");
  ok(model.forward(params.as(), &batch, &buffers, runner, &error), "forward");
  ok(model.loss(params.as(), &batch, &loss, nullptr, &buffers, runner, &error), "loss");
  ok(model.backward_input(params.as(), &batch, &buffers, runner, &error), "backward_input");
  ok(model.backward_train(params.as(), &batch, other.as(), &buffers, runner, &error), "train half");
  ok(model.backward(params.as(), &batch, delta.as(), &buffers, runner, &error), "backward");
  EXPECT_TRUE(delta.copy() == other.copy()) << "the half of backward is not its part";
  ok(model.delta_add(delta.as(), other.as(), &error), "delta_add");
  ok(model.delta_scale(delta.as(), 0.01f, &error), "delta_scale");
  ok(model.train(params.as(), delta.as(), &error), "train");
  ok(model.delta_zero(delta.as(), &error), "delta_zero");
  ok(model.step(params.as(), state.as(), &batch, &update, &loss, &buffers, runner, &error), "step");
}

TEST(GuardTest, CompiledModelsStayInTheirBuffers) {
  for (const ccm_model *model : linkedModels())
    for (int64_t count : {1, 3, 64})
      for (int32_t workers : {1, 3}) {
        SCOPED_TRACE(std::string(model->name) + ", batch " + std::to_string(count));
        GuardedCalls(*model, count, workers).run();
      }
}

TEST(GuardTest, GuardsFault) {
  Guarded buffer(64);
  EXPECT_DEATH(*(buffer.as<volatile char>() + 64) = 0, "");
}

TEST(GuardTest, OneByteLessThanSizesSaysIsRefused) {
  for (const ccm_model *model : linkedModels()) {
    auto artifact = artifactOf(model);
    ccm_sizes sizes = must(artifact->sizes(3, 1));
    Batch batch = filledBatch(artifact, 3, 1);
    Guarded params(sizes.params), workspace(sizes.infer);
    ASSERT_EQ(model->init(params.as(), nullptr, 1, nullptr), CCM_OK);
    ccm_batch view = batch.first(3);
    ccm_buffers buffers = {sizeof(ccm_buffers), nullptr, workspace.as(), sizes.infer - 1};
    EXPECT_EQ(model->infer(params.as(), &view, &buffers, nullptr, nullptr), CCM_BAD_ARGUMENT);
  }
}

} // namespace
} // namespace ccm::test
