// SPDX-License-Identifier: Apache-2.0
// What accepted declarations become.
#include "ImportRun.h"
#include "mlir/Parser/Parser.h"
#include "runtime/io/Io.h"
#include <gtest/gtest.h>

namespace ccm::frontend {

/// A declaration of one input and one output with given members.
static std::string declare(const std::string &input, const std::string &output,
                           const std::string &model = "") {
  return "{\"ccm\": 1, \"name\": \"m\", \"unaligned_inputs\": [{\"name\": \"x\"" + input +
         "}], \"outputs\": [{\"name\": \"y\"" + output + "}]" + model + "}";
}

static void expectIr(const std::string &declaration, const std::string &line) {
  ImportRun run(declaration);
  EXPECT_NE(run.ir().find(line), std::string::npos) << line << "\n" << run.said() << run.ir();
}

/// The printed IR is read back as what it was.
static void expectRoundTrip(ImportRun &run) {
  std::string printed = run.ir(), again;
  auto parsed = mlir::parseSourceString<mlir::ModuleOp>(printed, &run.context);
  ASSERT_TRUE(parsed) << printed;
  llvm::raw_string_ostream out(again);
  parsed->print(out);
  EXPECT_EQ(again, printed);
}

TEST(Importer, DefaultsOfEverything) {
  ImportRun run(declare("", ""));
  std::string budget = "budget(<macs = 300000000, parameters = 0, activation_bytes = 0>)";
  std::string ir = run.ir();
  size_t source = ir.find(" source \"");
  ASSERT_NE(source, std::string::npos) << run.said();
  ir.erase(source, 9 + 64 + 1);
  EXPECT_EQ(ir, "module {\n"
                "  ccm.model @m train {beta1 = 9.000000e-01 : f64, beta2 = 0.99899999999999999 : "
                "f64, clip = 0.000000e+00 : f64, epsilon = 1.000000e-08 : f64, learning_rate = "
                "1.000000e-03 : f64, optimizer = \"adamw\", schedule = \"cosine\", seed = 0 : "
                "i64, weight_decay = 3.000000e-01 : f64} {\n"
                "    %0 = ccm.input \"x\" pointwise scale standard : tensor<?x1xf32>\n"
                "    %tokens = ccm.reduce \"x\" %0 : tensor<?x1xf32>\n"
                "    %1 = ccm.core \"m\" %tokens " +
                    budget +
                    "\n"
                    "    %2 = ccm.expand \"y\" %1 : tensor<?x1xf32>\n"
                    "    ccm.output \"y\" %2 pointwise loss(\"mse\") "
                    "scale standard : tensor<?x1xf32>\n"
                    "  }\n"
                    "}\n");
}

TEST(Importer, SourceIsTheDigestOfTheText) {
  // printf '%s' "$text" | sha256sum
  EXPECT_NE(ImportRun(declare("", ""))
                .ir()
                .find("2d7c05fb40c3bef3535639d6b626d0959faf07fc13d0439c84c412cae7d64921"),
            std::string::npos);
}

TEST(Importer, Structures) {
  expectIr(declare(R"(, "shape": [1])", ""), "\"x\" pointwise scale standard : tensor<?x1x1xf32>");
  expectIr(declare(R"(, "shape": [2])", ""), "\"x\" low scale standard : tensor<?x2x1xf32>");
  expectIr(declare(R"(, "shape": [10, 100])", ""),
           "\"x\" low scale standard : tensor<?x10x100x1xf32>");
  expectIr(declare(R"(, "shape": [1001])", ""), "\"x\" high : tensor<?x1001x1xf32>");
  expectIr(declare(R"(, "shape": [28, 28], "structure": "high")", ""), "\"x\" high :");
  expectIr(declare(R"(, "shape": [28, 28], "structure": "low")", ""), "\"x\" low scale");
  expectIr(declare(R"(, "shape": [250], "structure": "HighStructure")", ""), "\"x\" high :");
  expectIr(declare(R"(, "shape": [4000], "structure": "LOWSTRUCTURE")", ""), "\"x\" low scale");
  expectIr(declare(R"(, "shape": [4], "structure": "Point")", ""), "\"x\" pointwise scale");
  expectIr(declare(R"(, "structure": "POINTWISE")", ""), "\"x\" pointwise scale");
  expectIr(declare(R"(, "shape": [2, 2, 2], "dimension": 3)", ""), "\"x\" low scale");
  expectIr(declare(R"(, "shape": [2, 2, 2], "dimensions": 3)", ""), "\"x\" low scale");
}

TEST(Importer, Kinds) {
  expectIr(declare(R"(, "channels": 3)", ""), "\"x\" pointwise scale standard : tensor<?x3xf32>");
  expectIr(declare(R"(, "dtype": "u8")", ""), "\"x\" pointwise bytes : tensor<?x1xf32>");
  expectIr(declare(R"(, "dtype": "f32")", ""), "\"x\" pointwise scale standard : tensor<?x1xf32>");
  expectIr(declare(R"(, "discrete": true, "vocabulary": 67)", ""),
           "\"x\" pointwise vocabulary 67 : tensor<?xi32>");
  expectIr(declare(R"(, "discrete": true, "vocabulary": 2, "shape": [64], "dtype": "i32")", ""),
           "\"x\" low vocabulary 2 : tensor<?x64xi32>");
  expectIr(declare("", R"(, "discrete": true, "vocabulary": 10)"),
           "pointwise vocabulary 10 loss(\"cross_entropy\") : tensor<?x10xf32>");
  expectIr(declare("", R"(, "discrete": true, "vocabulary": 9, "shape": [48])"),
           "low vocabulary 9 loss(\"cross_entropy\") : tensor<?x48x9xf32>");
}

TEST(Importer, Scales) {
  expectIr(declare(R"(, "scale": "Robust")", ""), "\"x\" pointwise scale robust :");
  expectIr(declare(R"(, "scale": "none")", ""), "\"x\" pointwise : tensor");
  expectIr(declare(R"(, "channels": 2, "scale": {"offset": 3, "factor": [1, 0.5]})", ""),
           "scale fixed by [3.000000e+00] [1.000000e+00, 5.000000e-01]");
  expectIr(declare(R"(, "scale": {"factor": 2})", ""),
           "scale fixed by [0.000000e+00] [2.000000e+00]");
  expectIr(declare(R"(, "shape": [1001], "scale": "standard")", ""), "\"x\" high scale standard");
  expectIr(declare("", R"(, "shape": [1001], "loss": "l1")"), "high loss(\"l1\") scale standard");
  expectIr(declare("", R"(, "loss": "bce")"), "loss(\"bce\") : tensor");
  expectIr(declare("", R"(, "dtype": "u8")"), "bytes loss(\"mse\") : tensor");
}

TEST(Importer, LossesAndWeights) {
  for (const char *loss : {"mse", "l1", "huber", "bce"})
    expectIr(declare("", ", \"loss\": \"" + std::string(loss) + "\""),
             "loss(\"" + std::string(loss) + "\")");
  expectIr(declare("", R"(, "weight": 2)"), "loss(\"mse\") weight 2.000000e+00");
  expectIr(declare("", R"(, "weight": 0.5, "generate": "direct", "frozen": false)"),
           "loss(\"mse\") weight 5.000000e-01");
}

TEST(Importer, Budgets) {
  auto budget = [](const std::string &part, int64_t macs, int64_t parameters, int64_t bytes) {
    return part + " budget(<macs = " + std::to_string(macs) +
           ", parameters = " + std::to_string(parameters) +
           ", activation_bytes = " + std::to_string(bytes) + ">)";
  };
  expectIr(declare("", "", R"(, "compute": "TINY")"), budget("\"m\" %tokens", 10000000, 0, 0));
  expectIr(declare(R"(, "compute": "medium")", ""), budget("\"x\" %0", 4000000000, 0, 0));
  expectIr(declare("", R"(, "compute": "high")"), budget("\"y\" %1", 16000000000, 0, 0));
  // A port without one has none: it shares the model's.
  expectIr(declare("", "", R"(, "compute": "medium")"), "ccm.reduce \"x\" %0 : tensor");
  expectIr(declare("", "", R"(, "compute": "high")"), "ccm.expand \"y\" %1 : tensor");
  std::string mixed =
      declare(R"(, "compute": {"macs": 4e9, "parameters": 3e7, "activation_bytes": 2e9})",
              R"(, "compute": {"parameters": 5})", R"(, "compute": "tiny")");
  expectIr(mixed, budget("\"x\" %0", 4000000000, 30000000, 2000000000));
  expectIr(mixed, budget("\"m\" %tokens", 10000000, 0, 0));
  expectIr(mixed, budget("\"y\" %1", 10000000, 5, 0));
}

TEST(Importer, Pins) {
  expectIr(
      declare(R"(, "strategy": {"name": "conv-pyramid", "widths": [16, 32], "depth": 3,
                     "rate": 0.5, "kind": "same", "causal": true, "bias": false, "none": []})",
              ""),
      "pin {causal, depth = 3 : i64, kind = \"same\", name = \"conv-pyramid\", none = array<i64>, "
      "rate = 5.000000e-01 : f64, widths = array<i64: 16, 32>} : tensor<?x1xf32>");
  expectIr(declare("", R"(, "strategy": {"name": "un-patch"})"),
           "pin {name = \"un-patch\"} : tensor");
  expectIr(declare("", "", R"(, "strategy": {"name": "mlp"})"), "pin {name = \"mlp\"}\n");
}

TEST(Importer, PinsAreReadBack) {
  ImportRun run(
      declare(R"(, "strategy": {"name": "a b", "i64": 3, "true": 1, "s": "\"\u0007", "e": []})", "",
              R"(, "strategy": {"name": "mlp", "module": [1]})"));
  ASSERT_TRUE(run.module) << run.said();
  expectRoundTrip(run);
}

TEST(Importer, Training) {
  auto train = [](const std::string &members) {
    return declare("", "", ", \"train\": {" + members + "}");
  };
  expectIr(
      train(
          R"("optimizer": "sgd", "learning_rate": 1, "schedule": "warmup", "clip": 2, "seed": 7)"),
      "train {clip = 2.000000e+00 : f64, learning_rate = 1.000000e+00 : f64, optimizer = "
      "\"sgd\", schedule = \"warmup\", seed = 7 : i64}");
  expectIr(train(R"("optimizer": "momentum", "momentum": 0.5, "schedule": "cosine")"),
           "momentum = 5.000000e-01 : f64, optimizer = \"momentum\", schedule = \"cosine\"");
  expectIr(train(R"("optimizer": "adam", "beta2": 0.5)"), "beta2 = 5.000000e-01 : f64");
  expectIr(train(R"("weight_decay": 0)"), "weight_decay = 0.000000e+00 : f64");
  expectIr(train(R"("seed": 9223372036854775807)"), "seed = 9223372036854775807 : i64");
}

TEST(Importer, SeveralPortsShareTheCore) {
  std::string text = R"({"ccm": 1, "name": "m",
    "unaligned_inputs": [{"name": "a"}, {"name": "b"}],
    "outputs": [{"name": "c"}, {"name": "d"}]})";
  expectIr(text, "ccm.core \"m\" %tokens, %tokens_0 budget");
  expectIr(text, "ccm.expand \"c\" %2 : tensor");
  expectIr(text, "ccm.expand \"d\" %2 : tensor");
}

TEST(Importer, InputsAlignedToTheSameOutputsAreOnePart) {
  std::string text = R"({"ccm": 1, "name": "m", "aligned_inputs": [
    {"name": "a", "shape": [32, 32], "compute": {"macs": 100, "parameters": 7}},
    {"name": "b", "shape": [8, 8], "aligned_to": ["map"]},
    {"name": "c", "shape": [64, 64], "aligned_to": ["tags", "map", "tags"],
     "strategy": {"name": "u-encoder"}, "compute": {"macs": 20}}],
    "outputs": [{"name": "map", "shape": [32, 32]}, {"name": "tags", "shape": [16, 16]}]})";
  expectIr(text, "\"a\" high aligned_to [\"map\", \"tags\"]");
  expectIr(text, "\"c\" high aligned_to [\"map\", \"tags\"]");
  expectIr(text, "%tokens, %skips = ccm.reduce \"a\" %0, %1 budget(<macs = 120, parameters = 7, "
                 "activation_bytes = 0>) pin {name = \"u-encoder\"} : tensor<?x32x32x1xf32>, "
                 "tensor<?x64x64x1xf32> -> !ccm.pyramid");
  // One that is low gives skips to a high output that another makes a U.
  expectIr(text, "ccm.reduce \"b\" %2 : tensor<?x8x8x1xf32> -> !ccm.pyramid");
  expectIr(text, "ccm.expand \"map\" %3 skips(%skips, %skips_1) : tensor");
  expectIr(text, "ccm.expand \"tags\" %3 : tensor");
  ImportRun run(text);
  expectRoundTrip(run);
}

TEST(Importer, OptionalInputsHavePresences) {
  std::string text =
      declare(R"(, "shape": [8], "discrete": true, "vocabulary": 9, "optional": true)", "");
  expectIr(text, "ccm.input \"x\" low vocabulary 9 : tensor<?x8xi32>");
  expectIr(text, "ccm.input \"x_present\" pointwise drawn presence of \"x\" [1.000000e-01] : "
                 "tensor<?x1xf32>");
  ImportRun run(text);
  expectRoundTrip(run);
}

TEST(Importer, DiffusionHasNoiseAndTime) {
  std::string text = R"({"ccm": 1, "name": "m",
    "outputs": [{"name": "map", "shape": [40, 30], "dtype": "u8", "generate": "diffusion"},
                {"name": "sum", "channels": 2, "generate": "diffusion"}]})";
  expectIr(text, "%0 = ccm.input \"map_time\" pointwise drawn time of \"map\" [] : "
                 "tensor<?x1xf32>");
  expectIr(text, "ccm.input \"map_noised\" high aligned_to [\"map\"] drawn noised of \"map\" "
                 "[5.000000e-01, 5.000000e-01] : tensor<?x40x30x1xf32>");
  expectIr(text, "ccm.input \"sum_noised\" pointwise drawn noised of \"sum\" "
                 "[0.000000e+00, 1.000000e+00] : tensor<?x2xf32>");
  expectIr(text, "ccm.denoise ");
  expectIr(text, "ccm.output \"map\" %");
  expectIr(text, " high bytes loss(\"mse\") : tensor<?x40x30x1xf32>");
  ImportRun run(text);
  expectRoundTrip(run);
}

TEST(Importer, LowAlignedInputsGiveNoSkips) {
  std::string text = R"({"ccm": 1, "name": "m", "aligned_inputs": [{"name": "a", "shape": [8, 8]}],
    "outputs": [{"name": "map", "shape": [32, 32]}, {"name": "sum"}]})";
  expectIr(text, "\"a\" low aligned_to [\"map\"]");
  expectIr(text, "ccm.reduce \"a\" %0 : tensor<?x8x8x1xf32>\n");
}

TEST(Importer, NamesThatOnlyLookDangerous) {
  for (const char *name : {"malloc", "main", "x1", "a_", "printf"})
    EXPECT_TRUE(
        ImportRun(
            "{\"ccm\": 1, \"name\": \"" + std::string(name) +
            "\", \"unaligned_inputs\": [{\"name\": \"x\"}], \"outputs\": [{\"name\": \"y\"}]}")
            .module)
        << name;
}

TEST(Importer, LocationsAreThoseOfTheDeclaration) {
  ImportRun run(R"({"ccm": 1, "name": "m",
 "unaligned_inputs": [{"name": "x", "compute": "tiny"},
  {"name": "w", "compute": "tiny", "strategy": {"depth": 1, "name": "mlp"}}],
 "outputs": [{"name": "y"}]})");
  std::string ir = run.ir(/*withLocations=*/true);
  for (const char *operation :
       {"\n  } model.json:1:20", "tensor<?x1xf32> model.json:2:32",
        "tensor<?x1xf32> model.json:2:48", "tensor<?x1xf32> model.json:3:12",
        "tensor<?x1xf32> model.json:3:69", "tensor<?x1xf32> model.json:4:23"})
    EXPECT_NE(ir.find(operation), std::string::npos) << operation << "\n" << ir;
}

TEST(Importer, Examples) {
  for (const char *name : {"animals", "fashion"}) {
    auto text = io::readFile(std::string(CCM_EXAMPLES) + "/" + name + "/model.json");
    ASSERT_TRUE(text);
    ImportRun run(*text);
    ASSERT_TRUE(run.module) << run.said();
    expectRoundTrip(run);
  }
}

} // namespace ccm::frontend
