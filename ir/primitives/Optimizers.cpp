// SPDX-License-Identifier: Apache-2.0
// Formulas that optimizers share.
#include "ir/Ccm.h"

namespace ccm {

Scalar adamDirection(Scalar m, Scalar v, double epsilon, const Hyper &hyper) {
  return m * hyper.correction1 / (sqrt(v * hyper.correction2) + epsilon);
}

} // namespace ccm
