// SPDX-License-Identifier: Apache-2.0
// Loading: what a library says of itself, and everything that is refused before it runs.
#include "TestFiles.h"
#include "runtime/ElfFile.h"

#include <elf.h>

#include <cstring>

namespace ccm::test {
namespace {

std::string libraryBytes() {
  auto bytes = io::readFile(LINEAR_LIBRARY);
  EXPECT_TRUE(bytes) << messageOf(bytes);
  return *bytes;
}

std::string reasonOf(const std::string &bytes) { return messageOf(findModelSymbol(bytes)); }

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
  auto future = Artifact::load(FUTURE_LIBRARY);
  ASSERT_FALSE(future);
  EXPECT_NE(future.error().message.find("expected interface version 1, found 99"),
            std::string::npos);
  auto nameless = Artifact::load(NAMELESS_LIBRARY);
  ASSERT_FALSE(nameless);
  EXPECT_NE(nameless.error().message.find("exports no function 'ccm_model_<name>'"),
            std::string::npos);
  TemporaryDirectory directory;
  ASSERT_TRUE(io::writeFileAtomically(directory / "text.so", "#!/bin/sh\n"));
  EXPECT_EQ(messageOf(Artifact::load(directory / "text.so")),
            "cannot load '" + directory / "text.so" +
                "': it is not an ELF file; expected a library written by ccm-compile");
  EXPECT_FALSE(Artifact::load(directory.path()));
}

TEST(ArtifactTest, RefusesForeignFiles) {
  std::string library = libraryBytes();
  ASSERT_EQ(reasonOf(library), "");
  auto changed = [&](size_t at, char value) {
    std::string copy = library;
    copy[at] = value;
    return reasonOf(copy);
  };
  EXPECT_NE(changed(EI_CLASS, ELFCLASS32), "");
  EXPECT_NE(changed(EI_DATA, ELFDATA2MSB), "");
  EXPECT_NE(changed(offsetof(Elf64_Ehdr, e_type), ET_EXEC), "");
  std::string machine = changed(offsetof(Elf64_Ehdr, e_machine), static_cast<char>(EM_AARCH64));
  EXPECT_NE(machine.find("another processor"), std::string::npos);
}

TEST(ArtifactTest, ReadsNoDamagedFileOutOfBounds) {
  std::string library = libraryBytes();
  for (size_t size = 0; size < library.size(); size += 13)
    EXPECT_NE(reasonOf(library.substr(0, size)), "") << size; // sections lie at the end
  // Every byte of the header and of the section headers, changed: any verdict, no fault.
  Elf64_Ehdr header;
  std::memcpy(&header, library.data(), sizeof(header));
  size_t verdicts = 0;
  for (size_t at = 0; at < library.size(); ++at) {
    if (at >= sizeof(header) && at < header.e_shoff)
      continue;
    std::string copy = library;
    copy[at] = static_cast<char>(copy[at] ^ 0xff);
    verdicts += reasonOf(copy).empty() ? 0 : 1;
  }
  EXPECT_GT(verdicts, 30u);
}

TEST(ArtifactTest, RefusesOtherNeededLibraries) {
  std::string library = libraryBytes();
  size_t name = library.find(std::string("\0libc.so.6\0", 11));
  ASSERT_NE(name, std::string::npos);
  library.replace(name + 1, 4, "libz");
  EXPECT_NE(reasonOf(library).find("it needs 'libz.so.6'"), std::string::npos);
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
