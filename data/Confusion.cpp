// SPDX-License-Identifier: Apache-2.0
// Counting and drawing confusions.
#include "data/Confusion.h"
#include "data/Svg.h"

#include <algorithm>
#include <cmath>

namespace ccm::data {

namespace {

constexpr double kTop = 64, kMargin = 24, kRecall = 64;
/// Side of the square of cells, and the sides of a cell that it is cut into.
constexpr double kSquare = 720, kLeastCell = 2, kMostCell = 48;
/// A cell that holds a count of four digits, and a row that holds a name.
constexpr double kCellOfCount = 30, kCellOfName = 11;
constexpr double kWidthOfLetter = 6.6;
constexpr size_t kMostLetters = 24;

/// Where things lie.
struct Layout {
  double cell, left, size, bottom;

  double at(int64_t index) const { return double(index) * cell; }
};

std::string shortened(const std::string &name) {
  if (name.size() <= kMostLetters)
    return name;
  size_t end = kMostLetters - 1;
  while (end > 0 && (uint8_t(name[end]) & 0xC0) == 0x80)
    --end;
  return name.substr(0, end) + "…";
}

/// How wide the longest name is drawn.
double roomForNames(const Confusion &confusion, const std::vector<std::string> &names) {
  size_t longest = 0;
  for (int64_t i = 0; i < confusion.classes(); ++i)
    longest = std::max(longest, shortened(className(names, i)).size());
  return kWidthOfLetter * double(longest) + 8;
}

Layout layoutOf(const Confusion &confusion, const std::vector<std::string> &names) {
  const double cell = std::clamp(kSquare / double(confusion.classes()), kLeastCell, kMostCell);
  const double text = cell >= kCellOfName ? roomForNames(confusion, names) : 8;
  return {cell, kMargin + 20 + text, cell * double(confusion.classes()), text * 0.75 + 16};
}

/// White to blue.
std::string shade(double share) {
  char text[8] = "#";
  const int channels[] = {int(255 - 224 * share), int(255 - 144 * share), int(255 - 75 * share)};
  for (int i = 0; i < 3; ++i)
    for (int digit = 0; digit < 2; ++digit)
      text[1 + 2 * i + digit] = "0123456789abcdef"[digit ? channels[i] % 16 : channels[i] / 16];
  return text;
}

std::string percent(std::optional<double> share) {
  return share ? number(std::round(*share * 1000) / 10, 4) + " %" : "–";
}

/// A cell with `count` of the `all` samples of its row.
std::string drawCell(const Layout &layout, int64_t target, int64_t predicted, int64_t count,
                     int64_t all) {
  if (count == 0)
    return "";
  const double share = double(count) / double(all);
  const double x = layout.left + layout.at(predicted), y = kTop + layout.at(target);
  std::string out = "<rect x=\"" + number(x, 6) + "\" y=\"" + number(y, 6) + "\" width=\"" +
                    number(layout.cell, 6) + "\" height=\"" + number(layout.cell, 6) +
                    "\" fill=\"" + shade(share) + "\"/>\n";
  if (layout.cell >= kCellOfCount)
    out += textAt(x + layout.cell / 2, y + layout.cell / 2 + 4, "middle", std::to_string(count),
                  share > 0.5 ? " fill=\"#fff\"" : "");
  return out;
}

/// The names of a class at its row and its column, and its recall.
std::string drawNames(const Layout &layout, const Confusion &confusion,
                      const std::vector<std::string> &names, int64_t index) {
  if (layout.cell < kCellOfName)
    return "";
  const std::string name = shortened(className(names, index));
  const double middle = layout.at(index) + layout.cell / 2;
  const double x = layout.left + middle, y = kTop + layout.size + 14;
  return textAt(layout.left - 6, kTop + middle + 4, "end", name) +
         textAt(x + 4, y, "end", name,
                " transform=\"rotate(-45 " + number(x + 4, 6) + " " + number(y, 6) + ")\"") +
         textAt(layout.left + layout.size + 8, kTop + middle + 4, "start",
                percent(confusion.recall(index)));
}

std::string drawTitles(const Layout &layout, const std::string &title, double height) {
  const double middle = layout.left + layout.size / 2, down = kTop + layout.size / 2;
  std::string out = textAt(middle, 26, "middle", title, " font-size=\"15\"");
  out += textAt(middle, height - 10, "middle", "predicted", " font-weight=\"bold\"");
  out += textAt(20, down, "middle", "target",
                " font-weight=\"bold\" transform=\"rotate(-90 20 " + number(down, 6) + ")\"");
  if (layout.cell >= kCellOfName)
    out +=
        textAt(layout.left + layout.size + 8, kTop - 8, "start", "recall", " font-weight=\"bold\"");
  return out + "<rect x=\"" + number(layout.left, 6) + "\" y=\"" + number(kTop, 6) + "\" width=\"" +
         number(layout.size, 6) + "\" height=\"" + number(layout.size, 6) +
         "\" fill=\"none\" stroke=\"#999\"/>\n";
}

} // namespace

int64_t Confusion::targets(int64_t target) const {
  int64_t sum = 0;
  for (int64_t predicted = 0; predicted < count; ++predicted)
    sum += at(target, predicted);
  return sum;
}

int64_t Confusion::predictions(int64_t predicted) const {
  int64_t sum = 0;
  for (int64_t target = 0; target < count; ++target)
    sum += at(target, predicted);
  return sum;
}

std::optional<double> Confusion::recall(int64_t target) const {
  const int64_t all = targets(target);
  return all == 0 ? std::nullopt : std::optional(double(at(target, target)) / double(all));
}

std::optional<double> Confusion::precision(int64_t predicted) const {
  const int64_t all = predictions(predicted);
  return all == 0 ? std::nullopt : std::optional(double(at(predicted, predicted)) / double(all));
}

double Confusion::balancedAccuracy() const {
  double sum = 0;
  int64_t found = 0;
  for (int64_t i = 0; i < count; ++i)
    if (const std::optional<double> share = recall(i)) {
      sum += *share;
      ++found;
    }
  return found == 0 ? 0 : sum / double(found);
}

double Confusion::macroF1() const {
  double sum = 0;
  int64_t found = 0;
  for (int64_t i = 0; i < count; ++i)
    if (const int64_t all = targets(i) + predictions(i); all > 0) {
      sum += 2.0 * double(at(i, i)) / double(all);
      ++found;
    }
  return found == 0 ? 0 : sum / double(found);
}

std::string className(const std::vector<std::string> &names, int64_t index) {
  return size_t(index) < names.size() ? names[size_t(index)] : std::to_string(index);
}

std::string drawConfusion(const std::string &title, const Confusion &confusion,
                          const std::vector<std::string> &names) {
  const Layout layout = layoutOf(confusion, names);
  const double height = kTop + layout.size + layout.bottom + 28;
  std::string out = svgHead(layout.left + layout.size + kRecall + kMargin, height);
  for (int64_t target = 0; target < confusion.classes(); ++target) {
    const int64_t all = confusion.targets(target);
    for (int64_t predicted = 0; predicted < confusion.classes(); ++predicted)
      out += drawCell(layout, target, predicted, confusion.at(target, predicted), all);
    out += drawNames(layout, confusion, names, target);
  }
  return out + drawTitles(layout, title, height) + "</svg>\n";
}

} // namespace ccm::data
