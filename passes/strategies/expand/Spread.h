// SPDX-License-Identifier: Apache-2.0
// Ways from the core's tokens to a chosen number of tokens, which expand strategies share.
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

/// Offers the hidden widths of a head on the core's tokens, ascending from 0.
void proposeHidden(const Site &site, const Proposer &offer);

/// Heads wider than four times the tokens' width only fill a budget.
double preferHidden(const Site &site, int64_t hidden);

} // namespace ccm
