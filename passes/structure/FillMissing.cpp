// SPDX-License-Identifier: Apache-2.0
// Numbers in place of what is missing, and where it was.
#include "passes/structure/Structure.h"

using namespace mlir;

namespace ccm {

Value createFilled(InputOp input) {
  OpBuilder builder(input->getContext());
  builder.setInsertionPointAfter(input);
  Location loc = input.getLoc();
  Value value = input.getValue();
  Value filled = FillMissingOp::create(builder, loc, value.getType(), value);
  Value missing = IsMissingOp::create(builder, loc, value.getType(), value);
  RankedTensorType type = input.getReadType();
  return ConcatOp::create(builder, loc, type, type.getRank() - 1, ValueRange{filled, missing});
}

} // namespace ccm
