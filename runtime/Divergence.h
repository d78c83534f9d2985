// SPDX-License-Identifier: Apache-2.0
// Where the numbers of a step that diverged stopped being finite.
#pragma once

#include "ccm/runtime.h"

#include <span>

namespace ccm {

bool areFinite(std::span<const float> values);

/// The first parameter of a session that is not finite, null where all are. Reads them once.
const ccm_parameter *firstNotFinite(const Session &session);

/// Repeats the step on `batch`, whose inputs and targets are those of the refused one, and says
/// what is not finite and where that begins: "loss is not finite, first in parameter
/// 'core.out.weight'". Looks at what the step starts from (parameters, inputs, targets), then at
/// the values that the forward keeps, in the order in which they are computed, then at outputs,
/// losses and the delta. Says less where memory runs out or the artifact does not describe its
/// internals.
std::string describeDivergence(const Session &session, const ccm_batch &batch);

} // namespace ccm
