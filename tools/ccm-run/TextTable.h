// SPDX-License-Identifier: Apache-2.0
// Tables of text for a terminal.
#pragma once

#include <string>
#include <vector>

namespace ccm::run {

/// Rows of cells under headers; every column is as wide as its widest cell.
class TextTable {
public:
  /// A column; numbers stand at the right.
  struct Column {
    std::string title;
    bool atRight = false;
  };

  explicit TextTable(std::vector<Column> columns) : columns(std::move(columns)) {}
  /// One cell per column.
  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }
  bool empty() const { return rows.empty(); }
  /// Lines that begin with `indent`, without blanks at their ends.
  std::string text(const std::string &indent) const;

private:
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

/// A count with at most three digits before the point: "812", "4.53 M", "56.67 k".
std::string scaled(double count);

/// A share as "93 %" or, with decimals, "93.2 %".
std::string percent(double share, int decimals = 0);

} // namespace ccm::run
