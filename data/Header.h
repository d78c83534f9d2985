// SPDX-License-Identifier: Apache-2.0
// The first record of a table: which of its columns is which port's.
#pragma once

#include "data/Csv.h"
#include "data/Dataset.h"

#include <string>
#include <string_view>
#include <vector>

namespace ccm::data {

/// One column of a table.
struct HeaderColumn {
  /// How it is called, and where that stands.
  Cell cell;
  /// Null for one that is passed over.
  Column *column = nullptr;
  /// Its cells are names of files: it is called "@port".
  bool isFiles = false;
};

using Header = std::vector<HeaderColumn>;

/// What stands between the cells of a table: the one of , ; tab | that parts the first record into
/// the most names of ports; where that tells nothing, into the most cells.
char separatorOf(std::string_view bytes, Dataset &data);

/// Reads the first record and tells what it lacks. What is no port's is noted in `data`, or a
/// problem where `options` are strict.
Header readHeader(CsvReader &csv, const std::string &path, Dataset &data,
                  const DatasetOptions &options, ProblemList &problems);

} // namespace ccm::data
