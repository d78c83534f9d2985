// SPDX-License-Identifier: Apache-2.0
// Deltas of the elementwise primitives far from where anyone trains: finite, and those of the
// formula in double.
#include "mlir/IR/Verifier.h"
#include "tests/support/KernelHarness.h"
#include <cfloat>
#include <gtest/gtest.h>

using namespace mlir;
using namespace ccm;
using namespace ccm::test;

/// Both signs of numbers from the smallest to the largest that are not denormal, dense where
/// exponentials vanish and where powers pass the range of f32.
static Elements extremes() {
  Elements numbers;
  for (double x : {0.0,   double(FLT_MIN),
                   1e-30, 1e-20,
                   1e-10, 1e-4,
                   0.1,   0.5,
                   1.0,   2.0,
                   4.0,   8.0,
                   9.0,   9.9,
                   10.0,  10.1,
                   11.0,  20.0,
                   40.0,  80.0,
                   87.0,  88.0,
                   89.0,  1e2,
                   1e3,   1e4,
                   1e6,   1e9,
                   1e12,  1e13,
                   1e15,  1e18,
                   1e19,  2e19,
                   1e20,  1e25,
                   1e30,  1e38,
                   3e38,  double(FLT_MAX)})
    for (double sign : {1.0, -1.0})
      numbers.push_back(sign * x);
  return numbers;
}

/// The primitive with one operand and a result of its type; null when it has others.
static Operation *create(OpBuilder &builder, RegisteredOperationName name, Value operand) {
  Operation *op = builder.create(builder.getUnknownLoc(), name.getIdentifier(), operand,
                                 TypeRange(operand.getType()));
  ScopedDiagnosticHandler quiet(op->getContext(), [](Diagnostic &) { return success(); });
  if (op->getNumRegions() == 0 && isa<BackwardOpInterface>(op) && succeeded(mlir::verify(op)))
    return op;
  op->erase();
  return nullptr;
}

/// The delta of the operand, from it and the delta of the result.
static Value deltaOf(Operation *op, NestBuilder &nests, Value x, Value dy) {
  Location loc = op->getLoc();
  ForwardBuilder forward(nests.getBuilder(), loc, x);
  EXPECT_TRUE(succeeded(cast<ForwardOpInterface>(op).buildForward(forward)));
  BackwardBuilder backward(nests.getBuilder(), loc, x, forward.result, forward.kept, dy, {true},
                           Value());
  EXPECT_TRUE(succeeded(cast<BackwardOpInterface>(op).buildBackward(backward)));
  return backward.deltas[0];
}

TEST(ElementwiseDeltas, FiniteForEveryFiniteNumber) {
  Elements x = extremes();
  KernelFixture fixture;
  OpBuilder builder(&fixture.context);
  int64_t count = int64_t(x.size());
  Type real = builder.getF32Type();
  Block scratch;
  Value sample = scratch.addArgument(RankedTensorType::get({ShapedType::kDynamic, count}, real),
                                     builder.getUnknownLoc());
  builder.setInsertionPointToEnd(&scratch);
  unsigned seen = 0;
  // A copy: lowering loads dialects, which adds to the list.
  for (RegisteredOperationName name : llvm::to_vector(fixture.context.getRegisteredOperations())) {
    if (!name.hasInterface<BackwardOpInterface>() || name.hasInterface<TrainOpInterface>())
      continue;
    Operation *op = create(builder, name, sample);
    if (!op || name.getStringRef() == "ccm.softmax" || name.getStringRef() == "ccm.reshape")
      continue;
    SCOPED_TRACE(name.getStringRef().str());
    Type type = fixture.tensor({1, count});
    checkKernel(fixture.build({type, type},
                              [&](NestBuilder &b, ValueRange in) {
                                return SmallVector<Value>{deltaOf(op, b, in[0], in[1])};
                              }),
                {.operands = {x, Elements(x.size(), 1.0)}});
    ++seen;
  }
  EXPECT_GE(seen, 5u);
  scratch.dropAllReferences();
}
