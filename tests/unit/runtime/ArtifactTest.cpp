// SPDX-License-Identifier: Apache-2.0
// Artifacts: what a library says of itself, and tables that contradict themselves.
#include "TestFiles.h"

namespace ccm::test {
namespace {

TEST(ArtifactTest, LoadsALibrary) {
  auto artifact = Artifact::load(LINEAR_LIBRARY);
  ASSERT_TRUE(artifact) << messageOf(artifact);
  EXPECT_EQ((*artifact)->name(), "linear");
  EXPECT_EQ((*artifact)->sourceHash(), "5eed");
  EXPECT_EQ((*artifact)->layoutHash(), linearArtifact()->layoutHash());
  EXPECT_EQ((*artifact)->trainDefaults().optimizer, "momentum");
  EXPECT_EQ((*artifact)->trainDefaults().schedule, "cosine");
  EXPECT_EQ((*artifact)->trainDefaults().learningRate, 0.125f);
  EXPECT_EQ((*artifact)->trainDefaults().clip, 0.0f);
  EXPECT_EQ((*artifact)->trainDefaults().seed, 7u);
}

TEST(ArtifactTest, FindsPortsAndParameters) {
  auto artifact = linearArtifact();
  EXPECT_EQ(artifact->findInput("x"), 0);
  EXPECT_EQ(artifact->findInput("y"), -1);
  EXPECT_EQ(artifact->findOutput("y"), 0);
  EXPECT_EQ(artifact->findParameter("bias"), 1);
  EXPECT_EQ(artifact->parameters().size(), 2u);
  EXPECT_FALSE(artifact->sizes(0, 1));
  EXPECT_TRUE(artifact->sizes(1, 1));
}

TEST(ArtifactTest, TrainsTheSameFromALibraryAsLinkedIn) {
  auto library = Artifact::load(LINEAR_LIBRARY);
  ASSERT_TRUE(library);
  auto loaded = Session::create(*library, {.seed = 3});
  auto linked = linearSession({.seed = 3});
  ASSERT_TRUE(loaded);
  EXPECT_EQ((*loaded)->parametersSha256(), linked->parametersSha256());
}

TEST(ArtifactTest, NamesWhatIsWrong) {
  auto missing = Artifact::load("no/such.so");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::File);
  TemporaryDirectory directory;
  ASSERT_TRUE(io::writeFileAtomically(directory / "text.so", "#!/bin/sh\n"));
  EXPECT_EQ(messageOf(Artifact::load(directory / "text.so")),
            "cannot load '" + directory / "text.so" +
                "': it is not an ELF file; expected a library written by ccm-compile");
  EXPECT_FALSE(Artifact::load(directory.path()));
}

/// The linear model as a library compiled to infer.
ccm_model inferring() {
  ccm_model model = *ccm_model_linear();
  model.forward = nullptr;
  model.loss = nullptr;
  model.backward = nullptr;
  model.backward_input = nullptr;
  model.backward_train = nullptr;
  model.delta_zero = nullptr;
  model.delta_add = nullptr;
  model.delta_scale = nullptr;
  model.train = nullptr;
  model.step = nullptr;
  return model;
}

TEST(ArtifactTest, SaysWhichEntriesItHas) {
  ccm_model model = inferring();
  auto artifact = Artifact::wrap(&model);
  ASSERT_TRUE(artifact) << messageOf(artifact);
  EXPECT_EQ((*artifact)->entries(), (std::vector<std::string_view>{"sizes", "init", "infer"}));
  EXPECT_EQ(linearArtifact()->entries().size(), 13u);
  EXPECT_TRUE((*artifact)->needs({"infer"}));
  EXPECT_EQ(messageOf((*artifact)->needs({"infer", "step"})),
            "'linear' was compiled without 'step' (--entries=infer); compile it with "
            "--entries=train or all");
}

TEST(ArtifactTest, CallsOfEntriesThatALibraryLacksSayWhatToDo) {
  ccm_model model = inferring();
  auto session = Session::create(*Artifact::wrap(&model));
  ASSERT_TRUE(session) << messageOf(session);
  Batch batch =
      std::move(*Batch::create(linearArtifact(), 4, kInputs | kTargets | kOutputs | kOutputDeltas));
  Workspace &workspace = (*session)->workspace();
  EXPECT_TRUE((*session)->infer(batch.first(4), workspace));
  std::string end = " (--entries=infer); compile it with --entries=train or all";
  EXPECT_EQ(messageOf((*session)->forward(batch.first(4), workspace)),
            "'linear' was compiled without 'forward'" + end);
  EXPECT_EQ(messageOf((*session)->step(batch.first(4), makeUpdate(0.1f, 0))),
            "'linear' was compiled without 'step'" + end);
  EXPECT_EQ(messageOf(Trainer::create(**session, linearSource(9), {})),
            "'linear' was compiled without 'step'" + end);
  EXPECT_EQ(messageOf(evaluate(**session, linearSource(9), 4, workspace)),
            "'linear' was compiled without 'loss'" + end);
  ccm_model training = *ccm_model_linear();
  training.backward = nullptr;
  auto trained = Session::create(*Artifact::wrap(&training));
  ASSERT_TRUE((*trained)->forward(batch.first(4), (*trained)->workspace()));
  auto delta = (*trained)->makeDelta();
  EXPECT_EQ(messageOf((*trained)->backward(batch.first(4), *delta, (*trained)->workspace())),
            "'linear' was compiled without 'backward' (--entries=train); compile it with "
            "--entries=all");
}

TEST(ArtifactTest, RefusesATableThatContradictsItself) {
  ccm_model model = *ccm_model_linear();
  EXPECT_TRUE(Artifact::wrap(&model));
  EXPECT_FALSE(Artifact::wrap(nullptr));
  model.infer = nullptr;
  EXPECT_EQ(messageOf(Artifact::wrap(&model)), "its table of entries is incomplete");
  model = *ccm_model_linear();
  model.describe = "not JSON";
  EXPECT_FALSE(Artifact::wrap(&model));
  model = *ccm_model_linear();
  ccm_port port = model.inputs[0];
  model.inputs = &port;
  port.bytes = 8;
  EXPECT_EQ(messageOf(Artifact::wrap(&model)), "extents and bytes of its port 'x' do not agree");
  port = ccm_model_linear()->inputs[0];
  port.rank = CCM_MAX_RANK + 1;
  EXPECT_FALSE(Artifact::wrap(&model));
  model = *ccm_model_linear();
  ccm_parameter parameters[2] = {model.parameters[0], model.parameters[1]};
  model.parameters = parameters;
  parameters[1].packed_dims[0] = 1;
  EXPECT_EQ(messageOf(Artifact::wrap(&model)),
            "shape and packing of its parameter 'bias' do not agree");
  parameters[1].packed_dims[0] = 0;
  parameters[1].offset = 4;
  EXPECT_FALSE(Artifact::wrap(&model));
  parameters[1].offset = 1 << 20;
  auto outside = Artifact::wrap(&model);
  ASSERT_TRUE(outside) << "only sizes tells how large params are";
  EXPECT_FALSE(Session::create(*outside));
  model = *ccm_model_linear();
  model.trained_count = 3;
  EXPECT_EQ(messageOf(Artifact::wrap(&model)), "expected 0 to 2 trained parameters in it, found 3");
  model.trained_count = -1;
  EXPECT_FALSE(Artifact::wrap(&model));
}

int32_t sizesWithoutBias(int64_t batch, int32_t workers, ccm_sizes *out, ccm_error *error) {
  int32_t status = ccm_model_linear()->sizes(batch, workers, out, error);
  out->delta = ccm_model_linear()->parameters[1].offset;
  return status;
}

TEST(ArtifactTest, DeltasAreOfTrainedParametersAlone) {
  ccm_model model = *ccm_model_linear();
  model.sizes = sizesWithoutBias;
  auto artifact = Artifact::wrap(&model);
  ASSERT_TRUE(artifact) << messageOf(artifact);
  EXPECT_EQ(messageOf(Session::create(*artifact)),
            "trained parameter 'bias' does not lie within the model's deltas");
  model.trained_count = 1;
  artifact = Artifact::wrap(&model);
  EXPECT_EQ((*artifact)->trained().size(), 1u);
  EXPECT_TRUE(Session::create(*artifact));
  EXPECT_NE((*artifact)->layoutHash(), linearArtifact()->layoutHash());
}

} // namespace
} // namespace ccm::test
