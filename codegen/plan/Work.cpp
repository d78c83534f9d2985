// SPDX-License-Identifier: Apache-2.0
// Counts what a kernel does.
#include "codegen/plan/Work.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "nests/NestClass.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace ccm {

/// Rates of one core as most are, per nanosecond: multiply-adds of products, iterations of other
/// nests, bytes.
constexpr double kMacs = 30, kLoops = 4, kBytes = 20;

uint64_t Work::nanoseconds() const {
  double arithmetic = double(macs) / kMacs + double(loops - macs) / kLoops;
  return uint64_t(std::max(arithmetic, double(moved) / kBytes));
}

static uint64_t iterationsOf(linalg::LinalgOp nest) {
  uint64_t iterations = 1;
  for (int64_t extent : nest.getStaticLoopRanges())
    iterations *= uint64_t(extent);
  return iterations;
}

static uint64_t bytesOf(TypeRange types) {
  uint64_t bytes = 0;
  for (Type type : types)
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      bytes +=
          uint64_t(tensor.getNumElements()) * llvm::divideCeil(tensor.getElementTypeBitWidth(), 8);
  return bytes;
}

/// Whether a nest sums products; one that cannot be classified does not.
static bool isProduct(linalg::LinalgOp op) {
  ScopedDiagnosticHandler quiet(op.getContext(), [](Diagnostic &) { return success(); });
  FailureOr<Nest> nest = classify(op);
  return succeeded(nest) && nest->isProduct();
}

Work workOf(KernelOp kernel) {
  Work work{0, bytesOf(kernel->getOperandTypes()) + bytesOf(kernel->getResultTypes()), 0};
  for (auto nest : kernel.getBody().front().getOps<linalg::LinalgOp>()) {
    if (isa<linalg::FillOp>(nest))
      continue;
    work.loops += iterationsOf(nest);
    work.macs += isProduct(nest) ? iterationsOf(nest) : 0;
  }
  return work;
}

std::string originOf(KernelOp kernel) {
  Location loc = kernel.getLoc();
  uint64_t most = 0;
  for (auto nest : kernel.getBody().front().getOps<linalg::LinalgOp>())
    if (uint64_t iterations = iterationsOf(nest); iterations > most) {
      most = iterations;
      loc = nest.getLoc();
    }
  std::string name, place;
  loc->walk([&](Location part) {
    if (auto named = dyn_cast<NameLoc>(part); named && name.empty())
      name = named.getName().str();
    if (auto line = dyn_cast<FileLineColLoc>(part); line && place.empty())
      place = llvm::sys::path::filename(line.getFilename()).str() + ":" +
              std::to_string(line.getLine());
    return WalkResult::advance();
  });
  return name + (name.empty() || place.empty() ? "" : " ") + place;
}

} // namespace ccm
