// SPDX-License-Identifier: Apache-2.0
// The whole stage: a model of primitives through the passes, compiled kernels, and a library.
#include "mlir/Parser/Parser.h"
#include "passes/Pipelines.h"
#include "runtime/io/Io.h"
#include "tests/support/TemporaryDirectory.h"
#include "tests/unit/artifact/Emitted.h"
#include "llvm/Support/JSON.h"

#include <cmath>
#include <gtest/gtest.h>

namespace ccm::test {

std::string emitModel(const char *text, const Target *target, const EmitOptions &options,
                      EmitReport &report) {
  mlir::DialectRegistry registry;
  registerDialect(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  mlir::PassManager passes(&context);
  addNestsStage(passes, {});
  addKernelsStage(passes, {});
  std::string library;
  if (!module || failed(passes.run(*module))) {
    ADD_FAILURE() << "the passes failed";
    return "";
  }
  std::vector<const Target *> chosen;
  for (const Target &each : targets())
    if (!target || target == &each)
      chosen.push_back(&each);
  EXPECT_TRUE(succeeded(
      emitArtifact(*module, chosen, ArtifactKind::SharedLibrary, options, library, report)));
  return library;
}

const ccm_model *loadEmitted(const std::string &text) {
  EmitReport report;
  std::string library =
      emitModel(text.c_str(), findTarget("x86-64-v3"), {2, "", "", "0.1.0"}, report);
  return library.empty() ? nullptr : loadModel(library);
}

namespace {

constexpr const char *kModel = R"mlir(
module attributes {ccm.describe = "{\"parts\":[],\"macs\":1136}"} {
  ccm.model @tiny train {optimizer = "adam", learning_rate = 1.0e-2} blocks [1, 8] source "beef" {
    %x = ccm.input "x" pointwise : tensor<?x20xf32>
    %w0 = ccm.parameter "w0" shape [48, 20] layout(#ccm.layout<extents = [1, 20, 48], dims = [0, 1, 0], steps = [48, 1, 1]>) init("normal", 2.0e-1) decay : tensor<1x20x48xf32>
    %b0 = ccm.parameter "b0" shape [48] init("zeros", 0.0) : tensor<48xf32>
    %w1 = ccm.parameter "w1" shape [3, 48] layout(#ccm.layout<extents = [1, 48, 16], dims = [0, 1, 0], steps = [16, 1, 1]>) init("normal", 2.0e-1) decay : tensor<1x48x16xf32>
    %b1 = ccm.parameter "b1" shape [3] layout(#ccm.layout<extents = [16], dims = [0], steps = [1]>) init("zeros", 0.0) : tensor<16xf32>
    %0 = ccm.dense %x, %w0, %b0 : tensor<?x20xf32>, tensor<1x20x48xf32>, tensor<48xf32> -> tensor<?x48xf32>
    %1 = ccm.tanh %0 : tensor<?x48xf32>
    %2 = ccm.dense %1, %w1, %b1 : tensor<?x48xf32>, tensor<1x48x16xf32>, tensor<16xf32> -> tensor<?x3xf32>
    ccm.output "y" %2 pointwise loss("mse") : tensor<?x3xf32>
  }
}
)mlir";

/// The library of the model for both targets; "" after a test failure.
std::string emit(const EmitOptions &options, EmitReport &report) {
  return emitModel(kModel, nullptr, options, report);
}

/// The library, emitted and loaded once; null after a failure.
struct Emitted {
  EmitReport report;
  std::string library = emit({2, "", "ccm.model @tiny", "0.1.0"}, report);
  const ccm_model *model = library.empty() ? nullptr : loadModel(library);
};
const Emitted &emitted() {
  static const Emitted once;
  return once;
}

/// Every test needs the library.
struct Emit : testing::Test {
  void SetUp() override { ASSERT_TRUE(emitted().model); }
};

/// A batch of the model with its buffers.
struct Data {
  Data(int64_t count, int32_t workers) : threads(workers) {
    sizes.bytes = sizeof(sizes);
    EXPECT_EQ(model.sizes(count, workers, &sizes, nullptr), CCM_OK);
    for (auto [buffer, bytes] : {std::pair(&params, sizes.params),
                                 {&delta, sizes.delta},
                                 {&state, sizes.state},
                                 {&internal, sizes.internal},
                                 {&workspace, std::max({sizes.infer, sizes.forward, sizes.loss,
                                                        sizes.backward, sizes.step})}})
      *buffer = std::make_unique<Guarded>(bytes);
    for (auto [buffer, width] : {std::pair(&x, 20), {&y, 3}, {&target, 3}, {&dy, 3}, {&dx, 20}})
      *buffer = std::make_unique<Guarded>(count * width * 4);
    for (size_t i = 0; i < x->floats().size(); ++i)
      x->floats()[i] = std::sin(float(i) * 1.7f);
    for (size_t i = 0; i < target->floats().size(); ++i)
      target->floats()[i] = std::cos(float(i) * 0.9f);
    EXPECT_EQ(model.init(params->as(), state->as(), 5, nullptr), CCM_OK);
    inputs = x->as(), targets = target->as(), outputs = y->as<float>();
    outputDeltas = dy->as<float>(), inputDeltas = dx->as<float>();
    batch = {sizeof(ccm_batch), count, &inputs, &targets, &outputs, &outputDeltas, &inputDeltas, 0};
    buffers = {sizeof(ccm_buffers), internal->as(), workspace->as(), workspace->size()};
  }
  double loss() {
    double loss = 0;
    EXPECT_EQ(model.forward(params->as(), &batch, &buffers, threads.runner(), nullptr), CCM_OK);
    EXPECT_EQ(model.loss(params->as(), &batch, &loss, nullptr, &buffers, threads.runner(), nullptr),
              CCM_OK);
    return loss;
  }
  const ccm_model &model = *emitted().model;
  Threads threads;
  ccm_sizes sizes = {};
  std::unique_ptr<Guarded> params, delta, state, internal, workspace, x, y, target, dy, dx;
  const void *inputs, *targets;
  float *outputs, *outputDeltas, *inputDeltas;
  ccm_batch batch;
  ccm_buffers buffers;
};

TEST_F(Emit, OutputsAreThoseOfPlainArithmetic) {
  for (int64_t count : {1, 7, 8, 19}) {
    Data data(count, 1);
    data.loss();
    const float *w0 = data.params->as<float>(), *b0 = w0 + 960, *w1 = b0 + 48, *b1 = w1 + 768;
    for (int64_t b = 0; b < count; ++b) {
      double h[48], y[3];
      for (int o = 0; o < 48; ++o) {
        h[o] = b0[o];
        for (int i = 0; i < 20; ++i)
          h[o] += double(w0[i * 48 + o]) * data.x->floats()[b * 20 + i];
        h[o] = std::tanh(h[o]);
      }
      for (int o = 0; o < 3; ++o) {
        y[o] = b1[o];
        for (int i = 0; i < 48; ++i)
          y[o] += w1[i * 16 + o] * h[i];
        ASSERT_NEAR(data.y->floats()[b * 3 + o], y[o], 3e-6) << b << " " << o;
      }
    }
  }
}

/// (loss(v + h) - loss(v - h)) / 2h
double slope(Data &data, float &value) {
  constexpr float h = 1e-2f;
  float kept = value;
  value = kept + h;
  double above = data.loss();
  value = kept - h;
  double below = data.loss();
  value = kept;
  return (above - below) / (2 * double(h));
}

TEST_F(Emit, DeltasAreFiniteDifferences) {
  Data data(11, 2);
  data.loss();
  ASSERT_EQ(data.model.backward(data.params->as(), &data.batch, data.delta->as(), &data.buffers,
                                data.threads.runner(), nullptr),
            CCM_OK);
  std::vector<float> delta(data.delta->floats().begin(), data.delta->floats().end());
  std::vector<float> dx(data.dx->floats().begin(), data.dx->floats().end());
  for (size_t i : {0, 47, 500, 959, 960, 1007, 1008, 1009, 1010, 1776, 1777, 1778})
    EXPECT_NEAR(delta[i], -11 * slope(data, data.params->floats()[i]), 2e-3) << "parameter " << i;
  for (size_t i : {0, 19, 20, 160, 219})
    EXPECT_NEAR(dx[i], -11 * slope(data, data.x->floats()[i]), 2e-3) << "input " << i;
  for (size_t i = 1011; i < 1024; ++i)
    EXPECT_EQ(delta[i], 0) << "padding " << i;
}

TEST_F(Emit, TrainsWithTheSameBitsForAnyWorkers) {
  std::string params;
  for (int32_t workers = 1; workers <= 3; ++workers) {
    Data data(37, workers);
    double first = data.loss(), loss = 0;
    for (int64_t index = 0; index < 60; ++index) {
      ccm_update update = {sizeof(update), 0.01f, 0, index};
      ASSERT_EQ(data.model.step(data.params->as(), data.state->as(), &data.batch, &update, &loss,
                                &data.buffers, data.threads.runner(), nullptr),
                CCM_OK);
    }
    EXPECT_LT(loss, first / 2);
    if (workers == 1)
      params = data.params->copy();
    EXPECT_TRUE(data.params->copy() == params) << workers;
  }
}

TEST_F(Emit, LibraryDescribesItself) {
  auto description = llvm::cantFail(llvm::json::parse(emitted().model->describe));
  const llvm::json::Object &object = *description.getAsObject();
  EXPECT_EQ(object.getString("name"), "tiny");
  EXPECT_EQ(object.getString("source_hash"), "beef");
  EXPECT_EQ(object.getString("compiler"), "0.1.0");
  EXPECT_EQ(object.getInteger("macs"), 1136);
  EXPECT_EQ(object.getInteger("kernels"), int64_t(emitted().report.kernels));
  EXPECT_EQ(object.getArray("targets")->size(), targets().size());
  EXPECT_EQ(object.getArray("blocks")->size(), 2u);
}

TEST_F(Emit, BytesDoNotDependOnJobsOrCache) {
  TemporaryDirectory cache;
  for (unsigned jobs : {1u, 2u}) {
    EmitReport report;
    EXPECT_TRUE(emit({jobs, cache.path(), "ccm.model @tiny", "0.1.0"}, report) ==
                emitted().library);
    EXPECT_EQ(report.schedules, emitted().report.schedules);
    EXPECT_EQ(report.bytes, emitted().library.size());
  }
}

} // namespace
} // namespace ccm::test
