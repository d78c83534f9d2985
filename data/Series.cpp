// SPDX-License-Identifier: Apache-2.0
// Windows over rows: a row is stored once, however many samples have it.
#include "data/Series.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>

namespace ccm::data {

std::string groupOf(const ccm_model &model) { return model.group ? model.group : ""; }

bool readsSeries(const Dataset &data) {
  return std::any_of(data.inputs.begin(), data.inputs.end(),
                     [](const Column &column) { return column.field.steps > 0; });
}

Field fieldOfRow(const Field &field) {
  Field row = field;
  if (field.steps == 0)
    return row;
  row.extents.erase(row.extents.begin());
  row.bytes /= uint64_t(field.steps);
  row.steps = 0;
  row.presence = 0; // of a sample, not of its rows
  return row;
}

namespace {

/// Makes the samples of one table.
class SeriesMaker {
public:
  SeriesMaker(const SeriesRows &rows, bool lastOnly, Dataset &data)
      : rows(rows), lastOnly(lastOnly), data(data) {
    for (const Column &column : data.inputs) {
      window = std::max(window, column.field.steps);
      stride = std::max(stride, column.field.stride);
    }
    for (const Column &target : data.targets) {
      ahead = std::max(ahead, target.field.horizon);
      // A target may begin before the windows do.
      window = std::max(window, target.field.steps - target.field.horizon);
    }
  }

  Status make(const std::string &path);

private:
  void sortRows();
  void addSamples(size_t begin, size_t end);
  void addSample(size_t begin, size_t last);
  void tell(const std::string &path) const;
  bool hasTargets(size_t last) const;
  void rewrite(Column &column);
  void storeSteps(Column &column) const;
  uint32_t firstOf(const Field &field, size_t last) const {
    return uint32_t(int64_t(last) + field.horizon - std::max<int64_t>(field.steps, 1) + 1);
  }

  const SeriesRows &rows;
  bool lastOnly;
  Dataset &data;
  /// Rows that a sample has up to its last, how far targets lie behind it, and what is between the
  /// last rows of two samples.
  int64_t window = 1, ahead = 0, stride = 1;
  /// Rows by series, and where in it each of them begins, with the end behind the last.
  std::vector<uint32_t> order;
  std::vector<size_t> begins;
  /// Of every sample its last row, as a place in `order`.
  std::vector<size_t> lasts;
  int64_t leftOut = 0;
  size_t tooShort = 0;
};

/// Series in the order of their first rows.
void SeriesMaker::sortRows() {
  order.resize(size_t(data.rows));
  std::iota(order.begin(), order.end(), 0u);
  begins = {0};
  if (!rows.series.empty()) {
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return rows.series[a] < rows.series[b]; });
    for (size_t i = 1; i < order.size(); ++i)
      if (rows.series[order[i]] != rows.series[order[i - 1]])
        begins.push_back(i);
  }
  begins.push_back(order.size());
}

bool SeriesMaker::hasTargets(size_t last) const {
  for (const Column &target : data.targets) {
    const uint32_t first = firstOf(target.field, last);
    for (int64_t i = 0; i < std::max<int64_t>(target.field.steps, 1); ++i)
      if (rows.lacksTarget[order[first + size_t(i)]])
        return false;
  }
  return true;
}

void SeriesMaker::addSample(size_t begin, size_t last) {
  if (!hasTargets(last)) {
    ++leftOut;
    return;
  }
  lasts.push_back(last);
  const int64_t series = rows.series.empty() ? 0 : int64_t(rows.series[order[begin]]);
  data.spans.push_back({int64_t(last) - window + 1, int64_t(last) + ahead, series});
}

void SeriesMaker::addSamples(size_t begin, size_t end) {
  const auto needed = size_t(window + ahead);
  if (end - begin < needed)
    ++tooShort;
  else if (lastOnly)
    addSample(begin, end - size_t(ahead) - 1);
  else
    for (size_t last = begin + size_t(window) - 1; last + size_t(ahead) < end;
         last += size_t(stride))
      addSample(begin, last);
}

/// The steps of all rows, one after the other.
void SeriesMaker::storeSteps(Column &column) const {
  const size_t bytes = size_t(column.field.bytes) / size_t(column.field.steps);
  auto steps = std::make_shared<Bytes>(order.size() * bytes);
  for (size_t i = 0; i < order.size(); ++i)
    std::memcpy(steps->data() + i * bytes,
                column.samples->data() + size_t(column.rows[order[i]]) * bytes, bytes);
  column.samples = std::move(steps);
  column.pitch = bytes;
  column.texts = 0; // of cells that stand in any order
}

/// From rows to samples.
void SeriesMaker::rewrite(Column &column) {
  std::vector<uint32_t> samples;
  if (column.field.steps > 0)
    storeSteps(column);
  for (size_t last : lasts) {
    const uint32_t first = firstOf(column.field, last);
    samples.push_back(column.field.steps > 0 ? first : column.rows[order[first]]);
  }
  column.rows = std::move(samples);
}

void SeriesMaker::tell(const std::string &path) const {
  if (leftOut > 0)
    data.notes.push_back(path + ": left out " + std::to_string(leftOut) + " of " +
                         std::to_string(leftOut + int64_t(lasts.size())) +
                         " samples, whose targets have no value");
  if (tooShort > 0)
    data.notes.push_back(path + ": " + std::to_string(tooShort) + " of " +
                         std::to_string(begins.size() - 1) + " series have fewer than the " +
                         std::to_string(window + ahead) + " rows of a sample");
}

Status SeriesMaker::make(const std::string &path) {
  sortRows();
  size_t longest = 0;
  for (size_t i = 0; i + 1 < begins.size(); ++i) {
    longest = std::max(longest, begins[i + 1] - begins[i]);
    addSamples(begins[i], begins[i + 1]);
  }
  if (lasts.empty())
    return Problem{Fault::input, path,
                   "no series has " + std::to_string(window + ahead) +
                       " rows with targets, as a sample needs: the longest has " +
                       std::to_string(longest)};
  for (Column *column : data.columns())
    if (column->samples)
      rewrite(*column);
  tell(path);
  data.rows = int64_t(lasts.size());
  return Done();
}

} // namespace

Status makeSeries(const std::string &path, const SeriesRows &rows, bool lastOnly, Dataset &data) {
  return SeriesMaker(rows, lastOnly, data).make(path);
}

Result<Split> holdSeries(const Dataset &data, int64_t held) {
  std::map<int64_t, std::vector<int64_t>> samples; // by series, in order
  for (int64_t sample = 0; sample < data.rows; ++sample)
    samples[data.spans[size_t(sample)].series].push_back(sample);
  std::vector<int64_t> training, validation;
  int64_t seen = 0, taken = 0;
  for (const auto &[series, all] : samples) {
    // Shares are rounded so that they add up.
    seen += int64_t(all.size());
    const int64_t share = int64_t(double(held) * double(seen) / double(data.rows)) - taken;
    taken += share;
    const size_t border = all.size() - size_t(share);
    validation.insert(validation.end(), all.begin() + int64_t(border), all.end());
    const int64_t first = share > 0 ? data.spans[size_t(all[border])].first : INT64_MAX;
    std::copy_if(all.begin(), all.begin() + int64_t(border), std::back_inserter(training),
                 [&](int64_t sample) { return data.spans[size_t(sample)].last < first; });
  }
  if (training.empty() || validation.empty())
    return Problem{
        Fault::input, "",
        "too few rows to hold out the end of every series: " + std::to_string(data.rows) +
            " samples, of which " + std::to_string(validation.size()) + " would validate and " +
            std::to_string(training.size()) + " train"};
  return Split{data.subset(training), data.subset(validation)};
}

} // namespace ccm::data
