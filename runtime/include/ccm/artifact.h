// SPDX-License-Identifier: Apache-2.0
// A compiled model: its library, its table, and arrays for its ports.
#pragma once

#include "ccm/memory.h"
#include "ccm/threads.h"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ccm {

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
  /// Trained ones before frozen ones, of each in the order of the declaration.
  std::span<const ccm_parameter> parameters() const;
  /// Those that deltas and the optimizer's state are of: the first of `parameters`.
  std::span<const ccm_parameter> trained() const;
  /// Position of the port or parameter of that name; -1 when there is none.
  int32_t findInput(std::string_view name) const;
  int32_t findOutput(std::string_view name) const;
  int32_t findParameter(std::string_view name) const;
  /// Identifies the declaration the library was compiled from; empty when it does not say.
  const std::string &sourceHash() const { return hash; }
  /// Digest of the structure that the compiler chose: primitives, their numbers and how they are
  /// connected, whatever budgets and training led there; empty when the library does not say.
  const std::string &structureHash() const { return structure; }
  /// The chosen strategies: a line for every part, "reduce image: patch-embed {...}".
  const std::vector<std::string> &parts() const { return partLines; }
  /// Names of the entries that the library has, in the order of the table.
  std::vector<std::string_view> entries() const;
  /// Refuses, naming what to compile the model with, unless the library has all of these entries.
  Status needs(std::initializer_list<std::string_view> entries) const;
  /// SHA-256 over names, shapes and packing of the parameters, and which are trained: two libraries
  /// with the same one can exchange params, deltas and optimizer state as bytes.
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
  std::string hash, layout, structure;
  std::vector<std::string> partLines;
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
  /// Hands entries the array of an input that is optional or drawn, or leaves it out. At first
  /// optional inputs are handed out, those that are drawn are not. Of others it does nothing.
  void give(int32_t port, bool given);
  /// The first `count` samples as the entries take them; valid as long as this batch is not moved.
  ccm_batch first(int64_t count) const;

private:
  Batch() = default;
  Status allocate(unsigned parts, const Allocator &allocator);
  std::shared_ptr<const Artifact> source;
  int64_t samples = 0;
  std::vector<Buffer> arrays;
  std::vector<void *> inputs, targets;
  std::vector<const void *> given; ///< inputs as entries take them
  std::vector<float *> outputs, outputDeltas, inputDeltas;
};

} // namespace ccm
