// SPDX-License-Identifier: Apache-2.0
// Generations of checkpoints: a new one is durable before an old one goes.
#include "runtime/Checkpoint.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>

namespace ccm {

static constexpr std::string_view kPrefix = "step-", kSuffix = ".safetensors";
static constexpr int kDigits = 12; // so that names sort as steps do

std::string generationName(int64_t step) {
  char digits[24];
  std::snprintf(digits, sizeof(digits), "%0*lld", kDigits, static_cast<long long>(step));
  return std::string(kPrefix) + digits + std::string(kSuffix);
}

int64_t generationStep(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix) ||
      name.size() < kPrefix.size() + kSuffix.size() + kDigits)
    return -1;
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(kSuffix.size());
  int64_t step = -1;
  auto [stop, code] = std::from_chars(name.data(), name.data() + name.size(), step);
  return code == std::errc() && stop == name.data() + name.size() ? step : -1;
}

std::vector<std::string> generationsOf(const std::vector<std::string> &names) {
  std::vector<std::string> generations;
  std::copy_if(names.begin(), names.end(), std::back_inserter(generations),
               [](const std::string &name) { return generationStep(name) >= 0; });
  std::sort(generations.begin(), generations.end(), [](const std::string &a, const std::string &b) {
    return generationStep(a) > generationStep(b);
  });
  return generations;
}

/// What is not for the header: the lock, and the steps of the two newest generations, -1 for none.
class CheckpointDirectory::Held {
public:
  explicit Held(std::shared_ptr<io::Lock> lock) : lock(std::move(lock)) {}
  std::shared_ptr<io::Lock> lock;
  int64_t last = -1;
  int64_t beforeLast = -1;
  int64_t step = -1; ///< of `bytes`, a generation that is to be written; -1: there is none
  std::string bytes;
};

static Error fileError(const io::Error &error) { return {ErrorKind::File, error.message}; }

CheckpointDirectory::CheckpointDirectory(std::string path, std::unique_ptr<Held> held)
    : directory(std::move(path)), held(std::move(held)) {}
CheckpointDirectory::~CheckpointDirectory() = default;

/// Removes what writers that were killed left in a directory; the caller holds its lock.
static Status removeTemporaries(const std::string &directory) {
  io::Result<std::vector<std::string>> names = io::listDirectory(directory);
  if (!names)
    return fileError(names.error());
  for (const std::string &name : *names) {
    if (!io::isTemporaryName(name))
      continue;
    if (io::Status removed = io::removeTree(directory + "/" + name); !removed)
      return fileError(removed.error());
  }
  return Done{};
}

Result<std::unique_ptr<CheckpointDirectory>> CheckpointDirectory::open(const std::string &path) {
  if (io::Status made = io::makeDirectoriesDurably(path); !made)
    return fileError(made.error());
  io::Result<std::shared_ptr<io::Lock>> lock = io::lockFile(path + "/lock");
  if (!lock)
    return fileError(lock.error());
  if (Status removed = removeTemporaries(path); !removed)
    return removed.error();
  return std::unique_ptr<CheckpointDirectory>(
      new CheckpointDirectory(path, std::make_unique<Held>(*lock)));
}

/// The generations in a directory, newest first.
static Result<std::vector<std::string>> listGenerations(const std::string &directory) {
  io::Result<std::vector<std::string>> names = io::listDirectory(directory);
  if (!names)
    return fileError(names.error());
  return generationsOf(*names);
}

Result<bool> CheckpointDirectory::holdsCheckpoints() const {
  Result<std::vector<std::string>> generations = listGenerations(directory);
  return generations ? Result<bool>(!generations->empty()) : Result<bool>(generations.error());
}

Result<CheckpointInfo> CheckpointDirectory::resume(Trainer &trainer) {
  Result<Checkpoint> checkpoint = Checkpoint::open(directory, Generation::Newest);
  if (!checkpoint)
    return checkpoint.error();
  // The run that saved it may have been killed just before its name was durable.
  if (io::Status synced = io::syncDirectory(directory); !synced)
    return fileError(synced.error());
  if (Status resumed = trainer.resume(*checkpoint); !resumed)
    return resumed.error();
  held->last = checkpoint->info().progress.step;
  return checkpoint->info();
}

/// Removes all generations but the two newest and the best.
static Status prune(const std::string &directory, const std::vector<std::string> &generations,
                    int64_t last, int64_t beforeLast, int64_t best) {
  for (const std::string &name : generations) {
    int64_t step = generationStep(name);
    if (step == last || step == beforeLast || step == best)
      continue;
    if (io::Status removed = io::removeTree(directory + "/" + name); !removed)
      return fileError(removed.error());
  }
  return Done{};
}

Result<std::string> CheckpointDirectory::write(int64_t step, int64_t best, const Writer &writer) {
  Result<std::vector<std::string>> generations = listGenerations(directory);
  if (!generations)
    return generations.error();
  // What this trainer neither resumed nor saved is someone else's work.
  if (held->last < 0 && !generations->empty())
    return Error{ErrorKind::Input, "'" + directory +
                                       "' holds checkpoints of another run; resume "
                                       "it or choose another directory"};
  std::string name = generationName(step), path = directory + "/" + name;
  if (Status saved = writer(path); !saved) {
    // Abandoned: one that may vanish again is not to be gone on from. One saved before stays.
    if (std::find(generations->begin(), generations->end(), name) == generations->end())
      (void)io::removeTree(path); // the failed save is what is told
    return saved.error();
  }
  if (held->last != step)
    held->beforeLast = std::exchange(held->last, step);
  Status pruned = prune(directory, *generations, held->last, held->beforeLast, best);
  return pruned ? Result<std::string>(path) : Result<std::string>(pruned.error());
}

Status CheckpointDirectory::hold(const Trainer &trainer) {
  std::string data;
  Result<std::string> header =
      writeCheckpoint(trainer.session, trainer.progress(), [&](std::string_view bytes) -> Status {
        data += bytes;
        return Done{};
      });
  if (!header)
    return header.error();
  held->bytes = std::move(data.replace(0, header->size(), *header));
  held->step = trainer.stepsDone();
  return Done{};
}

Status CheckpointDirectory::flush() {
  if (held->step < 0)
    return Done{};
  const int64_t step = std::exchange(held->step, -1); // abandoned where it cannot be saved
  const std::string generation = std::move(held->bytes);
  Result<std::string> written = write(step, step, [&](const std::string &path) -> Status {
    io::Status status = io::writeFileAtomically(path, generation);
    return status ? Status(Done{}) : Status(fileError(status.error()));
  });
  return written ? Status(Done{}) : Status(written.error());
}

Result<std::string> CheckpointDirectory::save(const Trainer &trainer) {
  const int64_t step = trainer.stepsDone(), best = trainer.progress().best.step;
  // What the new generation calls the best is durable before it is.
  if (held->step != step)
    if (Status flushed = flush(); !flushed)
      return flushed.error();
  Result<std::string> written =
      write(step, best, [&](const std::string &path) { return trainer.save(path); });
  if (written)
    held->step = -1;
  return written;
}

} // namespace ccm
