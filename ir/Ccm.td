// SPDX-License-Identifier: Apache-2.0
// All definitions of the dialect, for the generator.
include "CcmModelOps.td"
include "CcmOptimizers.td"
include "CcmPrimitives.td"
