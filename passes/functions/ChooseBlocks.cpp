// SPDX-License-Identifier: Apache-2.0
// Chooses how many samples the functions of a model work on at once.
#include "ir/Limits.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Passes.h"
#include "passes/kernels/Layouts.h"
#include "passes/strategies/Measure.h"

using namespace mlir;

namespace ccm {

#define GEN_PASS_DEF_CHOOSEBLOCKS
#include "passes/Passes.h.inc"

namespace {

/// A smaller block may take that much longer than the best: it runs whole in smaller batches, and
/// needs less scratch.
constexpr double kAlmostBest = 1.15;
/// With what is left of a batch after whole blocks, a sample may cost that much of one in a block;
/// beyond, another size is worth its kernels, in a model of so few primitives that they are soon
/// compiled.
constexpr double kDearRest = 1.3;
constexpr int64_t kFewPrimitives = 48;
/// The last cache, as a multiple of a core's own.
constexpr double kLastCache = 16;
/// How often a block's internals travel once they do not fit into it: kernels of the backward read
/// them once per tile of their results.
constexpr double kTravels = 20;
/// Parameters are read between all the rest, at that share of memory's rate; those that fit a
/// core's own cache stay there.
constexpr double kAmongOthers = 0.5, kOwnRate = 4;

/// What a sample of a model costs, whatever the block.
struct Sample {
  double operations = 0; ///< of a training step
  double internals = 0;  ///< bytes
  double parameters = 0; ///< bytes, packed
  int64_t primitives = 0;

  /// Seconds in a block of `samples`: every block reads the parameters twice, and reads and writes
  /// their delta.
  double secondsIn(int64_t samples, const Limits &core) const {
    double rate = parameters <= double(core.cacheBytes) ? kOwnRate : kAmongOthers;
    double bytes = 4 * parameters / double(samples) / rate;
    if (internals * double(samples) > kLastCache * double(core.cacheBytes))
      bytes += kTravels * internals;
    return operations / double(core.operations) + bytes / double(core.bandwidth);
  }
};

int64_t chooseLargest(const Sample &sample, const Limits &core) {
  double best = sample.secondsIn(1, core);
  for (int64_t block = 2; block <= core.largestBlock; block *= 2)
    best = std::min(best, sample.secondsIn(block, core));
  int64_t block = 1;
  while (sample.secondsIn(block, core) > kAlmostBest * best)
    block *= 2;
  return block;
}

/// Seconds for `left` samples: blocks of at most that many, the largest first, or the smallest that
/// covers them and repeats others (`codegen/artifact/pieces.c`). `sizes` ascend.
double secondsOfRest(const Sample &sample, const Limits &core, ArrayRef<int64_t> sizes,
                     int64_t left) {
  if (left == 0)
    return 0;
  auto seconds = [&](int64_t block) { return double(block) * sample.secondsIn(block, core); };
  const int64_t *over = llvm::lower_bound(sizes, left);
  if (over != sizes.end() && *over == left)
    return seconds(left);
  int64_t within = *std::prev(over);
  double cut = seconds(within) + secondsOfRest(sample, core, sizes, left - within);
  return over == sizes.end() ? cut : std::min(cut, seconds(*over));
}

/// The most that a sample costs in a block and what may follow it, as a factor of one in the block.
double worstRest(const Sample &sample, const Limits &core, ArrayRef<int64_t> sizes) {
  int64_t block = sizes.back();
  double alone = sample.secondsIn(block, core), worst = 1;
  for (int64_t left = 1; left < block; ++left) {
    double both = double(block) * alone + secondsOfRest(sample, core, sizes, left);
    worst = std::max(worst, both / double(block + left) / alone);
  }
  return worst;
}

/// One, the largest that is worthwhile and, where single samples after it are dear and kernels few,
/// one between.
SmallVector<int64_t> chooseBlocks(const Sample &sample, const Limits &core) {
  int64_t largest = chooseLargest(sample, core);
  SmallVector<int64_t> best{1};
  if (largest > 1)
    best.push_back(largest);
  if (sample.primitives > kFewPrimitives || worstRest(sample, core, best) <= kDearRest)
    return best;
  for (int64_t between = 2; between < largest; between *= 2)
    if (SmallVector<int64_t> sizes{1, between, largest};
        worstRest(sample, core, sizes) < worstRest(sample, core, best))
      best = sizes;
  return best;
}

struct ChooseBlocks : impl::ChooseBlocksBase<ChooseBlocks> {
  using ChooseBlocksBase::ChooseBlocksBase;

  /// Bytes that the forward keeps of one sample: builds the functions in a copy of the module.
  FailureOr<int64_t> measureInternals() {
    OpBuilder builder(&getContext());
    builder.setInsertionPointToEnd(getOperation().getBody());
    auto copy = cast<ModuleOp>(builder.insert(getOperation()->clone()));
    OpPassManager pipeline(ModuleOp::getOperationName());
    ChooseInternalsOptions internals;
    internals.cap = cap;
    pipeline.addPass(createExpandForward());
    pipeline.addPass(createExpandBackward());
    pipeline.addPass(createChooseInternals(internals));
    FailureOr<int64_t> bytes = failure();
    if (succeeded(runPipeline(pipeline, copy)))
      bytes = bytesOfInternals(copy);
    copy->erase();
    return bytes;
  }

  static int64_t bytesOfInternals(ModuleOp module) {
    int64_t bytes = 0;
    for (auto function : module.getOps<func::FuncOp>())
      for (auto [number, value] :
           llvm::enumerate(function.getBody().front().getTerminator()->getOperands()))
        if (FailureOr<Role> role = readRole(function, function.getResultAttrDict(number));
            succeeded(role) && role->region == Region::Internal)
          bytes += bytesOf(value);
    return bytes;
  }

  LogicalResult choose(ModelOp model) {
    FailureOr<int64_t> internals = measureInternals();
    Block &body = model.getBody().front();
    FailureOr<Cost> cost = Measure().sum(body.begin(), body.end());
    if (failed(internals) || failed(cost))
      return failure();
    // A product has two of its size in the backward.
    Sample sample{6.0 * double(cost->macs), double(*internals)};
    for (ParameterOp parameter : opsOf<ParameterOp>(model))
      sample.parameters += double(bytesOf(parameter));
    sample.primitives = int64_t(body.getOperations().size() - opsOf<ParameterOp>(model).size());
    model.setBlocks(chooseBlocks(sample, limitsOf(model)));
    return success();
  }

  void runOnOperation() override {
    for (ModelOp model : getOperation().getOps<ModelOp>())
      if (!model.getBlocks() && failed(choose(model)))
        return signalPassFailure();
  }
};

} // namespace
} // namespace ccm
