// SPDX-License-Identifier: Apache-2.0
#include "tools/ccm-run/SequenceTimes.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"

#include <algorithm>

namespace ccm::run {

double medianOf(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + long(values.size() / 2), values.end());
  return values[values.size() / 2];
}

namespace {

/// The median of as many calls as fit, but a few.
template <typename Call>
double millisecondsOf(double seconds, Call call) {
  constexpr size_t kLeast = 5, kMost = 10000;
  call();
  std::vector<double> times;
  const Stopwatch clock;
  while (times.size() < kLeast || (times.size() < kMost && clock.seconds() < seconds)) {
    const Stopwatch one;
    call();
    times.push_back(one.seconds() * 1e3);
  }
  return medianOf(times);
}

/// The last position of every context of sequences of that length.
std::vector<int64_t> endsOf(int64_t length) {
  std::vector<int64_t> ends;
  for (int64_t context = CCM_SHORTEST_CONTEXT; context < length; context *= 2)
    ends.push_back(context - 1);
  ends.push_back(length - 1);
  return ends;
}

} // namespace

SequenceTimes timeSequences(Job &job, int64_t count, double seconds) {
  const ccm_port *shifted = shiftedInput(*job.artifact);
  if (!shifted)
    return {};
  const Session &session = *job.session;
  Workspace &workspace = job.session->workspace();
  const ccm_sizes sizes = need(job.artifact->sizes(count, workspace.runner().workers));
  Buffer cache = need(Buffer::create(sizes.cache, heapAllocator()));
  Batch batch = need(Batch::create(job.artifact, count, kInputs));
  batch.give(int32_t(shifted - job.artifact->inputs().data()), true);
  const std::vector<int64_t> ends = endsOf(int64_t(shifted->bytes / sizeof(int32_t)));
  const double each = seconds / double(ends.size() + 1);
  SequenceTimes times;
  times.prefill = millisecondsOf(
      each, [&] { need(session.prefill(batch.first(count), cache.data(), workspace)); });
  std::vector<int32_t> before(size_t(count), 0), positions(size_t(count), 0);
  std::vector<float> scores(size_t(count * job.artifact->outputs().front().vocabulary));
  const ccm_decode element = {sizeof(ccm_decode), count,        cache.data(), before.data(),
                              positions.data(),   scores.data()};
  for (int64_t end : ends) {
    std::fill(positions.begin(), positions.end(), int32_t(end));
    times.decodes.push_back(
        {end, millisecondsOf(each, [&] { need(session.decode(element, workspace)); })});
  }
  return times;
}

} // namespace ccm::run
