// SPDX-License-Identifier: Apache-2.0
// Lines of progress: they never wrap, lose the least important part first, and are plain elsewhere.
#include "tools/ccm-run/Progress.h"

#include <gtest/gtest.h>

namespace ccm::run {
namespace {

const ProgressLine kLine{
    "epoch 12/30",
    0.41,
    {{"loss 0.213"}, {"(val 0.241)", 2, true}, {"312 samples/s", 3}, {"eta 1:12", 1}}};

TEST(Progress, ShowsEverythingWhereThereIsRoom) {
  EXPECT_EQ(drawn(kLine, {80}),
            "epoch 12/30 ━━━━━──────── 41 %  loss 0.213 (val 0.241)  312 samples/s  eta 1:12");
  EXPECT_EQ(drawn(kLine, {80, false, false}),
            "epoch 12/30 [####-------] 41 %  loss 0.213 (val 0.241)  312 samples/s  eta 1:12");
}

TEST(Progress, IsPlainWithoutATerminal) {
  EXPECT_EQ(drawn(kLine, {}), "epoch 12/30  41 %  loss 0.213 (val 0.241)  312 samples/s  eta 1:12");
}

TEST(Progress, NeverReachesTheLastColumn) {
  for (int columns = 1; columns < 200; ++columns)
    for (bool colour : {false, true})
      for (bool unicode : {false, true})
        EXPECT_LT(widthOf(drawn(kLine, {columns, colour, unicode})), columns) << columns;
}

TEST(Progress, DropsTheLeastImportantFirst) {
  const std::string rate = drawn(kLine, {70});
  EXPECT_EQ(rate.find("samples/s"), std::string::npos) << rate;
  EXPECT_NE(rate.find("val"), std::string::npos) << rate;
  const std::string narrow = drawn(kLine, {50});
  EXPECT_EQ(narrow, "epoch 12/30 ━━━━────── 41 %  loss 0.213  eta 1:12");
  EXPECT_EQ(drawn(kLine, {44}), "epoch 12/30 41 %  loss 0.213  eta 1:12");
  EXPECT_EQ(drawn(kLine, {30}), "epoch 12/30 41 %  loss 0.213");
  EXPECT_EQ(drawn(kLine, {12}), "epoch 12/30");
}

TEST(Progress, ColoursTheBarAlone) {
  const std::string line = drawn(kLine, {80, true});
  EXPECT_NE(line.find("\x1B[36m━"), std::string::npos);
  EXPECT_EQ(line.rfind('\x1B'), line.find(" 41 %") - 4) << "nothing behind the bar is coloured";
  EXPECT_EQ(drawn(kLine, {80}).find('\x1B'), std::string::npos);
}

TEST(Progress, SharesOutsideAreCut) {
  EXPECT_NE(drawn({"a", 1.5, {}}, {40}).find("100 %"), std::string::npos);
  EXPECT_NE(drawn({"a", -1, {}}, {40}).find(" 0 %"), std::string::npos);
}

TEST(Progress, NumbersOfOneSizeAreEquallyWide) {
  EXPECT_EQ(steadyDigits(0.435, 4), "0.4350");
  EXPECT_EQ(steadyDigits(0.4217, 4), "0.4217");
  EXPECT_EQ(steadyDigits(642, 3), "642");
  EXPECT_EQ(steadyDigits(3870.4, 3), "3870");
  EXPECT_EQ(steadyDigits(12, 3), "12.0");
  EXPECT_EQ(steadyDigits(1e-5, 3), "1e-05");
}

} // namespace
} // namespace ccm::run
