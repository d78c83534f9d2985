// SPDX-License-Identifier: Apache-2.0
// The descriptions of CcmPrimitives.td as loops.
#include "tests/laws/Formulas.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;

namespace ccm::laws {
namespace {

using Real = long double;
using Index = std::vector<int64_t>;
using Result = std::vector<Real>;

/// Position of an index in row-major order.
size_t position(const std::vector<int64_t> &shape, const Index &index) {
  size_t at = 0;
  for (size_t axis = 0; axis < shape.size(); ++axis)
    at = at * shape[axis] + index[axis];
  return at;
}

Real at(const Array &array, const Index &index) { return array.data[position(array.shape, index)]; }

/// at, and zero outside the extents.
Real atOrZero(const Array &array, const Index &index) {
  for (size_t axis = 0; axis < index.size(); ++axis)
    if (index[axis] < 0 || index[axis] >= array.shape[axis])
      return 0;
  return at(array, index);
}

/// Every index below `shape`, in row-major order.
void forIndices(const Index &shape, llvm::function_ref<void(const Index &)> visit) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  Index index(shape.size(), 0);
  for (; count > 0; --count) {
    visit(index);
    for (size_t axis = index.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis])
        break;
      index[axis] = 0;
    }
  }
}

/// One value per index of `like`.
Result forEach(const Array &like, llvm::function_ref<Real(const Index &)> formula) {
  Result result;
  forIndices(like.shape, [&](const Index &index) { result.push_back(formula(index)); });
  return result;
}

/// A constant as the nests hold it: rounded to f32.
Real f32(double number) { return float(number); }

Real sigmoid(Real x) { return 1 / (1 + std::exp(-x)); }

std::optional<Real> elementwise(Operation *op, Real x) {
  using Maybe = std::optional<Real>;
  return llvm::TypeSwitch<Operation *, Maybe>(op)
      .Case<FillMissingOp>([&](auto) -> Maybe { return std::isnan(x) ? 0 : x; })
      .Case<IsMissingOp>([&](auto) -> Maybe { return std::isnan(x) ? 1 : 0; })
      .Case<GeluOp>([&](auto) -> Maybe {
        Real scale = f32(std::sqrt(2.0 / M_PI)), cubic = f32(0.044715);
        return x / 2 * (1 + std::tanh(scale * (x + cubic * x * x * x)));
      })
      .Case<LogPowerOp>(
          [&](auto) -> Maybe { return std::log(1 + 1048576 * std::max(x, Real(0))) / 16; })
      .Case<ReluOp>([&](auto) -> Maybe { return x > 0 ? x : 0; })
      .Case<SigmoidOp>([&](auto) -> Maybe { return sigmoid(x); })
      .Case<SiluOp>([&](auto) -> Maybe { return x * sigmoid(x); })
      .Case<SoftClipOp>([&](auto) -> Maybe { return 3 * std::tanh(x / 3); })
      .Case<TanhOp>([&](auto) -> Maybe { return std::tanh(x); })
      .Default([](auto) -> Maybe { return std::nullopt; });
}

std::optional<Real> elementLoss(Operation *op, Real x, Real t) {
  using Maybe = std::optional<Real>;
  Real far = std::fabs(x - t);
  return llvm::TypeSwitch<Operation *, Maybe>(op)
      .Case<BceOp>([&](auto) -> Maybe {
        return -t * std::log(sigmoid(x)) - (1 - t) * std::log(1 - sigmoid(x));
      })
      .Case<HuberOp>([&](auto) -> Maybe { return far < 1 ? far * far / 2 : far - 0.5L; })
      .Case<L1Op>([&](auto) -> Maybe { return far; })
      .Case<MseOp>([&](auto) -> Maybe { return far * far; })
      .Default([](auto) -> Maybe { return std::nullopt; });
}

/// The mean over `n` elements as the nests form it: every term times the f32 nearest to 1/n.
Real share(size_t n) { return f32(1.0 / n); }

Real crossEntropy(CrossEntropyOp op, const std::vector<Array> &x, size_t row) {
  size_t classes = x[0].shape.back(), target = size_t(x[1].data[row]);
  auto score = [&](size_t c) { return Real(x[0].data[row * classes + c]); };
  Real total = 0, loss = 0;
  for (size_t c = 0; c < classes; ++c)
    total += std::exp(score(c));
  const double smoothing = number(op.getSmoothing());
  for (size_t c = 0; c < classes; ++c) {
    Real rest = f32(smoothing / double(classes));
    Real wanted = c == target ? f32(1 - smoothing + smoothing / double(classes)) : rest;
    Real weight = op.getWeights() ? Real(x[2].data[c]) : 1;
    loss += weight * wanted * (std::log(total) - score(c));
  }
  return loss;
}

std::optional<Result> losses(Operation *op, const std::vector<Array> &x, size_t batch) {
  Result result(batch);
  if (auto entropy = dyn_cast<CrossEntropyOp>(op)) {
    size_t rows = x[1].data.size();
    for (size_t row = 0; row < rows; ++row)
      result[row * batch / rows] += crossEntropy(entropy, x, row) * share(rows / batch);
    return result;
  }
  size_t elements = x[0].data.size();
  for (size_t i = 0; i < elements; ++i) {
    auto loss = elementLoss(op, x[0].data[i], x[1].data[i]);
    if (!loss)
      return std::nullopt;
    result[i * batch / elements] += *loss * share(elements / batch);
  }
  return result;
}

Result dense(const std::vector<Array> &x, const Array &like) {
  int64_t inputs = x[1].shape[1], width = x[1].shape[2];
  return forEach(like, [&](const Index &y) {
    int64_t o = y.back();
    Real sum = x[2].data[o];
    for (int64_t i = 0; i < inputs; ++i) {
      Index from = y;
      from.back() = i;
      sum += at(x[0], from) * at(x[1], {o / width, i, o % width});
    }
    return sum;
  });
}

Result conv(ConvOp op, const std::vector<Array> &x, const Array &like) {
  auto stride = op.getStride(), padding = op.getPadding();
  const Array &weight = x[1];
  size_t axes = stride.size();
  int64_t width = weight.shape.back();
  // Loops over taps but the last, channels, the last tap: the order of the packed weights.
  Index loops(weight.shape.begin() + 1, weight.shape.end() - 1);
  return forEach(like, [&](const Index &y) {
    int64_t o = y.back();
    Real sum = x[2].data[o];
    forIndices(loops, [&](const Index &loop) {
      Index from{y.front()}, term{o / width};
      for (size_t axis = 0; axis < axes; ++axis) {
        int64_t tap = axis + 1 < axes ? loop[axis] : loop.back();
        from.push_back(y[axis + 1] * stride[axis] + tap - padding[axis]);
      }
      from.push_back(loop[axes - 1]);
      term.insert(term.end(), loop.begin(), loop.end());
      term.push_back(o % width);
      sum += atOrZero(x[0], from) * at(weight, term);
    });
    return sum;
  });
}

/// Scatters the input instead of gathering it: y[l * stride + tap - padding] += x[l] * w[tap].
Result convTranspose(ConvTransposeOp op, const std::vector<Array> &x, const Array &like) {
  auto stride = op.getStride(), padding = op.getPadding();
  size_t axes = stride.size();
  int64_t slots = x[2].shape[0], width = x[1].shape.back();
  Index taps(x[1].shape.begin() + 1, x[1].shape.end() - 2);
  for (size_t axis = 0; axis < axes; ++axis)
    taps[axis] *= stride[axis];
  Result result = forEach(like, [&](const Index &y) -> Real { return x[2].data[y.back()]; });
  forIndices(x[0].shape, [&](const Index &from) {
    forIndices(taps, [&](const Index &tap) {
      Index to{from.front()}, term{0};
      int64_t phase = 0;
      for (size_t axis = 0; axis < axes; ++axis) {
        int64_t k = from[axis + 1] * stride[axis] + tap[axis] - padding[axis];
        if (k < 0 || k >= like.shape[axis + 1])
          return;
        to.push_back(k);
        term.push_back(tap[axis] / stride[axis]);
        phase = phase * stride[axis] + tap[axis] % stride[axis];
      }
      term.insert(term.end(), {from.back(), 0});
      to.push_back(0);
      for (int64_t &o = to.back(); o < like.shape.back(); ++o) {
        int64_t column = phase * slots + o;
        term.front() = column / width;
        term.back() = column % width;
        result[position(like.shape, to)] += at(x[0], from) * at(x[1], term);
      }
    });
  });
  return result;
}

Result attention(AttentionOp op, const std::vector<Array> &x, const Array &like) {
  int64_t keys = x[1].shape[1], each = like.shape[2] / op.getHeads();
  Real scale = f32(1 / std::sqrt(double(each)));
  return forEach(like, [&](const Index &y) {
    int64_t first = y[2] / each * each;
    Real total = 0, sum = 0;
    for (int64_t j = 0; j < (op.getCausal() ? y[1] + 1 : keys); ++j) {
      Real score = 0;
      for (int64_t e = first; e < first + each; ++e)
        score += at(x[0], {y[0], y[1], e}) * at(x[1], {y[0], j, e});
      Real power = std::exp(score * scale);
      total += power;
      sum += power * at(x[2], {y[0], j, y[2]});
    }
    return sum / total;
  });
}

Result rowwise(const std::vector<Array> &x, const Array &like, bool norm) {
  int64_t columns = like.shape.back();
  return forEach(like, [&](const Index &y) -> Real {
    size_t row = position(like.shape, y) / columns * columns;
    auto sum = [&](llvm::function_ref<Real(Real)> term) {
      Real total = 0;
      for (int64_t c = 0; c < columns; ++c)
        total += term(x[0].data[row + c]);
      return total;
    };
    Real value = at(x[0], y);
    if (!norm)
      return std::exp(value) / sum([](Real v) { return std::exp(v); });
    Real mean = sum([](Real v) { return v; }) / columns;
    Real variance = sum([&](Real v) { return (v - mean) * (v - mean); }) / columns;
    return (value - mean) / std::sqrt(variance + f32(1e-5)) * x[1].data[y.back()] +
           x[2].data[y.back()];
  });
}

Result meanPool(ArrayRef<int64_t> window, const Array &x, const Array &like) {
  Result sums(like.data.size());
  size_t elements = 1;
  for (int64_t width : window)
    elements *= width;
  forEach(x, [&](const Index &from) -> Real {
    Index to = from;
    for (size_t axis = 0; axis < window.size(); ++axis)
      to[axis + 1] /= window[axis];
    return sums[position(like.shape, to)] += at(x, from) * share(elements);
  });
  return sums;
}

/// The input's index for a patched one; the same both ways.
Index unpatched(ArrayRef<int64_t> window, Index y, int64_t channels) {
  int64_t rest = y.back() / channels;
  for (size_t axis = window.size(); axis-- > 0; rest /= window[axis])
    y[axis + 1] = y[axis + 1] * window[axis] + rest % window[axis];
  y.back() %= channels;
  return y;
}

Result patch(ArrayRef<int64_t> window, const Array &x, const Array &like) {
  return forEach(like,
                 [&](const Index &y) { return atOrZero(x, unpatched(window, y, x.shape.back())); });
}

Result unpatch(ArrayRef<int64_t> window, const Array &x, const Array &like) {
  Result result(like.data.size());
  forEach(x, [&](const Index &from) -> Real {
    Index to = unpatched(window, from, like.shape.back());
    for (size_t axis = 0; axis < to.size(); ++axis)
      if (to[axis] >= like.shape[axis])
        return 0;
    return result[position(like.shape, to)] = at(x, from);
  });
  return result;
}

Result framed(ArrayRef<int64_t> start, const Array &x, const Array &like) {
  return forEach(like, [&](Index from) {
    for (size_t axis = 0; axis < start.size(); ++axis)
      from[axis + 1] += start[axis];
    return atOrZero(x, from);
  });
}

Result resample(ArrayRef<int64_t> factor, const Array &x, const Array &like) {
  return forEach(like, [&](Index from) {
    for (size_t axis = 0; axis < factor.size(); ++axis)
      from[axis + 1] /= factor[axis];
    return at(x, from);
  });
}

Result concat(int64_t axis, const std::vector<Array> &x, const Array &like) {
  return forEach(like, [&](const Index &y) {
    Index from = y;
    size_t part = 0;
    while (from[axis] >= x[part].shape[axis])
      from[axis] -= x[part++].shape[axis];
    return at(x[part], from);
  });
}

} // namespace

std::optional<std::vector<long double>> evaluate(Operation *op, const std::vector<Array> &x,
                                                 const Array &like) {
  using Maybe = std::optional<Result>;
  auto tail = [](const Index &y) { return Index(y.begin() + 1, y.end()); };
  return llvm::TypeSwitch<Operation *, Maybe>(op)
      .Case<AddOp>([&](auto) -> Maybe {
        return forEach(like, [&](const Index &y) { return at(x[0], y) + at(x[1], y); });
      })
      .Case<MultiplyOp>([&](auto) -> Maybe {
        return forEach(like, [&](const Index &y) { return at(x[0], y) * at(x[1], y); });
      })
      .Case<PositionsOp>([&](auto) -> Maybe {
        return forEach(like, [&](const Index &y) { return at(x[0], y) + at(x[1], tail(y)); });
      })
      .Case<EmbeddingOp>([&](auto) -> Maybe {
        return forEach(like, [&](const Index &y) {
          return at(x[1], {int64_t(at(x[0], Index(y.begin(), y.end() - 1))), y.back()});
        });
      })
      .Case<BroadcastOp>([&](auto) -> Maybe {
        return forEach(like, [&](const Index &y) { return at(x[0], {y.front(), y.back()}); });
      })
      .Case<TransposeOp>([&](auto) -> Maybe {
        return forEach(like, [&](const Index &y) { return at(x[0], {y[0], y[2], y[1]}); });
      })
      .Case<ReshapeOp>([&](auto) -> Maybe { return Result(x[0].data.begin(), x[0].data.end()); })
      .Case<ConcatOp>(
          [&](ConcatOp concatOp) -> Maybe { return concat(concatOp.getAxis(), x, like); })
      .Case<ScaleOp>([&](auto) -> Maybe {
        return forEach(like, [&](const Index &y) {
          return (at(x[0], y) - at(x[1], {y.back()})) * at(x[2], {y.back()});
        });
      })
      .Case<UnscaleOp>([&](auto) -> Maybe {
        return forEach(like, [&](const Index &y) {
          return at(x[0], y) / at(x[2], {y.back()}) + at(x[1], {y.back()});
        });
      })
      .Case<StandInOp>([&](auto) -> Maybe {
        return forEach(like, [&](const Index &y) {
          Real present = at(x[1], {y.front(), 0});
          return present * at(x[0], y) + (1 - present) * at(x[2], {y.back()});
        });
      })
      .Case<DenoiseOp>([&](auto) -> Maybe {
        return forEach(like, [&](const Index &y) {
          return at(x[0], y) - at(x[1], {y.front(), 0}) * at(x[2], y);
        });
      })
      .Case<FrameOp>([&](FrameOp o) -> Maybe { return framed(o.getStart(), x[0], like); })
      .Case<ResampleOp>([&](ResampleOp o) -> Maybe { return resample(o.getFactor(), x[0], like); })
      .Case<MeanPoolOp>([&](MeanPoolOp o) -> Maybe { return meanPool(o.getWindow(), x[0], like); })
      .Case<PatchOp>([&](PatchOp o) -> Maybe { return patch(o.getWindow(), x[0], like); })
      .Case<UnpatchOp>([&](UnpatchOp o) -> Maybe { return unpatch(o.getWindow(), x[0], like); })
      .Case<DenseOp>([&](auto) -> Maybe { return dense(x, like); })
      .Case<ConvOp>([&](ConvOp o) -> Maybe { return conv(o, x, like); })
      .Case<ConvTransposeOp>([&](ConvTransposeOp o) -> Maybe { return convTranspose(o, x, like); })
      .Case<AttentionOp>([&](AttentionOp o) -> Maybe { return attention(o, x, like); })
      .Case<SoftmaxOp, LayerNormOp>(
          [&](Operation *o) -> Maybe { return rowwise(x, like, isa<LayerNormOp>(o)); })
      .Default([&](Operation *other) -> Maybe {
        if (isa<LossOpInterface>(other))
          return losses(other, x, like.shape[0]);
        if (!elementwise(other, 0))
          return std::nullopt;
        return forEach(like, [&](const Index &y) { return *elementwise(other, at(x[0], y)); });
      });
}

} // namespace ccm::laws
