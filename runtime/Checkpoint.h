// SPDX-License-Identifier: Apache-2.0
// A checkpoint: a safetensors file whose texts are its manifest, every byte under a digest.
#pragma once

#include "ccm/runtime.h"
#include "runtime/Safetensors.h"
#include "runtime/io/Io.h"

namespace ccm {

/// Name of the tensor that holds the optimizer state, packed. No parameter can have it: names in a
/// declaration start with a letter.
constexpr std::string_view kStateName = "__state__";

/// A checkpoint that was read and whose digests are right.
class Checkpoint {
public:
  /// Opens a file, or of a directory an undamaged generation. One whose bytes cannot be read is an
  /// error, not damage: going on from an older one would in time remove it.
  static Result<Checkpoint> open(const std::string &path, Generation generation);
  const CheckpointInfo &info() const { return manifest; }
  /// Refuses, naming the first difference, a model that the checkpoint is not of.
  Status checkModel(const Artifact &artifact) const;
  /// Whether the optimizer state in it can be that of a session: same optimizer, layout and size.
  /// One without state fits where no state is needed.
  bool stateFits(const Session &session) const;
  /// All tensors, the optimizer state included.
  std::span<const Tensor> tensors() const { return file.tensors; }
  /// Null when there is none of that name.
  const Tensor *find(std::string_view name) const { return file.find(name); }
  /// A tensor's bytes; the tensor must be there.
  std::string_view bytes(std::string_view name) const { return file.bytes(*file.find(name)); }

private:
  static Result<Checkpoint> openFile(const std::string &path);
  static Result<Checkpoint> openNewest(const std::string &directory,
                                       const std::vector<std::string> &names);
  static Result<Checkpoint> openBest(const std::string &directory,
                                     const std::vector<std::string> &names, Checkpoint newest);
  Status readManifest();
  Status readBest();
  Status checkDigests() const;
  std::unique_ptr<const std::string> contents; // `file` points into it
  Safetensors file;
  CheckpointInfo manifest;
};

/// How a tensor, null for none, differs from the parameter it should hold; empty when it does not.
std::string differenceOf(const Tensor *tensor, const ccm_parameter &parameter);

/// Takes bytes that follow those before.
using Append = std::function<Status(std::string_view bytes)>;

/// Gives a checkpoint to `append`, with zeros in place of its header, and returns the header that
/// belongs there: it holds digests of what follows it. Refuses, with kind Loss, parameters that are
/// not finite: no training can go on from them.
Result<std::string> writeCheckpoint(const Session &session, const Progress &progress,
                                    const Append &append);

/// File name of a generation, and the step of such a name; -1 for other names.
std::string generationName(int64_t step);
int64_t generationStep(std::string_view name);

/// The names in a directory that are generations, newest first.
std::vector<std::string> generationsOf(const std::vector<std::string> &names);

} // namespace ccm
