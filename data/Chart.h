// SPDX-License-Identifier: Apache-2.0
// Line charts as SVG.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ccm::data {

/// One line: a name for the legend, and (x, y) points in order of x.
struct Line {
  std::string name;
  std::vector<std::pair<double, double>> points;
};

/// An SVG document with axes from zero, labelled ticks at round numbers, the lines and a legend.
/// Labels say their unit. Points that are not finite are left out. The same lines give the same
/// bytes in every locale.
std::string drawChart(const std::string &title, const std::string &xLabel,
                      const std::string &yLabel, std::span<const Line> lines);

} // namespace ccm::data
