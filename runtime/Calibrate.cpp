// SPDX-License-Identifier: Apache-2.0
// Temperatures that scores are divided by: those under which targets that were not trained on are
// likeliest (Guo et al., 2017, "On Calibration of Modern Neural Networks"). As many targets at
// random as there are indices are thought beside them (Platt, 1999), so that few that are all right
// do not ask for certainty.
#include "ccm/trainer.h"

#include <cmath>

namespace ccm {

namespace {

/// Scores of an output that are kept, at most: of more those of every so many positions.
constexpr size_t kMostScores = size_t(1) << 22;
/// Bounds of one over a temperature, how close to the best one the search ends, and its steps.
constexpr double kLeast = 1.0 / 64, kMost = 64, kClose = 1e-9;
constexpr int kSteps = 100;

/// Derivatives of the loss by one over the temperature, in which it is convex.
struct Slope {
  double first = 0, second = 0;
};

/// Scores of an output and what they are compared with.
class Scores {
public:
  Scores(const ccm_port &port, int64_t items)
      : port(port), classes(port.vocabulary > 0 ? size_t(port.vocabulary) : 1),
        positions(size_t(port.bytes / sizeof(float)) / classes) {
    const size_t kept = std::max<size_t>(kMostScores / classes, 1);
    every = (size_t(items) * positions - 1) / kept + 1;
  }

  void take(const float *outputs, const void *target, size_t samples) {
    for (size_t i = 0; i < samples * positions; ++i, ++seen)
      if (seen % every == 0) {
        scores.insert(scores.end(), outputs + i * classes, outputs + (i + 1) * classes);
        wanted.push_back(wantedAt(target, i));
      }
  }

  double temperature() const;

private:
  /// The index, or the share of yes.
  double wantedAt(const void *target, size_t i) const {
    if (port.vocabulary > 0)
      return double(static_cast<const int32_t *>(target)[i]);
    if (port.target_dtype == CCM_U8)
      return double(static_cast<const uint8_t *>(target)[i]) / 255;
    return double(static_cast<const float *>(target)[i]);
  }
  Slope ofIndex(size_t row, double inverse) const;
  Slope ofShare(size_t row, double inverse) const;
  Slope slopeAt(double inverse) const;

  const ccm_port &port;
  size_t classes, positions, every = 1, seen = 0;
  std::vector<float> scores;
  std::vector<double> wanted;
};

/// Of log(sum of exp(s z)) - s (mean of z over what is wanted).
Slope Scores::ofIndex(size_t row, double inverse) const {
  const std::span<const float> z = std::span(scores).subspan(row * classes, classes);
  const double top = *std::max_element(z.begin(), z.end());
  double total = 0, sum = 0, squares = 0, plain = 0;
  for (double score : z) {
    const double power = std::exp(inverse * (score - top));
    total += power;
    sum += power * score;
    squares += power * score * score;
    plain += score;
  }
  const double rows = double(wanted.size()), mean = sum / total;
  const double target = (rows * z[size_t(wanted[row])] + plain) / (rows + double(classes));
  return {mean - target, squares / total - mean * mean};
}

/// Of log(1 + exp(s z)) - s z t.
Slope Scores::ofShare(size_t row, double inverse) const {
  const double rows = double(wanted.size()), z = scores[row];
  const double share = 1 / (1 + std::exp(-inverse * z));
  return {(share - (rows * wanted[row] + 1) / (rows + 2)) * z, share * (1 - share) * z * z};
}

Slope Scores::slopeAt(double inverse) const {
  Slope sums;
  for (size_t row = 0; row < wanted.size(); ++row) {
    const Slope slope = port.vocabulary > 0 ? ofIndex(row, inverse) : ofShare(row, inverse);
    sums.first += slope.first;
    sums.second += slope.second;
  }
  return sums;
}

/// Newton's steps; one that leaves what is known to hold the least is replaced by its middle.
double Scores::temperature() const {
  double low = kLeast, high = kMost, at = 1;
  for (int step = 0; step < kSteps; ++step) {
    const Slope slope = slopeAt(at);
    if (!std::isfinite(slope.first) || (slope.first == 0 && slope.second == 0))
      return 1; // nothing is told by scores that are no numbers, or all the same
    (slope.first > 0 ? high : low) = at;
    const double next = at - slope.first / slope.second;
    const bool isWithin = next > low && next < high;
    if (isWithin && std::abs(next - at) <= kClose * at)
      return 1 / next;
    at = isWithin ? next : std::sqrt(low * high);
  }
  return 1 / at;
}

Status writeTemperature(Session &session, const ccm_port &port, double temperature) {
  const std::vector<float> all(size_t(port.extents[port.rank - 1]), float(temperature));
  return session.writeParameter(port.factor - 1, all);
}

} // namespace

Status resetTemperatures(Session &session) {
  for (const ccm_port &port : session.artifact().outputs())
    if (port.scale == CCM_CALIBRATED)
      if (Status written = writeTemperature(session, port, 1); !written)
        return written;
  return Done{};
}

Result<std::vector<double>> calibrate(Session &session, const Source &source, int64_t batch,
                                      int64_t ahead) {
  const std::span<const ccm_port> ports = session.artifact().outputs();
  std::vector<double> temperatures(ports.size(), 1);
  std::vector<std::pair<size_t, Scores>> all;
  for (size_t i = 0; i < ports.size(); ++i)
    if (ports[i].scale == CCM_CALIBRATED)
      all.emplace_back(i, Scores(ports[i], source.items));
  if (all.empty())
    return temperatures;
  if (Status reset = resetTemperatures(session); !reset)
    return reset.error();
  const auto take = [&](std::span<const int64_t> items, const Batch &seen) -> Status {
    for (auto &[port, scores] : all)
      scores.take(seen.output(int32_t(port)), seen.target(int32_t(port)), items.size());
    return Done{};
  };
  Result<Evaluation> evaluation =
      evaluate(session, source, batch, session.workspace(), take, ahead);
  if (!evaluation)
    return evaluation.error();
  for (const auto &[port, scores] : all) {
    temperatures[port] = scores.temperature();
    if (Status written = writeTemperature(session, ports[port], temperatures[port]); !written)
      return written.error();
  }
  return temperatures;
}

} // namespace ccm
