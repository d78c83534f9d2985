// SPDX-License-Identifier: Apache-2.0
// The loss of saying always the same: what a model has to be better than.
#pragma once

#include "tools/ccm-run/Job.h"

namespace ccm::run {

/// The losses of a model that ignores its inputs and answers the mean of the data's targets; where
/// the output is discrete, scores that are how often each index occurs at each position.
Result<Evaluation> evaluateMean(Job &job, const data::Dataset &data, int64_t batch);

} // namespace ccm::run
