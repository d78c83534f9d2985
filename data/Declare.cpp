// SPDX-License-Identifier: Apache-2.0
// Decides what every column of a table is, and writes it down with the reason.
#include "data/Declare.h"
#include "data/Image.h"
#include "data/Nearest.h"
#include "runtime/io/Io.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace ccm::data {

namespace {

using Json = nlohmann::json;

/// Integers of a target are classes where they are at most so many, of so many rows each.
constexpr size_t kMostClasses = 20;
constexpr int64_t kRowsOfClass = 10;
constexpr size_t kLongestText = 512, kLongestKind = 100, kMostShown = 6;

std::string jsonOf(const std::string &text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string shownNumber(double value) {
  char text[32] = {};
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// What JSON can write of a text, and comments too.
bool isPlain(const std::string &text) {
  const std::string dumped = Json(text).dump(-1, ' ', false, Json::error_handler_t::ignore);
  const bool isControl =
      std::any_of(text.begin(), text.end(), [](char c) { return uint8_t(c) < 0x20; });
  return !isControl && Json::parse(dumped).get<std::string>() == text;
}

bool isWholeNumber(const std::string &text) {
  const std::string_view digits = std::string_view(text).substr(text.starts_with('-') ? 1 : 0);
  return !digits.empty() && digits.size() < 10 && (digits == "0" || digits.front() != '0') &&
         digits.find_first_not_of("0123456789") == digits.npos && text != "-0";
}

/// The texts of a column in order; integers by their size.
std::vector<std::string> orderedKinds(const ColumnSurvey &column) {
  std::vector<std::string> kinds;
  for (const auto &[text, count] : column.kinds)
    kinds.push_back(text);
  if (std::all_of(kinds.begin(), kinds.end(), isWholeNumber))
    std::sort(kinds.begin(), kinds.end(), [](const std::string &a, const std::string &b) {
      return std::stoll(a) < std::stoll(b);
    });
  return kinds;
}

/// The names of a discrete port's indices: "values": […].
std::string valuesOf(const ColumnSurvey &column) {
  const std::vector<std::string> kinds = orderedKinds(column);
  const bool isWhole = std::all_of(kinds.begin(), kinds.end(), isWholeNumber);
  std::string list;
  for (const std::string &kind : kinds)
    list += (list.empty() ? "" : ", ") + (isWhole ? kind : jsonOf(kind));
  return "\"values\": [" + list + "]";
}

std::string rowsOfKinds(const ColumnSurvey &column) {
  std::string text =
      std::to_string(column.held()) + " rows of " + std::to_string(column.kinds.size()) + " kinds:";
  size_t shown = 0;
  for (const std::string &kind : orderedKinds(column)) {
    if (shown++ == kMostShown)
      return text + ", …";
    text += (shown == 1 ? " " : ", ") + jsonOf(kind) + " " + std::to_string(column.kinds.at(kind));
  }
  return text;
}

bool canBeKinds(const ColumnSurvey &column) {
  return !column.manyKinds && std::all_of(column.kinds.begin(), column.kinds.end(), [](auto &kind) {
    return kind.first.size() <= kLongestKind && isPlain(kind.first);
  });
}

/// Titles that are words for codes rather than for amounts.
bool isCodeTitle(std::string title) {
  std::transform(title.begin(), title.end(), title.begin(),
                 [](char c) { return char(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  static constexpr const char *kWords[] = {"class", "code", "type", "category", "cluster",
                                           "group", "kind", "zone", "region",   "status"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](const char *word) { return title.ends_with(word); });
}

class Writer {
public:
  Writer(const Survey &survey, const DeclareOptions &options) : survey(survey), options(options) {}

  Result<std::string> write();

private:
  Status findTargets();
  Status addTarget(const ColumnSurvey &column);
  void addInput(const ColumnSurvey &column);
  void addTexts(const ColumnSurvey &column);
  void addNumbers();
  void addPictures(const ColumnSurvey &column);
  void leaveOut(const ColumnSurvey &column, const std::string &why);
  std::string nameFor(const std::string &wanted);
  /// "name": …, and "column": … where the title is another.
  std::string head(const ColumnSurvey &column);
  void input(const std::string &why, const std::string &members);
  std::string place() const { return options.tables.front() + ":1:1"; }

  const Survey &survey;
  const DeclareOptions &options;
  std::vector<const ColumnSurvey *> targets, numbers;
  std::set<std::string> names;
  std::vector<std::pair<std::string, std::string>> inputs, outputs; ///< comment, members
  std::vector<std::string> left;
  bool isLarge = false;
};

std::string Writer::nameFor(const std::string &wanted) {
  std::string name = wanted;
  for (int i = 2; !names.insert(name).second; ++i)
    name = wanted.substr(0, 56) + "_" + std::to_string(i);
  return name;
}

std::string Writer::head(const ColumnSurvey &column) {
  const std::string name = nameFor(portNameOf(column.title));
  return "\"name\": " + jsonOf(name) +
         (name == column.title ? "" : ", \"column\": " + jsonOf(column.title));
}

void Writer::input(const std::string &why, const std::string &members) {
  inputs.emplace_back(why, members);
}

void Writer::leaveOut(const ColumnSurvey &column, const std::string &why) {
  left.push_back("left out " + jsonOf(column.title) + ": " + why);
}

/// Every target is a column; a target is no input.
Status Writer::findTargets() {
  ProblemList problems;
  for (const std::string &title : options.targets) {
    const auto is = [&](const ColumnSurvey &column) { return column.title == title; };
    const auto found = std::find_if(survey.columns.begin(), survey.columns.end(), is);
    std::string all;
    for (const ColumnSurvey &column : survey.columns)
      all += (all.empty() ? "" : ", ") + column.title;
    if (found == survey.columns.end())
      problems.add({Fault::input, place(),
                    "no column '" + title + "' among " + all.substr(0, 1000) +
                        suggestion(title, survey.titles())});
    else if (std::count_if(survey.columns.begin(), survey.columns.end(), is) > 1)
      problems.add({Fault::input, place(), "column '" + title + "' stands twice"});
    else if (Status added = addTarget(*found); !added)
      problems.add(added.error().first());
  }
  return problems.empty() ? Status(Done()) : Status(problems.take(options.tables.front()));
}

Status Writer::addTarget(const ColumnSurvey &column) {
  if (std::count(targets.begin(), targets.end(), &column) > 0)
    return Problem{Fault::input, place(), "target '" + column.title + "' is given twice"};
  targets.push_back(&column);
  const std::string lacks =
      column.missing ? "; " + std::to_string(column.missing) + " rows without are left out" : "";
  const bool isNumber = column.numbers == column.held();
  if (column.different() < 2)
    return Problem{Fault::input, place(),
                   "target '" + column.title + "' is the same in all rows: nothing to learn"};
  const auto kinds = int64_t(column.kinds.size());
  const bool isFlag = kinds == 2 && column.least == 0 && column.most == 1;
  const bool isClass =
      canBeKinds(column) && column.integers == column.held() &&
      std::all_of(column.kinds.begin(), column.kinds.end(),
                  [](const auto &kind) { return isWholeNumber(kind.first); }) &&
      (isFlag || (kinds <= int64_t(kMostClasses) && kinds * kRowsOfClass <= column.held()));
  if (isNumber && !isClass) {
    outputs.emplace_back("numbers of " + shownNumber(column.least) + " to " +
                             shownNumber(column.most) + lacks,
                         head(column));
    return Done();
  }
  if (!isNumber && (!canBeKinds(column) || column.pictures + column.sounds + column.dates > 0 ||
                    kinds * 2 > column.held()))
    return Problem{Fault::input, place(),
                   "target '" + column.title + "' is neither numbers nor a few kinds: " +
                       std::to_string(kinds) + (column.manyKinds ? " or more" : "") +
                       " different texts in " + std::to_string(column.held()) + " rows; line " +
                       std::to_string(column.firstWord->first) + " has " +
                       jsonOf(column.firstWord->second)};
  outputs.emplace_back(rowsOfKinds(column) + lacks, head(column) + ", " + valuesOf(column));
  return Done();
}

void Writer::addNumbers() {
  if (numbers.empty())
    return;
  std::string lacks, list, why;
  size_t lacking = 0;
  for (const ColumnSurvey *column : numbers) {
    if (column->missing && ++lacking == kMostShown + 1)
      lacks += " and of others";
    else if (column->missing && lacking <= kMostShown)
      lacks += (lacks.empty() ? "" : ", ") + std::to_string(column->missing) + " cells of " +
               jsonOf(column->title);
    list += (list.empty() ? "" : ", ") + jsonOf(column->title);
    if (numbers.size() <= kMostShown)
      why += (why.empty() ? "" : ", ") + jsonOf(column->title) + " " + shownNumber(column->least) +
             " to " + shownNumber(column->most);
  }
  why = why.empty() ? std::to_string(numbers.size()) + " columns of numbers" : "numbers: " + why;
  const std::string missing = lacks.empty() ? "" : ", \"missing\": \"learn\"";
  why += lacks.empty() ? "" : "; missing are " + lacks;
  if (numbers.size() == 1)
    return input(why, head(*numbers.front()) + missing);
  input(why, "\"name\": " + jsonOf(nameFor("numbers")) + ", \"channels\": " +
                 std::to_string(numbers.size()) + missing + ",\n     \"columns\": [" + list + "]");
}

void Writer::addPictures(const ColumnSurvey &column) {
  int64_t height = 64, width = 64;
  std::string why = "pictures";
  const std::string &table = options.tables.front();
  const size_t slash = table.rfind('/');
  const std::string folder = slash == table.npos ? "." : table.substr(0, slash + 1);
  io::Result<std::string> bytes = io::readFileBeneath(folder, column.files.front());
  Result<Image> image =
      bytes ? decodeImage(*bytes) : Problem{Fault::file, "", bytes.error().message};
  if (image) {
    why += ", the first of " + std::to_string(image->height) + "x" + std::to_string(image->width);
    height = std::min(height, image->height);
    width = std::min(width, image->width);
  } else {
    why += "; the first was not looked at, so 64x64 is a guess: " +
           jsonOf(image.error().first().message);
  }
  const bool isSmall = height * width >= 250 && height * width <= 1000;
  input(why, head(column) + ", \"shape\": [" + std::to_string(height) + ", " +
                 std::to_string(width) + "], \"channels\": 3" +
                 (isSmall ? ", \"structure\": \"high\"" : "") +
                 (column.missing ? ", \"optional\": true" : ""));
  isLarge = true;
}

/// Words: kinds, identifiers, or free text.
void Writer::addTexts(const ColumnSurvey &column) {
  const auto kinds = int64_t(column.kinds.size());
  const std::string words =
      column.numbers == 0
          ? ""
          : "; " + std::to_string(column.numbers) + " cells are numbers, but line " +
                std::to_string(column.firstWord->first) + " has " +
                jsonOf(column.firstWord->second) + " (--missing tells ccm-run what is none)";
  if (canBeKinds(column) && kinds * 2 <= column.held())
    return input(rowsOfKinds(column) + words, head(column) + ", " + valuesOf(column));
  if (column.numbers == 0 && !column.hasBlanks && column.longest <= 40 &&
      column.different() >= 0.95 * double(column.held()))
    return leaveOut(column, "nearly every row has one of its own, as identifiers are");
  const size_t length = std::min((column.longest + 15) / 16 * 16, kLongestText);
  input("texts of up to " + std::to_string(column.longest) + " bytes" + words,
        head(column) + ", \"shape\": [" + std::to_string(length) +
            "], \"discrete\": true, \"vocabulary\": 256");
  isLarge = true;
}

void Writer::addInput(const ColumnSurvey &column) {
  const int64_t held = column.held();
  const bool isTwice =
      std::count_if(survey.columns.begin(), survey.columns.end(),
                    [&](const ColumnSurvey &other) { return other.title == column.title; }) > 1;
  const bool isRun = column.title.find(" … ") != column.title.npos ||
                     column.title.find(" ... ") != column.title.npos;
  if (column.title.empty() || isTwice || isRun || !isPlain(column.title))
    return leaveOut(column, "its title is empty, stands twice or cannot be written here");
  if (held == 0 || (column.different() < 2 && column.missing == 0))
    return leaveOut(column, held == 0 ? "all cells are missing" : "all cells are the same");
  if (column.pictures == held)
    return addPictures(column);
  if (column.sounds == held) {
    isLarge = true;
    return input("sounds; 16000 samples are 2 s at 8000 a second (--rate)",
                 head(column) + ", \"shape\": [16000]" +
                     (column.missing ? ", \"optional\": true" : ""));
  }
  if (column.arrays == held)
    return leaveOut(column, "files of arrays or texts, whose shape only you know");
  if (column.dates == held) {
    const bool hasTimes = column.times > 0;
    return input(hasTimes ? "dates with times, taken apart: year, then cycles of year, week and day"
                          : "dates, taken apart: year, then cycles of year and week",
                 head(column) + ", \"channels\": " + (hasTimes ? "7" : "5") +
                     (column.missing ? ", \"missing\": \"learn\"" : ""));
  }
  if (column.numbers < held)
    return addTexts(column);
  if (column.isCounting && held >= 3 && column.missing == 0)
    return leaveOut(column, "it counts the rows");
  if (isCodeTitle(column.title) && column.kinds.size() > 2 && canBeKinds(column) &&
      column.integers == held && int64_t(column.kinds.size()) * kRowsOfClass <= held)
    return input(rowsOfKinds(column) + "; integers that the title calls a code",
                 head(column) + ", " + valuesOf(column));
  numbers.push_back(&column);
}

/// Ports with their comments, and commas between.
std::string portsText(const std::vector<std::pair<std::string, std::string>> &ports) {
  std::string text;
  for (size_t i = 0; i < ports.size(); ++i)
    text += "    // " + ports[i].first + "\n    {" + ports[i].second + "}" +
            (i + 1 < ports.size() ? "," : "") + "\n";
  return text;
}

Result<std::string> Writer::write() {
  if (Status found = findTargets(); !found)
    return found.error();
  for (const ColumnSurvey &column : survey.columns)
    if (std::count(targets.begin(), targets.end(), &column) == 0)
      addInput(column);
  addNumbers();
  std::string reasons;
  for (const std::string &line : left)
    reasons += "    // " + line + "\n";
  if (inputs.empty())
    return Problem{Fault::input, place(),
                   "no column is left for an input" +
                       (left.empty() ? std::string() : ": " + left.front())};
  std::string name = options.name;
  if (name.empty()) {
    const std::string &table = options.tables.front();
    const std::string file = table.substr(table.rfind('/') + 1);
    name = portNameOf(file.substr(0, file.find('.')));
  }
  const std::string level = !options.level.empty() ? options.level : isLarge ? "low" : "tiny";
  return "// A first declaration from " + std::to_string(survey.rows) + " rows of " +
         std::to_string(survey.columns.size()) +
         " columns, by ccm-run declare. Change what you know better.\n{\n  \"ccm\": 1,\n" +
         "  \"name\": " + jsonOf(name) + ",\n  \"unaligned_inputs\": [\n" + portsText(inputs) +
         reasons + "  ],\n  \"outputs\": [\n" + portsText(outputs) + "  ],\n" +
         (!options.level.empty() ? ""
          : isLarge              ? "  // pictures, sounds and texts need more than tiny\n"
                                 : "  // numbers and kinds need little\n") +
         "  \"compute\": " + jsonOf(level) + "\n}\n";
}

} // namespace

std::string portNameOf(const std::string &title) {
  std::string name;
  for (char c : title) {
    const bool isUpper = c >= 'A' && c <= 'Z';
    const bool isKept = isUpper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (isKept)
      name += isUpper ? char(c + 32) : c;
    else if (!name.empty() && !name.ends_with('_'))
      name += '_';
  }
  name = name.substr(0, 56);
  while (name.ends_with('_'))
    name.pop_back();
  if (name.empty())
    return "column";
  return name.front() >= '0' && name.front() <= '9' ? "x_" + name : name;
}

Result<std::string> declarationOf(const Survey &survey, const DeclareOptions &options) {
  return Writer(survey, options).write();
}

} // namespace ccm::data
