// SPDX-License-Identifier: Apache-2.0
// A model's parameters and the calls of its entries on them.
#pragma once

#include "ccm/artifact.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ccm {

class Checkpoint; // private to the runtime
struct CheckpointInfo;

/// What a workspace is for: the entry of that name, or the three of backward.
enum class Work { Infer, Forward, Loss, Backward, Step, Prefill, Decode };
constexpr int kWorks = 7;

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
  /// Makes room for batches of up to `batch` samples ahead of time. Refuses, with both numbers,
  /// what does not fit into the memory of this machine.
  Status reserve(int64_t batch, Work work);
  const ccm_runner &runner() const { return threads; }

private:
  friend class Session;
  Status makeRoom(int64_t batch, Work work);
  ccm_buffers buffers();
  std::shared_ptr<const Artifact> artifact;
  ccm_runner threads;
  Allocator allocator;
  Buffer scratch, internal;
  int64_t held = 0;           // samples whose internals a forward call left
  int64_t ready[kWorks] = {}; // the last batch that there is room for, by Work; 0: none
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
  uint64_t size() const { return buffer.size(); }

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

/// The least validation loss of a run.
struct Best {
  int64_t step = -1; ///< after which it was measured; -1: none was
  double loss = 0;   ///< finite
  uint64_t data = 0; ///< digest of what it was measured on; 0: not known
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
  Best best = {};       ///< so far
};

/// Which generation of a directory of checkpoints is taken, of those that are undamaged. Best: that
/// of the least validation loss, the newest where none was measured or that one is lost.
enum class Generation { Best, Newest };

/// What is taken of a checkpoint.
struct LoadOptions {
  Generation generation = Generation::Best; ///< of a directory
  bool partial = false; ///< the parameters that fit by name and shape, of whatever model
  bool state = true;    ///< the optimizer's, too, where it fits; else that starts again
  /// The part of this model, such as "reduce.image", that uses the checkpoint's: its parameters are
  /// taken, all others stay, and the optimizer's state starts again.
  std::string into = {};
  /// The part of the checkpoint's model that uses this one: of it the parameters are taken,
  /// whatever else there is, and the optimizer's state starts again.
  std::string part = {};
};

/// What a load took.
struct Loaded {
  std::string path;       ///< of the file itself
  int64_t parameters = 0; ///< taken
  /// A line for every parameter of the model or the checkpoint that was not taken, with the reason.
  std::vector<std::string> left;
};

/// The update of the step with this index, from 0.
inline ccm_update makeUpdate(float learningRate, int64_t index, float clip = 0) {
  return {.bytes = sizeof(ccm_update), .learning_rate = learningRate, .clip = clip, .index = index};
}

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
  /// Of a model that makes sequences: batch.inputs -> cache, of `Artifact::sizes` for the batch.
  Status prefill(const ccm_batch &batch, void *cache, Workspace &workspace) const;
  /// The scores of one element of each sequence, which the cache then has too.
  Status decode(const ccm_decode &element, Workspace &workspace) const;
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

  /// Whether ports have a scale that follows from data, of which nothing is known yet: parameters
  /// are fresh. Values of such ports are taken as they are; a Trainer sets the scales before its
  /// first step.
  bool needsScales() const;
  /// Adds the inputs and targets of a batch to `statistics`, of `ccm_sizes.statistics` zeros before
  /// the first.
  Status gather(const ccm_batch &batch, Buffer &statistics) const;
  /// Sets the scales of ports from what was gathered, which is of no use after it.
  Status setScales(Buffer &statistics);

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
  /// file, or a directory of generations, of which the best one is taken. Refuses one of other
  /// names, shapes or structure; that the declaration differs otherwise is only said. On any error
  /// the session is as it was.
  Status load(const std::string &path);
  /// As above, with a choice. A checkpoint of which nothing fits is refused, and with `into` or
  /// `part` one of which something does not.
  Result<Loaded> load(const std::string &path, const LoadOptions &options);

private:
  friend class Trainer;
  Session(std::shared_ptr<const Artifact> artifact, const SessionOptions &options);
  Status allocate();
  Status prepareBackward(const ccm_batch &batch, Workspace &workspace) const;
  Status check(int32_t index, size_t elements) const;
  Status restore(const Checkpoint &checkpoint, const LoadOptions &options = {});
  Loaded restorePart(const Checkpoint &checkpoint);
  Result<Loaded> restoreSlice(const Checkpoint &checkpoint, const LoadOptions &options);
  void take(const Checkpoint &checkpoint, const ccm_parameter &parameter, std::string_view name);
  void restartOptimizer();
  void sayDamaged(const CheckpointInfo &info) const;
  void say(const std::string &line) const;
  std::shared_ptr<const Artifact> source;
  Allocator allocator;
  LogSink log;
  Buffer parameters, optimizer;
  bool fresh = true; ///< parameters are what `init` made
  Workspace own;
};

} // namespace ccm
