// SPDX-License-Identifier: Apache-2.0
// Tables of RFC 4180 and its relatives, record by record, with the place of every cell.
#pragma once

#include "data/Problem.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ccm::data {

/// One cell, unquoted, and where it begins: line and byte column, both from 1.
struct Cell {
  std::string text;
  int64_t line = 1;
  int64_t column = 1;
};

/// Reads records from bytes that outlive it. Lines end in LF or CRLF, or in CR where there is no LF
/// at all; those that hold nothing are passed over. Takes a byte-order mark, and blanks around
/// quotes.
class CsvReader {
public:
  /// `name` is what problems are placed in; `separator` stands between cells.
  CsvReader(std::string_view bytes, std::string name, char separator = ',');

  /// The next record, without cells at the end of the table.
  Result<std::vector<Cell>> next();

  /// "name:line:column" of a cell.
  std::string place(const Cell &cell) const;

private:
  Result<Cell> cell();
  Status quoted(Cell &cell);
  Status plain(Cell &cell);
  bool endsLine(size_t next) const;
  size_t behindBlanks() const;
  void take();
  void takeBlanks();
  void takeLineEnd();
  Problem problemHere(const std::string &message) const;

  std::string_view bytes;
  std::string name;
  char separator;
  /// No line feed is there: lines end as those of old Macs.
  bool returnsEnd;
  size_t at = 0;
  int64_t line = 1;
  int64_t column = 1;
};

/// Calls `take` for every row that is left and has so many cells; others are problems, and the
/// first that cannot be read is the last.
void forEachRow(CsvReader &csv, size_t cells, ProblemList &problems,
                const std::function<void(const std::vector<Cell> &row)> &take);

/// That a table has a header alone.
Problem withoutRows(const std::string &path);

} // namespace ccm::data
