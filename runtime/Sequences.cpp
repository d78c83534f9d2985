// SPDX-License-Identifier: Apache-2.0
#include "ccm/sequences.h"

#include "runtime/ModelTable.h"
#include "runtime/Random.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ccm {

static Error refuse(const std::string &message) { return Error{ErrorKind::Input, message}; }

Sequences::Sequences(const Session &session, Batch samples, Workspace workspace, Buffer cache)
    : session(&session), samples(std::move(samples)), workspace(std::move(workspace)),
      cache(std::move(cache)) {
  const ccm_model &model = session.artifact().model();
  while (model.inputs[shifted].draw != CCM_SHIFTED)
    ++shifted;
  vocabulary = model.outputs[0].vocabulary;
  elements = static_cast<int64_t>(model.inputs[shifted].bytes / sizeof(int32_t));
  const auto capacity = static_cast<size_t>(this->samples.capacity());
  this->samples.give(shifted, true);
  before.resize(capacity);
  positions.resize(capacity);
  scores.resize(capacity * static_cast<size_t>(vocabulary));
  shares.resize(static_cast<size_t>(vocabulary));
  order.resize(static_cast<size_t>(vocabulary));
}

Result<Sequences> Sequences::create(const Session &session, int64_t capacity,
                                    const ccm_runner &runner, const Allocator &allocator) {
  if (Status has = session.artifact().needs({"prefill", "decode"}); !has)
    return has.error();
  const std::shared_ptr<const Artifact> artifact = session.sharedArtifact();
  Result<Batch> batch = Batch::create(artifact, capacity, kInputs | kTargets, allocator);
  if (!batch)
    return batch.error();
  Result<ccm_sizes> sizes = artifact->sizes(capacity, runner.workers);
  if (!sizes)
    return sizes.error();
  Result<Buffer> cache = Buffer::create(sizes->cache, allocator);
  if (!cache)
    return cache.error();
  Workspace workspace(artifact, runner, allocator);
  for (Work work : {Work::Prefill, Work::Decode})
    if (Status ready = workspace.reserve(capacity, work); !ready)
      return ready.error();
  return Sequences(session, std::move(*batch), std::move(workspace), std::move(*cache));
}

int32_t *Sequences::sequence(int64_t sample) const {
  return static_cast<int32_t *>(samples.target(0)) + sample * elements;
}

/// Fills the cache with what is known. Where nothing is, and no input says anything, there is
/// nothing to look back on.
Status Sequences::prefill() {
  if (position == 0 && samples.artifact().inputs().size() == 1)
    return Done{};
  auto *indices = static_cast<int32_t *>(samples.input(shifted));
  for (int64_t sample = 0; sample < count; ++sample)
    for (int64_t i = 0; i < elements; ++i)
      *indices++ =
          i > 0 && i <= position ? sequence(sample)[i - 1] : static_cast<int32_t>(vocabulary);
  return session->prefill(samples.first(count), cache.data(), workspace);
}

Status Sequences::begin(int64_t samplesNow, int64_t known, int64_t firstNow) {
  if (samplesNow < 1 || samplesNow > samples.capacity())
    return refuse("expected 1 to " + std::to_string(samples.capacity()) + " samples, found " +
                  std::to_string(samplesNow));
  if (known < 0 || known > elements)
    return refuse("expected 0 to " + std::to_string(elements) + " known elements, found " +
                  std::to_string(known));
  for (int64_t sample = 0; sample < samplesNow; ++sample)
    for (int64_t i = 0; i < known; ++i)
      if (int32_t element = sequence(sample)[i]; element < 0 || element >= vocabulary)
        return refuse("expected elements from 0 to " + std::to_string(vocabulary - 1) + ", found " +
                      std::to_string(element) + " in sample " + std::to_string(sample));
  count = samplesNow;
  position = known;
  first = firstNow;
  return prefill();
}

static Status checkChoosing(const Choosing &choosing) {
  if (!(choosing.temperature >= 0) || !std::isfinite(choosing.temperature))
    return refuse("expected a temperature of 0 or more, found " +
                  std::to_string(choosing.temperature));
  if (choosing.topK < 0)
    return refuse("expected a number of the likeliest of 0 or more, found " +
                  std::to_string(choosing.topK));
  if (!(choosing.topP > 0 && choosing.topP <= 1))
    return refuse("expected a share of the likeliest above 0 and up to 1, found " +
                  std::to_string(choosing.topP));
  return Done{};
}

/// Orders the likeliest elements first where not all may be taken. Returns how many may, and sets
/// what their shares add up to.
size_t Sequences::keepLikeliest(const Choosing &choosing, double &total) {
  std::iota(order.begin(), order.end(), 0);
  size_t kept = order.size();
  if (choosing.topK > 0)
    kept = std::min(kept, static_cast<size_t>(choosing.topK));
  if (kept < order.size() || choosing.topP < 1)
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      const double left = shares[static_cast<size_t>(a)], right = shares[static_cast<size_t>(b)];
      return left != right ? left > right : a < b;
    });
  auto share = [&](size_t i) { return shares[static_cast<size_t>(order[i])]; };
  double all = 0;
  for (size_t i = 0; i < kept; ++i)
    all += share(i);
  total = 0;
  for (size_t i = 0; i < kept; ++i) {
    total += share(i);
    if (choosing.topP < 1 && total >= choosing.topP * all)
      return i + 1;
  }
  return kept;
}

int32_t Sequences::choose(const float *of, const Choosing &choosing, double random) {
  const float *top = std::max_element(of, of + vocabulary);
  if (choosing.temperature == 0)
    return static_cast<int32_t>(top - of);
  for (size_t i = 0; i < shares.size(); ++i)
    shares[i] = std::exp((double(of[i]) - *top) / choosing.temperature);
  double total = 0, sum = 0;
  const size_t kept = keepLikeliest(choosing, total);
  for (size_t i = 0; i < kept; ++i) {
    sum += shares[static_cast<size_t>(order[i])];
    if (sum > random * total)
      return order[i];
  }
  return order[kept - 1];
}

Status Sequences::next(const Choosing &choosing) {
  if (Status valid = checkChoosing(choosing); !valid)
    return valid;
  if (count == 0 || position == elements)
    return refuse("expected sequences with an element left to make, found " +
                  std::to_string(count) + " of " + std::to_string(position) + " elements");
  for (int64_t sample = 0; sample < count; ++sample) {
    before[static_cast<size_t>(sample)] =
        position > 0 ? sequence(sample)[position - 1] : static_cast<int32_t>(vocabulary);
    positions[static_cast<size_t>(sample)] = static_cast<int32_t>(position);
  }
  const ccm_decode element = {.bytes = sizeof(ccm_decode),
                              .count = count,
                              .cache = cache.data(),
                              .before = before.data(),
                              .positions = positions.data(),
                              .scores = scores.data()};
  if (Status done = session->decode(element, workspace); !done)
    return done;
  for (int64_t sample = 0; sample < count; ++sample) {
    const float *of = scores.data() + sample * vocabulary;
    if (!std::all_of(of, of + vocabulary, [](float score) { return std::isfinite(score); }))
      return Error{ErrorKind::Loss, "expected finite scores at element " +
                                        std::to_string(position) + ", found some that are not"};
    const uint64_t key = keyOf(choosing.seed, static_cast<uint64_t>(first + sample));
    sequence(sample)[position] =
        choose(of, choosing, uniform(key, static_cast<uint64_t>(position)));
  }
  ++position;
  return Done{};
}

Status Sequences::generate(int64_t samplesNow, int64_t known, const Choosing &choosing,
                           int64_t firstNow) {
  Status done = begin(samplesNow, known, firstNow);
  while (done && position < elements)
    done = next(choosing);
  return done;
}

} // namespace ccm
