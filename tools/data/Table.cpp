// SPDX-License-Identifier: Apache-2.0
// CSV tables whose header names ports.
#include "runtime/io/Io.h"
#include "tools/data/Csv.h"
#include "tools/data/Dataset.h"

#include <algorithm>
#include <cerrno>
#include <unordered_map>

namespace ccm::data {

namespace {

/// After so many problems a table is given up: more would not help to mend it.
constexpr size_t kMostProblems = 20;

/// Sums to what no process should try to hold.
constexpr uint64_t kMostBytes = uint64_t(1) << 36;

/// A name that may not be opened is the table's fault; a file that cannot be read is not.
Fault faultOf(const io::Error &error, const std::string &name) {
  const bool refused = name.starts_with('/') || name.find("..") != name.npos ||
                       error.code == EINVAL || error.code == ELOOP || error.code == EXDEV ||
                       error.code == EISDIR || error.code == EMLINK || error.code == EFBIG;
  return refused ? Fault::input : Fault::file;
}

/// One port's column while it is read.
struct Reading {
  Column *column;
  Bytes samples;
  /// Cell text to stored sample.
  std::unordered_map<std::string, uint32_t> known;
};

class TableReader {
public:
  TableReader(const std::string &path, std::string_view bytes, Dataset &data, int64_t rate)
      : csv(bytes, path), path(path), data(data), rate(rate) {
    const size_t slash = path.rfind('/');
    folder = slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  }

  std::vector<Problem> read();

private:
  void readHeader();
  void placeHeader(const Cell &cell);
  void readRow(const std::vector<Cell> &row);
  void readCell(Reading &reading, const Cell &cell);
  void finish();
  void report(const std::string &place, const std::string &message) {
    problems.push_back({Fault::input, place, message});
  }
  std::string portNames() const;

  CsvReader csv;
  std::string path, folder;
  Dataset &data;
  int64_t rate;
  std::vector<Reading> readings;
  std::vector<Problem> problems;
};

std::string TableReader::portNames() const {
  std::string names;
  for (const Column *column : data.columns())
    names += (names.empty() ? "" : ", ") + column->field.name;
  return names;
}

void TableReader::placeHeader(const Cell &cell) {
  Column *column = data.find(cell.text);
  if (!column)
    return report(csv.place(cell), "column '" + cell.text + "' is no port: expects " + portNames());
  for (const Reading &reading : readings)
    if (reading.column == column)
      return report(csv.place(cell), "column '" + cell.text + "' stands twice");
  readings.push_back({column, {}, {}});
}

void TableReader::readHeader() {
  Result<std::vector<Cell>> header = csv.next();
  if (!header) {
    problems.push_back(header.problem());
    return;
  }
  if (header->empty())
    return report(path, "an empty table: expects a header of " + portNames());
  for (const Cell &cell : *header)
    placeHeader(cell);
  for (const Column *column : data.columns())
    if (std::none_of(readings.begin(), readings.end(),
                     [&](const Reading &reading) { return reading.column == column; }))
      report(csv.place(header->front()), "no column for port '" + column->field.name + "'");
}

void TableReader::readCell(Reading &reading, const Cell &cell) {
  Column &column = *reading.column;
  const auto [entry, fresh] = reading.known.try_emplace(cell.text, uint32_t(reading.known.size()));
  column.rows.push_back(entry->second);
  if (!fresh)
    return;
  const Field &field = column.field;
  const size_t start = reading.samples.size();
  if (field.bytes > kMostBytes - start)
    return report(csv.place(cell), "the samples of '" + field.name + "' need more than 2^36 bytes");
  reading.samples.resize(start + field.bytes);
  auto readFile = [&](const std::string &name) -> Result<std::string> {
    io::Result<std::string> bytes = io::readFileBeneath(folder, name);
    if (!bytes)
      return Problem{faultOf(bytes.error(), name), "", bytes.error().message};
    return std::move(*bytes);
  };
  Status filled =
      fillSample(field, cell.text, readFile, rate, std::span(reading.samples).subspan(start));
  if (!filled)
    problems.push_back(filled.problem(csv.place(cell)));
}

void TableReader::readRow(const std::vector<Cell> &row) {
  ++data.rows;
  if (row.size() != readings.size())
    return report(csv.place(row.front()), "expects " + std::to_string(readings.size()) +
                                              " cells, got " + std::to_string(row.size()));
  for (size_t i = 0; i < row.size() && problems.size() < kMostProblems; ++i)
    readCell(readings[i], row[i]);
}

void TableReader::finish() {
  if (data.rows == 0)
    return report(path, "a table without rows");
  for (Reading &reading : readings)
    reading.column->samples = std::make_shared<const Bytes>(std::move(reading.samples));
}

std::vector<Problem> TableReader::read() {
  readHeader();
  if (!problems.empty())
    return problems;
  while (problems.size() < kMostProblems) {
    Result<std::vector<Cell>> row = csv.next();
    if (!row) {
      problems.push_back(row.problem());
      return problems;
    }
    if (row->empty())
      break;
    readRow(*row);
  }
  finish();
  return problems;
}

} // namespace

Result<Dataset> readTable(const std::string &path, Dataset empty, const DatasetOptions &options) {
  io::Result<std::string> bytes = io::readFile(path);
  if (!bytes)
    return Problem{Fault::file, "", bytes.error().message};
  if (bytes->starts_with("\xFF\xFE") || bytes->starts_with("\xFE\xFF"))
    return Problem{Fault::input, path, "expects UTF-8, got a byte-order mark of UTF-16"};
  std::vector<Problem> problems = TableReader(path, *bytes, empty, options.rate).read();
  if (!problems.empty())
    return problems;
  return empty;
}

} // namespace ccm::data
