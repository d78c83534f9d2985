// SPDX-License-Identifier: Apache-2.0
// Training on data, and the checkpoints of it.
#pragma once

#include "ccm/session.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ccm {

class BatchReader; // private to the runtime

// ---- Training -----------------------------------------------------------------------------------
/// The learning rate of every step: a linear rise over the first `warmup` steps, then constant, or
/// a half cosine that would reach zero at step `total`. Computed from + − × ÷ alone, so that its
/// bits do not depend on a library.
struct Schedule {
  enum class Kind { Constant, Cosine };
  Kind kind = Kind::Constant;
  float rate = 0;
  int64_t warmup = 0;
  int64_t total = 0; ///< of Cosine
  /// The rate of the step with this index, from 0.
  float at(int64_t step) const;
  /// "constant", "cosine", or "warmup": constant after a rise over a twentieth of the steps.
  static Result<Schedule> named(std::string_view name, float rate, int64_t total);
};

/// Data, addressed by item.
struct Source {
  /// Items of an epoch, at least 1.
  int64_t items = 0;
  /// Writes item items[k] as sample k of the batch's inputs and targets. May be called from a
  /// thread other than the trainer's, one call at a time.
  std::function<Status(std::span<const int64_t> items, Batch &batch)> fill;
  uint64_t digest = 0; ///< of all items, by which a resume knows other data; 0: not known
};

/// The order in which an epoch visits its items: a permutation of [0, items) that depends on the
/// seed and the epoch alone. `order` has one element per item.
void shuffle(std::span<int64_t> order, uint64_t seed, int64_t epoch);

/// One step done.
struct StepReport {
  Progress progress;      ///< after the step
  double loss = 0;        ///< before its change
  float learningRate = 0; ///< of the step
  double waited = 0;      ///< seconds that the step waited for its batch to be read
};

struct TrainOptions {
  int64_t batch = 32;     ///< items of a step; an epoch's last step takes what is left
  int64_t epochs = 1;     ///< used when `steps` is 0
  int64_t steps = 0;      ///< in all, those before a resume included
  Schedule schedule = {}; ///< rate 0: the artifact's learning rate, constant
  float clip = 0;         ///< largest 2-norm of a batch's mean delta; 0: any
  uint64_t seed = 0;      ///< of the order of items
  bool shuffled = true;   ///< else items come in order
  /// Batches that a thread of the trainer's own reads before they are asked for; at most 1024. 0:
  /// `step` calls the source itself.
  int64_t ahead = 0;
  /// Set, by a signal for instance, to end `run` after the step under way.
  const std::atomic<bool> *stop = nullptr;
  /// Called after every step; its error ends `run`.
  std::function<Status(const StepReport &)> onStep = {};
};

/// Trains one session on one source. Everything of a step depends on its number, the seed and the
/// data alone: a resumed run continues with the bits of one that was never interrupted.
class Trainer {
public:
  enum class Outcome { Finished, Stopped };

  /// The session must outlive the trainer.
  static Result<std::unique_ptr<Trainer>> create(Session &session, Source source,
                                                 TrainOptions options);
  Trainer(const Trainer &) = delete;
  Trainer &operator=(const Trainer &) = delete;
  ~Trainer();

  /// Steps until all are done, the stop flag is set, or an error.
  Result<Outcome> run();
  /// One step, also beyond the last of `run`. Allocates nothing after the first. The last one of an
  /// epoch fails where a parameter is not finite.
  Result<StepReport> step();
  /// Steps that `run` does in all.
  int64_t totalSteps() const { return total; }
  int64_t stepsPerEpoch() const { return perEpoch; }
  int64_t stepsDone() const { return done; }
  Progress progress() const;
  /// Tells the loss of a validation after the steps done, on data with this digest; true where it
  /// is the least so far, whose parameters are worth a checkpoint. One that is not finite never is,
  /// and losses on other data are not compared.
  bool validated(double loss, uint64_t data = 0);

  /// Writes a checkpoint from which another process continues.
  Status save(const std::string &path) const;
  /// Continues where a checkpoint, a file or the newest of a directory of generations, was saved.
  /// Refuses one of another model, seed, batch, number or digest of items, and one without
  /// optimizer state.
  Status resume(const std::string &path);

private:
  friend class CheckpointDirectory;
  Trainer(Session &session, Source source, TrainOptions options);
  Status resume(const Checkpoint &checkpoint);
  Status prepare();
  Status checkEpoch() const;
  Session &session;
  Source source;
  TrainOptions options;
  int64_t perEpoch = 0, total = 0, done = 0;
  Best best;
  std::unique_ptr<BatchReader> reader;
};

/// Sets the scales of a session's ports from all items of a source, in order, `batch` at a time.
Status setScales(Session &session, const Source &source, int64_t batch = 32, int64_t ahead = 0);

/// Mean losses over a source.
struct Evaluation {
  int64_t items = 0;
  double loss = 0;            ///< weighted, over all outputs
  std::vector<double> losses; ///< unweighted, one per output
};

/// Runs a model over all items of a source, `batch` at a time, in order. `observe`, when given,
/// sees the outputs of every batch with its items. `ahead` is as in TrainOptions.
Result<Evaluation> evaluate(
    const Session &session, const Source &source, int64_t batch, Workspace &workspace,
    const std::function<Status(std::span<const int64_t> items, const Batch &batch)> &observe = {},
    int64_t ahead = 0);

/// Writes into the session, for every output that is calibrated (CCM_CALIBRATED), the temperature
/// under which the targets of a source are likeliest, and returns it; 1 for every other output. The
/// items are best ones that were not trained on, and `batch` and `ahead` as in `evaluate`.
Result<std::vector<double>> calibrate(Session &session, const Source &source, int64_t batch = 32,
                                      int64_t ahead = 0);

/// Lets every temperature be 1 again, as it is while a model trains.
Status resetTemperatures(Session &session);

// ---- Checkpoints --------------------------------------------------------------------------------
/// What a checkpoint's manifest says.
struct CheckpointInfo {
  std::string path;  ///< of the file itself
  std::string model; ///< name
  std::string sourceHash, layoutHash, structureHash;
  std::vector<std::string> parts; ///< the chosen strategies, as Artifact::parts
  std::string optimizer;          ///< whose state it holds
  Progress progress;
  bool hasState = false;            ///< optimizer state is in it
  std::vector<std::string> damaged; ///< newer generations that were passed over, and why
  std::string lost; ///< why the newest generation was taken in place of the best; empty: it was not
};

/// Reads and checks a checkpoint, a file or a directory of generations, without a session.
Result<CheckpointInfo> readCheckpoint(const std::string &path,
                                      Generation generation = Generation::Best);

/// A directory of checkpoints, locked for one trainer. Two generations are kept, and the one of the
/// least validation loss that the trainer was told of: a new one is durable before any is removed.
class CheckpointDirectory {
public:
  /// Creates the directory when missing. Fails when another process trains into it.
  static Result<std::unique_ptr<CheckpointDirectory>> open(const std::string &path);
  CheckpointDirectory(const CheckpointDirectory &) = delete;
  CheckpointDirectory &operator=(const CheckpointDirectory &) = delete;
  ~CheckpointDirectory();
  /// Whether it holds any generation, damaged or not.
  Result<bool> holdsCheckpoints() const;
  /// Resumes from the newest undamaged generation and returns what it says.
  Result<CheckpointInfo> resume(Trainer &trainer);
  /// Saves a generation and returns its path; before it what `hold` keeps. Refuses to when the
  /// directory holds another run's.
  Result<std::string> save(const Trainer &trainer);
  /// Keeps a generation, the best so far, in memory, in place of one that is kept already: for
  /// trainings whose epochs are shorter than a save. It takes as many bytes as its file.
  Status hold(const Trainer &trainer);
  /// Saves what `hold` keeps, if anything, for a training that cannot go on. What cannot be saved
  /// is kept no longer.
  Status flush();

private:
  class Held;
  /// Writes a generation to a path.
  using Writer = std::function<Status(const std::string &path)>;
  Result<std::string> write(int64_t step, int64_t best, const Writer &writer);
  CheckpointDirectory(std::string path, std::unique_ptr<Held> held);
  std::string directory;
  std::unique_ptr<Held> held;
};

} // namespace ccm
