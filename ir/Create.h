// SPDX-License-Identifier: Apache-2.0
// Learned primitives together with their parameters, so that packing stays a matter of ir.
#pragma once

#include "ir/Ccm.h"

namespace ccm {

/// Where parameters and the primitive go, and the prefix of the parameters' names ("core.0.query").
/// Parameters are created at the builder's insertion point, before the primitive.
struct Creator {
  mlir::OpBuilder &builder;
  mlir::Location loc;

  /// [?, .., I] -> [?, .., outputs]; weights "<name>.weight" of standard deviation
  /// scale * sqrt(2 / I) (He et al., 2015) and "<name>.bias" of zeros.
  mlir::Value dense(llvm::StringRef name, mlir::Value input, int64_t outputs, double scale = 1.0);
  /// [?, positions, I] -> [?, positions', outputs] over one to three axes.
  mlir::Value conv(llvm::StringRef name, mlir::Value input, int64_t outputs,
                   llvm::ArrayRef<int64_t> taps, llvm::ArrayRef<int64_t> stride,
                   llvm::ArrayRef<int64_t> padding);
  /// [?, T, 1] -> [?, T', window]: of every frame of `window` samples, an even number, `stride`
  /// apart, the discrete Fourier transform under a Hann window, as cosine and sine parts of 1 to
  /// window/2 periods in turn; frozen. A sine of amplitude 1 has a power of 1 there.
  mlir::Value fourier(llvm::StringRef name, mlir::Value input, int64_t window, int64_t stride,
                      int64_t padding);
  /// [?, T, n] -> [?, T, bands]: the squares of what `fourier` gives, per period or its fraction,
  /// averaged over triangles of equal width on the mel scale; frozen.
  mlir::Value mel(llvm::StringRef name, mlir::Value input, int64_t bands);
  /// [?, positions, I] -> [?, extents, outputs] over one to three axes; taps must be multiples of
  /// the strides.
  mlir::Value convTranspose(llvm::StringRef name, mlir::Value input, int64_t outputs,
                            llvm::ArrayRef<int64_t> taps, llvm::ArrayRef<int64_t> stride,
                            llvm::ArrayRef<int64_t> padding, llvm::ArrayRef<int64_t> extents);
  /// [?, ..] of i32 below vocabulary -> [?, .., width].
  mlir::Value embedding(llvm::StringRef name, mlir::Value input, int64_t vocabulary, int64_t width);
  mlir::Value layerNorm(llvm::StringRef name, mlir::Value input);
  mlir::Value positions(llvm::StringRef name, mlir::Value input);
  /// `input` where `present` [?, 1] is 1, "<name>.value" of its last extent where that is 0.
  mlir::Value standIn(llvm::StringRef name, mlir::Value input, mlir::Value present);
  /// The frozen "<name>.offset" and "<name>.factor" of a scale by `channels` channels; the numbers,
  /// one or one per channel, are what they start as: none are 0 and 1.
  std::pair<mlir::Value, mlir::Value> scaling(llvm::StringRef name, int64_t channels,
                                              llvm::ArrayRef<double> offsets,
                                              llvm::ArrayRef<double> factors);
  /// The frozen "<name>.class_weights", one per index of a vocabulary; none are 1.
  mlir::Value classWeights(llvm::StringRef name, int64_t vocabulary,
                           llvm::ArrayRef<double> weights);
  /// What attention makes of query, key and value, all of one type: a value of that type.
  using Attend = llvm::function_ref<mlir::Value(mlir::Value, mlir::Value, mlir::Value)>;
  /// Self-attention by `attend` and a dense pair of ratio 4 with gelu, both residual and normalized
  /// before (Xiong et al., 2020): [?, .., D] to the same type.
  mlir::Value transformerBlock(llvm::StringRef name, mlir::Value input, Attend attend);
  /// The same with `heads`-head attention over all tokens [?, T, D].
  mlir::Value transformerBlock(llvm::StringRef name, mlir::Value tokens, int64_t heads,
                               bool causal = false);
};

} // namespace ccm
