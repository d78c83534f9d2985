// SPDX-License-Identifier: Apache-2.0
// Where aligned inputs meet, what strategies of aligned parts cost, and that whole models with
// skips keep to their budgets.
#include "passes/strategies/Alignment.h"
#include "passes/structure/WholeChoice.h"
#include "tests/unit/strategies/TestModel.h"

using namespace ccm;

namespace {

/// A model of aligned inputs, from the tails of their operations without `aligned_to`.
class AlignedModel {
public:
  AlignedModel(const std::vector<std::string> &inputs, const std::string &output, bool skips = true,
               const std::string &macs = "100000000") {
    std::string text = "ccm.model @m train {} {\n", operands, types;
    for (size_t i = 0; i < inputs.size(); ++i) {
      std::string number = std::to_string(i), head = inputs[i].substr(0, inputs[i].find(':'));
      text += "  %x" + number + " = ccm.input \"in" + number + "\" " + head +
              "aligned_to [\"out\"] : " + test::typeOfPort(inputs[i]) + "\n";
      operands += (i ? ", %x" : "%x") + number;
      types += (i ? ", " : "") + test::typeOfPort(inputs[i]);
    }
    text += std::string(skips ? "  %t, %p" : "  %t") + " = ccm.reduce \"in0\" " + operands + " : " +
            types + (skips ? " -> !ccm.pyramid" : "") + "\n  %c = ccm.core \"m\" %t " +
            "budget(#ccm.budget<macs = " + macs + ", parameters = 0, activation_bytes = 0>)\n" +
            "  %y = ccm.expand \"out\" %c " + (skips ? "skips(%p) : " : ": ") +
            test::typeOfPort(output) + "\n  ccm.output \"out\" %y " + output + "\n}\n";
    module = test::parseModule(text, context);
  }

  ModelOp model() { return *module->getOps<ModelOp>().begin(); }
  Site reduce() { return siteOf(opsOf<ReduceOp>(model()).front()); }

  Built build(const Site &site, llvm::StringRef name, llvm::StringRef config) {
    PartOpInterface part = site.part;
    auto entries = mlir::cast<mlir::DictionaryAttr>(mlir::parseAttribute(config, &context));
    return **Measure()(*findStrategy(part.getPartKind(), name), site, entries);
  }

  /// The expand part's site after `reduce`, when the core gives tokens of `width`.
  Site expand(const Built &reduce, int64_t width) {
    mlir::Type f32 = mlir::Float32Type::get(&context);
    llvm::SmallVector<unsigned> order;
    Site core = siteOf(opsOf<CoreOp>(model()).front(), {reduce.type}, order);
    int64_t batch = mlir::ShapedType::kDynamic, tokens = reduce.type.getShape()[1];
    return siteOf(opsOf<ExpandOp>(model()).front(), core,
                  mlir::RankedTensorType::get({batch, tokens, width}, f32),
                  [&](ReduceOp) { return reduce.skips; });
  }

  mlir::MLIRContext context;

private:
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

const std::string kPhoto = "high : tensor<?x30x32x3xf32>";
const std::string kMap = "high loss(\"mse\") : tensor<?x30x32x1xf32>";

TEST(Alignment, StridesBetween) {
  struct Row {
    int64_t from, to, repeats, windows;
  };
  const Row rows[] = {{32, 32, 1, 1},  {16, 32, 2, 1},  {32, 16, 1, 2},     {27, 18, 2, 3},
                      {18, 27, 3, 2},  {28, 4, 1, 7},   {29, 15, 1, 2},     {15, 29, 2, 1},
                      {100, 34, 1, 3}, {34, 100, 3, 1}, {1, 1000, 1000, 1}, {7, 1, 1, 7}};
  for (const Row &row : rows) {
    std::optional<Strides> strides = stridesBetween(row.from, row.to);
    ASSERT_TRUE(strides) << row.from << " to " << row.to;
    EXPECT_EQ(strides->repeats[0], row.repeats) << row.from << " to " << row.to;
    EXPECT_EQ(strides->windows[0], row.windows) << row.from << " to " << row.to;
  }
  EXPECT_FALSE(stridesBetween(101, 70));
  EXPECT_FALSE(stridesBetween({4, 101}, {4, 70}));
  EXPECT_FALSE(stridesBetween({4, 4}, {4}));
}

TEST(Alignment, InputsMeetOnTheOutputsGridOrTheFinestOfTheirs) {
  auto gridOf = [](const std::vector<std::string> &inputs) {
    return llvm::to_vector(AlignedModel(inputs, kMap).reduce().positions());
  };
  using Grid = llvm::SmallVector<int64_t>;
  EXPECT_EQ(gridOf({kPhoto}), (Grid{30, 32}));
  EXPECT_EQ(gridOf({"high : tensor<?x60x64x1xf32>"}), (Grid{30, 32}));
  EXPECT_EQ(gridOf({"low : tensor<?x15x16x1xf32>"}), (Grid{15, 16}));
  EXPECT_EQ(gridOf({"low : tensor<?x15x16x1xf32>", kPhoto}), (Grid{30, 32}));
  EXPECT_EQ(gridOf({"low : tensor<?x10x64x1xf32>", "low : tensor<?x15x8x1xf32>"}), (Grid{15, 32}));
}

TEST(Alignment, OneInputOnItsOutputsGridIsAnOrdinaryOneWithoutSkips) {
  AlignedModel low({"low : tensor<?x8x8x3xf32>"}, "low loss(\"mse\") : tensor<?x8x8x1xf32>", false);
  EXPECT_FALSE(low.reduce().joins());
  EXPECT_TRUE(AlignedModel({kPhoto}, kMap).reduce().joins());
}

TEST(Formula, UEncoderAndUDecoder) {
  AlignedModel model({kPhoto}, kMap);
  Built built = model.build(model.reduce(), "u-encoder",
                            "{depth = 2, stem = 2, widths = array<i64: 16, 32>}");
  int64_t fine = 15 * 16, coarse = 8 * 8;
  EXPECT_EQ(built.cost.macs,
            fine * (12 * 16 + 2 * 9 * 16 * 16) + coarse * (64 * 32 + 2 * 9 * 32 * 32));
  EXPECT_EQ(built.cost.parameters,
            (12 * 16 + 16) + 2 * (9 * 16 * 16 + 16) + (64 * 32 + 32) + 2 * (9 * 32 * 32 + 32));
  ASSERT_EQ(built.skips.size(), 3u);
  EXPECT_EQ(built.skips[0].window, 1);
  EXPECT_EQ(built.skips[1].window, 2);
  EXPECT_EQ(built.skips[2].window, 4);
  Built decoded = model.build(model.expand(built, 48), "u-decoder", "{depth = 1}");
  int64_t bottom = coarse * (48 * 32 + 9 * 64 * 32);
  int64_t middle = coarse * 32 * (4 * 16) + fine * 9 * 32 * 16;
  // Panels have 16 columns at least.
  int64_t top = fine * 16 * (4 * 8) + 30 * 32 * (9 * 11 * 16 + 8 * 16);
  EXPECT_EQ(decoded.cost.macs, bottom + middle + top);
  int64_t norms = 2 * (32 + 16 + 8), maps = (48 + 1) * 32 + (32 + 1) * 64 + (16 + 1) * 32 + (8 + 1);
  EXPECT_EQ(decoded.cost.parameters,
            maps + norms + (9 * 64 + 1) * 32 + (9 * 32 + 1) * 16 + (9 * 11 + 1) * 8);
}

// Inputs meet on the grid of 30 by 32. Windows of the fine one of 15 by 16 cover 16 by 16, and
// where they start 4 ahead 24 by 24.
TEST(Formula, WindowAttentionWithSkips) {
  constexpr int64_t n = 15 * 16, covered = 16 * 16 + 24 * 24, d = 32, W = 8 * 8;
  AlignedModel model({kPhoto, "low : tensor<?x10x16x2xf32>"}, kMap);
  Built built = model.build(model.reduce(), "window-attention",
                            "{depth = 2, merge = 2, patch = 2, width = 32, window = 8}");
  int64_t meeting = 10 * 16 * 2 * 16, coarse = 8 * 8;
  EXPECT_EQ(built.cost.macs, meeting + n * 4 * (3 + 16) * d + 2 * 12 * n * d * d +
                                 covered * 2 * W * d + coarse * (4 * d) * (2 * d));
  ASSERT_EQ(built.skips.size(), 3u);
  EXPECT_EQ(positionsOf(built.skips[0].type), (llvm::ArrayRef<int64_t>{30, 32}));
  EXPECT_EQ(positionsOf(built.skips[1].type), (llvm::ArrayRef<int64_t>{15, 16}));
  EXPECT_EQ(positionsOf(built.skips[2].type), (llvm::ArrayRef<int64_t>{8, 8}));
  EXPECT_EQ(built.skips[2].window, 4);
  EXPECT_EQ(built.type.getShape()[1], coarse);
}

TEST(Formula, AlignedEmbed) {
  AlignedModel model({"low vocabulary 9 : tensor<?x18xi32>", "low : tensor<?x27x2xf32>"},
                     "low loss(\"mse\") : tensor<?x18x1xf32>", false);
  Built built = model.build(model.reduce(), "aligned-embed", "{depth = 0, width = 32}");
  EXPECT_EQ(built.cost.macs, 18 * (16 * 32 + 6 * 32));
  EXPECT_EQ(built.cost.parameters, 9 * 16 + (16 * 32 + 32) + (6 * 32 + 32));
}

/// Whole models with skips, over budgets from what is tight to what is wide.
TEST(Whole, ModelsWithSkipsKeepToTheirBudgets) {
  for (int64_t macs : {10000000, 30000000, 100000000, 300000000}) {
    AlignedModel model({"high : tensor<?x64x64x3xf32>", "high : tensor<?x32x32x1xf32>"},
                       "high loss(\"bce\") : tensor<?x64x64x1xf32>", true, std::to_string(macs));
    WholeChoice choice(model.model(), "");
    ASSERT_TRUE(mlir::succeeded(choice.choose()));
    Cost sum = choice.chosen().core.chosen->built.cost;
    for (const Decision &part : choice.chosen().reduces)
      sum += part.chosen->built.cost;
    for (const Decision &part : choice.chosen().expands)
      sum += part.chosen->built.cost;
    EXPECT_LE(sum.macs, macs);
    EXPECT_GE(sum.macs, macs * 6 / 10);
  }
}

} // namespace
