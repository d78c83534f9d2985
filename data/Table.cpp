// SPDX-License-Identifier: Apache-2.0
// Tables whose header names ports.
#include "data/CellReader.h"
#include "data/Digest.h"
#include "data/Header.h"
#include "data/Text.h"
#include "runtime/io/Io.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_map>

namespace ccm::data {

namespace {

/// Sums to what no process should try to hold.
constexpr uint64_t kMostBytes = uint64_t(1) << 36;

/// One port's column while it is read.
struct Reading {
  Column *column = nullptr;
  bool isFiles = false;
  bool isTarget = false;
  Bytes samples = {}, scratch = {};
  /// Value to distinct sample.
  std::unordered_map<std::string, uint32_t> known = {};
  /// What is wrong with some of them.
  std::unordered_map<uint32_t, Problem> wrong = {};
  std::optional<CellReader> reader = std::nullopt;
  std::shared_ptr<TableCells> cells = nullptr;
  /// From some cell on samples did not fit: they are checked and not kept.
  bool isFull = false;
  /// For every row, 1 where the input is there and 0 where it is missing.
  std::vector<uint32_t> presence = {};
  bool isMissing = false;
};

class TableReader {
public:
  TableReader(const std::string &path, std::string_view bytes, Dataset &data,
              const DatasetOptions &options)
      : separator(separatorOf(bytes, data)), csv(bytes, path, separator), path(path), data(data),
        options(options), rules(std::make_shared<CellRules>(path, separator, options)) {}

  /// Fills the dataset; tells all that is wrong.
  Status read();

private:
  void prepare();
  void learnNames();
  void nameColumn(const HeaderColumn &header, const std::set<std::string> &texts);
  void readRow(const std::vector<Cell> &row);
  bool lacksTarget(const std::vector<Cell> &row);
  void readCell(Reading &reading, const Cell &cell);
  void addSample(Reading &reading, const std::string &value, const Cell &cell);
  Status fill(Reading &reading, const std::string &value, std::span<std::byte> sample);
  void checkPoint(const Reading &reading, const std::string &value, const Cell &cell);
  void finish();
  void noteLeftOut();
  void report(const std::string &place, const std::string &message) {
    problems.add({Fault::input, place, message});
  }

  char separator;
  CsvReader csv;
  Header header;
  std::string path;
  Dataset &data;
  const DatasetOptions &options;
  std::shared_ptr<const CellRules> rules;
  /// Bytes of samples that are kept so far.
  uint64_t held = 0;
  /// One per column of the table.
  std::vector<Reading> readings;
  ProblemList problems;
  /// Rows without a target, and the outputs that they lack.
  int64_t leftOut = 0;
  std::set<std::string> lacking;
  /// The first number with a decimal point, and with a decimal comma.
  std::optional<Cell> firstPoint, firstComma;
};

void TableReader::nameColumn(const HeaderColumn &header, const std::set<std::string> &texts) {
  Field &field = header.column->field;
  if (int64_t(texts.size()) > field.vocabulary)
    return report(csv.place(header.cell), "column '" + field.name + "' holds " +
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
      if (!readings[i].column || !readings[i].column->field.isIndex())
        continue;
      const std::string text(trimmed((*row)[i].text));
      if (readings[i].reader->isMissing(text))
        continue;
      if (numberOf(text))
        holdsNumbers[i] = true;
      else
        texts[i].emplace(text);
    }
  for (size_t i = 0; i < readings.size(); ++i)
    if (!texts[i].empty() && !holdsNumbers[i] && readings[i].column->field.names.empty())
      nameColumn(header[i], texts[i]);
}

/// A number is written one way throughout: 1,234 next to 5.6 would be anybody's guess.
void TableReader::checkPoint(const Reading &reading, const std::string &value, const Cell &cell) {
  const Field &field = reading.column->field;
  if (!rules->decimalComma || field.discrete() || reading.reader->pathOf(value) ||
      value.find('.') == value.npos)
    return;
  const bool isComma = cell.text.find(',') != cell.text.npos;
  std::optional<Cell> &first = isComma ? firstComma : firstPoint;
  const std::optional<Cell> &other = isComma ? firstPoint : firstComma;
  if (other)
    report(csv.place(cell), std::string("a decimal ") + (isComma ? "comma" : "point") + " in '" +
                                cell.text + "', but line " + std::to_string(other->line) +
                                " has a decimal " + (isComma ? "point" : "comma"));
  if (!first)
    first = cell;
}

Status TableReader::fill(Reading &reading, const std::string &value, std::span<std::byte> sample) {
  const Field &field = reading.column->field;
  if (!reading.reader->isMissing(value) || field.optional())
    return reading.reader->fill(value, sample);
  return Problem{Fault::input, "",
                 "'" + field.name + "' expects " + expectation(field) + ", got " +
                     (value.empty() ? "nothing" : "'" + value + "', a missing value") +
                     R"(; an input that rows may lack says "optional": true)"};
}

/// The sample of a value that was not there before.
void TableReader::addSample(Reading &reading, const std::string &value, const Cell &cell) {
  Column &column = *reading.column;
  column.texts = crcOf(std::as_bytes(std::span(value)), column.texts);
  const Field &field = column.field;
  if (field.bytes > kMostBytes)
    return report(csv.place(cell), "a sample of '" + field.name + "' has more than 2^36 bytes");
  const bool fits = held <= options.memory && field.bytes <= options.memory - held;
  const std::optional<std::string> file = reading.reader->pathOf(value);
  if (file)
    data.files.push_back(*file);
  reading.isFull |= !fits && file;
  Bytes &target = reading.isFull ? reading.scratch : reading.samples;
  const size_t start = reading.isFull ? 0 : target.size();
  target.resize(start + field.bytes);
  held += reading.isFull ? 0 : field.bytes;
  reading.cells->add(value, csv.place(cell));
  checkPoint(reading, value, cell);
  if (Status filled = fill(reading, value, std::span(target).subspan(start)); !filled)
    reading.wrong.emplace(uint32_t(reading.known.size()) - 1,
                          problems.isFull() ? Problem() : filled.error().first());
}

void TableReader::readCell(Reading &reading, const Cell &cell) {
  const std::string value = reading.reader->valueOf(cell.text);
  const auto [entry, fresh] = reading.known.try_emplace(value, uint32_t(reading.known.size()));
  reading.column->rows.push_back(entry->second);
  if (fresh)
    addSample(reading, value, cell);
  if (const auto found = reading.wrong.find(entry->second); found != reading.wrong.end()) {
    Problem problem = found->second;
    problem.place = csv.place(cell);
    problems.add(std::move(problem));
  }
  if (!reading.column->field.optional())
    return;
  const bool isMissing = reading.reader->isMissing(value);
  reading.isMissing |= isMissing;
  reading.presence.push_back(!isMissing);
}

/// Nothing can be learned from such a row, or measured with it.
bool TableReader::lacksTarget(const std::vector<Cell> &row) {
  bool lacks = false;
  for (size_t i = 0; i < row.size(); ++i) {
    const Reading &reading = readings[i];
    if (!reading.isTarget || !reading.reader->isMissing(reading.reader->valueOf(row[i].text)))
      continue;
    lacking.insert("'" + reading.column->field.name + "'");
    lacks = true;
  }
  return lacks;
}

void TableReader::readRow(const std::vector<Cell> &row) {
  if (row.size() != readings.size())
    return report(csv.place(row.front()), "expects " + std::to_string(readings.size()) +
                                              " cells, got " + std::to_string(row.size()));
  if (lacksTarget(row)) {
    ++leftOut;
    return;
  }
  ++data.rows;
  for (size_t i = 0; i < row.size(); ++i)
    if (readings[i].column)
      readCell(readings[i], row[i]);
}

/// Which rows have an input that some of them lack.
Column presenceOf(Reading &reading) {
  const Field &input = reading.column->field;
  static constexpr float kValues[] = {0, 1};
  const auto bytes = std::as_bytes(std::span(kValues));
  Column column{{input.name + "_present", CCM_F32, {1}, 0, sizeof(float)}};
  column.samples = std::make_shared<const Bytes>(bytes.begin(), bytes.end());
  column.rows = std::move(reading.presence);
  column.port = input.presence - 1;
  return column;
}

void TableReader::noteLeftOut() {
  std::string outputs;
  for (const std::string &name : lacking)
    outputs += (outputs.empty() ? "" : ", ") + name;
  const std::string all = std::to_string(leftOut + data.rows);
  if (data.rows == 0)
    return report(path, "none of " + all + " rows has a value of " + outputs);
  data.notes.push_back(path + ": left out " + std::to_string(leftOut) + " of " + all +
                       " rows, which have no value of " + outputs);
}

void TableReader::finish() {
  if (leftOut > 0)
    noteLeftOut();
  else if (data.rows == 0)
    report(path, "a table without rows");
  if (firstComma && separator != ';')
    data.notes.push_back(csv.place(*firstComma) + ": '" + firstComma->text +
                         "' is read with a decimal comma");
  for (Reading &reading : readings)
    if (reading.column) {
      reading.column->samples = std::make_shared<const Bytes>(std::move(reading.samples));
      reading.column->cells = reading.isFull ? reading.cells : nullptr;
    }
  std::vector<Column> presences;
  for (Reading &reading : readings)
    if (reading.isMissing)
      presences.push_back(presenceOf(reading));
  // Only now: readings point at the columns that are there.
  std::move(presences.begin(), presences.end(), std::back_inserter(data.inputs));
}

/// Readers of the columns, once for their names and once with them.
void TableReader::prepare() {
  for (Reading &reading : readings)
    if (reading.column)
      reading.reader.emplace(rules, reading.column->field, reading.isFiles);
}

Status TableReader::read() {
  header = readHeader(csv, path, data, options, problems);
  for (const HeaderColumn &column : header) {
    readings.push_back({column.column, column.isFiles});
    readings.back().isTarget =
        std::any_of(data.targets.begin(), data.targets.end(),
                    [&](const Column &target) { return &target == column.column; });
  }
  prepare();
  if (problems.empty() && options.learnNames)
    learnNames();
  if (!problems.empty())
    return problems.take(path);
  prepare();
  for (Reading &reading : readings)
    if (reading.column)
      reading.cells = std::make_shared<TableCells>(*reading.reader);
  while (true) {
    Result<std::vector<Cell>> row = csv.next();
    if (!row)
      problems.add(row.error().first());
    if (!row || row->empty())
      break;
    readRow(*row);
  }
  if (problems.empty())
    finish();
  if (!problems.empty())
    return problems.take(path);
  return Done();
}

} // namespace

Result<Dataset> readTable(const std::string &path, Dataset empty, const DatasetOptions &options) {
  empty.files = {path};
  io::Result<std::string> bytes = io::readFile(path);
  if (!bytes)
    return Problem{Fault::file, "", bytes.error().message};
  Result<std::string> text = decodeText(std::move(*bytes), path);
  if (!text)
    return text.error();
  if (Status read = TableReader(path, *text, empty, options).read(); !read)
    return read.error();
  empty.dropUnread();
  return empty;
}

} // namespace ccm::data
