// SPDX-License-Identifier: Apache-2.0
// A model written by hand for tests: y = W x + b, squared error, momentum.
#pragma once

#include "ccm/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Input "x" of 3, output "y" of 5; "weight" [5, 3] packed in panels of 4 rows, "bias" [5] packed
/// to
/// 8. The padding of "bias" is kPaddingValue after `init`, as a compiler may choose it.
const ccm_model *ccm_model_linear(void);

#ifdef __cplusplus
}
#endif

enum { kIn = 3, kOut = 5, kPanel = 4, kPanels = 2 };
#define kPaddingValue (-1e30f)
