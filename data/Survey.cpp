// SPDX-License-Identifier: Apache-2.0
// Looks at every cell of tables once.
#include "data/Survey.h"
#include "data/CellReader.h"
#include "data/Counter.h"
#include "data/Header.h"
#include "data/Text.h"

#include <algorithm>
#include <cmath>

namespace ccm::data {

namespace {

/// Reads the tables one after the other into one survey.
class Surveyor {
public:
  explicit Surveyor(const DatasetOptions &options) : options(options) {}

  Status read(const std::string &path) {
    Result<std::string> text = readText(path);
    if (!text)
      return text.error();
    Dataset none;
    survey.separator = separatorOf(*text, none);
    CsvReader csv(*text, path, survey.separator);
    if (Status header = readTitles(csv, path); !header)
      return header;
    return readRows(csv, path);
  }

  Survey survey;

private:
  Status readTitles(CsvReader &csv, const std::string &path) {
    Result<std::vector<Cell>> cells = csv.next();
    if (!cells)
      return cells.error();
    if (cells->empty())
      return Problem{Fault::input, path, "an empty table: expects a header"};
    std::vector<std::string> titles;
    for (const Cell &cell : *cells) {
      const std::string_view title = trimmed(cell.text);
      titles.emplace_back(title.substr(title.starts_with('@') ? 1 : 0));
    }
    if (survey.columns.empty())
      for (const std::string &title : titles)
        survey.columns.emplace_back().title = title;
    if (titles != survey.titles())
      return Problem{Fault::input, csv.place(cells->front()),
                     "expects the header of the first table"};
    return Done();
  }

  Status readRows(CsvReader &csv, const std::string &path) {
    const auto rules = std::make_shared<CellRules>(path, survey.separator, options);
    const CellReader reader(rules, Field{"", CCM_F32, {1}, 0, sizeof(float)}, false);
    const int64_t before = survey.rows;
    ProblemList problems;
    forEachRow(csv, survey.columns.size(), problems,
               [&](const std::vector<Cell> &row) { takeRow(row, reader); });
    if (survey.rows == before && problems.empty())
      problems.add(withoutRows(path));
    return problems.empty() ? Status(Done()) : Status(problems.take(path));
  }

  void takeRow(const std::vector<Cell> &row, const CellReader &reader) {
    ++survey.rows;
    for (size_t i = 0; i < row.size(); ++i) {
      ColumnSurvey &column = survey.columns[i];
      ++column.rows;
      const std::string value = reader.valueOf(row[i].text);
      std::optional<double> number = numberOf(value);
      if (number && !std::isfinite(float(*number)))
        number.reset(); // f32 cannot hold it
      if (reader.isMissing(value))
        ++column.missing;
      else
        column.take(std::string(trimmed(row[i].text)), number, row[i].line);
    }
  }

  const DatasetOptions &options;
};

} // namespace

double ColumnSurvey::different() const {
  if (hashes.size() < kHashes)
    return double(hashes.size());
  return double(kHashes - 1) * 0x1p64 / double(*hashes.rbegin());
}

void ColumnSurvey::takeHash(const std::string &text) {
  uint64_t hash = 0;
  for (char c : text)
    hash = Counter(hash).bits(uint8_t(c));
  hashes.insert(hash);
  if (hashes.size() > kHashes)
    hashes.erase(std::prev(hashes.end()));
}

void ColumnSurvey::take(const std::string &text, std::optional<double> number, int64_t line) {
  takeHash(text);
  longest = std::max(longest, text.size());
  hasBlanks |= text.find_first_of(" \t\n") != text.npos;
  isCounting &= number && (numbers == 0 || *number == most + 1);
  if (number) {
    least = numbers == 0 ? *number : std::min(least, *number);
    most = numbers == 0 ? *number : std::max(most, *number);
    ++numbers;
    integers += *number == std::floor(*number);
  } else if (!firstWord) {
    firstWord.emplace(line, text.substr(0, 40));
  }
  if (const std::optional<Date> date = dateOf(text); date && !number) {
    ++dates;
    times += date->hasTime;
  }
  const FileKind kind = kindOf(text);
  const bool isPicture = kind == FileKind::image, isSound = kind == FileKind::sound;
  pictures += isPicture;
  sounds += isSound;
  arrays += kind == FileKind::array || kind == FileKind::text;
  if ((isPicture || isSound) && files.size() < kMostFiles)
    files.push_back(text.substr(text.starts_with('@') ? 1 : 0));
  manyKinds |= kinds.size() == kMostKinds && !kinds.contains(text);
  if (!manyKinds)
    ++kinds[text];
}

std::vector<std::string> Survey::titles() const {
  std::vector<std::string> all;
  for (const ColumnSurvey &column : columns)
    all.push_back(column.title);
  return all;
}

Result<Survey> surveyTables(const std::vector<std::string> &paths, const DatasetOptions &options) {
  Surveyor surveyor(options);
  for (const std::string &path : paths)
    if (Status read = surveyor.read(path); !read)
      return read.error();
  return std::move(surveyor.survey);
}

} // namespace ccm::data
