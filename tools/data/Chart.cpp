// SPDX-License-Identifier: Apache-2.0
// A small writer of line charts.
#include "tools/data/Chart.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace ccm::data {

namespace {

constexpr double kWidth = 720, kHeight = 420;
constexpr double kLeft = 72, kRight = 24, kTop = 44, kBottom = 52;
constexpr int kTicks = 6;
constexpr const char *kColours[] = {"#1f6fb4", "#d9730d", "#2a8c4a", "#a03a86", "#7a6a1f"};

/// Decimal text of at most `digits` significant digits, by the same rules in every locale.
std::string number(double value, int digits) {
  char text[32];
  const auto [end, error] =
      std::to_chars(text, text + sizeof(text), value, std::chars_format::general, digits);
  return std::string(text, end);
}

std::string escaped(const std::string &text) {
  std::string out;
  for (char c : text)
    out += c == '<'   ? "&lt;"
           : c == '>' ? "&gt;"
           : c == '&' ? "&amp;"
           : c == '"' ? "&quot;"
                      : std::string(1, c);
  return out;
}

/// A range of values and where it lies on the page.
struct Axis {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  double from = 0, to = 0;

  void take(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// Makes an empty or flat range one that can be divided by.
  void settle() {
    if (!(low <= high))
      low = 0, high = 1;
    if (low == high)
      high = low + std::max(1.0, std::abs(low));
  }
  double place(double value) const { return from + (value - low) / (high - low) * (to - from); }
  /// The smallest of 1, 2, 5 times a power of ten that gives at most kTicks steps.
  double step() const {
    const double rough = (high - low) / kTicks;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    const double share = rough / power;
    return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
  }
};

bool finite(const std::pair<double, double> &point) {
  return std::isfinite(point.first) && std::isfinite(point.second);
}

std::string textAt(double x, double y, const std::string &anchor, const std::string &text,
                   const std::string &more = "") {
  return "<text x=\"" + number(x, 6) + "\" y=\"" + number(y, 6) + "\" text-anchor=\"" + anchor +
         "\"" + more + ">" + escaped(text) + "</text>\n";
}

std::string lineTo(double x1, double y1, double x2, double y2, const std::string &colour) {
  return "<line x1=\"" + number(x1, 6) + "\" y1=\"" + number(y1, 6) + "\" x2=\"" + number(x2, 6) +
         "\" y2=\"" + number(y2, 6) + "\" stroke=\"" + colour + "\"/>\n";
}

std::string drawTicks(const Axis &x, const Axis &y) {
  std::string out;
  for (double i = std::ceil(x.low / x.step()); i * x.step() <= x.high; ++i) {
    const double at = x.place(i * x.step());
    out += lineTo(at, y.from, at, y.from + 5, "#555");
    out += textAt(at, y.from + 19, "middle", number(i * x.step(), 6));
  }
  for (double i = std::ceil(y.low / y.step()); i * y.step() <= y.high; ++i) {
    const double at = y.place(i * y.step());
    out += lineTo(x.from, at, x.to, at, "#e4e4e4");
    out += textAt(x.from - 8, at + 4, "end", number(i * y.step(), 6));
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
  return out + "\"/>\n";
}

std::string drawLegend(std::span<const Line> lines) {
  std::string out;
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
  // A loss is read against zero.
  if (y.low <= y.high)
    y.take(0);
  x.settle(), y.settle();
  x.from = kLeft, x.to = kWidth - kRight;
  y.from = kHeight - kBottom, y.to = kTop;
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(kWidth, 6) +
                    " " + number(kHeight, 6) +
                    "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n"
                    "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
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
