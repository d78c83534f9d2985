// SPDX-License-Identifier: Apache-2.0
// Texts that are made to hurt: each is refused at once, with one clear error.
#include "ImportRun.h"
#include "frontend/Json.h"
#include "frontend/Language.h"
#include <gtest/gtest.h>
#include <random>

namespace ccm::frontend {

static std::string firstLine(const ImportRun &run) {
  return llvm::StringRef(run.said()).split('\n').first.str();
}

static std::string repeated(llvm::StringRef part, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i)
    result += part;
  return result;
}

TEST(HostileText, MillionBrackets) {
  for (llvm::StringRef bracket : {"[", "{\"a\":"}) {
    ImportRun run(repeated(bracket, 1000000));
    EXPECT_EQ(run.diagnostics.list().size(), 1u);
    EXPECT_NE(firstLine(run).find("error: nested deeper than 256 levels"), std::string::npos)
        << firstLine(run);
  }
}

TEST(HostileText, DepthAtTheLimit) {
  ImportRun at(repeated("[", 256) + repeated("]", 256));
  EXPECT_EQ(firstLine(at).find("nested deeper"), std::string::npos) << firstLine(at);
  ImportRun over(repeated("[", 257) + repeated("]", 257));
  EXPECT_EQ(firstLine(over), "model.json:1:257: error: nested deeper than 256 levels");
}

TEST(HostileText, FileOverTheLimit) {
  ImportRun at(std::string(kFileLimit, ' '));
  EXPECT_NE(firstLine(at).find("unexpected end of input"), std::string::npos) << firstLine(at);
  ImportRun over(std::string(kFileLimit + 1, ' '));
  EXPECT_EQ(firstLine(over), "model.json:1:1: error: a declaration of at most 16777216 bytes is "
                             "expected, this one has 16777217");
}

TEST(HostileText, TooManyLines) {
  for (llvm::StringRef control : {"\n", "\t", "\x01"}) {
    ImportRun run(repeated(control, kControlLimit + 1));
    EXPECT_EQ(firstLine(run), "model.json:1:1: error: more than 1000000 ends of lines and other "
                              "control characters");
  }
}

TEST(HostileText, LongNumbers) {
  ImportRun at("{\"a\": " + std::string(kNumberLimit, '1') + "}");
  EXPECT_NE(firstLine(at).find("is too large to be represented"), std::string::npos)
      << firstLine(at);
  ImportRun over("{\"a\": " + std::string(kNumberLimit + 1, '1') + "}");
  EXPECT_EQ(firstLine(over), "model.json:1:7: error: a number of more than 4096 characters");
}

TEST(HostileText, TooManyValues) {
  ImportRun run("[" + repeated("0,", kValueLimit + 1) + "0]");
  EXPECT_NE(firstLine(run).find("error: more than 500000 values"), std::string::npos)
      << firstLine(run);
}

TEST(HostileText, HundredThousandPorts) {
  std::string ports;
  for (int i = 0; i < 100000; ++i)
    ports += (i ? ", " : "") + std::string("{\"name\": \"p") + std::to_string(i) + "\"}";
  ImportRun run("{\"ccm\": 1, \"name\": \"m\", \"outputs\": [{\"name\": \"y\"}],\n"
                "\"unaligned_inputs\": [" +
                ports + "]}");
  EXPECT_EQ(firstLine(run),
            "model.json:2:21: error: a model has at most 1000 ports, this one has 100001");
  EXPECT_EQ(run.diagnostics.list().size(), 1u);
}

TEST(HostileText, ThousandPorts) {
  std::string ports;
  for (size_t i = 0; i + 1 < kPortLimit; ++i)
    ports += (i ? ", " : "") + std::string("{\"name\": \"p") + std::to_string(i) + "\"}";
  ImportRun run("{\"ccm\": 1, \"name\": \"m\", \"outputs\": [{\"name\": \"y\"}], "
                "\"unaligned_inputs\": [" +
                ports + "]}");
  EXPECT_TRUE(run.module) << firstLine(run);
}

TEST(HostileText, ManyUnknownAndManyEqualKeys) {
  std::string unknown, equal;
  for (int i = 0; i < 200000; ++i) {
    unknown += "\"k" + std::to_string(i) + "\": 1, ";
    equal += "\"k\": 1, ";
  }
  for (const std::string &keys : {unknown, equal}) {
    ImportRun run("{" + keys + "\"ccm\": 1}");
    EXPECT_EQ(run.diagnostics.list().size(), Diagnostics::kKept);
  }
}

TEST(HostileText, NulBytes) {
  using namespace std::string_literals;
  ImportRun middle("{\"ccm\": 1}\0 trailing"s);
  EXPECT_EQ(firstLine(middle),
            "model.json:1:11: error: a byte of value 0 cannot stand in a declaration");
  ImportRun alone("\0"s);
  EXPECT_EQ(firstLine(alone),
            "model.json:1:1: error: a byte of value 0 cannot stand in a declaration");
}

TEST(HostileText, IllFormedUtf8) {
  ImportRun run("{\"na\xffme\": 1}");
  EXPECT_EQ(run.said(), "model.json:1:5: error: not JSON: invalid string: ill-formed UTF-8 byte\n"
                        "{\"na\uFFFDme\": 1}\n"
                        "    ^\n");
}

TEST(HostileText, ByteOrderMarkAndLineEnds) {
  std::string body =
      "{\"ccm\": 1, \"name\": \"m\",\r\n \"unaligned_inputs\": [{\"name\": \"x\"}],\r\n"
      " \"outputs\": [{\"name\": \"y\"}]}\r\n";
  EXPECT_TRUE(ImportRun("\xEF\xBB\xBF" + body).module);
  ImportRun run("\xEF\xBB\xBF" + llvm::StringRef(body).substr(0, 60).str());
  EXPECT_FALSE(run.module);
  ImportRun torn("\xEF\xBB{}");
  EXPECT_NE(firstLine(torn).find("invalid BOM"), std::string::npos) << firstLine(torn);
}

TEST(HostileText, ColumnsDoNotCountTheByteOrderMark) {
  ImportRun run("\xEF\xBB\xBF{\"cmc\": 1}");
  EXPECT_EQ(llvm::StringRef(run.said()).split('\n').first,
            "model.json:1:1: error: `ccm` is missing: the model needs it");
  EXPECT_NE(run.said().find("model.json:1:2: error: unknown key `cmc`"), std::string::npos)
      << run.said();
}

/// Cuts and changes bytes of a declaration that has everything: never a crash, and either a model
/// or an error at a place.
TEST(HostileText, EveryCutAndManyMutants) {
  const std::string whole = R"({"ccm": 1, "name": "m", // comment
 "unaligned_inputs": [{"name": "a", "shape": [64, 64], "channels": 3, "compute": {"macs": 4e6}},
   {"name": "b", "discrete": true, "vocabulary": 7, "strategy": {"name": "s", "w": [1, 2]}}],
 "aligned_inputs": [], /* more */ "outputs": [{"name": "c", "loss": "l1", "weight": 0.5}],
 "compute": "tiny", "train": {"optimizer": "adam", "beta1": 0.8, "seed": 5}})";
  ASSERT_TRUE(ImportRun(whole).module) << ImportRun(whole).said();
  std::mt19937 random(1);
  auto check = [](const std::string &text) {
    ImportRun run(text);
    EXPECT_NE(bool(run.module), run.diagnostics.hasErrors()) << text;
    EXPECT_EQ(run.said().empty(), bool(run.module)) << text;
  };
  for (size_t length = 0; length < whole.size(); length += 3)
    check(whole.substr(0, length));
  for (int i = 0; i < 300; ++i) {
    std::string mutant = whole;
    for (int change = 0; change < 3; ++change)
      mutant[random() % mutant.size()] = "{}[]\",:0\\-.eE x\n\xC3"[random() % 18];
    check(mutant);
  }
}

} // namespace ccm::frontend
