// SPDX-License-Identifier: Apache-2.0
// Samples that are runs of a table's rows.
#pragma once

#include "data/Dataset.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ccm::data {

/// What a table says of its rows beside their values.
struct SeriesRows {
  /// Of every row, the number of its series; empty where all are of one.
  std::vector<uint32_t> series = {};
  /// Of every row, whether some target has no value.
  std::vector<bool> lacksTarget = {};
};

/// Title of the column that tells series apart, or "".
std::string groupOf(const ccm_model &model);

/// Whether any port takes consecutive rows.
bool readsSeries(const Dataset &data);

/// What one row holds of a field: all of it, or of a window one step.
Field fieldOfRow(const Field &field);

/// Makes samples of rows: `data` has one row of the table each, and its columns samples of
/// `fieldOfRow`. Rows of one series stand in the order of the table. Samples whose target has no
/// value are left out, with a note. With `lastOnly` every series has one sample, its last.
Status makeSeries(const std::string &path, const SeriesRows &rows, bool lastOnly, Dataset &data);

/// Holds out the last samples of every series, so many in all, and leaves those out of the training
/// that have rows of them.
Result<Split> holdSeries(const Dataset &data, int64_t held);

} // namespace ccm::data
