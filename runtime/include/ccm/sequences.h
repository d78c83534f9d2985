// SPDX-License-Identifier: Apache-2.0
// Outputs of autoregressive models, made element by element.
#pragma once

#include "ccm/session.h"

namespace ccm {

/// How an element is chosen from its scores.
struct Choosing {
  double temperature = 1; ///< that scores are divided by; 0: the likeliest is taken
  int64_t topK = 0;       ///< only so many of the likeliest may be taken; 0: all
  double topP = 1;        ///< only the likeliest that have that share together
  uint64_t seed = 0;      ///< of all choices
};

/// Makes the sequences of a model whose output is autoregressive. Calls allocate nothing.
class Sequences {
public:
  Sequences(Sequences &&) noexcept = default;
  Sequences &operator=(Sequences &&) noexcept = default;
  /// For up to `capacity` samples at a time. The session must outlive this, and the runner, the
  /// host's own or a ThreadPool's, too. Refuses a model that has no autoregressive output.
  static Result<Sequences> create(const Session &session, int64_t capacity,
                                  const ccm_runner &runner = serialRunner(),
                                  const Allocator &allocator = heapAllocator());
  /// Holds inputs, to be filled before `begin`, and as targets the sequences: what of them is known
  /// stands there before `begin`, what is made after `next`.
  Batch &batch() { return samples; }
  /// Elements of a sequence.
  int64_t length() const { return elements; }
  /// How many of them there are by now.
  int64_t made() const { return position; }
  /// Begins sequences of the first `count` samples, of which the first `known` elements are there.
  /// `first` is the number of the first sample among all that are made with a seed: a sample is the
  /// same in whatever batch it is made.
  Status begin(int64_t count, int64_t known = 0, int64_t first = 0);
  /// Adds an element to each. Refuses to when sequences are complete.
  Status next(const Choosing &choosing = {});
  /// `begin`, and `next` until sequences are complete.
  Status generate(int64_t count, int64_t known = 0, const Choosing &choosing = {},
                  int64_t first = 0);

private:
  Sequences(const Session &session, Batch samples, Workspace workspace, Buffer cache);
  int32_t *sequence(int64_t sample) const;
  Status prefill();
  int32_t choose(const float *scores, const Choosing &choosing, double random);
  size_t keepLikeliest(const Choosing &choosing, double &total);

  const Session *session;
  Batch samples;
  Workspace workspace;
  Buffer cache;
  int32_t shifted = 0; ///< number of the input
  int64_t vocabulary = 0, elements = 0;
  int64_t count = 0, position = 0, first = 0;
  /// Of one position: per sample, the element before, the position, and scores.
  std::vector<int32_t> before, positions;
  std::vector<float> scores;
  std::vector<double> shares;
  std::vector<int32_t> order;
};

} // namespace ccm
