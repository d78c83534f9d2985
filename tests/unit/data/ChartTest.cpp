// SPDX-License-Identifier: Apache-2.0
// Charts: every line is there, nothing that is not a number, and text is escaped.
#include "data/Chart.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ccm::data {
namespace {

TEST(Chart, DrawsEveryLineAndItsName) {
  const std::vector<Line> lines = {{"training", {{1, 2}, {2, 1}}}, {"validation", {{2, 1.5}}}};
  const std::string svg = drawChart("loss <of> a & b", "step", "loss", lines);
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find("loss &lt;of&gt; a &amp; b"), std::string::npos);
  EXPECT_NE(svg.find(">training<"), std::string::npos);
  EXPECT_NE(svg.find(">validation<"), std::string::npos);
  // Axes begin at zero and end at ticks: the first point lies at the top, the last at the right.
  EXPECT_NE(svg.find("points=\"384,44 696,206 \""), std::string::npos) << svg;
  // A line of one point is no line: it is seen by its mark.
  EXPECT_NE(svg.find("<circle cx=\"696\" cy=\"125\""), std::string::npos) << svg;
}

TEST(Chart, LeavesOutWhatIsNotFinite) {
  const std::vector<Line> lines = {{"a", {{1, NAN}, {2, INFINITY}, {3, 1}}}};
  const std::string svg = drawChart("t", "x", "y", lines);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
}

TEST(Chart, AxesEndAtRoundNumbers) {
  const std::vector<Line> lines = {{"a", {{1, 2.21}, {1688, 0.3}}}};
  const std::string svg = drawChart("t", "x", "y", lines);
  EXPECT_NE(svg.find(">2.5</text>"), std::string::npos) << svg;
  EXPECT_NE(svg.find(">2000</text>"), std::string::npos) << svg;
  EXPECT_EQ(svg.find(">3</text>"), std::string::npos) << svg;
}

TEST(Chart, DrawsNothingAtAll) {
  EXPECT_NE(drawChart("t", "x", "y", {}).find("</svg>"), std::string::npos);
}

} // namespace
} // namespace ccm::data
