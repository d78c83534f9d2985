// SPDX-License-Identifier: Apache-2.0
// Names of columns, and ports.
#include "data/Header.h"
#include "data/Nearest.h"

#include <algorithm>

namespace ccm::data {

namespace {

/// The column that a title stands for; null where it is no port's.
HeaderColumn matched(const Cell &cell, Dataset &data) {
  const std::string_view title = trimmed(cell.text);
  HeaderColumn found{cell, data.find(title), false};
  if (!found.column && title.starts_with('@')) {
    found.column = data.find(title.substr(1));
    found.isFiles = found.column != nullptr;
  }
  return found;
}

/// Names with commas between, cut where there are many.
std::string listOf(const std::vector<std::string> &names) {
  constexpr size_t kMostShown = 12;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMostShown); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMostShown)
    text += " and " + std::to_string(names.size() - kMostShown) + " more";
  return text;
}

std::string portNames(Dataset &data) {
  std::string names;
  for (const Column *column : data.columns())
    names += (names.empty() ? "" : ", ") + column->field.name;
  return names;
}

/// Matches columns and ports, and finds what is left on either side.
class HeaderReader {
public:
  HeaderReader(const CsvReader &csv, Dataset &data, const DatasetOptions &options,
               ProblemList &problems)
      : csv(csv), data(data), options(options), problems(problems) {}

  Header read(const std::vector<Cell> &cells, const std::string &path) {
    for (const Cell &cell : cells)
      add(cell);
    for (const Column *column : data.columns())
      if (!holds(column))
        tellLack(column->field, path);
    if (!passed.empty())
      data.notes.push_back(path + ": columns passed over: " + listOf(passed));
    return std::move(header);
  }

private:
  void add(const Cell &cell) {
    HeaderColumn found = matched(cell, data);
    if (!found.column)
      pass(cell);
    else if (holds(found.column))
      report(cell, "column '" + found.column->field.name + "' stands twice");
    header.push_back(std::move(found));
  }
  void pass(const Cell &cell) {
    const std::string title(trimmed(cell.text));
    if (std::count(options.ignored.begin(), options.ignored.end(), title) > 0)
      return;
    if (options.strict)
      report(cell, "column '" + title + "' is no port: expects " + portNames(data));
    if (titles.size() < kMostCompared)
      titles.push_back(title);
    const std::string number = std::to_string(header.size() + 1);
    passed.push_back(title.empty() ? "number " + number + " (no name)" : shown(title));
  }
  bool holds(const Column *column) const {
    return std::any_of(header.begin(), header.end(),
                       [&](const HeaderColumn &other) { return other.column == column; });
  }
  void tellLack(const Field &field, const std::string &path) {
    const std::string likely = suggestion(field.name, titles);
    if (!field.optional())
      problems.add({Fault::input, csv.place(header.front().cell),
                    "no column for port '" + field.name + "'" +
                        (passed.empty() ? "" : " among " + listOf(passed)) + likely});
    else if (!likely.empty())
      data.notes.push_back(path + ": no column for the optional '" + field.name + "'" + likely);
  }
  void report(const Cell &cell, const std::string &message) {
    problems.add({Fault::input, csv.place(cell), message});
  }
  static std::string shown(const std::string &title) {
    constexpr size_t kLongest = 40;
    return title.size() > kLongest ? title.substr(0, kLongest) + "…" : title;
  }

  /// So many titles are compared with names of ports that have no column.
  static constexpr size_t kMostCompared = 1000;

  const CsvReader &csv;
  Dataset &data;
  const DatasetOptions &options;
  ProblemList &problems;
  Header header;
  /// Of columns that are no port's: what they are called, and how that is shown.
  std::vector<std::string> titles, passed;
};

} // namespace

char separatorOf(std::string_view bytes, Dataset &data) {
  char best = ',';
  std::pair<size_t, size_t> most = {0, 0};
  for (char separator : {',', ';', '\t', '|'}) {
    Result<std::vector<Cell>> cells = CsvReader(bytes, "", separator).next();
    if (!cells)
      continue;
    const auto ports = size_t(std::count_if(cells->begin(), cells->end(), [&](const Cell &cell) {
      return matched(cell, data).column != nullptr;
    }));
    if (const std::pair parts(ports, cells->size()); parts > most)
      most = parts, best = separator;
  }
  return best;
}

Header readHeader(CsvReader &csv, const std::string &path, Dataset &data,
                  const DatasetOptions &options, ProblemList &problems) {
  Result<std::vector<Cell>> cells = csv.next();
  if (!cells) {
    problems.add(cells.error().first());
    return {};
  }
  if (cells->empty()) {
    problems.add({Fault::input, path, "an empty table: expects a header of " + portNames(data)});
    return {};
  }
  return HeaderReader(csv, data, options, problems).read(*cells, path);
}

} // namespace ccm::data
