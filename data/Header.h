// SPDX-License-Identifier: Apache-2.0
// The first record of a table: which of its columns are which port's.
#pragma once

#include "data/Csv.h"
#include "data/Dataset.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccm::data {

/// The columns of a table that one port is read from.
struct PortColumns {
  Column *column = nullptr;
  /// Numbers of the cells in a row, in the order of the port's titles; at least one.
  std::vector<size_t> cells;
  /// The cell is the name of a file: the column is called "@title".
  bool isFiles = false;
};

struct Header {
  /// How the columns are called, and where that stands.
  std::vector<Cell> titles;
  /// Of ports without columns there is none.
  std::vector<PortColumns> ports;
  /// The cell that tells series apart.
  std::optional<size_t> group = std::nullopt, id = std::nullopt;
};

/// What stands between the cells of a table: the one of , ; tab | that parts the first record into
/// the most titles that ports want; where that tells nothing, into the most cells.
char separatorOf(std::string_view bytes, Dataset &data);

/// Reads the first record and tells what it lacks. What is no port's is noted in `data`, or a
/// problem where `options` are strict.
Header readHeader(CsvReader &csv, const std::string &path, Dataset &data,
                  const DatasetOptions &options, ProblemList &problems);

} // namespace ccm::data
