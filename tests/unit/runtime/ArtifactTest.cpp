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

TEST(ArtifactTest, RefusesATableThatContradictsItself) {
  ccm_model model = *ccm_model_linear();
  EXPECT_TRUE(Artifact::wrap(&model));
  EXPECT_FALSE(Artifact::wrap(nullptr));
  model.step = nullptr;
  EXPECT_FALSE(Artifact::wrap(&model));
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
}

} // namespace
} // namespace ccm::test
