// SPDX-License-Identifier: Apache-2.0
// One position of a sequence: primitives whose positions are on their own.
#include "ir/Ccm.h"

using namespace mlir;

namespace ccm {

LogicalResult buildStepAlone(Operation *op, StepBuilder &b) {
  for (unsigned number = 0; number < op->getNumOperands(); ++number)
    if (!b.input(number))
      return op->emitOpError() << "expects operands that go along the positions of a sequence, got "
                               << "one that does not as number " << number;
  return cast<ForwardOpInterface>(op).buildForward(b);
}

} // namespace ccm
