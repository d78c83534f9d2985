// SPDX-License-Identifier: Apache-2.0
// Loses power at every moment of trainings that save, and looks for lost checkpoints.
#include "tests/reliability/CheckpointCrashes.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

/// `crash-states [LEAST [DRAWN [EVERY]]]`: visits states, DRAWN random sets of blocks per unsynced
/// file among them, goes on from one in EVERY of them, and fails when one is lost or fewer than
/// LEAST were visited.
int main(int argc, char **argv) {
  ccm::test::CrashSearch search;
  size_t least = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 0;
  if (argc > 2)
    search.drawnSets = std::atoi(argv[2]);
  if (argc > 3)
    search.continueEvery = std::max(1, std::atoi(argv[3]));
  ccm::test::CrashReport report = ccm::test::searchLostCheckpoints(search);
  std::printf("%zu states after a power cut, %zu of them gone on from, %zu lost\n", report.states,
              report.continued, report.lost);
  for (const std::string &lost : report.firstLost)
    std::printf("lost: %s\n", lost.c_str());
  if (report.states < least)
    std::printf("expected at least %zu states\n", least);
  return report.lost == 0 && report.states >= least ? EXIT_SUCCESS : EXIT_FAILURE;
}
