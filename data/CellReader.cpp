// SPDX-License-Identifier: Apache-2.0
// Values of cells, and files beneath a table's folder.
#include "data/CellReader.h"
#include "runtime/io/Io.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ccm::data {

namespace {

std::string folderOf(const std::string &path) {
  const size_t slash = path.rfind('/');
  return slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// Whether a name was refused for where it leads.
bool leadsAway(const io::Error &error, const std::string &name) {
  return name.starts_with('/') || name.find("..") != name.npos || error.code == ELOOP ||
         error.code == EXDEV || error.code == EMLINK;
}

/// A name that may not be opened is the table's fault; a file that cannot be read is not.
Fault faultOf(const io::Error &error, const std::string &name) {
  const bool refused =
      leadsAway(error, name) || error.code == EINVAL || error.code == EISDIR || error.code == EFBIG;
  return refused ? Fault::input : Fault::file;
}

/// Words that are numbers with a decimal comma get a point; the others stay as they are.
std::string withPoints(std::string_view text) {
  std::string value(text);
  for (size_t at = 0; at < value.size();) {
    const size_t end = std::min(value.find_first_of(" \t\r\n", at), value.size());
    std::string word = value.substr(at, end - at);
    if (const size_t comma = word.find(','); comma != word.npos) {
      word[comma] = '.';
      if (numberOf(word))
        value[at + comma] = '.';
    }
    at = end + 1;
  }
  return value;
}

} // namespace

CellRules::CellRules(const std::string &table, char separator, const DatasetOptions &options)
    : folder(folderOf(table)), rate(options.rate), follow(options.follow),
      decimalComma(separator != ','), missing(options.missing) {}

std::string CellReader::valueOf(std::string_view cell) const {
  if (takesText(field) && which != FileNames::all)
    return std::string(cell);
  const std::string_view text = trimmed(cell);
  const bool isNumber = rules->decimalComma && field.names.empty() && !fileOf(field, text, which);
  return isNumber ? withPoints(text) : std::string(text);
}

bool CellReader::isMissing(std::string_view value) const {
  // A text may be any: only an input that samples may lack does so where there is none.
  if (takesText(field) && which != FileNames::all)
    return value.empty() && field.optional();
  if (std::find(field.names.begin(), field.names.end(), value) != field.names.end())
    return false;
  return value.empty() ||
         std::find(rules->missing.begin(), rules->missing.end(), value) != rules->missing.end();
}

std::optional<std::string> CellReader::pathOf(std::string_view value) const {
  std::optional<std::string> name = fileOf(field, value, which);
  if (!name || isMissing(value))
    return std::nullopt;
  return rules->follow && name->starts_with('/') ? *name : rules->folder + "/" + *name;
}

Result<std::string> CellReader::readFile(const std::string &name) const {
  // What holds a zero byte is no path at all, and is refused beneath any folder.
  const bool isFree = rules->follow && name.find('\0') == name.npos;
  io::Result<std::string> bytes =
      isFree ? io::readFile(name.starts_with('/') ? name : rules->folder + "/" + name)
             : io::readFileBeneath(rules->folder, name);
  if (bytes)
    return std::move(*bytes);
  if (isFree)
    return Problem{Fault::file, "", bytes.error().message};
  const char *remedy = leadsAway(bytes.error(), name) ? "; --follow allows it" : "";
  return Problem{faultOf(bytes.error(), name), "", bytes.error().message + remedy};
}

Status CellReader::fill(const std::string &value, std::span<std::byte> sample) const {
  if (isMissing(value)) {
    fillMissing(field, sample);
    return Done();
  }
  auto read = [this](const std::string &name) { return readFile(name); };
  return fillSample(field, value, which, read, rules->rate, sample);
}

Status TableCells::read(uint32_t cell, std::span<std::byte> sample) const {
  const auto &[value, place] = cells[cell];
  Status filled = reader.fill(value, sample);
  return filled ? filled : Status(filled.error().first(place));
}

} // namespace ccm::data
