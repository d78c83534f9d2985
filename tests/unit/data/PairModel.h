/* SPDX-License-Identifier: Apache-2.0 */
/* A model written by hand for tests: a hidden layer of relu between two inputs and two outputs. */
#ifndef CCM_TESTS_PAIR_MODEL_H
#define CCM_TESTS_PAIR_MODEL_H

#include "ccm/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Inputs "numbers" (f32, 3) and "token" (below 4); outputs "kind" (below 5, cross-entropy) and
 * "curve" (6, squared error). Parameters are unpacked, each at a multiple of CCM_ALIGNMENT. */
const ccm_model *ccm_model_pair(void);

#ifdef __cplusplus
}
#endif
#endif
