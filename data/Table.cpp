// SPDX-License-Identifier: Apache-2.0
// Tables whose header names ports.
#include "data/CellReader.h"
#include "data/Digest.h"
#include "data/Header.h"
#include "data/Series.h"
#include "data/Text.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_map>

namespace ccm::data {

namespace {

/// Sums to what no process should try to hold.
constexpr uint64_t kMostBytes = uint64_t(1) << 36;

/// What is wrong with a sample, and which of its cells.
struct Wrong {
  Problem problem;
  size_t cell;
};

/// What stands in for values of a sample.
struct StandIns {
  uint32_t missing = 0, unnamed = 0;
};

/// The element of a port that a cell holds: all of it, unless it has several columns.
Field elementOf(const Field &field, size_t cells) {
  if (cells < 2)
    return field;
  Field element = field;
  element.extents = field.discrete() ? std::vector<int64_t>() : std::vector<int64_t>{1};
  element.bytes = field.elementBytes();
  return element;
}

/// One port's column while it is read.
struct Reading {
  Column *column = nullptr;
  /// Of a row, those that hold it: one, or one per element.
  std::vector<size_t> cells;
  bool isFiles = false;
  bool isTarget = false;
  /// What a row holds, and one of its cells.
  Field row = {}, element = {};
  Bytes samples = {}, scratch = {};
  /// Value, or all of them, to distinct sample.
  std::unordered_map<std::string, uint32_t> known = {};
  /// What is wrong with some of them.
  std::unordered_map<uint32_t, Wrong> wrong = {};
  /// Of those in which something stands in.
  std::unordered_map<uint32_t, StandIns> standIns = {};
  /// Of all rows.
  uint64_t missing = 0, unnamed = 0;
  /// The first that is none of the names.
  std::optional<Cell> firstUnnamed = std::nullopt;
  std::optional<CellReader> reader = std::nullopt;
  std::shared_ptr<TableCells> stored = nullptr;
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
        options(options), rules(std::make_shared<CellRules>(path, separator, options)),
        isSeries(readsSeries(data)) {}

  /// Fills the dataset; tells all that is wrong.
  Status read();

private:
  void prepare();
  void learnNames();
  void nameColumn(const Reading &reading, const std::set<std::string> &texts);
  void readRow(const std::vector<Cell> &row);
  bool lacksTarget(const std::vector<Cell> &row);
  void addToSeries(const std::vector<Cell> &row, bool lacks);
  void readPort(Reading &reading, const std::vector<Cell> &row);
  const std::string &joined();
  void addSample(Reading &reading, const std::vector<Cell> &row);
  std::span<std::byte> addRoom(Reading &reading, const std::optional<std::string> &file);
  void fillElement(Reading &reading, const std::string &value, size_t number, const Cell &cell,
                   std::span<std::byte> element);
  void countStandIn(Reading &reading, const std::string &value, const Cell &cell);
  Status fill(Reading &reading, const std::string &value, std::span<std::byte> sample);
  void checkPoint(const Reading &reading, const std::string &value, const Cell &cell);
  void finish();
  void noteLeftOut();
  void noteStandIns(const Reading &reading);
  void report(const std::string &place, const std::string &message) {
    problems.add({Fault::input, place, message});
  }

  /// Of the port that is being read: what its cells say, and that as one text.
  std::vector<std::string> values;
  std::string together;
  char separator;
  CsvReader csv;
  Header header;
  std::string path;
  Dataset &data;
  const DatasetOptions &options;
  std::shared_ptr<const CellRules> rules;
  /// Bytes of samples that are kept so far.
  uint64_t held = 0;
  /// One per port that has columns.
  std::vector<Reading> readings;
  ProblemList problems;
  /// Rows without a target, and the outputs that they lack.
  int64_t leftOut = 0;
  std::set<std::string> lacking;
  /// Samples are runs of rows; the series by the order of their names in the table.
  bool isSeries;
  SeriesRows series;
  std::unordered_map<std::string, uint32_t> numbers;
  /// The first number with a decimal point, and with a decimal comma.
  std::optional<Cell> firstPoint, firstComma;
};

void TableReader::nameColumn(const Reading &reading, const std::set<std::string> &texts) {
  Field &field = reading.column->field;
  if (int64_t(texts.size()) > field.vocabulary)
    return report(csv.place(header.titles[reading.cells.front()]),
                  "column '" + field.name + "' holds " + std::to_string(texts.size()) +
                      " different names, the port has " + std::to_string(field.vocabulary) +
                      " indices");
  field.names.assign(texts.begin(), texts.end());
}

/// Columns of texts alone where indices are expected: their texts, in order, become the names. The
/// rows are read a second time for their values.
void TableReader::learnNames() {
  CsvReader rows = csv;
  std::vector<std::set<std::string>> texts(readings.size());
  std::vector<bool> holdsNumbers(readings.size());
  for (Result<std::vector<Cell>> row = rows.next(); row && !row->empty(); row = rows.next())
    for (size_t i = 0; i < readings.size(); ++i) {
      const Reading &reading = readings[i];
      if (!reading.column->field.isIndex() || reading.cells.front() >= row->size())
        continue;
      const std::string text(trimmed((*row)[reading.cells.front()].text));
      if (reading.reader->isMissing(text))
        continue;
      if (numberOf(text))
        holdsNumbers[i] = true;
      else
        texts[i].emplace(text);
    }
  for (size_t i = 0; i < readings.size(); ++i)
    if (!texts[i].empty() && !holdsNumbers[i] && readings[i].column->field.names.empty())
      nameColumn(readings[i], texts[i]);
}

/// A number is written one way throughout: 1,234 next to 5.6 would be anybody's guess.
void TableReader::checkPoint(const Reading &reading, const std::string &value, const Cell &cell) {
  const Field &field = reading.column->field;
  if (!rules->decimalComma || field.discrete() || reading.reader->pathOf(value) ||
      value.find('.') == value.npos || (field.takesDates() && dateOf(value)))
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
  const Field &field = reading.element;
  if (!reading.reader->isMissing(value) || field.mayBeMissing() || (isSeries && reading.isTarget))
    return reading.reader->fill(value, sample);
  const bool isNumber = !field.discrete() && field.dtype == CCM_F32;
  return Problem{Fault::input, "",
                 "'" + field.name + "' expects " + expectation(field) + ", got " +
                     (value.empty() ? "nothing" : "'" + value + "', a missing value") +
                     (isNumber ? R"(; where values may be missing say "missing": "learn")"
                               : R"(; an input that rows may lack says "optional": true)")};
}

/// Counts what is filled in, for a note.
void TableReader::countStandIn(Reading &reading, const std::string &value, const Cell &cell) {
  const Field &field = reading.element;
  const bool isMissing = reading.reader->isMissing(value);
  const bool isUnnamed = !isMissing && field.unknown > 0 && !indexOf(field, value);
  if (!(isMissing && (field.hasGaps || field.unknown > 0)) && !isUnnamed)
    return;
  StandIns &found = reading.standIns[uint32_t(reading.known.size()) - 1];
  ++(isMissing ? found.missing : found.unnamed);
  if (isUnnamed && !reading.firstUnnamed)
    reading.firstUnnamed = cell;
}

/// Bytes of a sample that was not there before. A file's are not kept where they do not fit.
std::span<std::byte> TableReader::addRoom(Reading &reading,
                                          const std::optional<std::string> &file) {
  const uint64_t bytes = reading.row.bytes;
  const bool fits = held <= options.memory && bytes <= options.memory - held;
  if (file)
    data.files.push_back(*file);
  reading.isFull |= !fits && file;
  Bytes &target = reading.isFull ? reading.scratch : reading.samples;
  const size_t start = reading.isFull ? 0 : target.size();
  target.resize(start + bytes);
  held += reading.isFull ? 0 : bytes;
  return std::span(target).subspan(start);
}

void TableReader::fillElement(Reading &reading, const std::string &value, size_t number,
                              const Cell &cell, std::span<std::byte> element) {
  checkPoint(reading, value, cell);
  countStandIn(reading, value, cell);
  if (Status filled = fill(reading, value, element); !filled)
    reading.wrong.emplace(uint32_t(reading.known.size()) - 1,
                          Wrong{problems.isFull() ? Problem() : filled.error().first(), number});
}

/// The values of several cells as one.
const std::string &TableReader::joined() {
  together.clear();
  for (const std::string &value : values)
    together += (&value == &values.front() ? "" : "\x1f") + value;
  return together;
}

/// The sample of values that were not there before.
void TableReader::addSample(Reading &reading, const std::vector<Cell> &row) {
  const Cell &first = row[reading.cells.front()];
  if (reading.row.bytes > kMostBytes)
    return report(csv.place(first),
                  "a sample of '" + reading.element.name + "' has more than 2^36 bytes");
  const bool isOne = values.size() == 1;
  const std::span<std::byte> sample =
      addRoom(reading, isOne ? reading.reader->pathOf(values.front()) : std::nullopt);
  if (isOne)
    reading.stored->add(values.front(), csv.place(first));
  const size_t bytes = reading.element.bytes;
  for (size_t i = 0; i < values.size(); ++i)
    fillElement(reading, values[i], i, row[reading.cells[i]], sample.subspan(i * bytes, bytes));
}

void TableReader::readPort(Reading &reading, const std::vector<Cell> &row) {
  values.clear();
  for (size_t cell : reading.cells)
    values.push_back(reading.reader->valueOf(row[cell].text));
  const std::string &all = values.size() == 1 ? values.front() : joined();
  const auto [entry, fresh] = reading.known.try_emplace(all, uint32_t(reading.known.size()));
  const uint32_t number = entry->second;
  reading.column->rows.push_back(number);
  if (fresh) {
    reading.column->texts = crcOf(std::as_bytes(std::span(all)), reading.column->texts);
    addSample(reading, row);
  }
  if (const auto found = reading.wrong.find(number); found != reading.wrong.end()) {
    Problem problem = found->second.problem;
    problem.place = csv.place(row[reading.cells[found->second.cell]]);
    problems.add(std::move(problem));
  }
  if (const auto found = reading.standIns.find(number); found != reading.standIns.end()) {
    reading.missing += found->second.missing;
    reading.unnamed += found->second.unnamed;
  }
  if (!reading.row.optional())
    return;
  const bool isMissing = std::all_of(values.begin(), values.end(), [&](const std::string &value) {
    return reading.reader->isMissing(value);
  });
  reading.isMissing |= isMissing;
  reading.presence.push_back(!isMissing);
}

/// Nothing can be learned from such a row, or measured with it.
bool TableReader::lacksTarget(const std::vector<Cell> &row) {
  bool lacks = false;
  for (const Reading &reading : readings) {
    if (!reading.isTarget ||
        std::none_of(reading.cells.begin(), reading.cells.end(), [&](size_t cell) {
          return reading.reader->isMissing(reading.reader->valueOf(row[cell].text));
        }))
      continue;
    lacking.insert("'" + reading.column->field.name + "'");
    lacks = true;
  }
  return lacks;
}

void TableReader::addToSeries(const std::vector<Cell> &row, bool lacks) {
  series.lacksTarget.push_back(lacks);
  if (!header.group)
    return;
  const std::string name(trimmed(row[*header.group].text));
  const auto [entry, fresh] = numbers.try_emplace(name, uint32_t(numbers.size()));
  series.series.push_back(entry->second);
  if (fresh)
    data.series.push_back(name);
}

void TableReader::readRow(const std::vector<Cell> &row) {
  const bool lacks = lacksTarget(row);
  if (lacks && !isSeries) {
    ++leftOut;
    return;
  }
  ++data.rows;
  if (isSeries)
    addToSeries(row, lacks);
  else if (header.id)
    data.ids.emplace_back(trimmed(row[*header.id].text));
  for (Reading &reading : readings)
    readPort(reading, row);
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

void TableReader::noteStandIns(const Reading &reading) {
  const auto note = [&](uint64_t count, const std::string &what) {
    if (count > 0)
      data.notes.push_back(path + ": " + std::to_string(count) + " cells of '" +
                           reading.column->field.name + "' " + what);
  };
  note(reading.missing, reading.element.hasGaps ? "are missing" : "are missing: they are unknown");
  if (reading.firstUnnamed)
    note(reading.unnamed, "hold none of its values, the first '" + reading.firstUnnamed->text +
                              "' in line " + std::to_string(reading.firstUnnamed->line) +
                              ": they are unknown");
}

void TableReader::finish() {
  if (leftOut > 0)
    noteLeftOut();
  else if (data.rows == 0)
    problems.add(withoutRows(path));
  if (firstComma && separator != ';')
    data.notes.push_back(csv.place(*firstComma) + ": '" + firstComma->text +
                         "' is read with a decimal comma");
  for (Reading &reading : readings) {
    if (reading.isFull && reading.column->field.steps > 0)
      report(path, "the files of '" + reading.row.name + "' do not fit into the memory for data");
    reading.column->samples = std::make_shared<const Bytes>(std::move(reading.samples));
    reading.column->cells = reading.isFull ? reading.stored : nullptr;
    noteStandIns(reading);
  }
  std::vector<Column> presences;
  for (Reading &reading : readings)
    if (reading.isMissing)
      presences.push_back(presenceOf(reading));
  // Only now: readings point at the columns that are there.
  std::move(presences.begin(), presences.end(), std::back_inserter(data.inputs));
  if (isSeries && problems.empty())
    if (Status made = makeSeries(path, series, options.lastOnly, data); !made)
      problems.add(made.error().first());
}

/// Readers of the columns, once for their names and once with them.
void TableReader::prepare() {
  for (Reading &reading : readings) {
    reading.row = fieldOfRow(reading.column->field);
    reading.element = elementOf(reading.row, reading.cells.size());
    reading.reader.emplace(rules, reading.element, reading.isFiles);
  }
}

Status TableReader::read() {
  header = readHeader(csv, path, data, options, problems);
  for (const PortColumns &port : header.ports) {
    readings.push_back({port.column, port.cells, port.isFiles});
    readings.back().isTarget =
        std::any_of(data.targets.begin(), data.targets.end(),
                    [&](const Column &target) { return &target == port.column; });
  }
  prepare();
  if (problems.empty() && options.learnNames)
    learnNames();
  if (!problems.empty())
    return problems.take(path);
  prepare();
  for (Reading &reading : readings)
    reading.stored = std::make_shared<TableCells>(*reading.reader);
  forEachRow(csv, header.titles.size(), problems,
             [this](const std::vector<Cell> &row) { readRow(row); });
  if (problems.empty())
    finish();
  if (!problems.empty())
    return problems.take(path);
  return Done();
}

} // namespace

Result<Dataset> readTable(const std::string &path, Dataset empty, const DatasetOptions &options) {
  empty.files = {path};
  Result<std::string> text = readText(path);
  if (!text)
    return text.error();
  if (Status read = TableReader(path, *text, empty, options).read(); !read)
    return read.error();
  empty.dropUnread();
  return empty;
}

} // namespace ccm::data
