// SPDX-License-Identifier: Apache-2.0
// The reader of tables.
#include "data/Csv.h"

namespace ccm::data {

CsvReader::CsvReader(std::string_view bytes, std::string name, char separator)
    : bytes(bytes), name(std::move(name)), separator(separator),
      returnsEnd(bytes.find('\n') == bytes.npos) {
  if (bytes.starts_with("\xEF\xBB\xBF"))
    at = 3;
}

std::string CsvReader::place(const Cell &cell) const {
  return name + ":" + std::to_string(cell.line) + ":" + std::to_string(cell.column);
}

Problem CsvReader::problemHere(const std::string &message) const {
  return {Fault::input, place({"", line, column}), message};
}

size_t CsvReader::behindBlanks() const {
  size_t next = at;
  while (next < bytes.size() && bytes[next] != separator &&
         (bytes[next] == ' ' || bytes[next] == '\t'))
    ++next;
  return next;
}

bool CsvReader::endsLine(size_t next) const {
  return next == bytes.size() || bytes[next] == '\n' || (returnsEnd && bytes[next] == '\r') ||
         bytes.substr(next, 2) == "\r\n";
}

void CsvReader::take() {
  const bool ends = bytes[at] == '\n' || (returnsEnd && bytes[at] == '\r');
  ++at;
  line += ends;
  column = ends ? 1 : column + 1;
}

void CsvReader::takeBlanks() {
  for (const size_t next = behindBlanks(); at < next;)
    take();
}

/// At the end of the table there is none to take.
void CsvReader::takeLineEnd() {
  if (at < bytes.size() && bytes.substr(at, 2) == "\r\n")
    take();
  if (at < bytes.size())
    take();
}

Status CsvReader::quoted(Cell &cell) {
  takeBlanks();
  cell = {"", line, column};
  take();
  while (at < bytes.size()) {
    if (bytes[at] == '"' && bytes.substr(at, 2) != "\"\"") {
      take();
      takeBlanks();
      if (!endsLine(at) && bytes[at] != separator)
        return problemHere("expects a separator or the end of the line after a closing quote");
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
  while (!endsLine(at) && bytes[at] != separator) {
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
  const size_t next = behindBlanks();
  const bool isQuoted = next < bytes.size() && bytes[next] == '"';
  if (Status read = isQuoted ? quoted(cell) : plain(cell); !read)
    return read.error();
  return cell;
}

Result<std::vector<Cell>> CsvReader::next() {
  std::vector<Cell> record;
  while (at < bytes.size() && endsLine(behindBlanks())) {
    takeBlanks();
    takeLineEnd();
  }
  if (at == bytes.size())
    return record;
  while (true) {
    Result<Cell> read = cell();
    if (!read)
      return read.error();
    record.push_back(std::move(*read));
    if (endsLine(at))
      break;
    take();
  }
  takeLineEnd();
  return record;
}

void forEachRow(CsvReader &csv, size_t cells, ProblemList &problems,
                const std::function<void(const std::vector<Cell> &row)> &take) {
  while (true) {
    const Result<std::vector<Cell>> row = csv.next();
    if (!row)
      problems.add(row.error().first());
    if (!row || row->empty())
      return;
    if (row->size() == cells)
      take(*row);
    else
      problems.add(
          {Fault::input, csv.place(row->front()),
           "expects " + std::to_string(cells) + " cells, got " + std::to_string(row->size())});
  }
}

Problem withoutRows(const std::string &path) {
  return {Fault::input, path, "a table without rows"};
}

} // namespace ccm::data
