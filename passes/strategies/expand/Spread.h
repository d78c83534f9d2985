// SPDX-License-Identifier: Apache-2.0
// Ways from tokens to a chosen number of tokens, which strategies share.
#pragma once

#include "passes/strategies/Strategy.h"

namespace ccm {

/// `count` learned queries attend to tokens [?, T, D]: [?, count, D]. A query is a position's table
/// row on the mean of the tokens. Costs 2 T count D + count D².
mlir::Value attentionPool(PartBuilder &b, mlir::Value tokens, int64_t count);

/// Tokens [?, count, width] from the core's. `pooled` is 1: an affine map of their mean for every
/// token of its own, D count width; else `attentionPool` and one affine map for all.
mlir::Value spread(PartBuilder &b, mlir::Value tokens, int64_t count, int64_t width,
                   int64_t pooled);

/// Prior of `spread`: a map per token holds more, until it has millions of parameters.
double preferSpread(const Site &site, int64_t count, int64_t width, int64_t pooled);

/// Scale of the weights that give an output: a model that starts near zero need not first unlearn
/// large guesses.
constexpr double kOutputScale = 0.1;

/// Values per position of `tokens` to the `outputs` that are asked of each, through `hidden` values
/// with gelu unless that is 0.
mlir::Value head(PartBuilder &b, mlir::Value tokens, int64_t hidden, int64_t outputs);

/// A strategy whose configuration is the hidden width of a `head`, 0 for none.
struct HeadStrategy : Strategy {
  llvm::StringRef kind() const override { return ExpandOp::kind(); }
  llvm::ArrayRef<Key> keys() const override;
  /// Offers the hidden widths, ascending from 0.
  void propose(const Site &site, const Proposer &offer) const override;
  bool bears(const Site &site, const Config &config) const override;
  Made build(PartBuilder &b, const Site &site, mlir::ValueRange inputs,
             const Config &config) const override;

protected:
  /// The output's elements, in any shape, from the core's tokens [?, T, D].
  virtual mlir::Value values(PartBuilder &b, const Site &site, mlir::Value tokens,
                             int64_t hidden) const = 0;
};

/// A head for outputs whose positions no token stands for.
struct PooledHeadStrategy : HeadStrategy {
  llvm::StringRef scope() const override;
  bool accepts(const Site &site) const override;
};

} // namespace ccm
