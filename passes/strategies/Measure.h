// SPDX-License-Identifier: Apache-2.0
// What a configuration costs, by building it in a scratch block and asking its primitives.
#pragma once

#include "passes/strategies/Strategy.h"
#include "llvm/ADT/DenseMap.h"

namespace ccm {

/// Result of building a part: the types of its value and skips, and what its primitives cost
/// together, those of the copies that share its parameters included.
struct Built {
  mlir::RankedTensorType type;
  llvm::SmallVector<SkipType> skips;
  Cost cost;
};

/// Remembers the cost of primitives that it has seen: candidates differ in few of them.
class Measure {
public:
  /// None when some value of the part has more than 2^31 - 1 elements per sample; a failure comes
  /// after a diagnostic.
  llvm::FailureOr<std::optional<Built>> operator()(const Strategy &strategy, const Site &site,
                                                   mlir::DictionaryAttr config);

  /// Costs of the primitives in [begin, end) together.
  llvm::FailureOr<Cost> sum(mlir::Block::iterator begin, mlir::Block::iterator end);

private:
  llvm::FailureOr<Cost> costOf(CostOpInterface primitive);
  llvm::FailureOr<Cost> addTimes(llvm::FailureOr<Cost> cost,
                                 const PartBuilder::Repetition &repetition);

  llvm::DenseMap<mlir::Attribute, Cost> known;
};

} // namespace ccm
