// SPDX-License-Identifier: Apache-2.0
// Outputs of diffusion, made from noise step by step.
#pragma once

#include "ccm/session.h"

namespace ccm {

/// How samples are made. Estimates are of what a sample is without its noise.
struct Sampling {
  int64_t steps = 50;   ///< estimates per sample; at least 1
  uint64_t seed = 0;    ///< of all noise
  double ancestral = 0; ///< 0: noise is drawn once, at the start (DDIM: Song et al., 2021); 1: it
                        ///< is drawn anew in every step (ancestral sampling: Ho et al., 2020)
  double guidance = 1;  ///< how far estimates go from those without the optional inputs, as 0, to
                        ///< those with them, as 1, and on (Ho and Salimans, 2022)
};

/// Makes the outputs of diffusion of a model, all of them at once. Calls allocate nothing.
class Generator {
public:
  Generator(Generator &&) noexcept = default;
  Generator &operator=(Generator &&) noexcept = default;
  /// For up to `capacity` samples at a time. The session must outlive the generator, and the
  /// runner, the host's own or a ThreadPool's, too. Refuses a model that has no output of
  /// diffusion.
  static Result<Generator> create(const Session &session, int64_t capacity,
                                  const ccm_runner &runner = serialRunner(),
                                  const Allocator &allocator = heapAllocator());
  /// Holds inputs, to be filled before, and outputs, to be read after `generate`. What is noised,
  /// and its times, are the generator's.
  Batch &batch() { return samples; }
  /// Makes the first `count` samples of the batch. `first` is the number of the first one among all
  /// that are made with this seed: a sample is the same in whatever batch it is made.
  Status generate(int64_t count, const Sampling &sampling, int64_t first = 0);

private:
  /// An output of diffusion.
  struct Noised {
    int32_t output, noised, time; ///< numbers of ports
    uint64_t elements;            ///< of a sample
    Buffer fresh;                 ///< noise of one step
    Buffer plain;                 ///< estimates without the optional inputs
  };

  Generator(const Session &session, Batch samples, Workspace workspace)
      : session(&session), samples(std::move(samples)), workspace(std::move(workspace)) {}
  Status findNoised(const Allocator &allocator);
  Status addNoised(int32_t noised, const Allocator &allocator);
  void setTimes(int64_t count, double time);
  Status draw(int64_t count, const Sampling &sampling, int64_t step, int64_t first);
  Status estimate(int64_t count, double guidance);
  void move(int64_t count, double from, double to, double ancestral);

  const Session *session;
  Batch samples;
  Workspace workspace;
  std::vector<Noised> noised;
  /// Lists of arrays: times alone; inputs without optional ones; outputs of `plain`; of `draw`.
  std::vector<const void *> times, withoutOptional;
  std::vector<float *> plainOutputs;
  std::vector<void *> drawn;
  bool hasOptional = false;
};

} // namespace ccm
