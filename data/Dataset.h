// SPDX-License-Identifier: Apache-2.0
// The samples a model is trained on or measured with: one column of values per port.
#pragma once

#include "data/Field.h"
#include "data/Problem.h"
#include "data/Sample.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ccm::data {

/// Names of the indices of discrete ports, by port.
using Names = std::map<std::string, std::vector<std::string>>;

/// Cells of a table's column that are read again whenever their sample is wanted: decoded they
/// would take too much memory. Any number of threads may read at once.
class Cells {
public:
  virtual ~Cells() = default;
  /// Writes the sample of a cell.
  virtual Status read(uint32_t cell, std::span<std::byte> sample) const = 0;
};

/// The values of one port. Equal cells of a table share one sample.
struct Column {
  Field field;
  /// Distinct samples, one after the other; the first ones where there are `cells`.
  std::shared_ptr<const Bytes> samples = nullptr;
  /// For every row, which of the distinct samples it has.
  std::vector<uint32_t> rows = {};
  /// All of them, for those that are not stored; null where all are.
  std::shared_ptr<const Cells> cells = nullptr;
  /// Digest of the distinct cells of a table; 0 where the samples themselves tell columns apart.
  uint32_t texts = 0;
  /// Number of the port among the inputs, or among the outputs.
  int32_t port = 0;
  /// Bytes from one of the samples to the next; 0: those of a sample. Windows overlap.
  uint64_t pitch = 0;

  /// The stored sample of a row, `field.bytes` long; of a column without `cells`.
  std::span<const std::byte> at(int64_t row) const {
    return {samples->data() + size_t(rows[size_t(row)]) * size_t(pitch ? pitch : field.bytes),
            size_t(field.bytes)};
  }
  /// Writes the sample of a row.
  Status read(int64_t row, std::span<std::byte> sample) const;
};

/// The rows of a table that a sample has, counted with the rows of a series together, and the
/// number of its series.
struct RowSpan {
  int64_t first, last, series;
};

/// Rows of samples for all ports of a model that are given, not drawn, in the order of its table;
/// optional inputs may have no column, and where only some rows lack one a last column says which:
/// that of its presence. Cheap to copy.
struct Dataset {
  std::vector<Column> inputs;
  /// What the outputs are compared with.
  std::vector<Column> targets;
  /// Number of rows; at least 1 when made by `openDataset`.
  int64_t rows = 0;
  /// Files that were opened, in order: the table or the arrays, and what distinct cells name.
  std::vector<std::string> files = {};
  /// What whoever opened it should know: what of the data is not used, and why.
  std::vector<std::string> notes = {};
  /// Of every sample, where it is one of several consecutive rows; else none.
  std::vector<RowSpan> spans = {};
  /// What the series are called, by number; none where they are not told apart.
  std::vector<std::string> series = {};
  /// What the rows are called by the column that tells them apart; none without one.
  std::vector<std::string> ids = {};

  /// All columns, inputs first.
  std::vector<Column *> columns();
  /// Removes the columns of optional inputs that nothing was read for.
  void dropUnread();
  /// The column of a port, null when there is none of that name.
  Column *find(std::string_view name);
  /// Whether any column is read from cells.
  bool readsCells() const;
  /// The names of all columns that have any.
  Names names() const;
  /// A digest of all rows, never 0. Files of a table are known by their names.
  uint64_t digest() const;
  /// These rows, in this order.
  Dataset subset(std::span<const int64_t> chosen) const;
};

struct DatasetOptions {
  /// Samples a second that sounds are brought to.
  int64_t rate = kDefaultRate;
  /// Bytes of samples that are kept of a table. Files that do not fit are checked once and read
  /// again for every batch.
  uint64_t memory = uint64_t(2) << 30;
  /// Of discrete ports whose samples are one index: what a table may hold in place of indices.
  Names names = {};
  /// Where such a port has no names and its column of a table holds nothing but texts, these
  /// texts, sorted, are its names.
  bool learnNames = false;
  /// Other names that data may be given for; it is not read.
  std::vector<std::string> ignored = {};
  /// What a cell of a table holds where there is no value. An empty one never holds one.
  std::vector<std::string> missing = kMissingWords;
  /// Columns of a table that are no port's are refused instead of passed over.
  bool strict = false;
  /// Tables may name files by absolute paths, by "..", and through links.
  bool follow = false;
  /// Title of the column that tells series apart; empty: all rows are of one.
  std::string group = {};
  /// Title of the column that tells rows apart; empty: there is none.
  std::string id = {};
  /// Of every series the last sample alone.
  bool lastOnly = false;
  /// Outputs whose targets are from 0 to 1, for they are compared by bce.
  std::vector<std::string> fractions = {};
};

/// Opens what `--data` names for a model with these ports:
/// `table.csv` (.tsv, .tab, also .gz), `port=file.npy,port=file.gz,…`, or `synthetic:N`. Reads
/// everything; returns the first problems of a table in full, and how many more there are.
Result<Dataset> openDataset(const std::string &spec, std::span<const ccm_port> inputs,
                            std::span<const ccm_port> outputs, const DatasetOptions &options = {});

/// Rows to train on and rows to validate with; `validation` has no rows when none were asked for.
struct Split {
  Dataset training;
  Dataset validation;
};

/// What `--validation` asks for, of series the last samples of each: a fraction strictly between 0
/// and 1 takes that share of the rows (at least one on either side), the same ones every time, and
/// where one output alone is an index of each index its share; 0 takes none; nothing takes a tenth
/// of at least 100 rows of files, at most 1000 of them; anything else is opened as data.
Result<Split> splitDataset(Dataset data, const std::string &validation,
                           std::span<const ccm_port> inputs, std::span<const ccm_port> outputs,
                           const DatasetOptions &options = {});

// The three kinds, each without the choice between them.

/// The columns that a dataset of these ports has, with their names, without rows.
Result<Dataset> emptyDataset(std::span<const ccm_port> inputs, std::span<const ccm_port> outputs,
                             const DatasetOptions &options);

/// Reads a table whose header names every port once. Files are looked up beneath its folder. Rows
/// without a target are left out.
Result<Dataset> readTable(const std::string &path, Dataset empty, const DatasetOptions &options);

/// Reads `port=file` items joined by commas; all arrays have the same first extent.
Result<Dataset> readArrays(const std::string &spec, Dataset empty, const DatasetOptions &options);

/// Makes `count` rows: inputs from a counter-based generator, targets a fixed smooth function of
/// all inputs of the row. Row i is the same whatever the count.
Result<Dataset> makeSynthetic(int64_t count, Dataset empty);

} // namespace ccm::data
