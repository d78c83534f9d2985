// SPDX-License-Identifier: Apache-2.0
// CSV tables whose header names ports.
#include "data/Csv.h"
#include "data/Dataset.h"
#include "data/Digest.h"
#include "runtime/io/Io.h"

#include <algorithm>
#include <cerrno>
#include <set>
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

/// Reads what cells hold: files beneath the table's folder.
struct CellReader {
  std::string folder;
  int64_t rate;

  std::string pathOf(const std::string &text) const {
    return folder + "/" + text.substr(text.starts_with('@') ? 1 : 0);
  }
  Status fill(const Field &field, const std::string &text, std::span<std::byte> sample) const {
    auto readFile = [this](const std::string &name) -> Result<std::string> {
      io::Result<std::string> bytes = io::readFileBeneath(folder, name);
      if (!bytes)
        return Problem{faultOf(bytes.error(), name), "", bytes.error().message};
      return std::move(*bytes);
    };
    return fillSample(field, text, readFile, rate, sample);
  }
};

/// The distinct cells of one column, and where each was found first.
class TableCells : public Cells {
public:
  TableCells(CellReader reader, Field field) : reader(std::move(reader)), field(std::move(field)) {}
  void add(const std::string &text, std::string place) {
    cells.emplace_back(text, std::move(place));
  }
  Status read(uint32_t cell, std::span<std::byte> sample) const override {
    const auto &[text, place] = cells[cell];
    Status filled = reader.fill(field, text, sample);
    return filled ? filled : Status(filled.error().first(place));
  }

private:
  CellReader reader;
  Field field;
  std::vector<std::pair<std::string, std::string>> cells;
};

/// One port's column while it is read; null for one that is not wanted.
struct Reading {
  Column *column = nullptr;
  Bytes samples = {}, scratch = {};
  /// Cell text to distinct sample.
  std::unordered_map<std::string, uint32_t> known = {};
  std::shared_ptr<TableCells> cells = nullptr;
  /// From some cell on samples did not fit: they are checked and not kept.
  bool isFull = false;
};

class TableReader {
public:
  TableReader(const std::string &path, std::string_view bytes, Dataset &data,
              const DatasetOptions &options)
      : csv(bytes, path), path(path), data(data), options(options) {
    const size_t slash = path.rfind('/');
    files = {slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash), options.rate};
  }

  std::vector<Problem> read();

private:
  void readHeader();
  void placeHeader(const Cell &cell);
  void learnNames();
  void nameColumn(const Cell &header, const Reading &reading, const std::set<std::string> &texts);
  void readRow(const std::vector<Cell> &row);
  void readCell(Reading &reading, const Cell &cell);
  void finish();
  void report(const std::string &place, const std::string &message) {
    problems.push_back({Fault::input, place, message});
  }
  std::string portNames() const;

  CsvReader csv;
  std::vector<Cell> header;
  std::string path;
  Dataset &data;
  const DatasetOptions &options;
  CellReader files;
  /// Bytes of samples that are kept so far.
  uint64_t held = 0;
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
  if (!column && std::count(options.ignored.begin(), options.ignored.end(), cell.text) > 0)
    return readings.push_back({});
  if (!column)
    return report(csv.place(cell), "column '" + cell.text + "' is no port: expects " + portNames());
  for (const Reading &reading : readings)
    if (reading.column == column)
      return report(csv.place(cell), "column '" + cell.text + "' stands twice");
  readings.push_back({column});
}

void TableReader::readHeader() {
  Result<std::vector<Cell>> read = csv.next();
  if (!read) {
    problems.push_back(read.error().first());
    return;
  }
  header = std::move(*read);
  if (header.empty())
    return report(path, "an empty table: expects a header of " + portNames());
  for (const Cell &cell : header)
    placeHeader(cell);
  for (const Column *column : data.columns())
    if (std::none_of(readings.begin(), readings.end(),
                     [&](const Reading &reading) { return reading.column == column; }) &&
        !column->field.optional)
      report(csv.place(header.front()), "no column for port '" + column->field.name + "'");
}

void TableReader::nameColumn(const Cell &header, const Reading &reading,
                             const std::set<std::string> &texts) {
  Field &field = reading.column->field;
  if (int64_t(texts.size()) > field.vocabulary)
    return report(csv.place(header), "column '" + field.name + "' holds " +
                                         std::to_string(texts.size()) +
                                         " different names, the port has " +
                                         std::to_string(field.vocabulary) + " indices");
  field.names.assign(texts.begin(), texts.end());
}

/// Columns of texts alone where indices are expected: their texts, in order, become the names. The
/// rows are read a second time for their values.
void TableReader::learnNames() {
  CsvReader rows = csv;
  std::vector<std::set<std::string>> texts(readings.size());
  std::vector<bool> holdsNumbers(readings.size());
  for (Result<std::vector<Cell>> row = rows.next(); row && !row->empty(); row = rows.next())
    for (size_t i = 0; i < std::min(row->size(), readings.size()); ++i) {
      const std::string_view text = trimmed((*row)[i].text);
      if (!readings[i].column || !readings[i].column->field.isIndex() || text.empty())
        continue;
      if (numberOf(text))
        holdsNumbers[i] = true;
      else
        texts[i].emplace(text);
    }
  for (size_t i = 0; i < readings.size(); ++i)
    if (!texts[i].empty() && !holdsNumbers[i] && readings[i].column->field.names.empty())
      nameColumn(header[i], readings[i], texts[i]);
}

void TableReader::readCell(Reading &reading, const Cell &cell) {
  Column &column = *reading.column;
  const auto [entry, fresh] = reading.known.try_emplace(cell.text, uint32_t(reading.known.size()));
  column.rows.push_back(entry->second);
  if (!fresh)
    return;
  column.texts = crcOf(std::as_bytes(std::span(cell.text)), column.texts);
  const Field &field = column.field;
  if (field.bytes > kMostBytes)
    return report(csv.place(cell), "a sample of '" + field.name + "' has more than 2^36 bytes");
  const bool fits = held <= options.memory && field.bytes <= options.memory - held;
  const bool isFile = namesFile(field, cell.text);
  if (isFile)
    data.files.push_back(files.pathOf(cell.text));
  reading.isFull |= !fits && isFile;
  Bytes &target = reading.isFull ? reading.scratch : reading.samples;
  const size_t start = reading.isFull ? 0 : target.size();
  target.resize(start + field.bytes);
  held += reading.isFull ? 0 : field.bytes;
  reading.cells->add(cell.text, csv.place(cell));
  Status filled = files.fill(field, cell.text, std::span(target).subspan(start));
  if (!filled)
    problems.push_back(filled.error().first(csv.place(cell)));
}

void TableReader::readRow(const std::vector<Cell> &row) {
  ++data.rows;
  if (row.size() != readings.size())
    return report(csv.place(row.front()), "expects " + std::to_string(readings.size()) +
                                              " cells, got " + std::to_string(row.size()));
  for (size_t i = 0; i < row.size() && problems.size() < kMostProblems; ++i)
    if (readings[i].column)
      readCell(readings[i], row[i]);
}

void TableReader::finish() {
  if (data.rows == 0)
    return report(path, "a table without rows");
  for (Reading &reading : readings)
    if (reading.column) {
      reading.column->samples = std::make_shared<const Bytes>(std::move(reading.samples));
      reading.column->cells = reading.isFull ? reading.cells : nullptr;
    }
}

std::vector<Problem> TableReader::read() {
  readHeader();
  if (problems.empty() && options.learnNames)
    learnNames();
  if (!problems.empty())
    return problems;
  for (Reading &reading : readings)
    if (reading.column)
      reading.cells = std::make_shared<TableCells>(files, reading.column->field);
  while (problems.size() < kMostProblems) {
    Result<std::vector<Cell>> row = csv.next();
    if (!row) {
      problems.push_back(row.error().first());
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
  empty.files = {path};
  io::Result<std::string> bytes = io::readFile(path);
  if (!bytes)
    return Problem{Fault::file, "", bytes.error().message};
  if (bytes->starts_with("\xFF\xFE") || bytes->starts_with("\xFE\xFF"))
    return Problem{Fault::input, path, "expects UTF-8, got a byte-order mark of UTF-16"};
  std::vector<Problem> problems = TableReader(path, *bytes, empty, options).read();
  if (!problems.empty())
    return problems;
  empty.dropUnread();
  return empty;
}

} // namespace ccm::data
