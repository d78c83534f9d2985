// SPDX-License-Identifier: Apache-2.0
// The search for lost checkpoints: which trainings run, and when a state is right.
#include "tests/reliability/CheckpointCrashes.h"
#include "runtime/io/FaultyCalls.h"
#include "tests/unit/runtime/TestFiles.h"

#include <iterator>
#include <optional>

namespace ccm::test {

namespace {

const std::string kDirectory = "/home/user/run"; // none of it is there at first
constexpr int64_t kItems = 20, kStepsPerSave = 2;
constexpr size_t kMostTold = 5, kMostLost = 100;

/// What a training is told after every step. The best moves, and stays for a while.
double validationLoss(int64_t step) {
  constexpr double kLosses[] = {6, 7, 4, 5, 8, 3, 9, 9, 2, 9, 9, 9, 1, 9, 9, 0};
  return kLosses[static_cast<size_t>(step - 1) % std::size(kLosses)];
}

/// The step of the least loss of those up to this one.
int64_t bestStep(int64_t newest) {
  int64_t best = 1;
  for (int64_t step = best; step <= newest; ++step)
    if (validationLoss(step) < validationLoss(best))
      best = step;
  return best;
}

/// A process that trains into kDirectory on the disk in use.
class Process {
public:
  Process() : session(linearSession()) {
    trainer = std::move(
        *Trainer::create(*session, linearSource(kItems), {.batch = 4, .steps = 1'000'000}));
  }
  /// Opens the directory and goes on with what it holds, if anything. False on any error.
  bool begin(MemoryDisk &disk) {
    auto opened = CheckpointDirectory::open(kDirectory);
    if (!opened)
      return false;
    directory = std::move(*opened);
    auto holds = directory->holdsCheckpoints();
    if (!holds || !*holds)
      return bool(holds);
    auto resumed = directory->resume(*trainer);
    if (resumed)
      disk.mark(resumed->progress.step);
    return bool(resumed);
  }
  /// Steps and saves `count` times, the last one twice. False on any error. What is the best in
  /// between is held until the next save.
  bool save(MemoryDisk &disk, int count) {
    for (int i = 0; i <= count; ++i) {
      for (int64_t step = 0; i < count && step < kStepsPerSave; ++step)
        if (!trainer->step() || (trainer->validated(validationLoss(trainer->stepsDone())) &&
                                 !directory->hold(*trainer)))
          return false;
      if (!directory->save(*trainer))
        return false;
      disk.mark(trainer->stepsDone());
    }
    return true;
  }

private:
  std::unique_ptr<Session> session;
  std::unique_ptr<Trainer> trainer;
  std::unique_ptr<CheckpointDirectory> directory;
};

/// The search under way.
class Search {
public:
  explicit Search(const CrashSearch &search) : search(search), states(search.drawnSets) {}
  CrashReport run();

private:
  std::unique_ptr<MemoryDisk> makeDisk(const Snapshot &content) const;
  bool train(MemoryDisk &disk, int saves);
  int64_t runWhole();
  void runKilled(int64_t call);
  void visitFrom(const MemoryDisk &disk, size_t from, int64_t before, bool continues);
  void check(const Snapshot &state, int64_t acknowledged);
  void goOn(const Snapshot &state, int64_t acknowledged);
  std::string problemOf(const Snapshot &state, int64_t acknowledged);
  const std::string &parametersAt(int64_t step);
  void lose(const std::string &problem);
  /// Enough is lost to know.
  bool over() const { return report.lost >= kMostLost; }

  const CrashSearch search;
  CrashStates states;
  CrashReport report;
  std::unique_ptr<Session> reader = linearSession({.seed = 99});
  std::unique_ptr<Session> model = linearSession();
  std::unique_ptr<Trainer> uninterrupted =
      std::move(*Trainer::create(*model, linearSource(kItems), {.batch = 4, .steps = 1'000'000}));
  std::vector<std::string> parameters; // SHA-256 after so many steps
};

/// The parameters of a run that nothing interrupts.
const std::string &Search::parametersAt(int64_t step) {
  static const std::string kNone;
  if (step < 0 || step > 10'000)
    return kNone;
  while (static_cast<int64_t>(parameters.size()) <= step) {
    parameters.push_back(model->parametersSha256());
    if (!uninterrupted->step())
      return kNone;
  }
  return parameters[static_cast<size_t>(step)];
}

/// What is wrong with a state; empty when nothing is.
std::string Search::problemOf(const Snapshot &state, int64_t acknowledged) {
  MemoryDisk disk(state);
  disk.use();
  auto info = readCheckpoint(kDirectory, Generation::Newest);
  if (!info)
    return acknowledged < 0 ? "" : "nothing can be loaded: " + info.error().message;
  int64_t step = info->progress.step;
  if (step < acknowledged)
    return "step " + std::to_string(step) + " is loaded" +
           (info->damaged.empty() ? "" : ", since " + info->damaged[0]);
  for (auto [generation, expected] :
       {std::pair(Generation::Newest, step), {Generation::Best, bestStep(step)}}) {
    auto loaded = reader->load(kDirectory, {.generation = generation});
    if (!loaded)
      return loaded.error().message;
    if (reader->parametersSha256() != parametersAt(expected))
      return "step " + std::to_string(expected) + " has parameters that were never saved";
  }
  return "";
}

void Search::lose(const std::string &problem) {
  ++report.lost;
  if (report.firstLost.size() < kMostTold)
    report.firstLost.push_back(problem);
}

void Search::check(const Snapshot &state, int64_t acknowledged) {
  if (std::string problem = problemOf(state, acknowledged); !problem.empty())
    lose("step " + std::to_string(acknowledged) + " was acknowledged: " + problem);
}

/// One process that begins and saves.
bool Search::train(MemoryDisk &disk, int saves) {
  Process process;
  return process.begin(disk) && process.save(disk, saves);
}

/// A training goes on after the power cut, and loses power again at any moment.
void Search::goOn(const Snapshot &state, int64_t acknowledged) {
  std::unique_ptr<MemoryDisk> disk = makeDisk(state);
  ++report.continued;
  if (!train(*disk, 1))
    return lose("no training can go on after step " + std::to_string(acknowledged));
  visitFrom(*disk, 0, acknowledged, /*continues=*/false);
}

void Search::visitFrom(const MemoryDisk &disk, size_t from, int64_t before, bool continues) {
  std::vector<std::pair<Snapshot, int64_t>> chosen;
  size_t visited = 0;
  states.visit(disk, from, before, [&](const Snapshot &state, int64_t acknowledged) {
    check(state, acknowledged);
    if (over())
      return false;
    if (continues && visited++ % static_cast<size_t>(search.continueEvery) == 0)
      chosen.emplace_back(state, acknowledged);
    return true;
  });
  for (const auto &[state, acknowledged] : chosen)
    if (!over())
      goOn(state, acknowledged);
}

/// A disk in use, with the search's faults.
std::unique_ptr<MemoryDisk> Search::makeDisk(const Snapshot &content) const {
  auto disk = std::make_unique<MemoryDisk>(content);
  disk->forgetsFileSync = search.forgetsFileSync;
  disk->forgetsDirectorySync = search.forgetsDirectorySync;
  disk->use();
  return disk;
}

/// A training that nothing kills; returns its calls of the io layer.
int64_t Search::runWhole() {
  std::unique_ptr<MemoryDisk> disk = makeDisk({});
  io::useFaultyCalls({}, MemoryDisk::calls());
  if (!train(*disk, search.saves))
    lose("the training itself fails");
  int64_t calls = io::callsMade();
  visitFrom(*disk, 0, -1, /*continues=*/true);
  return calls;
}

/// A training that is killed before one of its calls, and another that goes on.
void Search::runKilled(int64_t call) {
  std::unique_ptr<MemoryDisk> disk = makeDisk({});
  // A process whose every call fails from one on leaves the disk as one that is killed there.
  io::useFaultyCalls({.call = call, .onwards = true}, MemoryDisk::calls());
  train(*disk, search.saves);
  disk->endProcess();
  disk->use();
  size_t from = disk->journal().size();
  if (!train(*disk, search.savesAfterKill))
    lose("no training can go on after a kill at call " + std::to_string(call));
  visitFrom(*disk, from, -1, /*continues=*/false);
}

CrashReport Search::run() {
  int64_t calls = runWhole();
  for (int64_t call = 0; call < calls && !over(); call += search.killEvery)
    runKilled(call);
  report.states = states.count();
  return report;
}

} // namespace

CrashReport searchLostCheckpoints(const CrashSearch &search) { return Search(search).run(); }

} // namespace ccm::test
