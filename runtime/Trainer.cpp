// SPDX-License-Identifier: Apache-2.0
// Epochs, batches and steps.
#include "ccm/runtime.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ccm {

static Error refuse(const char *what, int64_t found) {
  return {ErrorKind::Input, std::string("expected ") + what + ", found " + std::to_string(found)};
}

Trainer::Trainer(Session &session, Source source, TrainOptions options)
    : session(session), source(std::move(source)), options(std::move(options)) {}

Result<std::unique_ptr<Trainer>> Trainer::create(Session &session, Source source,
                                                 TrainOptions options) {
  std::unique_ptr<Trainer> trainer(new Trainer(session, std::move(source), std::move(options)));
  if (Status prepared = trainer->prepare(); !prepared)
    return prepared.error();
  return trainer;
}

Status Trainer::prepare() {
  if (source.items < 1 || !source.fill)
    return refuse("a source of at least 1 item", source.items);
  if (options.batch < 1)
    return refuse("a batch of at least 1 item", options.batch);
  if (options.steps < 0 || options.epochs < 0)
    return refuse("no negative number of steps or epochs", std::min(options.steps, options.epochs));
  if (!std::isfinite(options.schedule.rate) || !std::isfinite(options.clip) || options.clip < 0)
    return Error{ErrorKind::Input, "expected a finite learning rate and a clip of at least 0"};
  options.batch = std::min(options.batch, source.items);
  perEpoch = (source.items - 1) / options.batch + 1;
  if (options.steps == 0 && __builtin_mul_overflow(options.epochs, perEpoch, &options.steps))
    return refuse("fewer epochs", options.epochs);
  total = options.steps;
  if (options.schedule.rate == 0)
    options.schedule.rate = session.artifact().model().learning_rate;
  order.resize(static_cast<size_t>(source.items));
  Result<Batch> arrays = Batch::create(session.sharedArtifact(), options.batch, kInputs | kTargets);
  if (!arrays)
    return arrays.error();
  batch = std::make_unique<Batch>(std::move(*arrays));
  return session.workspace().reserve(options.batch, /*internals=*/false);
}

/// Asks the source for the items of the next step; returns their number.
Result<int64_t> Trainer::fillBatch() {
  int64_t epoch = done / perEpoch, start = done % perEpoch * options.batch;
  if (orderedEpoch != epoch) {
    if (options.shuffled)
      shuffle(order, options.seed, epoch);
    else
      std::iota(order.begin(), order.end(), 0);
    orderedEpoch = epoch;
  }
  int64_t count = std::min(options.batch, source.items - start);
  std::span<const int64_t> items(order.data() + start, static_cast<size_t>(count));
  Status filled = source.fill(items, *batch);
  return filled ? Result<int64_t>(count) : Result<int64_t>(filled.error());
}

/// An entry's message with the number of the step, counted as progress is.
static Error failedStep(int64_t step, const Error &error) {
  bool diverged = error.kind == ErrorKind::Loss;
  return {error.kind, "step " + std::to_string(step) + ": " +
                          (diverged ? "loss is not finite; the parameters are as before the step"
                                    : error.message)};
}

Result<StepReport> Trainer::step() {
  Result<int64_t> count = fillBatch();
  if (!count)
    return count.error();
  float rate = options.schedule.at(done);
  Result<double> loss = session.step(batch->first(*count), {rate, done, options.clip});
  if (!loss)
    return failedStep(done + 1, loss.error());
  ++done;
  return StepReport{progress(), *loss, rate};
}

Result<Trainer::Outcome> Trainer::run() {
  while (done < total) {
    if (options.stop && options.stop->load())
      return Outcome::Stopped;
    Result<StepReport> report = step();
    if (!report)
      return report.error();
    if (!options.onStep)
      continue;
    if (Status seen = options.onStep(*report); !seen)
      return seen.error();
  }
  return Outcome::Finished;
}

Progress Trainer::progress() const {
  Progress progress;
  progress.step = done;
  progress.epoch = done / perEpoch;
  progress.position = done % perEpoch * options.batch;
  progress.items = source.items;
  progress.batch = options.batch;
  progress.seed = options.seed;
  return progress;
}

// ---- Evaluation ---------------------------------------------------------------------------------

/// Adds one batch's mean losses, weighted by its samples.
static void accumulate(Evaluation &sums, double loss, std::span<const double> losses,
                       int64_t count) {
  sums.items += count;
  sums.loss += loss * static_cast<double>(count);
  for (size_t i = 0; i < losses.size(); ++i)
    sums.losses[i] += losses[i] * static_cast<double>(count);
}

static void divide(Evaluation &sums) {
  double count = static_cast<double>(std::max<int64_t>(sums.items, 1));
  sums.loss /= count;
  for (double &loss : sums.losses)
    loss /= count;
}

namespace {
using Observer = std::function<Status(std::span<const int64_t> items, const Batch &batch)>;

/// One pass over a source.
struct Pass {
  const Session &session;
  const Source &source;
  Workspace &workspace;
  const Observer &observe;
  Batch batch;
  Evaluation sums = {};
  std::vector<double> losses = {}; // of one batch

  /// Adds what one batch of items gives.
  Status add(std::span<const int64_t> items) {
    int64_t count = static_cast<int64_t>(items.size());
    ccm_batch view = batch.first(count);
    if (Status filled = source.fill(items, batch); !filled)
      return filled;
    if (Status inferred = session.infer(view, workspace); !inferred)
      return inferred;
    Result<double> loss = session.loss(view, workspace, losses);
    if (!loss)
      return loss.error();
    accumulate(sums, *loss, losses, count);
    return observe ? observe(items, batch) : Status(Done{});
  }
};
} // namespace

Result<Evaluation> evaluate(const Session &session, const Source &source, int64_t batchSize,
                            Workspace &workspace, const Observer &observe) {
  if (source.items < 1 || !source.fill)
    return refuse("a source of at least 1 item", source.items);
  constexpr unsigned kParts = kInputs | kTargets | kOutputs | kOutputDeltas;
  int64_t capacity = std::min(batchSize, source.items);
  Result<Batch> batch = Batch::create(session.sharedArtifact(), capacity, kParts);
  if (!batch)
    return batch.error();
  Pass pass{session, source, workspace, observe, std::move(*batch)};
  pass.sums.losses.resize(session.artifact().outputs().size());
  pass.losses.resize(pass.sums.losses.size());
  std::vector<int64_t> items(static_cast<size_t>(capacity));
  for (int64_t start = 0; start < source.items; start += capacity) {
    items.resize(static_cast<size_t>(std::min(capacity, source.items - start)));
    std::iota(items.begin(), items.end(), start);
    if (Status added = pass.add(items); !added)
      return added.error();
  }
  divide(pass.sums);
  return std::move(pass.sums);
}

} // namespace ccm
