// SPDX-License-Identifier: Apache-2.0
// What the host emitter refuses: plans that would leave their memory.
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

/// The first diagnostic of building the host module of the edited model, "" when it is built.
std::string refusal(const std::function<void(std::string &)> &edit) {
  TinyModule module(edit);
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&module.context, [&](mlir::Diagnostic &diagnostic) {
    if (message.empty())
      message = diagnostic.str();
  });
  auto host = buildHostModule(*module.module, module.path("x86-64"), {"{}", ""});
  EXPECT_EQ(failed(host), !message.empty());
  return message;
}

TEST(Host, TakesTheModel) { EXPECT_EQ(refusal({}), ""); }

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
  EXPECT_EQ(refusal(replacing("@loss_4", "\"loss\"", "\"lost\"")),
            "expects a function of entry 'loss' for blocks of 4");
}

} // namespace
} // namespace ccm::test
