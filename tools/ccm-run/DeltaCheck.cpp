// SPDX-License-Identifier: Apache-2.0
// The check of deltas against the loss.
#include "tools/ccm-run/DeltaCheck.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace ccm::run {

namespace {

/// The chance that rounding alone fails a right model.
constexpr double kFalseAlarm = 1e-6;
/// Displacements in units of a place's own size: the first one tried, and where to stop.
constexpr double kFirstReach = 0x1p-6, kLeastReach = 0x1p-16, kMostReach = 0x1p-1;
/// Small enough that only rounding is left of differences of third order.
constexpr double kNoiseReach = 0x1p-16;
constexpr int kNoisePoints = 12, kLeastOrder = 3, kMostOrder = 6;
constexpr int kPanels = 4, kMostPanels = 256;
/// What a place of zeros is measured in.
constexpr double kSizeOfZeros = 0.1;

/// Streams of the generator.
enum Stream : uint64_t { kPoint = 11, kSigns = 12, kDrawn = 13 };

double rootMeanSquare(std::span<const float> values) {
  double sum = 0;
  for (float value : values)
    sum += double(value) * double(value);
  return values.empty() ? 0 : std::sqrt(sum / double(values.size()));
}

double sizeOf(std::span<const float> values) {
  const double size = rootMeanSquare(values);
  return size > 0 ? size : kSizeOfZeros;
}

double along(std::span<const float> slopes, std::span<const double> displacement) {
  double sum = 0;
  for (size_t i = 0; i < slopes.size(); ++i)
    sum += double(slopes[i]) * displacement[i];
  return sum;
}

/// centre + reach * direction, rounded as the model takes it.
std::vector<float> moved(std::span<const float> centre, std::span<const float> direction,
                         double reach) {
  std::vector<float> values(centre.size());
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = float(double(centre[i]) + reach * double(direction[i]));
  return values;
}

/// to - from, exactly: both are floats of like size.
std::vector<double> between(std::span<const float> from, std::span<const float> to) {
  std::vector<double> displacement(from.size());
  for (size_t i = 0; i < from.size(); ++i)
    displacement[i] = double(to[i]) - double(from[i]);
  return displacement;
}

} // namespace

void moveFromZeros(std::span<float> values, const data::Counter &counter) {
  const double size = 0.2 * sizeOf(values);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = float(double(values[i]) + size * counter.normal(i));
}

double deviationsFor(size_t checks) {
  return std::sqrt(2 * std::log(2 * double(std::max<size_t>(checks, 1)) / kFalseAlarm));
}

double DeltaFinding::error() const { return std::abs(measured - predicted) / bound; }

double noiseOf(std::vector<double> values) {
  double worst = 0, factor = 1;
  for (int order = 1; order <= kMostOrder && values.size() > 1; ++order) {
    for (size_t i = 0; i + 1 < values.size(); ++i)
      values[i] = values[i + 1] - values[i];
    values.pop_back();
    // order!^2 / (2 order)!: what the differences of independent errors are multiplied by.
    factor *= double(order) / (2 * (2 * double(order) - 1));
    double sum = 0;
    for (double value : values)
      sum += value * value;
    if (order >= kLeastOrder)
      worst = std::max(worst, std::sqrt(factor * sum / double(values.size())));
  }
  return worst;
}

/// A value of an input that would be drawn; `uniform` is from 0 to 1. Of presences and times those
/// in between, so that what is mixed by them counts on both sides; of what is noised as many as
/// noise has.
static float drawnValue(const ccm_port &port, double uniform) {
  if (port.draw == CCM_NOISED)
    return float(port.numbers[0] + port.numbers[1] * (4 * uniform - 2));
  return float(0.25 + 0.5 * uniform);
}

/// Any of the indices of what is shifted, else values.
static void fillDrawn(const ccm_port &port, const data::Counter &counter, int64_t count,
                      void *array) {
  for (int64_t i = 0; i < count; ++i) {
    const double uniform = counter.uniform(uint64_t(i));
    if (port.draw == CCM_SHIFTED)
      static_cast<int32_t *>(array)[i] = int32_t(uniform * double(port.vocabulary));
    else
      static_cast<float *>(array)[i] = drawnValue(port, uniform);
  }
}

static void giveDrawn(Batch &batch, uint64_t seed) {
  const data::Counter counter = data::Counter(kDrawn).stream(seed);
  const std::span<const ccm_port> ports = batch.artifact().inputs();
  for (int32_t port = 0; port < int32_t(ports.size()); ++port) {
    const ccm_port &of = ports[size_t(port)];
    if (of.draw == CCM_GIVEN || !batch.input(port))
      continue;
    batch.give(port, true);
    fillDrawn(of, counter.stream(uint64_t(port)),
              batch.capacity() * int64_t(of.bytes / sizeof(float)), batch.input(port));
  }
}

Result<DeltaCheck> DeltaCheck::create(Session &session, Batch &batch, uint64_t seed) {
  Result<Delta> delta = session.makeDelta();
  if (!delta)
    return delta.error();
  DeltaCheck check(session, batch, std::move(*delta));
  giveDrawn(batch, seed);
  check.findPlaces();
  if (Status done = check.moveToGenericPoint(seed); !done)
    return done.error();
  if (Status done = check.chooseDirections(seed); !done)
    return done.error();
  if (Status done = check.measureNoise(); !done)
    return done.error();
  return check;
}

void DeltaCheck::findPlaces() {
  const Artifact &artifact = session->artifact();
  for (size_t i = 0; i < artifact.trained().size(); ++i) {
    const ccm_parameter &parameter = artifact.trained()[i];
    places.push_back({parameter.name, int32_t(i), false, {}, {}});
    places.back().centre.resize(size_t(elementCount(parameter)));
  }
  for (size_t i = 0; i < artifact.inputs().size(); ++i) {
    const ccm_port &port = artifact.inputs()[i];
    const bool isRead = port.draw != CCM_WEIGHT && batch->inputDelta(int32_t(i));
    if (port.dtype != CCM_F32 || port.vocabulary > 0 || !isRead)
      continue;
    places.push_back({std::string("input ") + port.name, int32_t(i), true, {}, {}});
    const auto *values = static_cast<const float *>(batch->input(int32_t(i)));
    const size_t elements = size_t(batch->capacity()) * (port.bytes / sizeof(float));
    places.back().centre.assign(values, values + elements);
  }
}

Status DeltaCheck::moveToGenericPoint(uint64_t seed) {
  const data::Counter counter = data::Counter(kPoint).stream(seed);
  for (size_t i = 0; i < places.size(); ++i) {
    Place &place = places[i];
    if (place.isInput)
      continue;
    if (Status read = session->readParameter(place.index, place.centre); !read)
      return read;
    moveFromZeros(place.centre, counter.stream(i));
    if (Status written = write(place, place.centre); !written)
      return written;
  }
  return Done();
}

/// Half along the slopes, where the loss moves most, and half in random signs, which no wrong slope
/// escapes; as long as the place's own values.
Status DeltaCheck::chooseDirections(uint64_t seed) {
  Result<double> loss = evaluate();
  if (!loss)
    return loss.error();
  const data::Counter counter = data::Counter(kSigns).stream(seed);
  for (size_t i = 0; i < places.size(); ++i) {
    Place &place = places[i];
    const data::Counter own = counter.stream(i);
    const std::vector<float> slopes = slopesOf(place);
    const double mean = rootMeanSquare(slopes), size = sizeOf(place.centre) * std::sqrt(0.5);
    place.direction.resize(place.centre.size());
    for (size_t k = 0; k < place.centre.size(); ++k)
      place.direction[k] =
          float(size * (own.sign(k) + (mean > 0 ? double(slopes[k]) / mean : 0.0)));
  }
  return Done();
}

Status DeltaCheck::measureNoise() {
  std::vector<std::vector<float>> slopes;
  for (const Place &place : places)
    slopes.push_back(slopesOf(place));
  std::vector<double> losses;
  std::vector<std::vector<double>> alongs(places.size());
  for (int point = 0; point < kNoisePoints; ++point)
    if (Status sampled = sampleNoise(point * kNoiseReach, slopes, losses, alongs); !sampled)
      return sampled;
  lossNoise = std::max(lossNoise, noiseOf(losses));
  for (size_t i = 0; i < places.size(); ++i) {
    places[i].slopeNoise = noiseOf(alongs[i]);
    if (Status written = write(places[i], places[i].centre); !written)
      return written;
  }
  return Done();
}

Status DeltaCheck::sampleNoise(double share, const std::vector<std::vector<float>> &slopes,
                               std::vector<double> &losses,
                               std::vector<std::vector<double>> &alongs) {
  double explained = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    const std::vector<float> values = moved(places[i].centre, places[i].direction, share);
    explained += along(slopes[i], between(places[i].centre, values));
    if (Status written = write(places[i], values); !written)
      return written;
  }
  Result<double> loss = evaluate();
  if (!loss)
    return loss.error();
  losses.push_back(*loss - explained);
  // The rounding of the loss itself, should all points meet the same one: an even error of one unit
  // in the last place.
  lossNoise = std::max(lossNoise, std::abs(*loss) * 0x1p-23 / std::sqrt(12.0));
  for (size_t i = 0; i < places.size(); ++i) {
    const std::vector<double> direction(places[i].direction.begin(), places[i].direction.end());
    alongs[i].push_back(along(slopesOf(places[i]), direction));
  }
  return Done();
}

/// The loss, and all deltas, of where everything is now.
Result<double> DeltaCheck::evaluate() {
  const ccm_batch view = batch->first(batch->capacity());
  if (Status done = session->forward(view, session->workspace()); !done)
    return done.error();
  Result<double> loss = session->loss(view, session->workspace());
  if (!loss)
    return loss;
  if (!std::isfinite(*loss))
    return Error{ErrorKind::Loss, "the loss is not finite"};
  if (Status done = session->backward(view, delta, session->workspace()); !done)
    return done.error();
  return loss;
}

Status DeltaCheck::write(const Place &place, std::span<const float> values) {
  if (!place.isInput)
    return session->writeParameter(place.index, values);
  std::memcpy(batch->input(place.index), values.data(), values.size_bytes());
  return Done();
}

/// d loss / d value: deltas are of the sum over samples and point to where the loss falls.
std::vector<float> DeltaCheck::slopesOf(const Place &place) const {
  std::vector<float> slopes(place.centre.size());
  if (place.isInput)
    std::memcpy(slopes.data(), batch->inputDelta(place.index), slopes.size() * sizeof(float));
  else
    unpackParameter(session->artifact().parameters()[size_t(place.index)], delta.data(), slopes);
  for (float &slope : slopes)
    slope = -slope / float(batch->capacity());
  return slopes;
}

Result<DeltaCheck::Walk> DeltaCheck::walk(const Place &place, double reach, int panels) {
  const std::vector<double> displacement = between(moved(place.centre, place.direction, -reach),
                                                   moved(place.centre, place.direction, reach));
  Walk result;
  double previous = 0;
  for (int node = 0; node <= panels; ++node) {
    const double share = reach * (2.0 * node / panels - 1);
    if (Status written = write(place, moved(place.centre, place.direction, share)); !written)
      return written.error();
    Result<double> loss = evaluate();
    if (!loss)
      return loss.error();
    const double slope = along(slopesOf(place), displacement);
    const bool isEnd = node == 0 || node == panels;
    result.measured += node == 0 ? -*loss : isEnd ? *loss : 0;
    result.predicted += slope * (isEnd ? 0.5 : 1.0) / panels;
    result.variation += node == 0 ? 0 : std::abs(slope - previous) / panels;
    previous = slope;
  }
  if (Status written = write(place, place.centre); !written)
    return written.error();
  return result;
}

double DeltaCheck::boundByLoss() const {
  return deviationsFor(places.size()) * std::sqrt(2.0) * lossNoise;
}

double DeltaCheck::boundByDeltas(const Place &place, const Walk &walk, double reach) const {
  return walk.variation + deviationsFor(places.size()) * 2 * reach * place.slopeNoise;
}

DeltaFinding DeltaCheck::judge(const Place &place, const Walk &walk, double reach) const {
  // Deltas do not excuse themselves: what they add is capped by what the loss really did.
  return {place.name, walk.measured, walk.predicted,
          boundByLoss() + std::min(boundByDeltas(place, walk, reach), std::abs(walk.measured) / 4)};
}

Result<DeltaFinding> DeltaCheck::check(size_t index) {
  const Place &place = places[index];
  Result<Walk> first = walk(place, kFirstReach, kPanels);
  if (!first)
    return first.error();
  // Noise stays and variation grows with the square of the reach: where they meet is best.
  const double noise = boundByLoss();
  const double ratio = first->variation > 0 ? std::sqrt(noise / first->variation) : 1e9;
  const double reach = std::clamp(kFirstReach * ratio, kLeastReach, kMostReach);
  if (reach > kFirstReach / 2 && reach < kFirstReach * 2)
    return refine(place, *first, kFirstReach);
  Result<Walk> second = walk(place, reach, kPanels);
  if (!second)
    return second.error();
  // The tighter walk counts, by the bounds before the cap: a walk whose deltas vary too much to be
  // judged must not win because of it.
  const double wide = (noise + boundByDeltas(place, *first, kFirstReach)) / kFirstReach;
  const double narrow = (noise + boundByDeltas(place, *second, reach)) / reach;
  return narrow < wide ? refine(place, *second, reach) : refine(place, *first, kFirstReach);
}

/// Slopes that rise and fall between two nodes, as a layer norm's of nearly equal values do, are
/// seen by more nodes: what the rule may miss shrinks with the distance once nodes are closer than
/// a rise and a fall. That of noisy deltas never does, so that a walk counts only where it has.
Result<DeltaFinding> DeltaCheck::refine(const Place &place, Walk walked, double reach) {
  DeltaFinding finding = judge(place, walked, reach);
  for (int panels = 4 * kPanels; finding.error() > 1 && panels <= kMostPanels; panels *= 4) {
    Result<Walk> finer = walk(place, reach, panels);
    if (!finer)
      return finer.error();
    if (finer->variation <= walked.variation / 2)
      finding = judge(place, *finer, reach);
    walked = *finer;
  }
  return finding;
}

} // namespace ccm::run
