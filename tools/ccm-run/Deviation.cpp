// SPDX-License-Identifier: Apache-2.0
// Sums of errors and of the spread of targets.
#include "tools/ccm-run/Deviation.h"
#include "tools/ccm-run/Console.h"

#include <cmath>
#include <numeric>

namespace ccm::run {

using Json = nlohmann::ordered_json;

Deviation::Deviation(int32_t port, const data::Field &target, size_t most)
    : port(port), target(target), most(most), squares(size_t(target.channels())),
      spreads(size_t(target.elements())) {}

/// The spread is summed around the mean so far, which loses nothing where the mean is large.
void Deviation::takeElement(size_t element, double wanted, double value) {
  squares[element % squares.size()] += (value - wanted) * (value - wanted);
  distances += std::abs(value - wanted);
  Spread &spread = spreads[element];
  const double away = wanted - spread.mean;
  spread.mean += away / double(samples);
  spread.squares += away * (wanted - spread.mean);
}

void Deviation::take(const Batch &batch, int64_t count) {
  const size_t elements = spreads.size(), bytes = size_t(target.bytes);
  const auto *targets = static_cast<const std::byte *>(batch.target(port));
  const float *values = batch.output(port);
  isAllKept = isAllKept && kept.size() + size_t(count) * elements <= most;
  if (!isAllKept)
    kept = {};
  for (size_t sample = 0; sample < size_t(count); ++sample) {
    ++samples;
    const std::span<const std::byte> one{targets + sample * bytes, bytes};
    for (size_t i = 0; i < elements; ++i) {
      const float wanted = data::valueAt(target, one, i);
      takeElement(i, wanted, values[sample * elements + i]);
      if (isAllKept)
        kept.push_back(wanted);
    }
  }
}

/// The mean absolute error of the means.
double Deviation::constantError() const {
  double sum = 0;
  for (size_t i = 0; i < kept.size(); ++i)
    sum += std::abs(double(kept[i]) - spreads[i % spreads.size()].mean);
  return sum / double(kept.size());
}

/// Null where no channel's targets differ.
Json Deviation::explained() const {
  double sum = 0;
  int channels = 0;
  for (size_t channel = 0; channel < squares.size(); ++channel) {
    double spread = 0;
    for (size_t i = channel; i < spreads.size(); i += squares.size())
      spread += spreads[i].squares;
    if (spread > 0)
      ++channels, sum += 1 - squares[channel] / spread;
  }
  return channels > 0 ? Json(sum / channels) : Json();
}

void Deviation::report(Json &output) const {
  if (samples == 0 || spreads.empty())
    return;
  const double count = double(samples) * double(spreads.size());
  double spread = 0;
  for (const Spread &one : spreads)
    spread += one.squares;
  output["r2"] = explained();
  output["rmse"] = std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0) / count);
  output["mae"] = distances / count;
  output["baseline_rmse"] = std::sqrt(spread / count);
  output["baseline_mae"] = isAllKept ? Json(constantError()) : Json();
}

Words Deviation::words(const Json &output) const {
  if (!output.contains("rmse"))
    return {};
  const auto beside = [&](const char *name, const char *key, const char *baseline) {
    const double constant = numberOf(output, baseline);
    return std::string(name) + " " + digits(numberOf(output, key), 4) +
           (std::isnan(constant) ? "" : " (always the mean " + digits(constant, 4) + ")");
  };
  const double explained = numberOf(output, "r2");
  return {std::isnan(explained) ? "" : "R2 " + digits(explained, 4),
          beside("RMSE", "rmse", "baseline_rmse") + "  " + beside("MAE", "mae", "baseline_mae")};
}

} // namespace ccm::run
