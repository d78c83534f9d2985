// SPDX-License-Identifier: Apache-2.0
// The C++ side of a compiled model: load its library, hold its parameters, train it, save it.
#pragma once

#include "ccm/abi.h"
#include "ccm/result.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ccm {

class BatchReader; // private to the runtime
class Checkpoint;  // likewise

// ---- Memory -------------------------------------------------------------------------------------

/// Where buffers come from; a host may pass its own. `allocate` returns memory at a multiple of
/// CCM_ALIGNMENT, or null. `release` gets what `allocate` returned and the same number of bytes.
struct Allocator {
  void *(*allocate)(void *self, uint64_t bytes);
  void (*release)(void *self, void *memory, uint64_t bytes);
  void *self;
};

/// The heap.
Allocator heapAllocator();

/// Owns zeroed memory at a multiple of CCM_ALIGNMENT.
class Buffer {
public:
  Buffer() = default;
  Buffer(Buffer &&other) noexcept;
  Buffer &operator=(Buffer &&other) noexcept;
  ~Buffer();
  /// `bytes` may be 0. Fails, with kind File, when the allocator has no memory.
  static Result<Buffer> create(uint64_t bytes, const Allocator &allocator = heapAllocator());
  void *data() { return memory; }
  const void *data() const { return memory; }
  uint64_t size() const { return bytes; }

private:
  void *memory = nullptr;
  uint64_t bytes = 0;
  Allocator source{};
};

// ---- Log ----------------------------------------------------------------------------------------

/// Takes what the runtime has to say beside its results, one line at a time, lower case, without a
/// full stop. Called on the thread of the call that it is about; `write` null: nothing is said. The
/// runtime itself never prints.
struct LogSink {
  void (*write)(void *self, std::string_view line) = nullptr;
  void *self = nullptr;
};

// ---- Threads ------------------------------------------------------------------------------------

struct ThreadPoolOptions {
  /// Threads that work at once, the caller's included; 0: one per processor of this process.
  int32_t workers = 0;
  /// How long an idle thread looks for work before it sleeps. Without effect where there are more
  /// workers than processors: spinning would then keep the working ones from running.
  std::chrono::microseconds spin{75};
};

/// Runs tasks on its threads and on the caller's. Every thread treats denormal floats as zero while
/// it works; the caller's mode is restored. When two threads call `run` at once, or a task calls
/// it, one of them uses the pool and the other runs its tasks alone.
class ThreadPool {
public:
  /// Fails, with kind File, when the system has no more threads.
  static Result<std::unique_ptr<ThreadPool>> create(const ThreadPoolOptions &options = {});
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;
  /// Waits for the threads to end; no `run` may be under way.
  ~ThreadPool();
  int32_t workers() const;
  /// Runs task(context, index, worker) once for every index in [0, count); returns when all are
  /// done. Tasks are handed out one by one, in order. Allocates nothing.
  void run(ccm_task task, void *context, int64_t count) noexcept;
  /// This pool as the entries of a model take it; valid as long as the pool.
  ccm_runner runner();

private:
  class Shared;
  explicit ThreadPool(std::unique_ptr<Shared> shared);
  std::unique_ptr<Shared> shared;
};

/// Runs every task on the caller's thread.
ccm_runner serialRunner();

// ---- Artifact -----------------------------------------------------------------------------------

/// What the declaration's `train` says; the defaults of a trainer.
struct TrainDefaults {
  std::string optimizer;
  std::string schedule = "constant";
  float learningRate = 0;
  float clip = 0;
  uint64_t seed = 0;
};

/// A compiled model: its table, and the library that holds it. Immutable and shared; the library
/// stays loaded for as long as any artifact, session or workspace of it lives.
class Artifact {
public:
  /// Loads a library after checking its file: that ccm-compile wrote it as it is, for this machine,
  /// processor and interface version, and that it needs no other library. This finds damage and
  /// mismatch, not malice: a library is a program, and loading one runs it. Errors are of kind
  /// Input, or File where the file cannot be read.
  static Result<std::shared_ptr<const Artifact>> load(const std::string &path);
  /// A model that is linked into this program: `Artifact::wrap(ccm_model_name())`.
  static Result<std::shared_ptr<const Artifact>> wrap(const ccm_model *model);
  Artifact(const Artifact &) = delete;
  Artifact &operator=(const Artifact &) = delete;
  ~Artifact();

  const ccm_model &model() const { return *table; }
  std::string_view name() const { return table->name; }
  /// JSON: ports, parts, costs, targets; see the compiler's documentation.
  std::string_view describe() const { return table->describe; }
  std::span<const ccm_port> inputs() const;
  std::span<const ccm_port> outputs() const;
  /// In the order of the declaration.
  std::span<const ccm_parameter> parameters() const;
  /// Position of the port or parameter of that name; -1 when there is none.
  int32_t findInput(std::string_view name) const;
  int32_t findOutput(std::string_view name) const;
  int32_t findParameter(std::string_view name) const;
  /// Identifies the declaration the library was compiled from; empty when it does not say.
  const std::string &sourceHash() const { return hash; }
  /// SHA-256 over names, shapes and packing of the parameters: two libraries with the same one can
  /// exchange params, deltas and optimizer state as bytes.
  const std::string &layoutHash() const { return layout; }
  const TrainDefaults &trainDefaults() const { return defaults; }
  /// Bytes of the buffers for a batch size and a number of workers.
  Result<ccm_sizes> sizes(int64_t batch, int32_t workers) const;

private:
  Artifact(const ccm_model *model, void *library) : table(model), library(library) {}
  static Result<std::shared_ptr<const Artifact>> adopt(const ccm_model *model, void *library);
  Status readDescription();
  const ccm_model *table;
  void *library; // of dlopen; null for a wrapped model
  std::string hash, layout;
  TrainDefaults defaults;
};

/// Number of elements of a parameter's canonical shape.
int64_t elementCount(const ccm_parameter &parameter);

/// Copies one parameter out of `params` or a delta, in its canonical row-major layout.
/// `canonical` has elementCount(parameter) elements.
void unpackParameter(const ccm_parameter &parameter, const void *params,
                     std::span<float> canonical);

/// Copies one parameter in its canonical layout into `params`; padding is left as it is.
void packParameter(const ccm_parameter &parameter, std::span<const float> canonical, void *params);

// ---- Batches ------------------------------------------------------------------------------------

/// Which arrays a Batch holds; combine with |.
enum BatchParts : unsigned {
  kInputs = 1,
  kTargets = 2,
  kOutputs = 4,
  kOutputDeltas = 8,
  kInputDeltas = 16, ///< of continuous inputs only
};

/// Owns the arrays of up to `capacity` samples; array i belongs to the table's port i.
class Batch {
public:
  Batch(Batch &&) noexcept = default;
  Batch &operator=(Batch &&) noexcept = default;
  /// `parts` says which arrays; all start as zero.
  static Result<Batch> create(std::shared_ptr<const Artifact> artifact, int64_t capacity,
                              unsigned parts, const Allocator &allocator = heapAllocator());
  int64_t capacity() const { return samples; }
  const Artifact &artifact() const { return *source; }
  /// Start of a port's array; null where the batch does not hold it.
  void *input(int32_t port) const { return inputs[port]; }
  void *target(int32_t port) const { return targets[port]; }
  float *output(int32_t port) const { return outputs[port]; }
  float *outputDelta(int32_t port) const { return outputDeltas[port]; }
  float *inputDelta(int32_t port) const { return inputDeltas[port]; }
  /// The first `count` samples as the entries take them; valid as long as this batch is not moved.
  ccm_batch first(int64_t count) const;

private:
  Batch() = default;
  Status allocate(unsigned parts, const Allocator &allocator);
  std::shared_ptr<const Artifact> source;
  int64_t samples = 0;
  std::vector<Buffer> arrays;
  std::vector<void *> inputs, targets;
  std::vector<float *> outputs, outputDeltas, inputDeltas;
};

// ---- Session ------------------------------------------------------------------------------------

/// What one caller needs to run entries: scratch, internals, and whose threads to use. Two calls at
/// once need two workspaces. Grows to the largest batch seen, then allocates nothing.
class Workspace {
public:
  Workspace(Workspace &&) noexcept = default;
  Workspace &operator=(Workspace &&) noexcept = default;
  /// The runner, the host's own or a ThreadPool's, must outlive the workspace.
  explicit Workspace(std::shared_ptr<const Artifact> artifact,
                     const ccm_runner &runner = serialRunner(),
                     const Allocator &allocator = heapAllocator());
  /// Makes room for batches of up to `batch` samples of an entry; with internals for `forward`.
  Status reserve(int64_t batch, bool internals, uint64_t ccm_sizes::*entry = &ccm_sizes::step);
  const ccm_runner &runner() const { return threads; }

private:
  friend class Session;
  ccm_buffers buffers();
  std::shared_ptr<const Artifact> artifact;
  ccm_runner threads;
  Allocator allocator;
  Buffer scratch, internal;
  int64_t held = 0; // samples whose internals a forward call left
};

/// Changes to make to the parameters. Deltas are summed, scaled and added; created by a session.
class Delta {
public:
  Delta(Delta &&) noexcept = default;
  Delta &operator=(Delta &&) noexcept = default;
  Status zero();
  /// this += other, which is of the same artifact.
  Status add(const Delta &other);
  Status scale(float factor);
  /// Packed as `params`; unpackParameter reads it.
  void *data() { return buffer.data(); }
  const void *data() const { return buffer.data(); }

private:
  friend class Session;
  Delta(std::shared_ptr<const Artifact> artifact, Buffer buffer)
      : artifact(std::move(artifact)), buffer(std::move(buffer)) {}
  std::shared_ptr<const Artifact> artifact;
  Buffer buffer;
};

struct SessionOptions {
  uint64_t seed = 0;                     ///< of the first parameters
  ccm_runner runner = serialRunner();    ///< threads of the session's own workspace; outlives it
  Allocator allocator = heapAllocator(); ///< of every buffer of the session
  LogSink log = {};                      ///< told of checkpoints passed over or taken in part
};

/// What a checkpoint says of the run it was saved in. A session saved alone leaves the zeros.
struct Progress {
  int64_t step = 0;     ///< steps done
  int64_t epoch = 0;    ///< epochs done
  int64_t position = 0; ///< items of the current epoch done
  int64_t items = 0;    ///< items of an epoch
  int64_t batch = 0;    ///< items of a step
  uint64_t seed = 0;    ///< of the order of items
  uint64_t data = 0;    ///< the source's digest
};

/// A model's parameters and optimizer state. Const members may be called by any number of threads
/// at once, each with its own workspace; the others need the session alone.
class Session {
public:
  /// Parameters start as init(options.seed) makes them.
  static Result<std::unique_ptr<Session>> create(std::shared_ptr<const Artifact> artifact,
                                                 const SessionOptions &options = {});
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  const Artifact &artifact() const { return *source; }
  std::shared_ptr<const Artifact> sharedArtifact() const { return source; }
  /// The session's own workspace, which `step` and `train` use.
  Workspace &workspace() { return own; }
  /// Fresh parameters; optimizer state starts again.
  Status init(uint64_t seed);

  /// batch.inputs -> batch.outputs
  Status infer(const ccm_batch &batch, Workspace &workspace) const;
  /// As infer, and keeps in the workspace what the backward calls read.
  Status forward(const ccm_batch &batch, Workspace &workspace) const;
  /// batch.outputs and targets -> batch.outputDeltas and the weighted mean loss. `losses`, empty or
  /// one element per output, receives each output's unweighted mean.
  Result<double> loss(const ccm_batch &batch, Workspace &workspace,
                      std::span<double> losses = {}) const;
  /// batch.outputDeltas, after `forward` in the same workspace -> batch.inputDeltas and `delta`,
  /// which is overwritten with the sum over the batch.
  Status backward(const ccm_batch &batch, Delta &delta, Workspace &workspace) const;
  /// As backward, only batch.inputDeltas.
  Status backwardInput(const ccm_batch &batch, Workspace &workspace) const;
  /// As backward, only `delta`.
  Status backwardTrain(const ccm_batch &batch, Delta &delta, Workspace &workspace) const;

  /// A delta of zeros.
  Result<Delta> makeDelta() const;
  /// parameters += delta. The learning rate is the caller's: scale the delta by it.
  Status train(const Delta &delta);
  /// Forward, loss, backward and the optimizer in one; needs batch.inputs and targets. Returns the
  /// mean loss before the change. A loss that is not finite changes nothing and is an error of kind
  /// Loss.
  Result<double> step(const ccm_batch &batch, const ccm_update &update);

  /// Copies a parameter out or in, in its canonical layout. The index is the artifact's; the span
  /// has elementCount elements.
  Status readParameter(int32_t index, std::span<float> canonical) const;
  Status writeParameter(int32_t index, std::span<const float> canonical);
  /// The packed parameters and optimizer state.
  const Buffer &params() const { return parameters; }
  const Buffer &state() const { return optimizer; }
  /// Hexadecimal SHA-256 over the canonical parameters as little-endian floats, in the order of the
  /// declaration.
  std::string parametersSha256() const;

  /// Writes parameters and optimizer state to one safetensors file, whole or not at all.
  Status save(const std::string &path, const Progress &progress = {}) const;
  /// Reads parameters, and the optimizer state if the file has one that fits, from a checkpoint: a
  /// file, or a directory of generations, of which the newest undamaged one is taken. Refuses
  /// another model's. On any error the session is as it was.
  Status load(const std::string &path);

private:
  friend class Trainer;
  Session(std::shared_ptr<const Artifact> artifact, const SessionOptions &options);
  Status allocate();
  Status prepareBackward(const ccm_batch &batch, Workspace &workspace) const;
  Status check(int32_t index, size_t elements) const;
  Status restore(const Checkpoint &checkpoint);
  void say(const std::string &line) const;
  std::shared_ptr<const Artifact> source;
  Allocator allocator;
  LogSink log;
  Buffer parameters, optimizer;
  Workspace own;
};

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
  /// One step, also beyond the last of `run`. Allocates nothing after the first.
  Result<StepReport> step();
  /// Steps that `run` does in all.
  int64_t totalSteps() const { return total; }
  int64_t stepsPerEpoch() const { return perEpoch; }
  int64_t stepsDone() const { return done; }
  Progress progress() const;

  /// Writes a checkpoint from which another process continues.
  Status save(const std::string &path) const;
  /// Continues where a checkpoint, a file or a directory of generations, was saved. Refuses one of
  /// another model, seed, batch, number or digest of items, and one without optimizer state.
  Status resume(const std::string &path);

private:
  friend class CheckpointDirectory;
  Trainer(Session &session, Source source, TrainOptions options);
  Status resume(const Checkpoint &checkpoint);
  Status prepare();
  Session &session;
  Source source;
  TrainOptions options;
  int64_t perEpoch = 0, total = 0, done = 0;
  std::unique_ptr<BatchReader> reader;
};

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

// ---- Checkpoints --------------------------------------------------------------------------------

/// What a checkpoint's manifest says.
struct CheckpointInfo {
  std::string path;  ///< of the file itself
  std::string model; ///< name
  std::string sourceHash, layoutHash;
  Progress progress;
  bool hasState = false;            ///< optimizer state is in it
  std::vector<std::string> damaged; ///< newer generations that were passed over, and why
};

/// Reads and checks a checkpoint, a file or a directory of generations, without a session.
Result<CheckpointInfo> readCheckpoint(const std::string &path);

/// A directory of checkpoints, locked for one trainer. Two generations are kept: a new one is
/// durable before the one before the last is removed.
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
  /// Saves a generation and returns its path. Refuses to when the directory holds another run's.
  Result<std::string> save(const Trainer &trainer);

private:
  class Held;
  CheckpointDirectory(std::string path, std::unique_ptr<Held> held);
  std::string directory;
  std::unique_ptr<Held> held;
};

} // namespace ccm
