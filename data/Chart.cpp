// SPDX-License-Identifier: Apache-2.0
// A small writer of line charts.
#include "data/Chart.h"
#include "data/Svg.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ccm::data {

namespace {

constexpr double kWidth = 720, kHeight = 420;
constexpr double kLeft = 72, kRight = 24, kTop = 44, kBottom = 52;
constexpr int kTicks = 6;
/// A line of few points shows each of them: one alone would not be seen otherwise.
constexpr size_t kMostMarked = 60;
constexpr const char *kColours[] = {"#1f6fb4", "#d9730d", "#2a8c4a", "#a03a86", "#7a6a1f"};

/// A range of values and where it lies on the page.
struct Axis {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  double from = 0, to = 0;

  void take(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// Makes an empty or flat range one that can be divided by, and has it end at ticks.
  void settle() {
    if (!(low <= high))
      low = 0, high = 1;
    if (low == high)
      high = low + std::max(1.0, std::abs(low));
    const double tick = step();
    low = std::floor(low / tick) * tick;
    high = std::ceil(high / tick) * tick;
  }
  double place(double value) const { return from + (value - low) / (high - low) * (to - from); }
  /// The smallest of 1, 2, 5 times a power of ten that gives at most kTicks steps.
  double step() const {
    const double rough = (high - low) / kTicks;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    const double share = rough / power;
    return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
  }
  /// Both ends are among them.
  std::vector<double> ticks() const {
    std::vector<double> all;
    for (double i = std::round(low / step()); i <= std::round(high / step()); ++i)
      all.push_back(i * step());
    return all;
  }
};

bool finite(const std::pair<double, double> &point) {
  return std::isfinite(point.first) && std::isfinite(point.second);
}

std::string lineTo(double x1, double y1, double x2, double y2, const std::string &colour) {
  return "<line x1=\"" + number(x1, 6) + "\" y1=\"" + number(y1, 6) + "\" x2=\"" + number(x2, 6) +
         "\" y2=\"" + number(y2, 6) + "\" stroke=\"" + colour + "\"/>\n";
}

std::string drawTicks(const Axis &x, const Axis &y) {
  std::string out;
  for (double tick : x.ticks()) {
    out += lineTo(x.place(tick), y.from, x.place(tick), y.from + 5, "#555");
    out += textAt(x.place(tick), y.from + 19, "middle", number(tick, 6));
  }
  for (double tick : y.ticks()) {
    out += lineTo(x.from, y.place(tick), x.to, y.place(tick), "#e4e4e4");
    out += textAt(x.from - 8, y.place(tick) + 4, "end", number(tick, 6));
  }
  return out + lineTo(x.from, y.from, x.to, y.from, "#555") +
         lineTo(x.from, y.from, x.from, y.to, "#555");
}

std::string drawLine(const Line &line, const Axis &x, const Axis &y, const char *colour) {
  std::string out = "<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"";
  out += colour;
  out += "\" points=\"";
  for (const auto &point : line.points)
    if (finite(point))
      out += number(x.place(point.first), 6) + "," + number(y.place(point.second), 6) + " ";
  out += "\"/>\n";
  for (const auto &point : line.points)
    if (finite(point) && line.points.size() <= kMostMarked)
      out += "<circle cx=\"" + number(x.place(point.first), 6) + "\" cy=\"" +
             number(y.place(point.second), 6) + "\" r=\"3\" fill=\"" + colour + "\"/>\n";
  return out;
}

std::string drawLegend(std::span<const Line> lines) {
  if (lines.empty())
    return "";
  std::string out = "<rect x=\"" + number(kWidth - kRight - 160, 6) + "\" y=\"" + number(kTop, 6) +
                    "\" width=\"160\" height=\"" + number(8 + 18 * double(lines.size()), 6) +
                    "\" fill=\"#fff\" fill-opacity=\"0.8\"/>\n";
  for (size_t i = 0; i < lines.size(); ++i) {
    const double y = kTop + 14 + 18 * double(i);
    out += lineTo(kWidth - kRight - 150, y - 4, kWidth - kRight - 126, y - 4,
                  kColours[i % std::size(kColours)]);
    out += textAt(kWidth - kRight - 118, y, "start", lines[i].name);
  }
  return out;
}

} // namespace

std::string drawChart(const std::string &title, const std::string &xLabel,
                      const std::string &yLabel, std::span<const Line> lines) {
  Axis x, y;
  for (const Line &line : lines)
    for (const auto &point : line.points)
      if (finite(point))
        x.take(point.first), y.take(point.second);
  // Losses and steps are read against zero.
  x.take(0), y.take(0);
  x.settle(), y.settle();
  x.from = kLeft, x.to = kWidth - kRight;
  y.from = kHeight - kBottom, y.to = kTop;
  std::string out = svgHead(kWidth, kHeight);
  out += textAt(kWidth / 2, 24, "middle", title, " font-size=\"15\"");
  out += textAt((kLeft + kWidth - kRight) / 2, kHeight - 12, "middle", xLabel);
  out += textAt(18, kHeight / 2, "middle", yLabel,
                " transform=\"rotate(-90 18 " + number(kHeight / 2, 6) + ")\"");
  out += drawTicks(x, y);
  for (size_t i = 0; i < lines.size(); ++i)
    out += drawLine(lines[i], x, y, kColours[i % std::size(kColours)]);
  return out + drawLegend(lines) + "</svg>\n";
}

} // namespace ccm::data
