// SPDX-License-Identifier: Apache-2.0
// Epochs, batches and steps.
#include "runtime/BatchReader.h"
#include "runtime/Divergence.h"

#include <algorithm>
#include <cmath>

namespace ccm {

/// Batches read ahead of their use are all in memory.
static constexpr int64_t kMostAhead = 1024;

static Error refuse(const char *what, int64_t found) {
  return {ErrorKind::Input, std::string("expected ") + what + ", found " + std::to_string(found)};
}

Trainer::Trainer(Session &session, Source source, TrainOptions options)
    : session(session), source(std::move(source)), options(std::move(options)) {}

Trainer::~Trainer() = default;

Result<std::unique_ptr<Trainer>> Trainer::create(Session &session, Source source,
                                                 TrainOptions options) {
  std::unique_ptr<Trainer> trainer(new Trainer(session, std::move(source), std::move(options)));
  if (Status prepared = trainer->prepare(); !prepared)
    return prepared.error();
  return trainer;
}

Status Trainer::prepare() {
  if (Status able = session.artifact().needs({"step"}); !able)
    return able;
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
  if (options.ahead < 0 || options.ahead > kMostAhead)
    return refuse("between 0 and 1024 batches to read ahead", options.ahead);
  const ItemOrder order{source.items, options.batch, options.seed, options.shuffled};
  auto created = BatchReader::create(session.sharedArtifact(), source, order, kInputs | kTargets,
                                     options.ahead, total);
  if (!created)
    return created.error();
  reader = std::move(*created);
  return session.workspace().reserve(options.batch, Work::Step);
}

/// An error of a step with its number, counted as progress is; where training diverged, with the
/// place where that began.
static Error failedStep(int64_t step, const Error &error, const Session &session,
                        const ccm_batch &batch) {
  std::string what = error.kind == ErrorKind::Loss ? describeDivergence(session, batch) +
                                                         "; the parameters are as before the step"
                                                   : error.message;
  return {error.kind, "step " + std::to_string(step) + ": " + what};
}

Result<StepReport> Trainer::step() {
  if (session.needsScales())
    if (Status set = setScales(session, source, options.batch, options.ahead); !set)
      return set.error();
  Result<BatchReader::Taken> taken = reader->take(done);
  if (!taken)
    return taken.error();
  float rate = options.schedule.at(done);
  ccm_batch arrays = taken->batch->first(taken->count);
  arrays.seed = options.seed;
  Result<double> loss = session.step(arrays, makeUpdate(rate, done, options.clip));
  if (!loss)
    return failedStep(done + 1, loss.error(), session, arrays);
  ++done;
  if (Status finite = checkEpoch(); !finite)
    return finite.error();
  return StepReport{progress(), *loss, rate, taken->waited};
}

/// A loss may be finite although an update was not: the next one, or a kernel that drops what is no
/// number, would hide it until the end. Once an epoch costs nothing next to its steps.
Status Trainer::checkEpoch() const {
  const ccm_parameter *bad = done % perEpoch == 0 ? firstNotFinite(session) : nullptr;
  if (!bad)
    return Done{};
  return Error{ErrorKind::Loss, "step " + std::to_string(done) + ": parameter '" + bad->name +
                                    "' is not finite at the end of epoch " +
                                    std::to_string(done / perEpoch)};
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
  progress.data = source.digest;
  progress.best = best;
  return progress;
}

bool Trainer::validated(double loss, uint64_t data) {
  const bool isCompared = best.step >= 0 && best.data == data;
  if (!std::isfinite(loss) || (isCompared && loss >= best.loss))
    return false;
  best = {done, loss, data};
  return true;
}

// ---- Scales -------------------------------------------------------------------------------------

Status setScales(Session &session, const Source &source, int64_t batch, int64_t ahead) {
  if (Status able = session.artifact().needs({"gather", "set_statistics"}); !able)
    return able;
  if (source.items < 1 || !source.fill)
    return refuse("a source of at least 1 item", source.items);
  if (batch < 1)
    return refuse("a batch of at least 1 item", batch);
  Result<ccm_sizes> sizes = session.artifact().sizes(1, 1);
  if (!sizes)
    return sizes.error();
  Result<Buffer> statistics = Buffer::create(sizes->statistics);
  if (!statistics)
    return statistics.error();
  const ItemOrder order{source.items, std::min(batch, source.items)};
  auto reader = BatchReader::create(session.sharedArtifact(), source, order, kInputs | kTargets,
                                    ahead, order.stepsPerEpoch());
  if (!reader)
    return reader.error();
  for (int64_t step = 0; step < order.stepsPerEpoch(); ++step) {
    Result<BatchReader::Taken> taken = (*reader)->take(step);
    if (!taken)
      return taken.error();
    if (Status seen = session.gather(taken->batch->first(taken->count), *statistics); !seen)
      return seen;
  }
  return session.setScales(*statistics);
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
  Workspace &workspace;
  const Observer &observe;
  Evaluation sums = {};
  std::vector<double> losses = {}; // of one batch

  /// Adds what one batch gives.
  Status add(const BatchReader::Taken &taken) {
    ccm_batch view = taken.batch->first(taken.count);
    if (Status inferred = session.infer(view, workspace); !inferred)
      return inferred;
    Result<double> loss = session.loss(view, workspace, losses);
    if (!loss)
      return loss.error();
    accumulate(sums, *loss, losses, taken.count);
    return observe ? observe(taken.items, *taken.batch) : Status(Done{});
  }
};
} // namespace

Result<Evaluation> evaluate(const Session &session, const Source &source, int64_t batchSize,
                            Workspace &workspace, const Observer &observe, int64_t ahead) {
  if (Status able = session.artifact().needs({"loss"}); !able)
    return able.error();
  if (source.items < 1 || !source.fill)
    return refuse("a source of at least 1 item", source.items);
  if (batchSize < 1)
    return refuse("a batch of at least 1 item", batchSize);
  if (ahead < 0 || ahead > kMostAhead)
    return refuse("between 0 and 1024 batches to read ahead", ahead);
  constexpr unsigned kParts = kInputs | kTargets | kOutputs | kOutputDeltas;
  const ItemOrder order{source.items, std::min(batchSize, source.items)};
  auto reader = BatchReader::create(session.sharedArtifact(), source, order, kParts, ahead,
                                    order.stepsPerEpoch());
  if (!reader)
    return reader.error();
  Pass pass{session, workspace, observe};
  pass.sums.losses.resize(session.artifact().outputs().size());
  pass.losses.resize(pass.sums.losses.size());
  for (int64_t step = 0; step < order.stepsPerEpoch(); ++step) {
    Result<BatchReader::Taken> taken = (*reader)->take(step);
    if (!taken)
      return taken.error();
    if (Status added = pass.add(*taken); !added)
      return added.error();
  }
  divide(pass.sums);
  return std::move(pass.sums);
}

} // namespace ccm
