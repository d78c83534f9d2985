// SPDX-License-Identifier: Apache-2.0
// Declarations that use others: what they take from them, in which order they stand, and how many.
#include "ImportRun.h"
#include "ir/Ccm.h"
#include <gtest/gtest.h>

namespace ccm::frontend {

static std::string usingFile(const std::string &file) {
  return R"({"ccm": 1, "name": "m", "unaligned_inputs": [{"name": "x", "use": ")" + file +
         "\"}],\n \"outputs\": [{\"name\": \"y\"}]}\n";
}

/// Tokens of a port that `port` describes further.
static std::string encoder(const std::string &port) {
  return R"({"ccm": 1, "name": "encoder", "unaligned_inputs": [{"name": "in", )" + port +
         "}],\n \"outputs\": [{\"name\": \"t\", \"shape\": [4], \"channels\": 8}]}\n";
}

static void expectIr(ImportRun &run, const std::string &line) {
  std::string ir = run.ir();
  EXPECT_NE(ir.find(line), std::string::npos) << line << "\n" << ir << run.said();
}

TEST(Use, PortsTakeWhatTheyLeaveOut) {
  ImportRun image(
      usingFile("a.json") + "--- a.json\n" +
      encoder(R"("shape": [20, 20], "structure": "high", "channels": 3, "dtype": "u8")"));
  expectIr(image, "\"x\" high bytes : tensor<?x20x20x3xf32>");
  expectIr(image, "pin {model = @a.json, name = \"use\"}");
  ImportRun text(usingFile("a.json") + "--- a.json\n" +
                 encoder(R"("shape": [9], "discrete": true, "vocabulary": 5)"));
  expectIr(text, "\"x\" low vocabulary 5 : tensor<?x9xi32>");
  ImportRun output(R"({"ccm": 1, "name": "m", "unaligned_inputs": [{"name": "x"}],
 "outputs": [{"name": "y", "use": "kinds.json", "loss": "cross_entropy"}]}
--- kinds.json
{"ccm": 1, "name": "k", "unaligned_inputs": [{"name": "t", "channels": 8}],
 "outputs": [{"name": "k", "shape": [6], "discrete": true, "vocabulary": 5}]}
)");
  expectIr(output, "\"y\" %2 low vocabulary 5 loss(\"cross_entropy\") : tensor<?x6x5xf32>");
}

TEST(Use, WhatIsUsedStandsBeforeAndOnce) {
  ImportRun run(R"({"ccm": 1, "name": "m", "use": "parts/b.json",
 "unaligned_inputs": [{"name": "x", "use": "a.json"}, {"name": "y", "use": "./parts/../a.json"}],
 "outputs": [{"name": "z"}]}
--- a.json
)" + encoder("\"channels\": 2") +
                R"(--- parts/b.json
{"ccm": 1, "name": "b", "unaligned_inputs": [{"name": "x", "use": "c.json"}],
 "outputs": [{"name": "t", "shape": [4], "channels": 8}]}
--- parts/c.json
{"ccm": 1, "name": "c", "unaligned_inputs": [{"name": "x", "use": "../d.json"}],
 "outputs": [{"name": "t", "shape": [4], "channels": 8}]}
--- d.json
)" + encoder("\"shape\": [4], \"channels\": 8"));
  ASSERT_TRUE(run.module) << run.said();
  std::string order;
  for (ModelOp model : run.module->getOps<ModelOp>())
    order += (model.getSymName() + (model.isPrivate() ? " " : "")).str();
  EXPECT_EQ(order, "d.json parts/c.json parts/b.json a.json m");
}

/// What a pass says of a model that is used points into its file, and the digest knows that text.
TEST(Use, FilesKeepTheirPlaces) {
  std::string text = usingFile("a.json") + "--- a.json\n", other = encoder("\"channels\": 3");
  ImportRun run(text + encoder("\"channels\": 2")), longer(text + other);
  ASSERT_TRUE(run.module && longer.module) << run.said();
  EXPECT_NE(run.ir(true).find("a.json:2:23"), std::string::npos) << run.ir(true);
  auto sourceOf = [](ImportRun &r) { return r.module->lookupSymbol<ModelOp>("m").getSource(); };
  EXPECT_NE(sourceOf(run), sourceOf(longer));
  mlir::ScopedDiagnosticHandler handler(&run.context, [&](mlir::Diagnostic &diagnostic) {
    run.diagnostics.add(diagnostic);
    return mlir::success();
  });
  opsOf<OutputOp>(run.module->lookupSymbol<ModelOp>("a.json")).front().emitError("no");
  EXPECT_EQ(run.said(), "a.json:2:23: error: no\n \"outputs\": [{\"name\": \"t\", \"shape\": [4], "
                        "\"channels\": 8}]}\n                      ^~~\n");
}

TEST(Use, TooMany) {
  std::string inputs, files;
  for (int i = 0; i < 101; ++i) {
    std::string name = "a" + std::to_string(i);
    inputs += (i ? ", " : "") + ("{\"name\": \"" + name) + "\", \"use\": \"" + name + ".json\"}";
    files += "--- " + name + ".json\n" + encoder("\"channels\": 2");
  }
  ImportRun run("{\"ccm\": 1, \"name\": \"m\", \"unaligned_inputs\": [" + inputs +
                "], \"outputs\": [{\"name\": \"z\"}]}\n" + files);
  EXPECT_FALSE(run.module);
  EXPECT_NE(run.said().find("error: more than 100 declarations are used"), std::string::npos)
      << run.said();
}

} // namespace ccm::frontend
