// SPDX-License-Identifier: Apache-2.0
// The reader of RFC 4180 tables.
#include "data/Csv.h"

namespace ccm::data {

CsvReader::CsvReader(std::string_view bytes, std::string name)
    : bytes(bytes), name(std::move(name)) {
  if (bytes.starts_with("\xEF\xBB\xBF"))
    at = 3;
}

std::string CsvReader::place(const Cell &cell) const {
  return name + ":" + std::to_string(cell.line) + ":" + std::to_string(cell.column);
}

Problem CsvReader::problemHere(const std::string &message) const {
  return {Fault::input, place({"", line, column}), message};
}

bool CsvReader::atLineEnd() const {
  return at == bytes.size() || bytes[at] == '\n' || bytes.substr(at, 2) == "\r\n";
}

void CsvReader::take() {
  const bool ends = bytes[at++] == '\n';
  line += ends;
  column = ends ? 1 : column + 1;
}

Status CsvReader::quoted(Cell &cell) {
  take();
  while (at < bytes.size()) {
    if (bytes[at] == '"' && bytes.substr(at, 2) != "\"\"") {
      take();
      if (!atLineEnd() && bytes[at] != ',')
        return problemHere("expects a comma or the end of the line after a closing quote");
      return Done();
    }
    if (bytes[at] == '"')
      take();
    cell.text += bytes[at];
    take();
  }
  return Problem{Fault::input, place(cell), "a quote is not closed"};
}

Status CsvReader::plain(Cell &cell) {
  while (!atLineEnd() && bytes[at] != ',') {
    if (bytes[at] == '"')
      return problemHere("a quote inside a cell: the whole cell must be quoted, quotes doubled");
    if (bytes[at] == '\r')
      return problemHere("a carriage return without a line feed");
    cell.text += bytes[at];
    take();
  }
  return Done();
}

Result<Cell> CsvReader::cell() {
  Cell cell{"", line, column};
  const bool isQuoted = at < bytes.size() && bytes[at] == '"';
  if (Status read = isQuoted ? quoted(cell) : plain(cell); !read)
    return read.error();
  return cell;
}

Result<std::vector<Cell>> CsvReader::next() {
  std::vector<Cell> record;
  if (at == bytes.size())
    return record;
  while (true) {
    Result<Cell> read = cell();
    if (!read)
      return read.error();
    record.push_back(std::move(*read));
    if (atLineEnd())
      break;
    take();
  }
  // At the end of the table there is no line end to take.
  for (bool ended = at == bytes.size(); !ended;) {
    ended = bytes[at] == '\n';
    take();
  }
  return record;
}

} // namespace ccm::data
