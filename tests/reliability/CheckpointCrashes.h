// SPDX-License-Identifier: Apache-2.0
// Trainings that save on a disk in memory, are killed and go on, and lose power at every moment.
#pragma once

#include "tests/reliability/CrashStates.h"

#include <string>
#include <vector>

namespace ccm::test {

/// What a search for lost checkpoints found.
struct CrashReport {
  size_t states = 0;    ///< that differ, all loaded
  size_t continued = 0; ///< of them, those from which a training went on and saved again
  size_t lost = 0;      ///< states that hold less than what was acknowledged; a search ends at 100
  std::vector<std::string> firstLost; ///< what is wrong with the first few
};

/// How far a search goes.
struct CrashSearch {
  int saves = 5;          ///< of the training that starts on an empty disk
  int savesAfterKill = 2; ///< of the one that goes on where it was killed
  int killEvery = 1;      ///< it is killed before every so many calls of the io layer
  int continueEvery = 32; ///< from every so many states a training goes on
  int drawnSets = 16;     ///< of blocks of an unsynced file
  bool forgetsFileSync = false, forgetsDirectorySync = false; ///< of the disk
};

/// Loads every state with the runtime's own loader. A state is right when that returns a newest
/// checkpoint with the parameters that were saved at its step, not older than the last acknowledged
/// one, and a best one with those of the least validation loss up to that step; where none was
/// acknowledged it may also refuse. What a save returned, and what a resume went on from,
/// counts as acknowledged.
CrashReport searchLostCheckpoints(const CrashSearch &search);

} // namespace ccm::test
