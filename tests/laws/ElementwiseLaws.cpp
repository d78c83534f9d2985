// SPDX-License-Identifier: Apache-2.0
// What the builders of elementwise primitives make of any formula.
#include "ir/Ccm.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <gtest/gtest.h>

using namespace mlir;

namespace ccm::laws {
namespace {

using DeltaFormula = Scalar (*)(Scalar, Scalar, Scalar);

/// The operands of the nest of a delta; 0: x, 1: y, 2: dy.
std::vector<unsigned> readsOf(DeltaFormula formula) {
  MLIRContext context;
  context.loadDialect<func::FuncDialect, linalg::LinalgDialect, arith::ArithDialect,
                      tensor::TensorDialect>();
  OpBuilder builder(&context);
  Location loc = builder.getUnknownLoc();
  Type type = RankedTensorType::get({2, 3}, builder.getF32Type());
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder, loc);
  builder.setInsertionPointToEnd(module->getBody());
  auto function =
      func::FuncOp::create(builder, loc, "f", builder.getFunctionType({type, type, type}, {}));
  Block *block = function.addEntryBlock();
  builder.setInsertionPointToEnd(block);
  BackwardBuilder b(builder, loc, {block->getArgument(0)}, block->getArgument(1), {},
                    block->getArgument(2), {true}, {Value()});
  EXPECT_TRUE(succeeded(buildElementwiseBackward(b, formula)));
  std::vector<unsigned> reads;
  for (Value operand : b.deltas[0].getDefiningOp<linalg::GenericOp>().getInputs())
    reads.push_back(cast<BlockArgument>(operand).getArgNumber());
  return reads;
}

TEST(ElementwiseLaws, DeltaReadsWhatItsFormulaReads) {
  EXPECT_EQ(readsOf([](Scalar x, Scalar y, Scalar dy) { return dy * x; }),
            (std::vector<unsigned>{0, 2}));
  EXPECT_EQ(readsOf([](Scalar x, Scalar y, Scalar dy) { return dy * (y - x); }),
            (std::vector<unsigned>{0, 1, 2}));
}

TEST(ElementwiseLaws, DeltaMayBeAnArgumentItself) {
  EXPECT_EQ(readsOf([](Scalar x, Scalar y, Scalar dy) { return dy; }), (std::vector<unsigned>{2}));
  EXPECT_EQ(readsOf([](Scalar x, Scalar y, Scalar dy) { return y; }), (std::vector<unsigned>{1}));
}

} // namespace
} // namespace ccm::laws
