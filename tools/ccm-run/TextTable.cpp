// SPDX-License-Identifier: Apache-2.0
// Laying out tables of text.
#include "tools/ccm-run/TextTable.h"
#include "tools/ccm-run/Progress.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ccm::run {

namespace {

std::string fixed(double value, int decimals) {
  char text[64];
  const auto [end, error] =
      std::to_chars(text, text + sizeof(text), value, std::chars_format::fixed, decimals);
  return error == std::errc() ? std::string(text, end) : digits(value, 4);
}

} // namespace

std::string TextTable::text(const std::string &indent) const {
  std::vector<int> widths;
  for (size_t c = 0; c < columns.size(); ++c) {
    widths.push_back(widthOf(columns[c].title));
    for (const std::vector<std::string> &row : rows)
      widths[c] = std::max(widths[c], widthOf(row[c]));
  }
  std::string out;
  auto line = [&](auto cellOf) {
    std::string text = indent;
    for (size_t c = 0; c < columns.size(); ++c) {
      const std::string cell = cellOf(c);
      const std::string fill(size_t(widths[c] - widthOf(cell)), ' ');
      text += (c == 0 ? "" : "  ") + (columns[c].atRight ? fill + cell : cell + fill);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  line([&](size_t c) { return columns[c].title; });
  for (const std::vector<std::string> &row : rows)
    line([&](size_t c) { return row[c]; });
  return out;
}

std::string scaled(double count) {
  constexpr const char *kUnits[] = {"", " k", " M", " G", " T", " P"};
  size_t unit = 0;
  for (; count >= 999.995 && unit + 1 < std::size(kUnits); ++unit)
    count /= 1000;
  return unit == 0 ? fixed(count, 0) : fixed(count, 2) + kUnits[unit];
}

std::string percent(double share, int decimals) { return fixed(100 * share, decimals) + " %"; }

} // namespace ccm::run
