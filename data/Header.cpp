// SPDX-License-Identifier: Apache-2.0
// Names of columns, and ports.
#include "data/Header.h"
#include "data/Nearest.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

namespace ccm::data {

namespace {

using Titles = std::vector<std::string>;

/// What the columns of a port are called.
Titles titlesOf(const Field &field) {
  return field.titles.empty() ? Titles{field.name} : field.titles;
}

/// Of ports of one column it may be "@title".
std::string_view withoutMark(std::string_view title) {
  return title.starts_with('@') ? title.substr(1) : title;
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
  HeaderReader(std::vector<Cell> cells, const CsvReader &csv, Dataset &data,
               const DatasetOptions &options, ProblemList &problems)
      : csv(csv), data(data), options(options), problems(problems) {
    header.titles = std::move(cells);
    isUsed.resize(header.titles.size());
    for (size_t i = 0; i < header.titles.size(); ++i)
      numbers[std::string(trimmed(header.titles[i].text))].push_back(i);
  }

  Header read(const std::string &path) {
    for (Column *column : data.columns())
      match(*column);
    if (!options.group.empty() && !(header.group = find(options.group)))
      report(header.titles.front(),
             "no column '" + options.group + "', which tells the series apart");
    if (!options.id.empty() && !(header.id = find(options.id)))
      report(header.titles.front(), "no column '" + options.id + "', which tells the rows apart");
    for (size_t i = 0; i < header.titles.size(); ++i)
      if (!isUsed[i])
        pass(i);
    for (const auto &[field, title] : lacking)
      tellLack(*field, title, path);
    if (!passed.empty())
      data.notes.push_back(path + ": columns passed over: " + listOf(passed));
    return std::move(header);
  }

private:
  /// The number of the column of that title, or none; where it may be marked, "@title" is the same.
  /// A second one is a problem.
  std::optional<size_t> find(std::string_view title, bool mayBeMarked = false) {
    std::vector<size_t> found = numbersOf(std::string(title));
    if (mayBeMarked)
      for (size_t number : numbersOf("@" + std::string(title)))
        found.push_back(number);
    std::sort(found.begin(), found.end());
    for (size_t number : found) {
      if (number != found.front())
        report(header.titles[number], "column '" + std::string(title) + "' stands twice");
      isUsed[number] = true;
    }
    return found.empty() ? std::nullopt : std::optional(found.front());
  }
  std::vector<size_t> numbersOf(const std::string &title) const {
    const auto found = numbers.find(title);
    return found == numbers.end() ? std::vector<size_t>() : found->second;
  }
  void match(Column &column) {
    PortColumns found{&column, {}};
    for (const std::string &title : titlesOf(column.field)) {
      if (std::optional<size_t> cell = find(title, column.field.titles.size() < 2)) {
        found.cells.push_back(*cell);
        found.isFiles = trimmed(header.titles[*cell].text) != title;
      } else {
        lacking.emplace_back(&column.field, title);
      }
    }
    // Without any of its columns, an optional input is one that all rows lack.
    if (!found.cells.empty())
      header.ports.push_back(std::move(found));
  }
  void pass(size_t number) {
    const Cell &cell = header.titles[number];
    const std::string title(trimmed(cell.text));
    if (std::count(options.ignored.begin(), options.ignored.end(), title) > 0)
      return;
    if (options.strict)
      report(cell, "column '" + title + "' is no port: expects " + portNames(data));
    if (titles.size() < kMostCompared)
      titles.push_back(title);
    passed.push_back(title.empty() ? "number " + std::to_string(number + 1) + " (no name)"
                                   : shown(title));
  }
  void tellLack(const Field &field, const std::string &title, const std::string &path) {
    const std::string likely = suggestion(title, titles);
    const bool isAbsent =
        std::none_of(header.ports.begin(), header.ports.end(),
                     [&](const PortColumns &found) { return &found.column->field == &field; });
    const std::string column = title == field.name ? "" : " '" + title + "'";
    if (!field.optional() || !isAbsent)
      problems.add({Fault::input, csv.place(header.titles.front()),
                    "no column" + column + " for port '" + field.name + "'" +
                        (passed.empty() ? "" : " among " + listOf(passed)) + likely});
    else if (!likely.empty())
      data.notes.push_back(path + ": no column" + column + " for the optional '" + field.name +
                           "'" + likely);
  }
  void report(const Cell &cell, const std::string &message) {
    problems.add({Fault::input, csv.place(cell), message});
  }
  static std::string shown(const std::string &title) {
    constexpr size_t kLongest = 40;
    return title.size() > kLongest ? title.substr(0, kLongest) + "…" : title;
  }

  /// So many titles are compared with those that ports lack.
  static constexpr size_t kMostCompared = 1000;

  const CsvReader &csv;
  Dataset &data;
  const DatasetOptions &options;
  ProblemList &problems;
  Header header;
  /// Of columns, by their titles.
  std::map<std::string, std::vector<size_t>> numbers;
  std::vector<bool> isUsed;
  /// Ports and titles that have no column.
  std::vector<std::pair<const Field *, std::string>> lacking;
  /// Of columns that are no port's: what they are called, and how that is shown.
  std::vector<std::string> titles, passed;
};

} // namespace

char separatorOf(std::string_view bytes, Dataset &data) {
  std::set<std::string, std::less<>> wanted;
  for (const Column *column : data.columns())
    for (std::string &title : titlesOf(column->field))
      wanted.insert(std::move(title));
  char best = ',';
  std::pair<size_t, size_t> most = {0, 0};
  for (char separator : {',', ';', '\t', '|'}) {
    Result<std::vector<Cell>> cells = CsvReader(bytes, "", separator).next();
    if (!cells)
      continue;
    const auto ports = size_t(std::count_if(cells->begin(), cells->end(), [&](const Cell &cell) {
      return wanted.count(withoutMark(trimmed(cell.text))) > 0;
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
  return HeaderReader(std::move(*cells), csv, data, options, problems).read(path);
}

} // namespace ccm::data
