// SPDX-License-Identifier: Apache-2.0
// Learned primitives come with parameters whose layouts are what their descriptions say.
#include "ir/Create.h"
#include "mlir/IR/Verifier.h"
#include "tests/laws/Cases.h"
#include <gtest/gtest.h>

using namespace mlir;

namespace ccm::laws {
namespace {

using Index = std::vector<int64_t>;

/// The canonical index of a packed element by the layout, or none where it is padding.
std::optional<Index> unpacked(ParameterOp parameter, int64_t element) {
  Index index(parameter.getShape().size(), 0);
  LayoutAttr layout = *parameter.getLayout();
  for (size_t axis = layout.getExtents().size(); axis-- > 0; element /= layout.getExtents()[axis])
    index[layout.getDims()[axis]] += element % layout.getExtents()[axis] * layout.getSteps()[axis];
  for (auto [at, extent] : llvm::zip_equal(index, parameter.getShape()))
    if (at >= extent)
      return std::nullopt;
  return index;
}

/// Compares the layout with a description: the canonical index of a packed one.
void expectLayout(Value weight, llvm::function_ref<Index(const Index &)> description) {
  auto parameter = weight.getDefiningOp<ParameterOp>();
  auto shape = cast<RankedTensorType>(weight.getType()).getShape();
  for (int64_t element = 0; element < ShapedType::getNumElements(shape); ++element) {
    Index packed(shape.size());
    for (int64_t axis = shape.size(), rest = element; axis-- > 0; rest /= shape[axis])
      packed[axis] = rest % shape[axis];
    Index expected = description(packed);
    bool inside = true;
    for (auto [at, extent] : llvm::zip_equal(expected, parameter.getShape()))
      inside &= at < extent;
    auto found = unpacked(parameter, element);
    ASSERT_EQ(found.has_value(), inside) << "element " << element;
    ASSERT_EQ(found.value_or(expected), expected) << "element " << element;
  }
}

/// A model with one input, to create primitives in.
struct Create : testing::Test {
  OpBuilder builder{&context()};
  Location loc = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  ModelOp model;

  Value input(llvm::ArrayRef<int64_t> shape) {
    builder.setInsertionPointToEnd(module->getBody());
    model = ModelOp::create(builder, loc, "m", builder.getDictionaryAttr({}), nullptr, nullptr,
                            nullptr);
    model.getBody().emplaceBlock();
    builder.setInsertionPointToEnd(&model.getBody().front());
    Index extents{ShapedType::kDynamic};
    extents.insert(extents.end(), shape.begin(), shape.end());
    auto type = RankedTensorType::get(extents, builder.getF32Type());
    return InputOp::create(builder, loc, type, "x", Structure::Low, /*bytes=*/false, IntegerAttr(),
                           ArrayAttr(), DrawAttr(), StringAttr(), DenseF64ArrayAttr(), ScaleAttr(),
                           DenseF64ArrayAttr(), DenseF64ArrayAttr(), ArrayAttr(), ArrayAttr(),
                           /*unknown=*/false, /*missing=*/false, DenseI64ArrayAttr(),
                           DictionaryAttr());
  }

  /// Everything created is valid, layouts that cover every element included.
  void expectValid() {
    for (Operation &op : model.getBody().front())
      EXPECT_TRUE(succeeded(verify(&op))) << op.getName().getStringRef().str();
    model.erase();
  }
};

constexpr int64_t kOutputs[] = {1, 2, 3, 5, 10, 15, 16, 17, 31, 32, 47, 48, 64, 80, 100, 112};

TEST_F(Create, PacksDense) {
  for (int64_t outputs : kOutputs) {
    SCOPED_TRACE(outputs);
    Value y = Creator{builder, loc}.dense("d", input({7}), outputs);
    Value weight = y.getDefiningOp<DenseOp>().getWeight();
    int64_t width = shapeOf(weight).back();
    expectLayout(weight, [&](const Index &p) { return Index{p[0] * width + p[2], p[1]}; });
    expectValid();
  }
}

TEST_F(Create, PacksConv) {
  for (int64_t outputs : kOutputs) {
    SCOPED_TRACE(outputs);
    Value y = Creator{builder, loc}.conv("c", input({9, 8, 5}), outputs, {3, 2}, {2, 1}, {1, 0});
    Value weight = y.getDefiningOp<ConvOp>().getWeight();
    int64_t width = shapeOf(weight).back();
    expectLayout(weight,
                 [&](const Index &p) { return Index{p[0] * width + p[4], p[1], p[3], p[2]}; });
    expectValid();
    y = Creator{builder, loc}.conv("c", input({9, 5}), outputs, {3}, {2}, {1});
    weight = y.getDefiningOp<ConvOp>().getWeight();
    expectLayout(weight, [&](const Index &p) { return Index{p[0] * width + p[3], p[2], p[1]}; });
    expectValid();
    y = Creator{builder, loc}.conv("c", input({4, 5, 6, 3}), outputs, {2, 3, 2}, {1, 2, 1},
                                   {0, 1, 1});
    weight = y.getDefiningOp<ConvOp>().getWeight();
    expectLayout(
        weight, [&](const Index &p) { return Index{p[0] * width + p[5], p[1], p[2], p[4], p[3]}; });
    expectValid();
  }
}

TEST_F(Create, PacksConvTranspose) {
  for (int64_t outputs : kOutputs)
    for (int64_t stride : {1, 2, 3, 8, 10}) {
      SCOPED_TRACE("outputs " + std::to_string(outputs) + ", stride " + std::to_string(stride));
      Value y = Creator{builder, loc}.convTranspose("t", input({4, 3}), outputs, 2 * stride, stride,
                                                    stride / 2, 4 * stride);
      auto op = y.getDefiningOp<ConvTransposeOp>();
      int64_t width = shapeOf(op.getWeight()).back(), slots = shapeOf(op.getBias()).front();
      expectLayout(op.getWeight(), [&](const Index &p) {
        int64_t column = p[0] * width + p[3];
        return Index{p[1], column / slots, p[2], column % slots};
      });
      expectValid();
    }
}

TEST_F(Create, PacksConvTransposeOfSeveralAxes) {
  for (int64_t outputs : kOutputs)
    for (const Index &stride : {Index{2, 2}, {1, 3}, {2, 2, 2}, {3, 2, 4}, {5, 5, 5}}) {
      SCOPED_TRACE("outputs " + std::to_string(outputs) + ", axes " +
                   std::to_string(stride.size()));
      Index shape(stride.size(), 4), taps, padding, extents;
      shape.push_back(3);
      for (int64_t each : stride) {
        taps.push_back(2 * each);
        padding.push_back(each / 2);
        extents.push_back(4 * each);
      }
      Value y = Creator{builder, loc}.convTranspose("t", input(shape), outputs, taps, stride,
                                                    padding, extents);
      auto op = y.getDefiningOp<ConvTransposeOp>();
      int64_t width = shapeOf(op.getWeight()).back(), slots = shapeOf(op.getBias()).front();
      expectLayout(op.getWeight(), [&](const Index &p) {
        int64_t column = p[0] * width + p.back();
        Index canonical(p.begin() + 1, p.end() - 2);
        canonical.insert(canonical.end(), {column / slots, p[p.size() - 2], column % slots});
        return canonical;
      });
      expectValid();
    }
}

TEST_F(Create, BuildsTransformerBlocks) {
  Value x = input({6, 32});
  Creator create{builder, loc};
  Value y = create.transformerBlock("core.0", create.positions("p", x), 4, true);
  EXPECT_EQ(y.getType(), x.getType());
  EXPECT_EQ(opsOf<ParameterOp>(model).size(), 1 + 2 * 2 + 6 * 2u);
  EXPECT_EQ(opsOf<ParameterOp>(model)[1].getName(), "core.0.norm1.gain");
  expectValid();
}

} // namespace
} // namespace ccm::laws
