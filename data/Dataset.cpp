// SPDX-License-Identifier: Apache-2.0
// The choice between the kinds of data, and the split into training and validation.
#include "data/Dataset.h"
#include "data/Counter.h"
#include "data/Digest.h"
#include "data/Series.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>

namespace ccm::data {

namespace {

/// Keys the choice of validation rows, which must not change between runs.
constexpr uint64_t kSplitStream = 0x5eed;

/// Of fewer rows none is spared unasked, and more do not tell generations better apart.
constexpr int64_t kLeastRowsToSplit = 100, kMostHeldByDefault = 1000;

constexpr std::string_view kSynthetic = "synthetic:";

Problem specProblem(const std::string &spec) {
  return {Fault::input, "",
          "data '" + spec +
              "' is none of: a table (name.csv or .tsv), arrays (port=file.npy,port=file.gz), "
              "synthetic:N"};
}

bool isTable(std::string_view path) {
  std::string lower(path);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  if (lower.ends_with(".gz"))
    lower.resize(lower.size() - 3);
  return lower.ends_with(".csv") || lower.ends_with(".tsv") || lower.ends_with(".tab");
}

bool isNameOfPort(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

Result<Dataset> openSynthetic(const std::string &spec, Dataset empty) {
  int64_t count = 0;
  const char *end = spec.data() + spec.size();
  const auto [rest, error] = std::from_chars(spec.data() + kSynthetic.size(), end, count);
  if (error != std::errc() || rest != end || count < 1)
    return Problem{Fault::input, "",
                   "data '" + spec + "': expects a number of samples, at least 1"};
  return makeSynthetic(count, std::move(empty));
}

std::optional<double> fractionOf(const std::string &text) {
  double value = 0;
  const char *end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end ? std::optional(value) : std::nullopt;
}

/// Only one index has a name, and no name stands for two.
Status giveNames(const Names &names, Dataset &data) {
  for (const auto &[port, list] : names) {
    Column *column = data.find(port);
    if (!column)
      continue;
    const Field &field = column->field;
    if (field.isNamed && list != field.names)
      return Problem{Fault::input, "",
                     "names for '" + port + "', whose indices the model names itself"};
    if (!field.isIndex() || int64_t(list.size()) > field.vocabulary)
      return Problem{Fault::input, "",
                     std::to_string(list.size()) + " names for '" + port + "', which has " +
                         (field.isIndex() ? std::to_string(field.vocabulary) + " indices"
                                          : "no single index to name")};
    column->field.names = list;
  }
  return Done();
}

/// The class of every row, where one output alone is an index; else all rows are of one class.
Result<std::vector<int32_t>> classesOf(const Dataset &data) {
  const auto isIndex = [](const Column &column) { return column.field.isIndex(); };
  std::vector<int32_t> classes(size_t(data.rows), 0);
  if (std::count_if(data.targets.begin(), data.targets.end(), isIndex) != 1)
    return classes;
  const Column &column = *std::find_if(data.targets.begin(), data.targets.end(), isIndex);
  for (int64_t row = 0; row < data.rows; ++row)
    if (Status read =
            column.read(row, std::as_writable_bytes(std::span(classes).subspan(size_t(row), 1)));
        !read)
      return read.error();
  return classes;
}

/// How many rows of each class to hold: its share rounded down, and one more where most is left,
/// until there are `held` in all.
std::map<int32_t, int64_t> quotasOf(const std::vector<int32_t> &classes, int64_t held) {
  std::map<int32_t, int64_t> counts, quotas;
  for (int32_t found : classes)
    ++counts[found];
  std::vector<std::pair<int64_t, int32_t>> left; // what was rounded away, negative, and of whom
  for (const auto &[found, count] : counts) {
    const uint64_t share = uint64_t(count) * uint64_t(held); // below 2^64: rows have 32 bits
    quotas[found] = int64_t(share / classes.size());
    left.emplace_back(-int64_t(share % classes.size()), found);
  }
  for (const auto &[found, quota] : quotas)
    held -= quota;
  std::sort(left.begin(), left.end());
  for (int64_t i = 0; i < held; ++i)
    ++quotas[left[size_t(i)].second];
  return quotas;
}

/// Holds so many rows, the same ones every time.
Result<Split> holdRows(const Dataset &data, int64_t held) {
  if (!data.spans.empty())
    return holdSeries(data, held);
  Result<std::vector<int32_t>> classes = classesOf(data);
  if (!classes)
    return classes.error();
  std::map<int32_t, int64_t> quotas = quotasOf(*classes, held);
  std::vector<int64_t> order(static_cast<size_t>(data.rows));
  std::iota(order.begin(), order.end(), 0);
  const Counter counter(kSplitStream);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::pair(counter.bits(uint64_t(a)), a) < std::pair(counter.bits(uint64_t(b)), b);
  });
  const auto first = std::stable_partition(order.begin(), order.end(), [&](int64_t row) {
    return quotas[(*classes)[size_t(row)]]-- > 0;
  });
  std::sort(order.begin(), first);
  std::sort(first, order.end());
  const std::span<const int64_t> all(order);
  return Split{data.subset(all.subspan(size_t(held))), data.subset(all.first(size_t(held)))};
}

Result<Split> splitByFraction(const Dataset &data, double fraction) {
  if (!(fraction > 0 && fraction < 1) || data.rows < 2)
    return Problem{Fault::input, "",
                   "validation expects a fraction between 0 and 1 of at least 2 rows, got " +
                       std::to_string(fraction) + " of " + std::to_string(data.rows)};
  return holdRows(
      data, std::clamp<int64_t>(std::llround(double(data.rows) * fraction), 1, data.rows - 1));
}

/// What is made up holds nothing back: there is as much of it as anyone asks for.
int64_t rowsHeldByDefault(const Dataset &data) {
  const bool isMade = data.files.empty();
  return isMade || data.rows < kLeastRowsToSplit ? 0 : std::min(data.rows / 10, kMostHeldByDefault);
}

} // namespace

std::vector<Column *> Dataset::columns() {
  std::vector<Column *> all;
  for (std::vector<Column> *side : {&inputs, &targets})
    for (Column &column : *side)
      all.push_back(&column);
  return all;
}

void Dataset::dropUnread() {
  std::erase_if(inputs,
                [](const Column &c) { return c.field.optional() && !c.samples && !c.cells; });
}

Column *Dataset::find(std::string_view name) {
  for (Column *column : columns())
    if (column->field.name == name)
      return column;
  return nullptr;
}

bool Dataset::readsCells() const {
  const auto reads = [](const Column &column) { return column.cells != nullptr; };
  return std::any_of(inputs.begin(), inputs.end(), reads) ||
         std::any_of(targets.begin(), targets.end(), reads);
}

Names Dataset::names() const {
  Names all;
  for (const std::vector<Column> *side : {&inputs, &targets})
    for (const Column &column : *side)
      if (!column.field.names.empty())
        all[column.field.name] = column.field.names;
  return all;
}

Status Column::read(int64_t row, std::span<std::byte> sample) const {
  if (cells && rows[size_t(row)] >= samples->size() / size_t(field.bytes))
    return cells->read(rows[size_t(row)], sample);
  std::memcpy(sample.data(), at(row).data(), sample.size());
  return Done();
}

uint64_t Dataset::digest() const {
  uint64_t digest = 1;
  for (const std::vector<Column> *side : {&inputs, &targets})
    for (const Column &column : *side) {
      const uint32_t samples = column.texts ? column.texts : crcOf(*column.samples);
      const uint32_t rows = crcOf(std::as_bytes(std::span(column.rows)));
      digest = Counter(digest).bits(uint64_t(rows) << 32 | samples);
    }
  return std::max<uint64_t>(digest, 1);
}

Dataset Dataset::subset(std::span<const int64_t> chosen) const {
  Dataset part;
  part.rows = int64_t(chosen.size());
  part.files = files;
  part.series = series;
  auto choose = [&](const Column &column) {
    Column kept = column;
    kept.rows.clear();
    kept.rows.reserve(chosen.size());
    for (int64_t row : chosen)
      kept.rows.push_back(column.rows[size_t(row)]);
    return kept;
  };
  for (int64_t row : chosen) {
    if (!spans.empty())
      part.spans.push_back(spans[size_t(row)]);
    if (!ids.empty())
      part.ids.push_back(ids[size_t(row)]);
  }
  std::transform(inputs.begin(), inputs.end(), std::back_inserter(part.inputs), choose);
  std::transform(targets.begin(), targets.end(), std::back_inserter(part.targets), choose);
  return part;
}

/// Whether data have the input: what losses are multiplied by is there where targets are.
static bool isOfData(const ccm_port &input, bool hasTargets) {
  return input.draw == CCM_GIVEN || (input.draw == CCM_WEIGHT && hasTargets);
}

Result<Dataset> emptyDataset(std::span<const ccm_port> inputs, std::span<const ccm_port> outputs,
                             const DatasetOptions &options) {
  Dataset data;
  for (size_t port = 0; port < inputs.size(); ++port)
    if (isOfData(inputs[port], !outputs.empty())) {
      data.inputs.push_back({inputField(inputs[port])});
      data.inputs.back().port = int32_t(port);
    }
  for (size_t port = 0; port < outputs.size(); ++port) {
    data.targets.push_back({targetField(outputs[port])});
    data.targets.back().port = int32_t(port);
    data.targets.back().field.isFraction =
        std::count(options.fractions.begin(), options.fractions.end(), outputs[port].name) > 0;
  }
  if (Status named = giveNames(options.names, data); !named)
    return named.error();
  return data;
}

Result<Dataset> openDataset(const std::string &spec, std::span<const ccm_port> inputs,
                            std::span<const ccm_port> outputs, const DatasetOptions &options) {
  Result<Dataset> empty = emptyDataset(inputs, outputs, options);
  if (!empty)
    return empty.error();
  if (spec.starts_with(kSynthetic))
    return openSynthetic(spec, std::move(*empty));
  const size_t equals = spec.find('=');
  if (equals != spec.npos && isNameOfPort(std::string_view(spec).substr(0, equals)))
    return readArrays(spec, std::move(*empty), options);
  if (isTable(spec))
    return readTable(spec, std::move(*empty), options);
  return specProblem(spec);
}

Result<Split> splitDataset(Dataset data, const std::string &validation,
                           std::span<const ccm_port> inputs, std::span<const ccm_port> outputs,
                           const DatasetOptions &options) {
  const std::optional<double> fraction = fractionOf(validation);
  const int64_t held = validation.empty() ? rowsHeldByDefault(data) : 0;
  if (held > 0)
    return holdRows(data, held);
  if (validation.empty() || (fraction && *fraction == 0))
    return Split{std::move(data), {}};
  if (fraction)
    return splitByFraction(data, *fraction);
  DatasetOptions alike = options;
  alike.names = data.names();
  alike.learnNames = false;
  Result<Dataset> other = openDataset(validation, inputs, outputs, alike);
  if (!other)
    return other.error();
  return Split{std::move(data), std::move(*other)};
}

} // namespace ccm::data
