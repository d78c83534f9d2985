/* SPDX-License-Identifier: Apache-2.0 */
/* A model on the host code of compiled models, for sanitizers. */
#ifndef CCM_PLANNED_MODEL_H
#define CCM_PLANNED_MODEL_H

#include "ccm/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { kPlannedIn = 4, kPlannedOut = 2 };

/* Input "x" of kPlannedIn, output "y" of kPlannedOut. */
const ccm_model *ccm_model_planned(void);

#ifdef __cplusplus
}
#endif
#endif
