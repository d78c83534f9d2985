// SPDX-License-Identifier: Apache-2.0
// Creates a part's primitives: parameters named after the part, result types worked out.
#pragma once

#include "ir/Create.h"

namespace ccm {

/// Values are [?, positions, channels]; tokens are [?, T, D]. `prefix` starts every parameter's
/// name: dense("mix", …) of prefix "reduce.image" trains "reduce.image.mix.weight" and "….bias".
class PartBuilder {
public:
  /// Operations from `first` to `last` that stand for `more` further repetitions.
  struct Repetition {
    mlir::Operation *first, *last;
    int64_t more;
  };

  /// With `counted`, steps of `chain` are built once and noted there instead of built in full: for
  /// measuring costs.
  PartBuilder(mlir::OpBuilder &builder, mlir::Location loc, std::string prefix,
              llvm::SmallVectorImpl<Repetition> *counted = nullptr)
      : create{builder, loc}, prefix(std::move(prefix)), counted(counted) {}

  /// step(count - 1, … step(1, step(0, start))): every step keeps the type and costs the same.
  mlir::Value chain(mlir::Value start, int64_t count,
                    llvm::function_ref<mlir::Value(int64_t, mlir::Value)> step);

  /// Learned primitives; see `Creator` for shapes.
  mlir::Value dense(llvm::StringRef name, mlir::Value input, int64_t outputs, double scale = 1.0);
  mlir::Value conv(llvm::StringRef name, mlir::Value input, int64_t outputs,
                   llvm::ArrayRef<int64_t> taps, llvm::ArrayRef<int64_t> stride,
                   llvm::ArrayRef<int64_t> padding);
  mlir::Value fourier(llvm::StringRef name, mlir::Value input, int64_t window, int64_t stride,
                      int64_t padding);
  mlir::Value mel(llvm::StringRef name, mlir::Value input, int64_t bands);
  mlir::Value convTranspose(llvm::StringRef name, mlir::Value input, int64_t outputs,
                            int64_t stride, llvm::ArrayRef<int64_t> extents);
  mlir::Value embedding(llvm::StringRef name, mlir::Value input, int64_t vocabulary, int64_t width);
  mlir::Value layerNorm(llvm::StringRef name, mlir::Value input);
  mlir::Value positions(llvm::StringRef name, mlir::Value input);
  mlir::Value standIn(llvm::StringRef name, mlir::Value input, mlir::Value present);
  /// `depth` transformer blocks "<name>0", "<name>1", … over tokens; causal ones look back alone.
  mlir::Value blocks(llvm::StringRef name, mlir::Value tokens, int64_t depth, bool causal = false);
  /// A transformer block whose attention `attend` builds, over values on any positions.
  mlir::Value block(llvm::StringRef name, mlir::Value input, Creator::Attend attend);

  /// The output of a model of primitives, one input and one output, that is given `input`. Its
  /// parameters keep their names, after the prefix.
  mlir::Value inlined(ModelOp model, mlir::Value input);

  mlir::Value relu(mlir::Value input);
  mlir::Value gelu(mlir::Value input);
  mlir::Value logPower(mlir::Value input);
  mlir::Value add(mlir::Value left, mlir::Value right);
  mlir::Value multiply(mlir::Value left, mlir::Value right);
  /// The same elements per sample under `shape`, which has no batch extent.
  mlir::Value reshape(mlir::Value input, llvm::ArrayRef<int64_t> shape);
  /// [?, positions, C] -> [?, T, C] with T the product of the positions, 1 where there are none.
  mlir::Value asTokens(mlir::Value input);
  /// Windows of `window` along every position axis become channels; extents round up.
  mlir::Value patch(mlir::Value input, int64_t window);
  /// The same with a window for every axis.
  mlir::Value patch(mlir::Value input, llvm::ArrayRef<int64_t> windows);
  /// Every position repeated `factors` times along each axis, cut to `positions`.
  mlir::Value resample(mlir::Value input, llvm::ArrayRef<int64_t> factors,
                       llvm::ArrayRef<int64_t> positions);
  /// The inverse of `patch`, cut to `positions`.
  mlir::Value unpatch(mlir::Value input, int64_t window, llvm::ArrayRef<int64_t> positions);
  /// The same with a window for every axis.
  mlir::Value unpatch(mlir::Value input, llvm::ArrayRef<int64_t> windows,
                      llvm::ArrayRef<int64_t> positions);
  /// [?, T, D] -> [?, D, T].
  mlir::Value transpose(mlir::Value tokens);
  /// `positions` of the input from `starts` on, zeros outside it.
  mlir::Value frame(mlir::Value input, llvm::ArrayRef<int64_t> starts,
                    llvm::ArrayRef<int64_t> positions);
  /// `count` of the tokens, from `first` on.
  mlir::Value tokensFrom(mlir::Value tokens, int64_t first, int64_t count);
  /// [?, T, D] -> [?, D].
  mlir::Value meanOfTokens(mlir::Value tokens);
  /// [?, D] -> [?, positions, D].
  mlir::Value broadcast(mlir::Value input, llvm::ArrayRef<int64_t> positions);
  /// One after the other along an axis; the batch is axis 0.
  mlir::Value concat(int64_t axis, mlir::ValueRange values);
  mlir::Value concatTokens(mlir::ValueRange groups);
  /// Values on the same positions side by side.
  mlir::Value concatChannels(mlir::ValueRange values);
  /// The groups, each brought to `width` by dense "group0", "group1", …, one after the other.
  mlir::Value joinGroups(mlir::ValueRange groups, int64_t width);
  mlir::Value attend(mlir::Value query, mlir::Value keysAndValues);
  /// Attention of so many heads over tokens.
  mlir::Value attend(mlir::Value query, mlir::Value key, mlir::Value value, int64_t heads);

private:
  std::string named(llvm::StringRef name) const { return prefix + "." + name.str(); }

  Creator create;
  std::string prefix;
  llvm::SmallVectorImpl<Repetition> *counted;
};

/// Heads of attention over tokens of a width that is a multiple of 16: of 32 values each where that
/// divides the width, else of 16.
int64_t headsOf(int64_t width);

/// Extents between the batch and the last axis.
llvm::ArrayRef<int64_t> positionsOf(mlir::RankedTensorType type);

/// Product of extents; callers pass static extents whose product a verifier has bounded.
int64_t productOf(llvm::ArrayRef<int64_t> extents);

} // namespace ccm
