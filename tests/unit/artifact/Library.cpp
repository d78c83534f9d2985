// SPDX-License-Identifier: Apache-2.0
// The library as a file: what it exports, needs and holds.
#include "codegen/link/Linker.h"
#include "tests/unit/artifact/TinyModel.h"
#include "llvm/Object/ELFObjectFile.h"

#include <gtest/gtest.h>

namespace ccm::test {
namespace {

using File = llvm::object::ELF64LEObjectFile;

File parse(const std::string &library) {
  return llvm::cantFail(File::create(llvm::MemoryBufferRef(library, "model.so")));
}

TEST(Library, ExportsOneSymbolAndNeedsNothing) {
  File file = parse(tinyLibrary());
  std::vector<std::string> names;
  for (const auto &symbol : file.getDynamicSymbolIterators())
    names.push_back(llvm::cantFail(symbol.getName()).str());
  EXPECT_EQ(names, std::vector<std::string>{"ccm_model_tiny"});
  uint64_t flags = 0;
  for (const auto &entry : llvm::cantFail(file.getELFFile().dynamicEntries())) {
    EXPECT_NE(entry.getTag(), llvm::ELF::DT_NEEDED);
    EXPECT_NE(entry.getTag(), llvm::ELF::DT_TEXTREL);
    if (entry.getTag() == llvm::ELF::DT_FLAGS)
      flags = entry.getVal();
  }
  EXPECT_TRUE(flags & llvm::ELF::DF_BIND_NOW);
}

TEST(Library, IsHardened) {
  bool relro = false;
  File file = parse(tinyLibrary());
  for (const auto &segment : llvm::cantFail(file.getELFFile().program_headers())) {
    relro |= segment.p_type == llvm::ELF::PT_GNU_RELRO;
    bool isStack = segment.p_type == llvm::ELF::PT_GNU_STACK;
    EXPECT_FALSE(isStack && segment.p_flags & llvm::ELF::PF_X);
    EXPECT_FALSE(segment.p_flags & llvm::ELF::PF_W && segment.p_flags & llvm::ELF::PF_X);
  }
  EXPECT_TRUE(relro);
}

TEST(Library, HoldsItsIr) {
  File file = parse(tinyLibrary());
  for (const auto &section : file.sections())
    if (llvm::cantFail(section.getName()) == ".ccm.ir") {
      EXPECT_EQ(llvm::cantFail(section.getContents()), "ccm.model @tiny");
      return;
    }
  FAIL() << "no section .ccm.ir";
}

TEST(Library, HasTheSameBytesEveryTime) {
  TinyModule module;
  EXPECT_TRUE(linkTinyModel({module.path("x86-64")}, module) == tinyLibrary());
}

TEST(Library, DescribesItself) {
  const ccm_model &model = tinyModel();
  EXPECT_EQ(model.abi_major, CCM_ABI_MAJOR);
  EXPECT_STREQ(model.name, "tiny");
  EXPECT_STREQ(model.describe, "{\"name\":\"tiny\"}");
  EXPECT_STREQ(model.target, "x86-64");
  EXPECT_FLOAT_EQ(model.learning_rate, 0.01f);
  ASSERT_EQ(model.input_count, 3);
  EXPECT_STREQ(model.inputs[1].name, "id");
  EXPECT_EQ(model.inputs[1].dtype, CCM_I32);
  EXPECT_EQ(model.inputs[1].vocabulary, 4);
  EXPECT_EQ(model.inputs[2].dtype, CCM_U8);
  EXPECT_EQ(model.inputs[2].bytes, 2u);
  ASSERT_EQ(model.output_count, 1);
  EXPECT_EQ(model.outputs[0].target_bytes, 8u);
  ASSERT_EQ(model.parameter_count, 3);
  EXPECT_STREQ(model.parameters[2].name, "big");
  EXPECT_EQ(model.parameters[2].offset, 256u);
  EXPECT_EQ(model.parameters[0].packed_steps[0], 16);
  EXPECT_EQ(model.parameters[0].packed_dims[1], 1);
  EXPECT_EQ(model.parameters[0].bytes, 192u);
}

TEST(Library, ChoosesTheFirstPathThatTheProcessorCanRun) {
  TinyModule module;
  HostPath impossible = module.path("future"), plain = module.path("plain");
  impossible.required[CCM_CPUID_7_ECX] = ~0u;
  const ccm_model *model = loadModel(linkTinyModel({impossible, plain}, module));
  ASSERT_TRUE(model);
  EXPECT_STREQ(model->target, "plain");
}

TEST(Library, RefusesAProcessorThatNoPathSuits) {
  TinyModule module;
  HostPath impossible = module.path("future");
  impossible.required[CCM_CPUID_7_ECX] = ~0u;
  const ccm_model *model = loadModel(linkTinyModel({impossible}, module));
  ASSERT_TRUE(model);
  EXPECT_STREQ(model->target, "none");
  char message[128] = "";
  ccm_error error = {message, sizeof(message)};
  ccm_sizes sizes = {};
  sizes.bytes = sizeof(sizes);
  EXPECT_EQ(model->sizes(1, 1, &sizes, &error), CCM_NOT_SUPPORTED);
  EXPECT_STREQ(message, "this processor lacks features that every code path of the library needs");
  EXPECT_EQ(model->infer(nullptr, nullptr, nullptr, nullptr, nullptr), CCM_NOT_SUPPORTED);
  EXPECT_EQ(model->train(nullptr, nullptr, nullptr), CCM_NOT_SUPPORTED);
}

TEST(Linker, NamesWhatIsMissing) {
  TinyModule module;
  auto host = buildHostModule(*module.module, module.path("x86-64"), {"{}", ""});
  ASSERT_TRUE(succeeded(host));
  std::string object = *emitHostObject(*host->module);
  auto library = linkLibrary({{"artifact.o", artifactObject()}, {"host.o", object}},
                             "ccm_model_tiny", "tiny.so");
  ASSERT_FALSE(bool(library));
  std::string message = llvm::toString(library.takeError());
  EXPECT_NE(message.find("undefined symbol: product_4"), std::string::npos) << message;
  EXPECT_EQ(message.find("/tmp"), std::string::npos) << message;
}

} // namespace
} // namespace ccm::test
