// SPDX-License-Identifier: Apache-2.0
// The samples a model is trained on or measured with: one column of values per port.
#pragma once

#include "tools/data/Field.h"
#include "tools/data/Problem.h"
#include "tools/data/Sample.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ccm::data {

/// The values of one port. Equal cells of a table share one stored sample.
struct Column {
  Field field;
  /// Distinct samples, one after the other.
  std::shared_ptr<const Bytes> samples;
  /// For every row, which of `samples` it has.
  std::vector<uint32_t> rows;

  /// The sample of a row, `field.bytes` long.
  std::span<const std::byte> at(int64_t row) const {
    return {samples->data() + size_t(rows[size_t(row)]) * field.bytes, size_t(field.bytes)};
  }
};

/// Rows of samples for all ports of a model, in the order of its table. Cheap to copy.
struct Dataset {
  std::vector<Column> inputs;
  /// What the outputs are compared with.
  std::vector<Column> targets;
  /// Number of rows; at least 1 when made by `openDataset`.
  int64_t rows = 0;

  /// All columns, inputs first.
  std::vector<Column *> columns();
  /// The column of a port, null when there is none of that name.
  Column *find(std::string_view name);
  /// These rows, in this order.
  Dataset subset(std::span<const int64_t> chosen) const;
};

struct DatasetOptions {
  /// Samples a second that sounds are brought to.
  int64_t rate = kDefaultRate;
};

/// Opens what `--data` names for a model with these ports:
/// `table.csv`, `port=file.npy,port=file.gz,…`, or `synthetic:N`. Reads everything; returns all
/// problems of a table up to 20.
Result<Dataset> openDataset(const std::string &spec, std::span<const ccm_port> inputs,
                            std::span<const ccm_port> outputs, const DatasetOptions &options = {});

/// Rows to train on and rows to validate with; `validation` has no rows when none were asked for.
struct Split {
  Dataset training;
  Dataset validation;
};

/// What `--validation` asks for: a fraction strictly between 0 and 1 takes that share of the rows
/// (at least one on either side), the same ones every time; anything else is opened as data.
Result<Split> splitDataset(Dataset data, const std::string &validation,
                           std::span<const ccm_port> inputs, std::span<const ccm_port> outputs,
                           const DatasetOptions &options = {});

// The three kinds, each without the choice between them.

/// The columns that a dataset of these ports has, without rows.
Dataset emptyDataset(std::span<const ccm_port> inputs, std::span<const ccm_port> outputs);

/// Reads a table whose header names every port once. Files are looked up beneath its folder.
Result<Dataset> readTable(const std::string &path, Dataset empty, const DatasetOptions &options);

/// Reads `port=file` items joined by commas; all arrays have the same first extent.
Result<Dataset> readArrays(const std::string &spec, Dataset empty);

/// Makes `count` rows: inputs from a counter-based generator, targets a fixed smooth function of
/// all inputs of the row. Row i is the same whatever the count.
Result<Dataset> makeSynthetic(int64_t count, Dataset empty);

} // namespace ccm::data
