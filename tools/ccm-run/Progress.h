// SPDX-License-Identifier: Apache-2.0
// How far a long verb is: a bar that is redrawn on a terminal, now and then a plain line elsewhere.
#pragma once

#include "tools/ccm-run/Console.h"

#include <string>
#include <vector>

namespace ccm::run {

/// What a line of progress is drawn on.
struct Terminal {
  /// Cells of a line; 0 for what is no terminal, or one that cannot redraw a line (TERM=dumb).
  int columns = 0;
  /// False where NO_COLOR is set.
  bool colour = false;
  /// Whether the locale's characters are UTF-8.
  bool unicode = true;
};

/// Standard error as it is now: a window may have been resized.
Terminal terminalNow();

/// One part of a line. When a terminal is too narrow the parts of the highest rank go first.
struct ProgressField {
  std::string text;
  int rank = 0;
  /// Belongs to the part before it.
  bool joins = false;
};

/// What a line says: `title ━━━━╸──── 41 %  field  field`.
struct ProgressLine {
  std::string title;
  /// 0…1.
  double share = 0;
  std::vector<ProgressField> fields;
};

/// The line as a terminal shows it, at most `terminal.columns` - 1 cells wide so that it never
/// wraps: the bar shrinks, then fields of ranks above 1 go, then the bar, then fields of rank 1,
/// then what is left is cut. Without a terminal: everything, without a bar.
std::string drawn(const ProgressLine &line, const Terminal &terminal);

/// Cells that UTF-8 text takes, escape sequences aside.
int widthOf(const std::string &text);

/// Shows lines of progress on standard error. The cursor is never hidden, so that nothing has to be
/// restored, whatever ends the process.
class ProgressBar {
public:
  ProgressBar() = default;
  ProgressBar(const ProgressBar &) = delete;
  ProgressBar &operator=(const ProgressBar &) = delete;
  /// Whether it is time to call `show`: ten times a second on a terminal, else every five seconds.
  bool due() const;
  void show(const ProgressLine &line);
  /// Removes the bar from a terminal.
  void clear();
  ~ProgressBar() { clear(); }

private:
  Stopwatch clock;
  double shownAt = 0;
  bool isDrawn = false;
};

} // namespace ccm::run
