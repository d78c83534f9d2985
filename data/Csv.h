// SPDX-License-Identifier: Apache-2.0
// Tables of RFC 4180, record by record, with the place of every cell.
#pragma once

#include "data/Problem.h"

#include <cstdint>
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

/// Reads records from bytes that outlive it. Takes LF and CRLF, and a byte-order mark.
class CsvReader {
public:
  /// `name` is what problems are placed in.
  CsvReader(std::string_view bytes, std::string name);

  /// The next record, without cells at the end of the table. A record always has a cell: an empty
  /// line is one empty cell.
  Result<std::vector<Cell>> next();

  /// "name:line:column" of a cell.
  std::string place(const Cell &cell) const;

private:
  Result<Cell> cell();
  Status quoted(Cell &cell);
  Status plain(Cell &cell);
  bool atLineEnd() const;
  void take();
  Problem problemHere(const std::string &message) const;

  std::string_view bytes;
  std::string name;
  size_t at = 0;
  int64_t line = 1;
  int64_t column = 1;
};

} // namespace ccm::data
