// SPDX-License-Identifier: Apache-2.0
// Sites of a model's parts, made as soon as the parts before them are decided.
#pragma once

#include "passes/strategies/Strategy.h"

namespace ccm {

/// The site of a part that reads inputs' values. Several inputs, or one on other extents than its
/// outputs, meet on the finest of the outputs' extents, and on an axis where no input is so fine on
/// the finest of theirs.
Site siteOf(ReduceOp part);

/// The site of the core, given the type that each of its operands will have. `order` is set to the
/// operand numbers in the order of the site's groups: inputs that keep their positions come first,
/// so that outputs with the same positions find their tokens at the start.
Site siteOf(CoreOp part, llvm::ArrayRef<mlir::RankedTensorType> operands,
            llvm::SmallVectorImpl<unsigned> &order);

/// Types of the skips that a reduce part will give.
using SkipsOf = llvm::function_ref<llvm::SmallVector<SkipType>(ReduceOp)>;

/// The site of a part that gives an output, from the core's site, the type of its value and the
/// skips of those that hand it some.
Site siteOf(ExpandOp part, const Site &core, mlir::RankedTensorType tokens, SkipsOf skips);

/// Whether two parts of one kind have one set of parameters.
bool isSharedBy(PartOpInterface part, PartOpInterface other);

/// Fails after a diagnostic at both unless parts that share parameters can be built alike, as the
/// first is.
llvm::LogicalResult checkShared(const Site &first, const Site &second);

/// A part as messages name it: "the image input", "the core", "the label output".
std::string describe(PartOpInterface part);

/// The same with what it looks like: "the image input: high, continuous, shape [64, 64]".
std::string describeShape(const Site &site);

/// Start of the names of a part's parameters: "reduce.image", "core", "expand.label", or of one
/// that shares them "share.eye".
std::string prefixOf(PartOpInterface part);

/// All parts of the model in order.
llvm::SmallVector<PartOpInterface> partsOf(ModelOp model);

} // namespace ccm
