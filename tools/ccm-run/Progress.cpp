// SPDX-License-Identifier: Apache-2.0
// Lines of progress that fit their terminal.
#include "tools/ccm-run/Progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace ccm::run {

namespace {

constexpr int kUsualColumns = 80;
/// Cells of the bar: a shorter one tells less than its percentage.
constexpr int kLeastCells = 8, kMostCells = 40;
constexpr double kSecondsOnTerminal = 0.1, kSecondsElsewhere = 5;

std::string_view variable(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

/// As setlocale would decide, which is not called: numbers are written alike in every locale.
bool localeIsUnicode() {
  for (const char *name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = variable(name);
    if (!value.empty())
      return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos ||
             value.find("UTF8") != value.npos || value.find("utf-8") != value.npos;
  }
  return false;
}

std::string repeated(const char *piece, int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += piece;
  return text;
}

std::string barOf(double share, int cells, const Terminal &terminal) {
  if (!terminal.unicode) {
    const int full = int(share * (cells - 2));
    return "[" + repeated("#", full) + repeated("-", cells - 2 - full) + "]";
  }
  const int halves = int(share * 2 * cells);
  const std::string full = repeated("━", halves / 2) + (halves % 2 ? "╸" : "");
  const std::string rest = repeated("─", cells - (halves + 1) / 2);
  if (!terminal.colour)
    return full + rest;
  return "\x1B[36m" + full + "\x1B[90m" + rest + "\x1B[0m";
}

std::string joined(const std::string &title, const std::string &bar, const std::string &percent,
                   const std::vector<ProgressField> &fields) {
  std::string text = title + (bar.empty() ? "" : " " + bar) + " " + percent;
  for (const ProgressField &field : fields)
    text += (field.joins ? " " : "  ") + field.text;
  return text;
}

/// The first `cells` characters.
std::string cut(const std::string &text, int cells) {
  size_t at = 0;
  for (; at < text.size() && (cells > 0 || (uint8_t(text[at]) & 0xC0) == 0x80); ++at)
    cells -= (uint8_t(text[at]) & 0xC0) != 0x80;
  return text.substr(0, at);
}

/// Removes the last field of the highest rank; false when all that is left has rank 0.
bool dropField(std::vector<ProgressField> &fields) {
  const auto byRank = [](const ProgressField &a, const ProgressField &b) {
    return a.rank <= b.rank;
  };
  const auto last = std::max_element(fields.begin(), fields.end(), byRank);
  if (last == fields.end() || last->rank == 0)
    return false;
  fields.erase(last);
  return true;
}

} // namespace

Terminal terminalNow() {
  Terminal terminal;
  if (!redrawsErrors())
    return terminal;
  winsize size = {};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  terminal.columns = known ? size.ws_col : kUsualColumns;
  terminal.colour = variable("NO_COLOR").empty();
  terminal.unicode = localeIsUnicode();
  return terminal;
}

int widthOf(const std::string &text) {
  int cells = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\x1B')
      at = std::min(text.find_first_of("mK", at), text.size());
    else
      cells += (uint8_t(text[at]) & 0xC0) != 0x80;
  }
  return cells;
}

std::string drawn(const ProgressLine &line, const Terminal &terminal) {
  const double share = std::clamp(line.share, 0.0, 1.0);
  const std::string percent = std::to_string(int(share * 100)) + " %";
  if (terminal.columns == 0)
    return joined(line.title + " ", "", percent, line.fields);
  const int room = terminal.columns - 1;
  std::vector<ProgressField> fields = line.fields;
  while (true) {
    const std::string bare = joined(line.title, "", percent, fields);
    const int cells = std::min(room - widthOf(bare) - 1, kMostCells);
    if (cells >= kLeastCells)
      return joined(line.title, barOf(share, cells, terminal), percent, fields);
    // The time left tells more than a bar.
    const bool isEssential = std::all_of(
        fields.begin(), fields.end(), [](const ProgressField &field) { return field.rank <= 1; });
    if (isEssential && widthOf(bare) <= room)
      return bare;
    if (!dropField(fields))
      return cut(bare, room);
  }
}

bool ProgressBar::due() const {
  return clock.seconds() - shownAt > (redrawsErrors() ? kSecondsOnTerminal : kSecondsElsewhere);
}

void ProgressBar::show(const ProgressLine &line) {
  shownAt = clock.seconds();
  const std::string text = drawn(line, terminalNow());
  isDrawn = redrawsErrors();
  // Overwritten first and its rest erased after that: an empty line is never seen.
  writeError(isDrawn ? "\r" + text + "\x1B[K" : text + "\n");
}

void ProgressBar::clear() {
  if (isDrawn)
    writeError("\r\x1B[K");
  isDrawn = false;
}

} // namespace ccm::run
