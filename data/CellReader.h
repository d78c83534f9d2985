// SPDX-License-Identifier: Apache-2.0
// The cells of one column of a table: what they say, and the files that they name.
#pragma once

#include "data/Dataset.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccm::data {

/// How all cells of a table are read.
struct CellRules {
  CellRules(const std::string &table, char separator, const DatasetOptions &options);

  /// That of the table: files are looked up beneath it.
  std::string folder;
  int64_t rate;
  bool follow;
  /// 1,5 is a number, for commas do not part cells.
  bool decimalComma;
  std::vector<std::string> missing;
};

/// Reads the cells of one port.
class CellReader {
public:
  CellReader(std::shared_ptr<const CellRules> rules, Field field, bool isFiles)
      : rules(std::move(rules)), field(std::move(field)),
        which(isFiles ? FileNames::all : FileNames::cells) {}

  /// What a cell says: without blanks around it and with decimal points, unless it is a text.
  std::string valueOf(std::string_view cell) const;
  /// Whether the value says that there is none.
  bool isMissing(std::string_view value) const;
  /// The file that the value names, from where the process is; none where it names none.
  std::optional<std::string> pathOf(std::string_view value) const;
  /// Writes the sample of a value; zeros where it is missing.
  Status fill(const std::string &value, std::span<std::byte> sample) const;

private:
  Result<std::string> readFile(const std::string &name) const;

  std::shared_ptr<const CellRules> rules;
  Field field;
  FileNames which;
};

/// The distinct cells of one column, and where each was found first.
class TableCells : public Cells {
public:
  explicit TableCells(CellReader reader) : reader(std::move(reader)) {}
  void add(const std::string &value, std::string place) {
    cells.emplace_back(value, std::move(place));
  }
  Status read(uint32_t cell, std::span<std::byte> sample) const override;

private:
  CellReader reader;
  std::vector<std::pair<std::string, std::string>> cells;
};

} // namespace ccm::data
