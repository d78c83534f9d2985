// SPDX-License-Identifier: Apache-2.0
// The report of parts: text for people, JSON for scripts, and what it makes of strange attributes.
#include "passes/structure/Report.h"
#include "tests/unit/strategies/TestModel.h"
#include "llvm/Support/raw_ostream.h"

using namespace ccm;
using namespace ccm::test;

namespace {

const std::string kClasses = "pointwise vocabulary 10 loss(\"cross_entropy\") : tensor<?x10xf32>";

/// A model with one part on record.
struct Reported : TestModel {
  Reported() : TestModel("high : tensor<?x28x28x1xf32>", kClasses) {
    auto config = mlir::parseAttribute("{depth = 2 : i64, widths = array<i64: 24, 48>}", &context);
    auto rejected = mlir::parseAttribute(
        R"([{strategy = "patch-embed", config = {patch = 4 : i64}, macs = 5 : i64, reason = "no"}])",
        &context);
    PartReport part{"reduce",
                    "in",
                    "conv-pyramid",
                    mlir::cast<mlir::DictionaryAttr>(config),
                    64,
                    930000,
                    1000000,
                    310000,
                    310000,
                    4096,
                    mlir::cast<mlir::ArrayAttr>(rejected)};
    model()->setAttr(kPartsAttr, mlir::ArrayAttr::get(&context, {part.toAttribute(&context)}));
  }

  std::string text(bool explain) {
    std::string printed;
    llvm::raw_string_ostream stream(printed);
    printReport(stream, model(), explain);
    return printed;
  }
};

} // namespace

TEST(Report, Text) {
  Reported reported;
  EXPECT_EQ(reported.text(false),
            "m: - (in → out)\n"
            "  part      strategy                    tokens    MACs  of budget  parameters\n"
            "  reduce in conv-pyramid 24-48 depth 2      64  0.93 M       93 %      0.31 M\n");
  EXPECT_NE(reported.text(true).find("    not patch-embed patch 4: no\n"), std::string::npos);
}

TEST(Report, Json) {
  Reported reported;
  llvm::json::Object report = reportToJson(reported.model(), true);
  EXPECT_EQ(report.getString("name"), llvm::StringRef("m"));
  EXPECT_EQ(report.getInteger("macs"), 930000);
  const llvm::json::Object &part = *(*report.getArray("parts"))[0].getAsObject();
  EXPECT_EQ(part.getInteger("budget_macs"), 1000000);
  EXPECT_EQ(part.getInteger("activation_bytes"), 4096);
  EXPECT_EQ(part.getObject("config")->getArray("widths")->size(), 2u);
  EXPECT_EQ(part.getArray("rejected")->size(), 1u);
  EXPECT_EQ(reportToJson(reported.model(), false)
                .getArray("parts")
                ->front()
                .getAsObject()
                ->get("rejected"),
            nullptr);
}

TEST(Report, LeavesOutWhatIsNotItsOwn) {
  Reported reported;
  reported.model()->setAttr(
      kPartsAttr,
      mlir::parseAttribute(R"([1 : i64, {part = "core"}, {tokens = "x"}])", &reported.context));
  EXPECT_TRUE(partsReport(reported.model()).empty());
  reported.model()->setAttr(kPartsAttr, mlir::UnitAttr::get(&reported.context));
  EXPECT_TRUE(partsReport(reported.model()).empty());
}
