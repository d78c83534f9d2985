// SPDX-License-Identifier: Apache-2.0
// How diagnostics look: places, carets, order, later stages, JSON.
#include "ImportRun.h"
#include "ir/Ccm.h"
#include "ir/Words.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ccm::frontend {

static std::string print(const Diagnostics &diagnostics, DiagnosticFormat format, bool color) {
  std::string result;
  llvm::raw_string_ostream out(result);
  diagnostics.print(out, format, color);
  return result;
}

static std::string text(const Diagnostics &diagnostics) {
  return print(diagnostics, DiagnosticFormat::Text, false);
}

static constexpr const char *kSmall = R"({"ccm": 1, "name": "m",
 "unaligned_inputs": [{"name": "x"}],
 "outputs": [{"name": "y", "compute": "tiny"}]}
)";

/// What a pass says of an operation that the importer built.
static std::string saidOf(ImportRun &run, llvm::function_ref<void()> pass) {
  mlir::ScopedDiagnosticHandler handler(&run.context, [&](mlir::Diagnostic &diagnostic) {
    run.diagnostics.add(diagnostic);
    return mlir::success();
  });
  pass();
  return run.said();
}

TEST(Diagnostics, LaterStageAtItsPlace) {
  ImportRun run(kSmall);
  ASSERT_TRUE(run.module) << run.said();
  mlir::Operation *expand = nullptr;
  run.module->walk([&](ExpandOp op) { expand = op; });
  EXPECT_EQ(saidOf(run, [&] { expand->emitOpError() << "fits no budget below 12 MACs"; }),
            "model.json:3:39: error: fits no budget below 12 MACs\n"
            " \"outputs\": [{\"name\": \"y\", \"compute\": \"tiny\"}]}\n"
            "                                      ^~~~~~\n");
  EXPECT_TRUE(run.diagnostics.hasErrors());
}

TEST(Diagnostics, NotesAndRemarksOfLaterStages) {
  ImportRun run(kSmall);
  ASSERT_TRUE(run.module) << run.said();
  mlir::Location other = mlir::FileLineColLoc::get(&run.context, "other.json", 3, 4);
  std::string said = saidOf(run, [&] {
    mlir::emitRemark(run.module->getLoc()) << "chose 1 strategy";
    auto warning = mlir::emitWarning(mlir::UnknownLoc::get(&run.context)) << "slow";
    warning.attachNote(other) << "because of this";
  });
  EXPECT_EQ(said, "model.json: warning: slow\n"
                  "other.json:3:4: note: because of this\n"
                  "model.json:1:1: remark: chose 1 strategy\n"
                  "{\"ccm\": 1, \"name\": \"m\",\n"
                  "^~~~~~~~~~~~~~~~~~~~~~~\n");
  EXPECT_FALSE(run.diagnostics.hasErrors());
}

TEST(Diagnostics, LocationsInsideOthers) {
  ImportRun run(kSmall);
  auto *context = &run.context;
  mlir::Location place = mlir::FileLineColLoc::get(context, "model.json", 2, 32);
  mlir::Location named = mlir::NameLoc::get(mlir::StringAttr::get(context, "reduce"), place);
  mlir::Location fused = mlir::FusedLoc::get(context, {mlir::UnknownLoc::get(context), named});
  mlir::Location call = mlir::CallSiteLoc::get(fused, mlir::UnknownLoc::get(context));
  EXPECT_EQ(saidOf(run, [&] { mlir::emitError(call) << "here"; }),
            "model.json:2:32: error: here\n"
            " \"unaligned_inputs\": [{\"name\": \"x\"}],\n"
            "                               ^~~\n");
}

TEST(Diagnostics, SortedByPlace) {
  Source source("m.json", "abc\ndef\n");
  Diagnostics diagnostics(source);
  diagnostics.error({5, 2}, Message::NotJson, "second");
  diagnostics.error({1, 1}, Message::NotJson, "first");
  EXPECT_EQ(text(diagnostics), "m.json:1:2: error: not JSON: first\nabc\n ^\n"
                               "m.json:2:2: error: not JSON: second\ndef\n ^~\n");
}

TEST(Diagnostics, CountsWhatIsNotShown) {
  std::string keys;
  for (int i = 0; i < 250; ++i)
    keys += ", \"zz" + std::to_string(i) + "\": 1";
  ImportRun run("{\"ccm\": 1, \"name\": \"m\", \"unaligned_inputs\": [{\"name\": \"x\"}], "
                "\"outputs\": [{\"name\": \"y\"}]" +
                keys + "}");
  EXPECT_EQ(run.diagnostics.list().size(), Diagnostics::kKept);
  EXPECT_TRUE(llvm::StringRef(run.said()).ends_with("error: 50 more errors are not shown\n"))
      << run.said();
}

TEST(Diagnostics, WideTabbedAndInvisibleCharacters) {
  Source source("m.json", "\t\"犬\" \x1b[31m\xff x");
  Diagnostics diagnostics(source);
  size_t at = source.text().find('x');
  diagnostics.error({uint32_t(at), 1}, Message::NotJson, "x");
  diagnostics.error({1, 5}, Message::NotJson, "dog");
  EXPECT_EQ(text(diagnostics), "m.json:1:2: error: not JSON: dog\n"
                               "\t\"犬\" \uFFFD[31m\uFFFD x\n"
                               "\t^~~~\n"
                               "m.json:1:15: error: not JSON: x\n"
                               "\t\"犬\" \uFFFD[31m\uFFFD x\n"
                               "\t            ^\n");
}

TEST(Diagnostics, LongLinesAreCutAroundTheCaret) {
  Source source("m.json", std::string(5000, 'a') + "b" + std::string(5000, 'c'));
  Diagnostics diagnostics(source);
  diagnostics.error({5000, 1}, Message::NotJson, "b");
  EXPECT_EQ(text(diagnostics), "m.json:1:5001: error: not JSON: b\n…" + std::string(60, 'a') + "b" +
                                   std::string(59, 'c') + "…\n" + std::string(61, ' ') + "^\n");
}

TEST(Diagnostics, Json) {
  ImportRun run(
      "{\"ccm\": 1, \"name\": \"m\", \"unaligned_inputs\": [{\"name\": \"x\", \"chanels\": 3}], "
      "\"outputs\": [{\"name\": \"y\"}]}");
  EXPECT_EQ(run.said(DiagnosticFormat::Json),
            R"({"file":"model.json","line":1,"column":60,"length":9,"severity":"error",)"
            R"("code":"E0201","message":"unknown key `chanels` of an unaligned input",)"
            R"("notes":[{"message":"did you mean `channels`?"}]})"
            "\n");
}

TEST(Diagnostics, JsonOfIllFormedTextIsWellFormed) {
  ImportRun run("{\"a\xff\": 1}");
  std::string said = run.said(DiagnosticFormat::Json);
  EXPECT_TRUE(nlohmann::json::accept(said)) << said;
}

TEST(Diagnostics, Color) {
  Source source("m.json", "abc");
  Diagnostics diagnostics(source);
  diagnostics.error({0, 3}, Message::NotJson, "x");
  EXPECT_NE(print(diagnostics, DiagnosticFormat::Text, true).find("\x1b["), std::string::npos);
  EXPECT_EQ(print(diagnostics, DiagnosticFormat::Text, false).find("\x1b["), std::string::npos);
}

TEST(Diagnostics, Nearest) {
  EXPECT_EQ(nearest("chanels", {"shape", "channels"}), "channels");
  EXPECT_EQ(nearest("hihg", {"tiny", "low", "high"}), "high");
  EXPECT_EQ(nearest("inputs", {"outputs", "unaligned_inputs"}), "unaligned_inputs");
  EXPECT_EQ(nearest("zzz", {"tiny", "low", "high"}), "");
  EXPECT_EQ(nearest(std::string(1000, 'a'), {"a"}), "");
  EXPECT_EQ(nearest("", {"a", "b"}), "");
}

} // namespace ccm::frontend
