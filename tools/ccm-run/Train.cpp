// SPDX-License-Identifier: Apache-2.0
// `ccm-run train`: trains a model on data, keeps checkpoints and a record.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/Log.h"
#include "tools/ccm-run/Metric.h"
#include "tools/ccm-run/Names.h"
#include "tools/ccm-run/Progress.h"
#include "tools/ccm-run/Rate.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <memory>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;

/// Seconds between checkpoints: at least, where an epoch ends, and at most, anywhere.
constexpr double kLeastApart = 5, kMostApart = 60;

/// Values that metrics of a validation keep: it comes after every epoch.
constexpr size_t kMostKeptOfValidation = size_t(1) << 17;

/// A training that is not told how long it lasts: few rows are passed often enough to converge, and
/// many rows often enough to be worth it (docs/decisions/0024-defaults.md).
constexpr int64_t kLeastSteps = 1500, kLeastEpochs = 20;

struct TrainArguments : Options {
  std::string out;
  std::string validation;
  /// 0: as many as the two numbers above ask for.
  int64_t epochs = 0;
  int64_t steps = 0;
  int64_t saveSteps = 0;
  int64_t patience = 0;
  float learningRate = 0;
  bool resume = false;
  /// "part=checkpoint", of what the parts use.
  std::vector<std::string> into;
};

/// Names that a training learned and the rate that it heard are its own: a resumed one takes those
/// it began with, and one that goes on from a checkpoint those of the checkpoint, unless it takes
/// only a part of it, or is told another rate.
TrainArguments readingOf(TrainArguments arguments) {
  if (arguments.resume || arguments.load.partial)
    arguments.checkpoint = arguments.resume ? arguments.out : "";
  arguments.keepsRate = arguments.resume;
  arguments.reading.learnNames = true;
  return arguments;
}

/// One run of the verb.
class Training {
public:
  Training(Job &job, const data::Split &split, const TrainArguments &arguments);
  /// Steps until the end, a signal, or the end of patience; returns the exit code.
  int run();
  /// For one that failed: writes the best checkpoint where it waits in memory.
  void keepBest();
  void report();

private:
  int64_t stepsInAll() const;
  TrainOptions trainOptions() const;
  void openDirectory();
  bool isOver() const;
  bool isOutOfPatience() const;
  void oneStep();
  void endEpoch();
  void validate();
  void calibrateBest();
  bool fitsTwice() const;
  void save();
  void showProgress();
  /// Mean milliseconds that a step waited for its data.
  double waitOfStep() const {
    const int64_t steps = trainer->stepsDone() - firstStep;
    return steps > 0 ? 1e3 * waited / double(steps) : 0;
  }
  /// The epoch that a step is in, from 1.
  int64_t epochOf(int64_t step) const { return (step - 1) / trainer->stepsPerEpoch() + 1; }
  std::string endText() const;
  double samplesPerSecond() const { return stepSeconds > 0 ? double(samples) / stepSeconds : 0; }

  Job &job;
  const data::Split &split;
  const TrainArguments &arguments;
  /// From the first file on disk to the last a signal is a wish.
  const std::atomic<bool> &stop = stopOnSignals();
  std::unique_ptr<CheckpointDirectory> directory;
  std::unique_ptr<Trainer> trainer;
  std::unique_ptr<Log> log;
  ProgressBar progress;
  Stopwatch clock;
  std::string checkpoint;
  /// What the metrics of the last validation say, where there is one output.
  std::string validationWords;
  uint64_t validationDigest = 0;
  std::vector<double> temperatures; ///< of the best checkpoint, by output
  double savedAt = 0, stepSeconds = 0, waited = 0, shownLoss = NAN;
  int64_t samples = 0, savedStep = -1, firstStep = 0;
};

int64_t Training::stepsInAll() const {
  if (arguments.steps > 0)
    return arguments.steps;
  const int64_t items = split.training.rows;
  const int64_t ofEpoch = (items - 1) / std::min(arguments.batch, items) + 1;
  const int64_t least = std::max(kLeastEpochs, (kLeastSteps - 1) / ofEpoch + 1);
  int64_t total = 0;
  if (__builtin_mul_overflow(arguments.epochs > 0 ? arguments.epochs : least, ofEpoch, &total))
    throw failure(kBadInput, "more than 2^63 steps");
  return total;
}

TrainOptions Training::trainOptions() const {
  const TrainDefaults &defaults = job.artifact->trainDefaults();
  const int64_t total = stepsInAll();
  const float rate = arguments.learningRate > 0 ? arguments.learningRate : defaults.learningRate;
  TrainOptions options;
  options.batch = arguments.batch;
  options.steps = total;
  options.schedule = need(Schedule::named(defaults.schedule, rate, total));
  options.clip = defaults.clip;
  options.seed = arguments.seed.value_or(defaults.seed);
  options.ahead = Job::aheadOf(split.training, arguments);
  return options;
}

Training::Training(Job &job, const data::Split &split, const TrainArguments &arguments)
    : job(job), split(split), arguments(arguments) {
  Source source = job.sourceOf(split.training);
  if (!arguments.out.empty()) { // only a checkpoint remembers them
    source.digest = split.training.digest();
    validationDigest = split.validation.rows > 0 ? split.validation.digest() : 0;
  }
  trainer = need(Trainer::create(*job.session, std::move(source), trainOptions()));
  if (!arguments.out.empty())
    openDirectory();
  need(resetTemperatures(*job.session)); // those of a checkpoint are for what answers
  firstStep = trainer->stepsDone();
  log = std::make_unique<Log>(arguments.out, trainer->stepsDone());
}

void Training::openDirectory() {
  directory = need(CheckpointDirectory::open(arguments.out));
  const bool holds = need(directory->holdsCheckpoints());
  if (holds && !arguments.resume)
    throw failure(kBadInput,
                  "'" + arguments.out +
                      "' holds checkpoints: give --resume to go on with them, or another "
                      "--out");
  keepNames(split.training.names(), arguments.out);
  if (hears(*job.artifact))
    keepRate(job.rateOf(readingOf(arguments)), arguments.out);
  if (!holds && arguments.resume)
    note("note: '" + arguments.out + "' holds no checkpoint, the training begins");
  if (!holds)
    return;
  const CheckpointInfo info = need(directory->resume(*trainer));
  note("resumed '" + info.path + "' at step " + std::to_string(info.progress.step) + " of " +
       std::to_string(trainer->totalSteps()));
  if (trainer->stepsDone() >= trainer->totalSteps())
    note("note: no step is left to do; ask for more with --epochs or --steps");
  checkpoint = info.path;
  savedStep = info.progress.step;
}

/// What a resumed training knows suffices, so that it ends where an uninterrupted one does.
bool Training::isOutOfPatience() const {
  const Progress at = trainer->progress();
  return arguments.patience > 0 && at.position == 0 && at.best.step >= 0 &&
         at.best.data == validationDigest &&
         (at.step - at.best.step) / trainer->stepsPerEpoch() >= arguments.patience;
}

bool Training::isOver() const {
  return trainer->stepsDone() >= trainer->totalSteps() || isOutOfPatience();
}

void Training::keepBest() {
  if (!directory)
    return;
  if (Status flushed = directory->flush(); !flushed)
    note("note: the best checkpoint is not kept: " + flushed.error().message);
}

int Training::run() {
  while (!stop && !isOver())
    oneStep();
  if (trainer->stepsDone() != log->lastValidationStep() && !stop)
    validate();
  progress.clear();
  save();
  log->draw(std::string(job.artifact->name()),
            "step of " + std::to_string(trainer->progress().batch) + " samples",
            lossLabel(*job.artifact));
  return stop ? kInterrupted : kDone;
}

void Training::oneStep() {
  const Progress before = trainer->progress();
  const double start = clock.seconds();
  Result<StepReport> step = trainer->step();
  stepSeconds += clock.seconds() - start;
  if (!step) {
    progress.clear();
    log->flush();
    need(std::move(step));
  }
  samples += std::min(before.batch, before.items - before.position);
  waited += step->waited;
  log->step(*step, clock.seconds());
  shownLoss = std::isnan(shownLoss) ? step->loss : 0.9 * shownLoss + 0.1 * step->loss;
  if (progress.due())
    showProgress();
  if (step->progress.position == 0)
    endEpoch();
  const bool asked = arguments.saveSteps > 0 && step->progress.step % arguments.saveSteps == 0;
  if (asked || clock.seconds() - savedAt > kMostApart)
    save();
}

void Training::endEpoch() {
  validate();
  if (clock.seconds() - savedAt > kLeastApart)
    save();
}

void Training::validate() {
  if (split.validation.rows == 0)
    return;
  Metrics metrics(*job.artifact, kMostKeptOfValidation);
  const auto observe = [&](std::span<const int64_t> items, const Batch &batch) -> Status {
    metrics.take(batch, int64_t(items.size()));
    return Done();
  };
  const Evaluation result =
      need(evaluate(*job.session, job.sourceOf(split.validation), arguments.batch,
                    job.session->workspace(), observe, Job::aheadOf(split.validation, arguments)));
  const Json report = metrics.report(result);
  const bool isOne = report["outputs"].size() == 1;
  validationWords = isOne ? metrics.words(0, report["outputs"].front()).line : "";
  log->validation(trainer->progress(), result.loss, report["outputs"], clock.seconds());
  if (!trainer->validated(result.loss, validationDigest))
    return;
  savedStep = -1; // what was saved before does not say that it is the best
  calibrateBest();
  if (!directory || clock.seconds() - savedAt > kLeastApart || !fitsTwice())
    save();
  else
    need(directory->hold(*trainer));
  need(resetTemperatures(*job.session));
}

/// Only what answers is calibrated: training goes on without.
void Training::calibrateBest() {
  temperatures = need(calibrate(*job.session, job.sourceOf(split.validation), arguments.batch,
                                Job::aheadOf(split.validation, arguments)));
}

/// Whether a second copy of what is trained is nothing to speak of.
bool Training::fitsTwice() const {
  constexpr size_t kMostHeld = size_t(256) << 20;
  return job.session->params().size() + job.session->state().size() <= kMostHeld;
}

void Training::save() {
  log->flush();
  if (!directory || savedStep == trainer->stepsDone())
    return;
  checkpoint = need(directory->save(*trainer));
  savedStep = trainer->stepsDone();
  savedAt = clock.seconds();
  log->checkpoint(trainer->progress(), checkpoint, savedAt);
}

void Training::showProgress() {
  const Progress at = trainer->progress();
  const int64_t total = trainer->totalSteps();
  const int64_t epochs = epochOf(total), epoch = epochOf(at.step);
  // By the clock, so that validations and checkpoints count, too.
  const double left = clock.seconds() / double(at.step - firstStep) * double(total - at.step);
  ProgressLine line{"epoch " + std::to_string(epoch) + "/" + std::to_string(epochs),
                    double(at.step) / double(total),
                    {{"loss " + steadyDigits(shownLoss, 3)}}};
  if (!std::isnan(log->lastValidation()))
    line.fields.push_back({"(val " + steadyDigits(log->lastValidation(), 3) +
                               (validationWords.empty() ? "" : ", ") + validationWords + ")",
                           2, true});
  line.fields.push_back({steadyDigits(samplesPerSecond(), 3) + " samples/s", 3});
  line.fields.push_back({"eta " + clockTime(left), 1});
  progress.show(line);
}

/// Why it ended early, and which checkpoint was the best.
std::string Training::endText() const {
  const Best best = trainer->progress().best;
  if (best.step < 0)
    return "";
  std::string text;
  if (trainer->stepsDone() < trainer->totalSteps() && isOutOfPatience())
    text = "stopped in epoch " + std::to_string(epochOf(trainer->stepsDone())) + " of " +
           std::to_string(epochOf(trainer->totalSteps())) + ": no better validation loss in " +
           std::to_string(arguments.patience) +
           (arguments.patience == 1 ? " epoch\n" : " epochs\n");
  for (size_t i = 0; i < temperatures.size(); ++i)
    if (const ccm_port &port = job.artifact->outputs()[i]; port.scale == CCM_CALIBRATED)
      text += std::string("scores of '") + port.name + "' are divided by " +
              digits(temperatures[i], 4) + "\n";
  text += "best in epoch " + std::to_string(epochOf(best.step)) + ", step " +
          std::to_string(best.step) + ": validation loss " + digits(best.loss, 5);
  return text + (arguments.out.empty()
                     ? "\n"
                     : "; that is what eval, infer and generate take of '" + arguments.out + "'\n");
}

/// `loss` is the mean over the steps of the last epoch, whole or begun.
void Training::report() {
  const int64_t done = trainer->stepsDone(), perEpoch = trainer->stepsPerEpoch();
  const double loss = log->meanSince(done == 0 ? 0 : (done - 1) / perEpoch * perEpoch);
  const double validation = log->lastValidation();
  const std::string sum = job.session->parametersSha256();
  const Best best = trainer->progress().best;
  const bool hasBest = best.step >= 0;
  if (arguments.json) {
    Json report{{"steps", done},
                {"loss", loss},
                {"validation_loss", validation},
                {"best_step", hasBest ? Json(best.step) : Json()},
                {"best_epoch", hasBest ? Json(epochOf(best.step)) : Json()},
                {"best_validation_loss", hasBest ? Json(best.loss) : Json()},
                {"samples_per_second", samplesPerSecond()},
                {"wait_ms", waitOfStep()},
                {"parameters_sha256", sum},
                {"checkpoint", checkpoint.empty() ? Json() : Json(checkpoint)}};
    for (size_t i = 0; i < temperatures.size(); ++i)
      if (const ccm_port &port = job.artifact->outputs()[i]; port.scale == CCM_CALIBRATED)
        report["temperatures"][port.name] = temperatures[i];
    return print(report);
  }
  std::string text = std::to_string(done) + " steps, loss " + digits(loss, 5);
  if (!std::isnan(validation))
    text += ", validation loss " + digits(validation, 5) +
            (validationWords.empty() ? "" : " (" + validationWords + ")");
  text += ", " + digits(samplesPerSecond(), 4) + " samples/s\nparameters " + sum + "\n";
  text += endText();
  print(text + (checkpoint.empty() ? "" : "checkpoint " + checkpoint + "\n"));
}

data::Split openSplit(const Job &job, const TrainArguments &arguments) {
  return job.openSplit(readingOf(arguments), arguments.validation);
}

void tellNames(const data::Field &field) {
  constexpr size_t kMostShown = 12;
  std::string line =
      "note: '" + field.name + "' is one of " + std::to_string(field.names.size()) + " names:";
  for (size_t i = 0; i < std::min(field.names.size(), kMostShown); ++i)
    line += (i == 0 ? " " : ", ") + field.names[i];
  note(line + (field.names.size() > kMostShown ? ", …" : ""));
}

/// A column that was read as names although numbers were meant is seen here; names that the model
/// has itself are no news.
void tellNames(const data::Dataset &data) {
  for (const std::vector<data::Column> *side : {&data.inputs, &data.targets})
    for (const data::Column &column : *side)
      if (!column.field.names.empty() && !column.field.isNamed)
        tellNames(column.field);
}

void tellHeld(const data::Split &split, const TrainArguments &arguments) {
  const int64_t held = split.validation.rows;
  if (arguments.validation.empty() && held > 0)
    note("note: " + std::to_string(held) + " of " + std::to_string(held + split.training.rows) +
         " rows are held out to validate with; --validation gives another share, 0 none");
}

/// Lets parts start from the checkpoints of what they use.
void loadParts(Session &session, const std::vector<std::string> &into) {
  for (const std::string &text : into) {
    const auto [part, checkpoint] = assignmentOf("--into", text);
    const Loaded loaded = need(session.load(checkpoint, {.state = false, .into = part}));
    note("'" + part + "' starts from '" + loaded.path + "'");
  }
}

int train(const TrainArguments &arguments) {
  Job job(arguments);
  loadParts(*job.session, arguments.into);
  const data::Split split = openSplit(job, arguments);
  if (arguments.patience > 0 && split.validation.rows == 0)
    throw failure(kBadCommandLine, "--patience expects rows to validate with; give --validation");
  tellNames(split.training);
  tellHeld(split, arguments);
  if (!arguments.checkpoint.empty())
    note("starts from '" + arguments.checkpoint + "' at step 0, with fresh optimizer state");
  if (arguments.out.empty())
    note("note: without --out the trained parameters are not kept");
  Training training(job, split, arguments);
  try {
    const int code = training.run();
    training.report();
    return code;
  } catch (const Failure &) {
    training.keepBest();
    throw;
  }
}

} // namespace

void addTrain(CLI::App &app, int &exitCode) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App &verb = *app.add_subcommand("train", "trains a model on data");
  arguments->addLibrary(verb);
  arguments->addData(verb, true);
  verb.add_option("--validation", arguments->validation,
                  "a fraction of the data, or other data, to measure with after every epoch; 0: "
                  "none; without it a tenth of at least 100 rows, at most 1000");
  auto *epochs =
      verb.add_option("--epochs", arguments->epochs,
                      "passes over the data; without it " + std::to_string(kLeastEpochs) +
                          ", or as many as make " + std::to_string(kLeastSteps) + " steps");
  epochs->check(CLI::Range(int64_t(1), int64_t(1) << 40));
  verb.add_option("--steps", arguments->steps, "batches in all, in place of --epochs")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 50))
      ->excludes(epochs);
  verb.add_option("--learning-rate", arguments->learningRate,
                  "in place of the declaration's, at the top of its schedule")
      ->check(CLI::PositiveNumber);
  verb.add_option("--patience", arguments->patience,
                  "end after so many epochs without a better validation loss; 0: never")
      ->check(CLI::Range(int64_t(0), int64_t(1) << 40))
      ->capture_default_str();
  CLI::Option *out = verb.add_option("--out", arguments->out,
                                     "a directory for checkpoints, log.jsonl and loss.svg");
  verb.add_option("--save-steps", arguments->saveSteps,
                  "save a checkpoint after every so many steps, too")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 50))
      ->needs(out);
  CLI::Option *resume =
      verb.add_flag("--resume", arguments->resume, "go on with the training that --out holds");
  resume->needs(out);
  arguments->load.state = false;
  CLI::Option *checkpoint =
      verb.add_option("--checkpoint", arguments->checkpoint,
                      "start from the parameters of a checkpoint, or of the directory of a "
                      "training; data, batch and optimizer may be others");
  checkpoint->excludes(resume);
  verb.add_flag("--partial", arguments->load.partial,
                "of --checkpoint take what fits by name and shape, of whatever model, and tell "
                "what does not")
      ->needs(checkpoint);
  arguments->addPart(verb, checkpoint);
  verb.add_option("--into", arguments->into,
                  "part=CHECKPOINT: a part such as reduce.image starts from the checkpoint of the "
                  "model that it uses")
      ->excludes(resume);
  arguments->addAhead(verb);
  arguments->addBatch(verb);
  arguments->addThreads(verb);
  arguments->addSeed(verb, "first parameters and the order of the data");
  arguments->addJson(verb);
  verb.callback([arguments, &exitCode] { exitCode = train(*arguments); });
}

} // namespace ccm::run
