// SPDX-License-Identifier: Apache-2.0
// The lattice of configurations and the preferences between them.
#include "tests/unit/strategies/TestModel.h"

using namespace ccm;

TEST(Lattice, WindowsWasteLittle) {
  EXPECT_EQ(windowLattice({28, 28}), (llvm::SmallVector<int64_t>{2, 4, 14, 28}));
  EXPECT_EQ(windowLattice({29, 31}), (llvm::SmallVector<int64_t>{2, 4, 8, 31}));
  for (int64_t window : windowLattice({16000}))
    EXPECT_EQ(16000 % window, 0) << window;
}

TEST(Lattice, WindowsOfExtremeExtents) {
  EXPECT_TRUE(windowLattice({}).empty());
  EXPECT_TRUE(windowLattice({1}).empty());
  EXPECT_EQ(windowLattice({2147483647}).size(), 10u);
  EXPECT_EQ(windowLattice({2147483647, 1, 1, 1, 1, 1}).size(), 10u);
}

TEST(Lattice, PatchCountRoundsUp) {
  EXPECT_EQ(patchCount({29, 31}, 8), 4 * 4);
  EXPECT_EQ(patchCount({}, 8), 1);
}

TEST(Lattice, WidthsSuitPanelsAndHeads) {
  for (int64_t width : widthLattice())
    EXPECT_EQ(width % kLanes, 0);
  for (int64_t width : headedWidthLattice())
    EXPECT_EQ(width % headsOf(width), 0);
}

TEST(Lattice, Preferences) {
  EXPECT_EQ(preferBetween(5, 4, 6), 1.0);
  EXPECT_EQ(preferBetween(1, 4, 6), 0.5);
  EXPECT_EQ(preferBetween(24, 4, 6), 0.5);
  EXPECT_EQ(preferBetween(0, 0, 6), 1.0);
  EXPECT_EQ(preferAspect(64, 0), 1.0);
  EXPECT_EQ(preferAspect(64, 1), 1.0);
}

TEST(Registry, NamesAreUniqueAndFound) {
  for (llvm::StringRef kind : {"reduce", "core", "expand"})
    for (const Strategy *strategy : strategiesOf(kind)) {
      EXPECT_EQ(findStrategy(kind, strategy->name()), strategy);
      EXPECT_FALSE(strategy->scope().empty());
      EXPECT_FALSE(strategy->keys().empty());
    }
  EXPECT_EQ(findStrategy("core", "conv-pyramid"), nullptr);
}
