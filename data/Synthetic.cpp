// SPDX-License-Identifier: Apache-2.0
// Data for any declaration: random inputs, and targets that are a fixed function of all of them.
#include "data/Counter.h"
#include "data/Dataset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>

namespace ccm::data {

namespace {

/// Features of all inputs that a target depends on.
constexpr size_t kFeatures = 4;
using Features = std::array<double, kFeatures>;

/// Along no axis does an input or a target vary faster than with so many control points.
constexpr int64_t kInputControls = 4;
constexpr int64_t kTargetControls = 8;
constexpr int64_t kMostControls = 4096;

/// Indices that a large vocabulary is thinned to where every one of them has to be learned.
constexpr int64_t kMostClasses = 16;

constexpr uint64_t kMostBytes = uint64_t(1) << 36;

/// Streams of the generator.
enum Stream : uint64_t { kInputs = 1, kProjections, kTargets };

/// Odd, bounded and smooth, from operations whose bits are the same everywhere.
double bend(double x) { return x / std::sqrt(1 + x * x); }

/// A port's grid beside a coarse one with the same axes and channels.
struct Grids {
  std::vector<int64_t> fine, coarse;
  int64_t channels;

  Grids(const Field &field, int64_t channels, int64_t controls)
      : fine(field.extents.begin(), field.extents.begin() + long(field.variableRank())),
        channels(channels) {
    int64_t product = 0;
    do {
      coarse.clear();
      for (int64_t extent : fine)
        coarse.push_back(std::min(extent, controls));
      product = std::accumulate(coarse.begin(), coarse.end(), int64_t(1), std::multiplies<>());
    } while (product > kMostControls && --controls > 0);
  }

  int64_t controls() const {
    return std::accumulate(coarse.begin(), coarse.end(), channels, std::multiplies<>());
  }
};

/// Lays `to` positions over `from` of them, linearly between neighbours, the ends on the ends.
std::vector<float> stretchAxis(const std::vector<float> &values, int64_t outer, int64_t from,
                               int64_t to, int64_t inner) {
  std::vector<float> out(size_t(outer * to * inner));
  for (int64_t t = 0; t < to; ++t) {
    const double at = to > 1 ? double(t) * double(from - 1) / double(to - 1) : 0.0;
    const int64_t low = std::min<int64_t>(int64_t(at), std::max<int64_t>(from - 2, 0));
    const int64_t high = std::min(low + 1, from - 1);
    const float share = float(at - double(low));
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i)
        out[size_t((o * to + t) * inner + i)] =
            values[size_t((o * from + low) * inner + i)] * (1 - share) +
            values[size_t((o * from + high) * inner + i)] * share;
  }
  return out;
}

/// Means of `to` runs of positions that together are all `from` of them.
std::vector<float> poolAxis(const std::vector<float> &values, int64_t outer, int64_t from,
                            int64_t to, int64_t inner) {
  std::vector<float> out(size_t(outer * to * inner), 0.0f);
  for (int64_t t = 0; t < to; ++t) {
    const int64_t first = t * from / to, end = (t + 1) * from / to;
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t f = first; f < end; ++f)
        for (int64_t i = 0; i < inner; ++i)
          out[size_t((o * to + t) * inner + i)] +=
              values[size_t((o * from + f) * inner + i)] / float(end - first);
  }
  return out;
}

/// Applies one of the two to every axis, from the last to the first.
template <typename Resize>
std::vector<float> resizeAll(std::vector<float> values, const std::vector<int64_t> &from,
                             const std::vector<int64_t> &to, int64_t channels, Resize resize) {
  int64_t inner = channels;
  for (size_t axis = from.size(); axis-- > 0;) {
    const int64_t outer =
        std::accumulate(from.begin(), from.begin() + long(axis), int64_t(1), std::multiplies<>());
    values = resize(values, outer, from[axis], to[axis], inner);
    inner *= to[axis];
  }
  return values;
}

template <typename T>
void storeAs(std::span<std::byte> sample, size_t index, T value) {
  std::memcpy(sample.data() + index * sizeof(T), &value, sizeof(T));
}

/// One index of a vocabulary, thinned to `classes` of them at even distances.
int32_t indexOf(int64_t chosen, int64_t classes, int64_t vocabulary) {
  return int32_t(chosen * vocabulary / classes);
}

/// Fills a discrete input and adds the mean of its indices' features.
void makeIndices(const Field &field, const Counter &counter, const Counter &projection,
                 std::span<std::byte> sample, Features &features) {
  const int64_t classes =
      field.variableRank() == 0 ? field.vocabulary : std::min(field.vocabulary, kMostClasses);
  const double share = 1 / std::sqrt(double(field.elements()));
  for (size_t i = 0; i < size_t(field.elements()); ++i) {
    const int64_t chosen = counter.below(i, classes);
    storeAs(sample, i, indexOf(chosen, classes, field.vocabulary));
    for (size_t k = 0; k < kFeatures; ++k)
      features[k] += projection.sign(uint64_t(chosen) * kFeatures + k) * share;
  }
}

/// Fills a continuous input with a smooth field and adds projections of its means over a coarse
/// grid.
void makeValues(const Field &field, const Counter &counter, const Counter &projection,
                std::span<std::byte> sample, Features &features) {
  if (field.isWeight) // which no output depends on
    return storeAs(sample, 0, float(2 * counter.uniform(0)));
  const Grids grids(field, field.channels(), kInputControls);
  std::vector<float> controls(size_t(grids.controls()));
  for (size_t i = 0; i < controls.size(); ++i)
    controls[i] = float(counter.normal(i));
  std::vector<float> values =
      resizeAll(std::move(controls), grids.coarse, grids.fine, grids.channels, stretchAxis);
  for (size_t i = 0; i < values.size(); ++i)
    if (field.dtype == CCM_U8) {
      const float level = std::clamp(std::round(128 + 48 * values[i]), 0.0f, 255.0f);
      storeAs(sample, i, uint8_t(level));
      values[i] = (level - 128) / 48;
    } else {
      storeAs(sample, i, values[i]);
    }
  const std::vector<float> means =
      resizeAll(std::move(values), grids.fine, grids.coarse, grids.channels, poolAxis);
  const double share = 1.5 / std::sqrt(double(means.size()));
  for (size_t i = 0; i < means.size(); ++i)
    for (size_t k = 0; k < kFeatures; ++k)
      features[k] += projection.sign(i * kFeatures + k) * share * double(means[i]);
}

/// A target: its grids, and the fixed control values that features weigh. The last set of control
/// values is a constant.
class Target {
public:
  Target(const Field &field, const Counter &counter)
      : field(field),
        grids(field, field.discrete() ? std::min(field.vocabulary, kMostClasses) : field.channels(),
              kTargetControls),
        bases(size_t(grids.controls()) * (kFeatures + 1)) {
    for (size_t i = 0; i < bases.size(); ++i)
      bases[i] = counter.normal(i);
  }

  void fill(const Features &features, std::span<std::byte> sample) const {
    const size_t count = size_t(grids.controls());
    std::vector<float> controls(count);
    for (size_t i = 0; i < count; ++i) {
      double sum = 0.5 * bases[kFeatures * count + i];
      for (size_t k = 0; k < kFeatures; ++k)
        sum += features[k] * bases[k * count + i];
      controls[i] = float(sum);
    }
    const std::vector<float> scores =
        resizeAll(std::move(controls), grids.coarse, grids.fine, grids.channels, stretchAxis);
    field.discrete() ? storeBest(scores, sample) : storeValues(scores, sample);
  }

private:
  void storeBest(const std::vector<float> &scores, std::span<std::byte> sample) const {
    const size_t classes = size_t(grids.channels);
    for (size_t p = 0; p * classes < scores.size(); ++p) {
      const auto first = scores.begin() + long(p * classes);
      const int64_t best = std::max_element(first, first + long(classes)) - first;
      storeAs(sample, p, indexOf(best, int64_t(classes), field.vocabulary));
    }
  }

  /// Values lie in 0…1, which every loss takes.
  void storeValues(const std::vector<float> &scores, std::span<std::byte> sample) const {
    for (size_t i = 0; i < scores.size(); ++i) {
      const double value = 0.5 + 0.5 * bend(double(scores[i]));
      if (field.dtype == CCM_U8)
        storeAs(sample, i, uint8_t(value * 255 + 0.5));
      else
        storeAs(sample, i, float(value));
    }
  }

  const Field &field;
  Grids grids;
  std::vector<double> bases;
};

/// Room for `count` samples of every column, or a problem when that is more than a process holds.
Status makeRoom(int64_t count, std::vector<Column *> columns, std::vector<Bytes> &rooms) {
  uint64_t sum = 0;
  for (const Column *column : columns) {
    uint64_t bytes = 0;
    if (__builtin_mul_overflow(uint64_t(count), column->field.bytes, &bytes) ||
        __builtin_add_overflow(sum, bytes, &sum) || sum > kMostBytes || count > int64_t(UINT32_MAX))
      return Problem{Fault::input, "",
                     "synthetic:" + std::to_string(count) + " needs more than 2^36 bytes"};
  }
  for (const Column *column : columns)
    rooms.emplace_back(size_t(count) * column->field.bytes);
  return Done();
}

/// Fills one row's inputs and returns their features.
Features makeInputs(const std::vector<Column> &inputs, int64_t row, std::vector<Bytes> &rooms) {
  Features features = {};
  for (size_t port = 0; port < inputs.size(); ++port) {
    const Field &field = inputs[port].field;
    const Counter counter = Counter(kInputs).stream(port).stream(uint64_t(row));
    const Counter projection = Counter(kProjections).stream(port);
    const auto sample = std::span(rooms[port]).subspan(size_t(row) * field.bytes, field.bytes);
    (field.discrete() ? makeIndices : makeValues)(field, counter, projection, sample, features);
  }
  const double share = 1 / std::sqrt(std::max(1.0, double(inputs.size())));
  for (double &feature : features)
    feature = bend(feature * share);
  return features;
}

} // namespace

Result<Dataset> makeSynthetic(int64_t count, Dataset empty) {
  std::vector<Bytes> rooms;
  if (Status room = makeRoom(count, empty.columns(), rooms); !room)
    return room.error();
  std::vector<Target> targets;
  for (size_t port = 0; port < empty.targets.size(); ++port)
    targets.emplace_back(empty.targets[port].field, Counter(kTargets).stream(port));
  for (int64_t row = 0; row < count; ++row) {
    const Features features = makeInputs(empty.inputs, row, rooms);
    for (size_t port = 0; port < targets.size(); ++port) {
      const uint64_t bytes = empty.targets[port].field.bytes;
      targets[port].fill(
          features,
          std::span(rooms[empty.inputs.size() + port]).subspan(size_t(row) * bytes, bytes));
    }
  }
  empty.rows = count;
  for (size_t i = 0; Column *column : empty.columns()) {
    column->samples = std::make_shared<const Bytes>(std::move(rooms[i++]));
    column->rows.resize(size_t(count));
    std::iota(column->rows.begin(), column->rows.end(), 0u);
  }
  return empty;
}

} // namespace ccm::data
