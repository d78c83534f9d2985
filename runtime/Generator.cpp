// SPDX-License-Identifier: Apache-2.0
#include "ccm/generator.h"

#include "runtime/ModelTable.h"

#include <algorithm>
#include <cmath>

namespace ccm {

Result<Generator> Generator::create(const Session &session, int64_t capacity,
                                    const ccm_runner &runner, const Allocator &allocator) {
  if (Status has = session.artifact().needs({"draw"}); !has)
    return has.error();
  Result<Batch> batch =
      Batch::create(session.sharedArtifact(), capacity, kInputs | kOutputs, allocator);
  if (!batch)
    return batch.error();
  Generator generator(session, std::move(*batch),
                      Workspace(session.sharedArtifact(), runner, allocator));
  if (Status found = generator.findNoised(allocator); !found)
    return found.error();
  if (Status ready = generator.workspace.reserve(capacity, Work::Infer); !ready)
    return ready.error();
  return generator;
}

Status Generator::findNoised(const Allocator &allocator) {
  const std::span<const ccm_port> inputs = samples.artifact().inputs();
  times.assign(inputs.size(), nullptr);
  drawn.assign(inputs.size(), nullptr);
  for (size_t i = 0; i < samples.artifact().outputs().size(); ++i)
    plainOutputs.push_back(
        samples.output(static_cast<int32_t>(i))); // written again with the inputs
  for (size_t i = 0; i < inputs.size(); ++i) {
    const auto port = static_cast<int32_t>(i);
    samples.give(port, inputs[i].draw != CCM_PRESENCE);
    const bool isOptional = inputs[i].draw == CCM_GIVEN && inputs[i].partner != 0;
    hasOptional |= isOptional;
    const bool stays = !isOptional && inputs[i].draw != CCM_PRESENCE;
    withoutOptional.push_back(stays ? samples.input(port) : nullptr);
    if (inputs[i].draw == CCM_TIME)
      times[i] = samples.input(port);
    if (inputs[i].draw != CCM_NOISED)
      continue;
    if (Status added = addNoised(port, allocator); !added)
      return added;
  }
  if (noised.empty())
    return Error{ErrorKind::Input, std::string("'") + samples.artifact().model().name +
                                       "' has no output of diffusion to generate"};
  return Done{};
}

Status Generator::addNoised(int32_t port, const Allocator &allocator) {
  const ccm_port &input = samples.artifact().inputs()[static_cast<size_t>(port)];
  const uint64_t bytes = input.bytes * static_cast<uint64_t>(samples.capacity());
  Result<Buffer> fresh = Buffer::create(bytes, allocator), plain = Buffer::create(bytes, allocator);
  if (!fresh || !plain)
    return fresh ? plain.error() : fresh.error();
  plainOutputs[static_cast<size_t>(input.partner) - 1] = static_cast<float *>(plain->data());
  noised.push_back({input.partner - 1, port, timeOf(samples.artifact().model(), input.partner),
                    input.bytes / sizeof(float), std::move(*fresh), std::move(*plain)});
  return Done{};
}

void Generator::setTimes(int64_t count, double time) {
  for (const Noised &one : noised)
    std::fill_n(static_cast<float *>(samples.input(one.time)), count, static_cast<float>(time));
}

/// Fills `fresh` with noise alone: what is noised at the time 1.
Status Generator::draw(int64_t count, const Sampling &sampling, int64_t step, int64_t first) {
  setTimes(count, 1);
  for (Noised &one : noised)
    drawn[static_cast<size_t>(one.noised)] = one.fresh.data();
  ccm_batch batch = {};
  batch.bytes = sizeof(batch);
  batch.count = count;
  batch.inputs = times.data();
  batch.seed = sampling.seed;
  const ccm_model &model = samples.artifact().model();
  return callEntry(model, "draw", model.draw, &batch, step, first, drawn.data());
}

/// Writes estimates to the batch's outputs.
Status Generator::estimate(int64_t count, double guidance) {
  const ccm_batch whole = samples.first(count);
  const bool isGuided = hasOptional && guidance != 1;
  if (isGuided) {
    ccm_batch without = whole;
    without.inputs = withoutOptional.data();
    without.outputs = plainOutputs.data();
    if (Status done = session->infer(without, workspace); !done)
      return done;
  }
  if (Status done = session->infer(whole, workspace); !done || !isGuided)
    return done;
  for (const Noised &one : noised) {
    const auto *plain = static_cast<const float *>(one.plain.data());
    float *values = samples.output(one.output);
    for (uint64_t i = 0; i < static_cast<uint64_t>(count) * one.elements; ++i)
      values[i] = static_cast<float>(plain[i] + guidance * (double(values[i]) - plain[i]));
  }
  return Done{};
}

/// Moves what is noised from one time to an earlier one, by the estimate of what is behind it. With
/// z = (1 - t) x + t n and x estimated, n follows; at time s it is mixed anew, a part of it fresh.
void Generator::move(int64_t count, double from, double to, double ancestral) {
  // The variance of z at s, given z at t and x (Ho et al., 2020, for any weights of x and n).
  const double left = (1 - from) / (1 - to);
  const double between = from * from - left * left * to * to;
  const double fresh = ancestral * to * std::sqrt(std::max(between, 0.0)) / from;
  const double kept = std::sqrt(std::max(to * to - fresh * fresh, 0.0));
  for (const Noised &one : noised) {
    const double mean = samples.artifact().inputs()[static_cast<size_t>(one.noised)].numbers[0];
    auto *z = static_cast<float *>(samples.input(one.noised));
    const float *x = samples.output(one.output);
    const auto *noise = static_cast<const float *>(one.fresh.data());
    for (uint64_t i = 0; i < static_cast<uint64_t>(count) * one.elements; ++i) {
      const double old = (z[i] - (1 - from) * x[i]) / from - mean;
      z[i] =
          static_cast<float>((1 - to) * x[i] + to * mean + kept * old + fresh * (noise[i] - mean));
    }
  }
}

static Status checkSampling(int64_t count, int64_t capacity, const Sampling &sampling) {
  auto refuse = [](const std::string &message) { return Error{ErrorKind::Input, message}; };
  if (count < 1 || count > capacity)
    return refuse("expected 1 to " + std::to_string(capacity) + " samples, found " +
                  std::to_string(count));
  if (sampling.steps < 1)
    return refuse("expected at least 1 step, found " + std::to_string(sampling.steps));
  if (!(sampling.ancestral >= 0 && sampling.ancestral <= 1))
    return refuse("expected a part of 0 to 1 as fresh noise, found " +
                  std::to_string(sampling.ancestral));
  if (!std::isfinite(sampling.guidance))
    return refuse("expected a finite guidance, found none");
  return Done{};
}

Status Generator::generate(int64_t count, const Sampling &sampling, int64_t first) {
  Status done = checkSampling(count, samples.capacity(), sampling);
  if (done)
    done = draw(count, sampling, 0, first);
  if (!done)
    return done;
  for (const Noised &one : noised)
    std::copy_n(static_cast<const float *>(one.fresh.data()),
                static_cast<uint64_t>(count) * one.elements,
                static_cast<float *>(samples.input(one.noised)));
  const auto steps = static_cast<double>(sampling.steps);
  for (int64_t step = 0; done && step < sampling.steps; ++step) {
    const double from = 1 - double(step) / steps, to = 1 - double(step + 1) / steps;
    if (sampling.ancestral > 0)
      done = draw(count, sampling, step + 1, first);
    setTimes(count, from);
    if (done)
      done = estimate(count, sampling.guidance);
    if (done)
      move(count, from, to, sampling.ancestral);
  }
  return done;
}

} // namespace ccm
