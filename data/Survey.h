// SPDX-License-Identifier: Apache-2.0
// What the columns of tables hold, before any model says what they should.
#pragma once

#include "data/Dataset.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ccm::data {

/// What the cells of one column are, in one pass and bounded memory.
struct ColumnSurvey {
  /// So many different texts are counted one by one, and so many names of files kept.
  static constexpr size_t kMostKinds = 256, kMostFiles = 8;

  std::string title; ///< without blanks around it, and without the '@' of names of files
  int64_t rows = 0, missing = 0;
  int64_t numbers = 0, integers = 0, dates = 0, times = 0, pictures = 0, sounds = 0, arrays = 0;
  double least = 0, most = 0; ///< of the numbers
  bool isCounting = true;     ///< every cell is an integer one above that of the row before
  std::optional<std::pair<int64_t, std::string>>
      firstWord;                        ///< line and text of the first no number
  std::map<std::string, int64_t> kinds; ///< rows of every different text; see manyKinds
  bool manyKinds = false;
  size_t longest = 0; ///< bytes of a cell
  bool hasBlanks = false;
  std::vector<std::string> files; ///< the first ones

  /// Cells that hold something.
  int64_t held() const { return rows - missing; }
  /// How many different texts there are; above 1024 an estimate.
  double different() const;

  void take(const std::string &text, std::optional<double> number, int64_t line);
  void takeHash(const std::string &text);

private:
  static constexpr size_t kHashes = 1024;
  std::set<uint64_t> hashes; ///< the least ones: how far they reach tells how many there are
};

/// All columns of one or several tables with the same header.
struct Survey {
  std::vector<ColumnSurvey> columns;
  int64_t rows = 0;
  char separator = ',';

  std::vector<std::string> titles() const;
};

/// Reads tables from start to end. What the readers of datasets refuse of any table is refused.
Result<Survey> surveyTables(const std::vector<std::string> &paths, const DatasetOptions &options);

} // namespace ccm::data
