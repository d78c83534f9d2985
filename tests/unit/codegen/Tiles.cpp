// SPDX-License-Identifier: Apache-2.0
// Choice of tiles and vectors: pure functions of class, extents and target.
#include "codegen/plan/PlanStages.h"
#include "tests/support/KernelHarness.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace ccm;
using namespace ccm::test;

static const Target &v3() { return *findTarget("x86-64-v3"); }
static const Target &v4() { return *findTarget("x86-64-v4"); }

TEST(Targets, AreFoundByName) {
  EXPECT_EQ(v3().lanes, 8u);
  EXPECT_EQ(v4().lanes, 16u);
  EXPECT_EQ(findTarget("x86-64-v5"), nullptr);
}

TEST(Tiles, LanesFitTheExtent) {
  EXPECT_EQ(chooseLanes(64, v4(), true), 16u);
  EXPECT_EQ(chooseLanes(24, v4(), true), 8u);
  EXPECT_EQ(chooseLanes(24, v4(), false), 16u);
  EXPECT_EQ(chooseLanes(7, v4(), true), 1u);
  EXPECT_EQ(chooseLanes(7, v4(), false), 4u);
  EXPECT_EQ(chooseLanes(1, v3(), false), 1u);
}

TEST(Tiles, UnrolledVectorsDivide) {
  for (int64_t extent = 1; extent < 300; ++extent)
    for (unsigned lanes : {1u, 2u, 4u, 8u, 16u})
      if (int64_t unroll = chooseUnroll(extent, lanes); unroll > 1) {
        EXPECT_EQ(extent % (unroll * lanes), 0) << extent << " " << lanes;
      }
}

static PartialSums rowSums(int64_t rows, int64_t extent) {
  KernelFixture fixture;
  KernelOp kernel = fixture.build({fixture.tensor({rows, extent})}, [](NestBuilder &b,
                                                                       ValueRange in) {
    return SmallVector<Value>{b.sum("r k -> r", in[0], [](ArrayRef<Scalar> s) { return s[0]; })};
  });
  return planKernel(kernel, v4(), PlanLevel::Fast)->nests.front().partial;
}

TEST(Tiles, PartialSumsCoverEveryElementWhateverTheBatch) {
  for (int64_t extent = 2; extent < 300; ++extent) {
    PartialSums partial = rowSums(7, extent), alone = rowSums(1, extent);
    EXPECT_EQ(partial.blocks * partial.steps * partial.width + partial.rest, extent);
    EXPECT_LT(partial.rest, 16) << extent;
    EXPECT_EQ(partial.width, alone.width);
    EXPECT_EQ(partial.steps, alone.steps);
  }
}

static RegisterTile productTile(int64_t rows, int64_t panels, int64_t width, const Target &target,
                                bool once) {
  KernelFixture fixture;
  KernelOp kernel =
      fixture.build({fixture.tensor({rows, 64}), fixture.tensor({panels, 64, width})},
                    [](NestBuilder &b, ValueRange in) {
                      return SmallVector<Value>{b.contract("r k, n k v -> r n v", in[0], in[1])};
                    });
  auto plan = planKernel(kernel, target, PlanLevel::Fast);
  const Nest &nest = plan->nests.front();
  EXPECT_EQ(nest.kind, NestClass::Contraction);
  return chooseTile(nest, target, {{rows, panels, width}, once});
}

/// Whatever the extents, accumulators fit the registers and counts fit the extents.
TEST(Tiles, ProductsFitRegisters) {
  for (const Target *target : {&v3(), &v4()})
    for (int64_t rows : {1, 2, 5, 7, 8, 13, 49, 64, 256})
      for (int64_t panels : {1, 2, 3})
        for (int64_t width : {7, 16, 32, 48, 64, 100})
          for (bool once : {false, true}) {
            RegisterTile tile = productTile(rows, panels, width, *target, once);
            int64_t product = 1, extents[] = {rows, panels, width};
            for (const TileStep &step : tile.steps) {
              product *= step.count;
              EXPECT_LE(step.count, extents[step.dim]);
              EXPECT_TRUE(!once || extents[step.dim] % step.count == 0);
            }
            EXPECT_EQ(tile.countOf(2) % tile.lanes, 0);
            EXPECT_LE(product / tile.lanes, target->contraction.accumulators);
          }
}

TEST(Tiles, RowsAreWastedLittle) {
  RegisterTile tile = productTile(49, 1, 64, v4(), false);
  int64_t count = tile.countOf(0);
  EXPECT_LE((49 + count - 1) / count * count, 50);
}
