// SPDX-License-Identifier: Apache-2.0
// What sessions and trainers save and go on from.
#include "runtime/Checkpoint.h"

#include <cstring>

namespace ccm {

/// The value of a call of the io layer, or its error as one of the runtime.
static Status fileStatus(const io::Status &status) {
  return status ? Status(Done{}) : Status(Error{ErrorKind::File, status.error().message});
}

Status Session::save(const std::string &path, const Progress &progress) const {
  io::Result<io::AtomicFile> file = io::AtomicFile::create(path);
  if (!file)
    return Error{ErrorKind::File, file.error().message};
  Result<std::string> header = writeCheckpoint(
      *this, progress, [&](std::string_view bytes) { return fileStatus(file->append(bytes)); });
  if (!header)
    return header.error();
  if (Status written = fileStatus(file->overwriteStart(*header)); !written)
    return written;
  return fileStatus(file->commit());
}

Status Session::load(const std::string &path) {
  Result<Loaded> loaded = load(path, {});
  return loaded ? Status(Done{}) : Status(loaded.error());
}

Result<Loaded> Session::load(const std::string &path, const LoadOptions &options) {
  Result<Checkpoint> checkpoint = Checkpoint::open(path, options.generation);
  if (!checkpoint)
    return checkpoint.error();
  if (!options.into.empty() || !options.part.empty())
    return restoreSlice(*checkpoint, options);
  Loaded loaded{checkpoint->info().path, static_cast<int64_t>(source->parameters().size()), {}};
  if (options.partial)
    loaded = restorePart(*checkpoint);
  if (loaded.parameters == 0 && !source->parameters().empty())
    return Error{ErrorKind::Input, "nothing of '" + loaded.path + "' fits model '" +
                                       std::string(source->name()) + "' by name and shape"};
  if (options.partial)
    return loaded;
  Status restored = restore(*checkpoint, options);
  return restored ? Result<Loaded>(std::move(loaded)) : Result<Loaded>(restored.error());
}

void Session::sayDamaged(const CheckpointInfo &info) const {
  for (const std::string &reason : info.damaged)
    say("passed over a newer checkpoint: " + reason);
  if (!info.lost.empty())
    say("the newest checkpoint stands in for the best: " + info.lost);
}

/// Takes a parameter that the checkpoint has under a name.
void Session::take(const Checkpoint &checkpoint, const ccm_parameter &parameter,
                   std::string_view name) {
  std::string_view bytes = checkpoint.bytes(name);
  std::vector<float> canonical(bytes.size() / sizeof(float)); // the file promises no alignment
  std::memcpy(canonical.data(), bytes.data(), bytes.size());
  packParameter(parameter, canonical, parameters.data());
}

void Session::restartOptimizer() {
  if (optimizer.size() > 0)
    std::memset(optimizer.data(), 0, optimizer.size());
}

namespace {
/// A parameter of a model, null where it has none, and its name in a checkpoint.
struct Counterpart {
  const ccm_parameter *parameter;
  std::string name;
};
} // namespace

/// What of a model is what of a checkpoint, where the names of one are behind a part's in the
/// other.
static std::vector<Counterpart> counterparts(const Artifact &artifact, const Checkpoint &checkpoint,
                                             const LoadOptions &options) {
  std::vector<Counterpart> found;
  if (options.into.empty()) {
    for (const ccm_parameter &parameter : artifact.parameters())
      found.push_back({&parameter, options.part + "." + parameter.name});
    return found;
  }
  for (const Tensor &tensor : checkpoint.tensors()) {
    const int32_t index = artifact.findParameter(options.into + "." + tensor.name);
    if (tensor.name != kStateName)
      found.push_back(
          {index < 0 ? nullptr : &artifact.parameters()[static_cast<size_t>(index)], tensor.name});
  }
  return found;
}

/// All are compared before any is taken.
Result<Loaded> Session::restoreSlice(const Checkpoint &checkpoint, const LoadOptions &options) {
  const std::string &path = checkpoint.info().path;
  const std::vector<Counterpart> found = counterparts(*source, checkpoint, options);
  for (const auto &[parameter, name] : found) {
    std::string difference;
    if (!parameter)
      difference = "the model lacks parameter '" + options.into + "." + name + "'";
    else if (const Tensor *tensor = checkpoint.find(name))
      difference = differenceOf(tensor, *parameter);
    else
      difference = "it lacks parameter '" + name + "'";
    if (!difference.empty())
      return Error{ErrorKind::Input, "cannot use '" + path + "' for model '" +
                                         std::string(source->name()) + "': " + difference};
  }
  sayDamaged(checkpoint.info());
  for (const auto &[parameter, name] : found)
    take(checkpoint, *parameter, name);
  fresh = fresh && options.part.empty();
  restartOptimizer();
  return Loaded{path, static_cast<int64_t>(found.size()), {}};
}

/// Takes the parameters that fit by name and shape; the optimizer's state starts again.
Loaded Session::restorePart(const Checkpoint &checkpoint) {
  Loaded loaded{checkpoint.info().path, 0, {}};
  sayDamaged(checkpoint.info());
  for (const ccm_parameter &parameter : source->parameters()) {
    const std::string name = parameter.name;
    const Tensor *tensor = checkpoint.find(name);
    std::string difference = differenceOf(tensor, parameter);
    if (difference.empty())
      take(checkpoint, parameter, name);
    else
      loaded.left.push_back(tensor ? difference : "the checkpoint lacks parameter '" + name + "'");
    loaded.parameters += difference.empty();
  }
  for (const Tensor &tensor : checkpoint.tensors())
    if (tensor.name != kStateName && source->findParameter(tensor.name) < 0)
      loaded.left.push_back("the model lacks parameter '" + tensor.name + "'");
  if (loaded.parameters > 0)
    restartOptimizer();
  return loaded;
}

Status Session::restore(const Checkpoint &checkpoint, const LoadOptions &options) {
  if (Status same = checkpoint.checkModel(*source); !same)
    return same;
  const CheckpointInfo &info = checkpoint.info();
  sayDamaged(info);
  if (info.sourceHash != source->sourceHash())
    say("'" + info.path + "' was saved with another declaration of the same structure");
  for (const ccm_parameter &parameter : source->parameters())
    take(checkpoint, parameter, parameter.name);
  fresh = false;
  if (optimizer.size() == 0)
    return Done{};
  if (options.state && checkpoint.stateFits(*this)) {
    std::memcpy(optimizer.data(), checkpoint.bytes(kStateName).data(), optimizer.size());
    return Done{};
  }
  restartOptimizer();
  if (options.state)
    say("optimizer state starts again: '" + info.path + "' has none that fits");
  return Done{};
}

Status Trainer::save(const std::string &path) const { return session.save(path, progress()); }

Status Trainer::resume(const std::string &path) {
  Result<Checkpoint> checkpoint = Checkpoint::open(path, Generation::Newest);
  return checkpoint ? resume(*checkpoint) : Status(checkpoint.error());
}

/// How the run of a checkpoint differs from the one expected; empty when it does not.
static std::string differenceOf(const Progress &found, const Progress &expected) {
  auto differ = [](const char *what, auto wanted, auto seen) {
    return std::string("expected ") + what + " " + std::to_string(wanted) + ", found " +
           std::to_string(seen);
  };
  if (found.batch == 0)
    return "no trainer saved it";
  if (found.items != expected.items)
    return differ("data of items", expected.items, found.items);
  if (found.batch != expected.batch)
    return differ("batch", expected.batch, found.batch);
  if (found.seed != expected.seed)
    return differ("seed", expected.seed, found.seed);
  bool areKnown = found.data != 0 && expected.data != 0;
  return areKnown && found.data != expected.data
             ? "expected the same data, found that of other data"
             : "";
}

/// Whether a manifest's numbers can be those of one run; `perEpoch` is its steps per epoch.
static bool agree(const Progress &found, int64_t perEpoch) {
  constexpr int64_t kMostSteps = int64_t(1) << 62; // so that counting on never overflows
  return found.step <= kMostSteps && found.best.step <= found.step &&
         found.epoch == found.step / perEpoch &&
         found.position == found.step % perEpoch * found.batch;
}

Status Trainer::resume(const Checkpoint &checkpoint) {
  if (Status same = checkpoint.checkModel(session.artifact()); !same)
    return same;
  const Progress &found = checkpoint.info().progress;
  std::string difference = differenceOf(found, progress());
  if (difference.empty() && !agree(found, perEpoch))
    difference = "its step, epoch and position do not agree";
  if (difference.empty() && !checkpoint.stateFits(session))
    difference = "its optimizer state is missing or that of another optimizer or library; the "
                 "parameters alone can be loaded";
  if (!difference.empty())
    return Error{ErrorKind::Input,
                 "cannot resume from '" + checkpoint.info().path + "': " + difference};
  if (Status restored = session.restore(checkpoint); !restored)
    return restored;
  done = found.step;
  best = found.best;
  return Done{};
}

} // namespace ccm
