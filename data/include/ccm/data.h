// SPDX-License-Identifier: Apache-2.0
// Samples for a model from a table of pictures, sounds and texts, or from arrays: a source that a
// trainer reads. What files may hold is described in data/README.md.
#pragma once

#include "ccm/runtime.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ccm {

struct DataOptions {
  int64_t rate = 8000;                 ///< samples a second that sounds are brought to
  uint64_t memory = uint64_t(2) << 30; ///< bytes of decoded files that are kept; others are read
                                       ///< again for every batch
  int32_t threads = 0;                 ///< that decode those at once; 0: one per processor
  std::map<std::string, std::vector<std::string>> names = {}; ///< of a discrete port's indices
  /// Where a port whose samples are one index has no names and its column of a table holds nothing
  /// but texts, these texts, sorted, are its names.
  bool learnNames = false;
  /// What a cell of a table holds where there is no value. An empty one never holds one.
  std::vector<std::string> missing = {"NA", "nan", "NaN", "null", "None", "-", "?"};
  bool strict = false; ///< columns of a table that are no port's are refused, not passed over
  bool follow = false; ///< tables may name files by absolute paths, by "..", and through links
};

/// Rows of samples for all ports of a model. Cheap to copy: copies share what was read.
class Data {
public:
  /// Opens `table.csv` (.tsv, .tab, also .gz), `port=file.npy,port=file.gz,…` or `synthetic:N` for
  /// the ports of a model. Reads and checks everything. The error, of kind File or Input, has a
  /// line per problem, each with its place: "train.csv:3:17: …", up to ten, and how many more there
  /// are.
  static Result<Data> open(const Artifact &artifact, const std::string &spec,
                           const DataOptions &options = {});
  /// Number of rows, at least 1.
  int64_t rows() const;
  /// What the indices of discrete ports are called, by port; those without names are left out.
  std::map<std::string, std::vector<std::string>> names() const;
  /// Files that were opened, in order: the table or the arrays, and what distinct cells name.
  std::vector<std::string> files() const;
  /// What of the data is not used, and why: columns that are no port's, rows without a target.
  std::vector<std::string> notes() const;
  /// A digest of all rows, never 0: what `Source::digest` takes. Computed anew by every call.
  uint64_t digest() const;
  /// These rows, in this order; each in [0, rows).
  Data subset(std::span<const int64_t> rows) const;
  /// All rows, for `Trainer` and `evaluate`, without a digest. It owns what it reads from and may
  /// outlive this.
  Source source() const;

private:
  struct Rows;
  explicit Data(std::shared_ptr<Rows> held);
  std::shared_ptr<Rows> held;
};

} // namespace ccm
