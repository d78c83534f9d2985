// SPDX-License-Identifier: Apache-2.0
// What the host emitter refuses: plans that would leave their memory.
#include "codegen/Codegen.h"
#include "codegen/host/Manifest.h"
#include "codegen/host/Places.h"
#include "mlir/IR/Diagnostics.h"
#include "tests/unit/artifact/TinyModel.h"

#include <gtest/gtest.h>

namespace ccm::test {
namespace {

/// Replaces the first `from` after `after`.
auto replacing(const char *after, const char *from, const char *to) {
  return [=](std::string &text) {
    size_t start = text.find(after), at = text.find(from, start);
    ASSERT_NE(start, std::string::npos);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, strlen(from), to);
  };
}

/// The first diagnostic of `step` on a module, "" when it succeeds.
std::string refusal(TinyModule &module, llvm::function_ref<bool()> step) {
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&module.context, [&](mlir::Diagnostic &diagnostic) {
    if (message.empty())
      message = diagnostic.str();
  });
  bool succeeded = step();
  EXPECT_EQ(succeeded, message.empty());
  return message;
}

/// The first diagnostic of building the host module of the edited model, "" when it is built.
std::string refusal(const std::function<void(std::string &)> &edit) {
  TinyModule module(edit);
  return refusal(module, [&] {
    return succeeded(buildHostModule(*module.module, module.path("x86-64"), {"{}", ""}));
  });
}

TEST(Host, TakesTheModel) { EXPECT_EQ(refusal({}), ""); }

TEST(Host, KnowsWhoReadsWhatIsPrepared) {
  TinyModule module;
  auto model = readHostModel(*module.module);
  ASSERT_TRUE(succeeded(model));
  auto parts = independentParts(model->prepare);
  // The transposed weight: only deltas of inputs are made with it.
  EXPECT_EQ(readersOf(parts, *model),
            std::vector<uint32_t>{1u << CCM_BACKWARD | 1u << CCM_BACKWARD_INPUT});
}

TEST(Host, RefusesPlacesOutsideTheirRegion) {
  EXPECT_EQ(refusal(replacing("@forward_4", "scratch[0] + 84", "scratch[0] + 160")),
            "expects a place within 192 bytes, got #ccm.place<scratch[0] + 160, [4, 1]>");
  EXPECT_EQ(refusal(replacing("@forward_1", "input[0] + 0, [3, 1]", "input[3] + 0, [3, 1]")),
            "expects a place within 0 bytes, got #ccm.place<input[3] + 0, [3, 1]>");
  EXPECT_EQ(refusal(replacing("@forward_4", "input[0] + 0, [3, 1]", "input[0] + 0, [4, 1]")),
            "expects a place within 48 bytes, got #ccm.place<input[0] + 0, [4, 1]>");
  EXPECT_EQ(refusal(replacing("@update_16", "state[1] + 0", "state[2] + 0")),
            "expects a place within 0 bytes, got #ccm.place<state[2] + 0, [1]>");
}

TEST(Host, RefusesRegionsThatAnEntryIsNotHanded) {
  EXPECT_EQ(refusal(replacing("@forward_1", "output[0] + 0, [2, 1]", "target[0] + 0, [2, 1]")),
            "expects a place that its entry is handed, got #ccm.place<target[0] + 0, [2, 1]>");
}

TEST(Host, RefusesWhatIsNotPlanned) {
  EXPECT_EQ(refusal(replacing("@loss_1", "result_places", "some_places")),
            "expects places; run ccm-plan-buffers first");
  EXPECT_EQ(refusal(replacing("\"e\"", "ccm.offset = 192", "ccm.place = 192")),
            "expects an offset; run ccm-plan-buffers first");
  EXPECT_EQ(refusal(replacing("\"e\"", "192", "128")),
            "expects an offset of whole 64 bytes from 192 on, got 128");
  EXPECT_EQ(refusal(replacing("\"e\"", "192", "200")),
            "expects an offset of whole 64 bytes from 192 on, got 200");
  EXPECT_EQ(refusal(replacing("\"e\"", "192", "4611686018427387904")),
            "expects an offset of whole 64 bytes from 192 on, got 4611686018427387904");
  EXPECT_EQ(refusal(replacing("@loss_4", "\"loss\"", "\"lost\"")),
            "expects a function of entry 'loss' for blocks of 4");
  EXPECT_EQ(refusal(replacing("@update_16", "ccm.block = 16", "ccm.block = 17")),
            "expects functions of entry 'update' for chunks of 1024 and 16");
  EXPECT_EQ(refusal(replacing("@forward_1", "#ccm.place<input[0] + 0, [3, 1]>", "unit")),
            "expects a place for every operand and result");
  EXPECT_EQ(refusal(replacing("@forward_1", "ccm.zero_border",
                              "linalg.exp ins(%x : tensor<1x3xf32>) outs(%x : tensor<1x3xf32>) -> "
                              "tensor<1x3xf32>\n  ccm.zero_border")),
            "expects kernels; run ccm-form-kernels first");
}

TEST(Host, RefusesWhatHasNoCode) {
  TinyModule module;
  EXPECT_EQ(refusal(module,
                    [&] {
                      HostPath empty;
                      empty.name = "x86-64";
                      return succeeded(buildHostModule(*module.module, empty, {"{}", ""}));
                    }),
            "has no code for target x86-64");
  EXPECT_EQ(refusal(replacing("@forward_1", "test.symbol = \"product_1\"",
                              "test.symbol = \"product_1\", test.arguments = array<i64: 7>")),
            "has no place for argument 0 of its code");
}

TEST(Host, RefusesModelsBeyondItsLimits) {
  EXPECT_EQ(refusal(replacing("ccm.input \"x\"", "?x3xf32", "?x1x1x1x1x1x1x1x1x1x3xf32")),
            "expects an input of at most 9 extents and 2147483647 elements");
  EXPECT_EQ(refusal(replacing("ccm.model", "optimizer = \"adamw\", ", "")),
            "expects an optimizer in `train`, got none");
  EXPECT_EQ(refusal([](std::string &text) {
              text += "ccm.model @other train {} {\n  %x = ccm.input \"x\" pointwise : "
                      "tensor<?x1xf32>\n  ccm.output \"y\" %x pointwise loss(\"mse\") : "
                      "tensor<?x1xf32>\n}\n";
            }),
            "expects one model, got 2");
}

/// A model that makes sequences, with functions to infer alone.
constexpr const char *kSequence = R"mlir(
module attributes {ccm.entries = "infer"} {
  ccm.model @tiny train {optimizer = "sgd"} {
    %b = ccm.input "t_before" low vocabulary 4 drawn shifted of "t" [] : tensor<?x8xi32>
    %x = ccm.input "x" low : tensor<?x8x3xf32>
    ccm.output "t" %x low vocabulary 3 loss("cross_entropy") : tensor<?x8x3xf32>
  }
  func.func @infer_1() attributes {ccm.entry = "infer", ccm.block = 1 : i64} { return }
  func.func @decode_8_1() attributes {ccm.entry = "decode", ccm.block = 1 : i64, ccm.context = 8 : i64} { return }
  func.func @prefill_1(%k: tensor<1x4xi32>) -> (tensor<1x4xi32> {ccm.role = "cache", ccm.index = 0 : i64})
      attributes {ccm.entry = "prefill", ccm.block = 1 : i64} { return %k : tensor<1x4xi32> }
})mlir";

TEST(Host, RefusesSequencesWithoutTheirFunctions) {
  auto refusalAfter = [](const char *from, const char *to) {
    return refusal([=](std::string &text) {
      text = kSequence;
      replacing("", from, to)(text);
    });
  };
  EXPECT_EQ(refusalAfter("4xi32> {", "4xi32> {"),
            "'func.func' op expects the caches of one sample as results, in order, got "
            "'tensor<1x4xi32>' as number 0");
  EXPECT_EQ(refusalAfter("ccm.context = 8", "ccm.context = 7"),
            "expects a function of entry 'decode' for blocks of 1");
  EXPECT_EQ(refusalAfter("\"prefill\"", "\"prepare\""),
            "expects a function of entry 'prefill' for blocks of 1");
}

TEST(Host, RefusesWhatAManifestCannotHold) {
  TinyModule module;
  auto check = [&](const std::string &name, const std::vector<HostPath> &paths) {
    return refusal(module, [&] { return succeeded(checkManifest(*module.module, name, paths)); });
  };
  HostPath path, wordy;
  path.name = "x86-64";
  wordy.name = "sixteen_letters_";
  EXPECT_EQ(check(std::string(85, 'm'), {path}), "");
  EXPECT_EQ(check(std::string(86, 'm'), {path}),
            "expects a model's name of at most 85 characters, got 86");
  EXPECT_EQ(check("m", {}), "expects 1 to 8 code paths, got 0");
  EXPECT_EQ(check("m", std::vector<HostPath>(9, path)), "expects 1 to 8 code paths, got 9");
  EXPECT_EQ(check("m", {wordy}),
            "expects a code path's name of at most 15 characters, got 'sixteen_letters_'");
}

TEST(Host, RefusesDescriptionsThatAreNoObject) {
  TinyModule module;
  mlir::ModuleOp top = *module.module;
  top->setAttr("ccm.describe", mlir::StringAttr::get(&module.context, "[]"));
  EXPECT_EQ(refusal(module, [&] { return succeeded(describeArtifact(top, {}, {}, 0)); }),
            "expects a JSON object in `ccm.describe`");
}

} // namespace
} // namespace ccm::test
