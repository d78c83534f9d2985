// SPDX-License-Identifier: Apache-2.0
// Every delta is the derivative of the forward, and of a batch it is the sum of its parts' deltas.
#include "tests/laws/Cases.h"
#include <cmath>
#include <gtest/gtest.h>
#include <set>

using namespace mlir;

namespace ccm::laws {
namespace {

/// A number and a bound on its distance from the exact one.
struct Measured {
  long double value = 0, bound = 0;

  Measured operator-(const Measured &other) const {
    return {value - other.value, bound + other.bound};
  }
};

/// The sum of products of a result's elements with exact weights.
Measured dot(const Bounded &result, const Array &weights) {
  Measured sum;
  long double terms = 0;
  for (size_t i = 0; i < weights.data.size(); ++i) {
    long double weight = weights.data[i];
    sum.value += result.value.data[i] * weight;
    sum.bound += result.error.data[i] * std::fabs(weight);
    terms += std::fabs(result.value.data[i] * weight);
  }
  // The sum itself is rounded to 64 bits per step.
  sum.bound += terms * (weights.data.size() + 1) * 0x1p-63L;
  return sum;
}

Measured dot(const Array &exact, const Array &weights) {
  return dot(Bounded{exact, Array{exact.shape, std::vector<double>(exact.data.size()), false}},
             weights);
}

constexpr double kStep = 0x1p-10;

/// The slope at 0 of a function of one number, by Richardson extrapolation of central differences.
/// The bound is derived: two extrapolations, from steps 1, 2 and from 2, 4, differ by 15 times the
/// truncation error of the first, to leading order; rounding comes with the values.
template <typename Function>
Measured slope(Function function) {
  auto difference = [&](double step) -> Measured {
    Measured rise = function(step) - function(-step);
    return {rise.value / (2 * step), rise.bound / (2 * step)};
  };
  auto extrapolate = [](Measured fine, Measured coarse) -> Measured {
    return {(4 * fine.value - coarse.value) / 3, (4 * fine.bound + coarse.bound) / 3};
  };
  Measured one = difference(kStep), two = difference(2 * kStep), four = difference(4 * kStep);
  Measured fine = extrapolate(one, two), coarse = extrapolate(two, four);
  return {fine.value,
          fine.bound + std::fabs(fine.value - coarse.value) + fine.bound + coarse.bound};
}

Array stepped(const Array &from, const Array &direction, double step) {
  Array to = from;
  for (size_t i = 0; i < to.data.size(); ++i)
    to.data[i] += step * direction.data[i];
  return to;
}

void expectEqual(const Measured &delta, const Measured &slope, long double scale) {
  EXPECT_LE(std::fabs(delta.value - slope.value), delta.bound + slope.bound)
      << "delta " << double(delta.value) << ", slope " << double(slope.value);
  // The bound must be able to tell a wrong delta from a right one.
  EXPECT_LE(slope.bound, scale * 1e-3L) << "the bound says nothing";
}

long double sizeOf(const Bounded &delta) {
  long double size = 0x1p-20L;
  for (double element : delta.value.data)
    size += std::fabs(element);
  return size;
}

std::string named(func::FuncOp source, StringRef what, int64_t batch) {
  return (source.getName() + "_" + what + Twine(batch)).str();
}

/// The operands of f32, or one of them, as a mask.
SmallVector<bool> wanting(Operation *op, ArrayRef<unsigned> numbers) {
  SmallVector<bool> wanted(op->getNumOperands());
  for (unsigned number : numbers)
    wanted[number] = true;
  return wanted;
}

std::string alone(func::FuncOp source, unsigned number) {
  return named(source, "alone" + std::to_string(number) + "_", 2);
}

/// A primitive's forward and backward, run on numbers of its own.
struct Primitive {
  const Reference &reference;
  func::FuncOp source;
  Operation *op = primitiveOf(source);
  Numbers numbers{source.getName()};

  std::vector<Array> arguments(int64_t batch) {
    std::vector<Array> all;
    for (unsigned i = 0; i < source.getNumArguments(); ++i)
      all.push_back(numbers.argument(source, i, batch));
    return all;
  }

  SmallVector<unsigned> trained() {
    auto train = dyn_cast<TrainOpInterface>(op);
    return train ? train.getTrainedOperands() : SmallVector<unsigned>();
  }

  std::vector<Bounded> forward(const std::vector<Array> &arguments, int64_t batch) {
    return reference.run(named(source, "forward", batch), arguments);
  }

  /// Deltas of the f32 operands, or what `function` gives instead; `start` are the accumulators.
  std::vector<Bounded> backward(const std::vector<Array> &arguments, const Array &outputDelta,
                                const std::vector<Array> &start, int64_t batch,
                                std::string function = "") {
    std::vector<Array> all = arguments;
    for (const Bounded &result : forward(arguments, batch))
      all.push_back(result.value);
    all.push_back(outputDelta);
    all.insert(all.end(), start.begin(), start.end());
    return reference.run(function.empty() ? named(source, "backward", batch) : function, all);
  }

  /// Accumulators of the trained operands.
  std::vector<Array> start(const std::vector<Array> &arguments) {
    std::vector<Array> all;
    for (unsigned number : trained())
      all.push_back(numbers.values(arguments[number]));
    return all;
  }
};

/// Compares the delta of one operand with the slope of the forward along random directions.
void checkOperand(Primitive &p, const std::vector<Array> &arguments, unsigned number,
                  const Bounded &delta, const Array &start, const Array &outputDelta,
                  int64_t batch) {
  SCOPED_TRACE("operand " + std::to_string(number));
  for (int repeat = 0; repeat < 2; ++repeat) {
    Array direction = p.numbers.signs(arguments[number]);
    Measured rate = slope([&](double step) {
      std::vector<Array> moved = arguments;
      moved[number] = stepped(arguments[number], direction, step);
      return dot(p.forward(moved, batch)[0], outputDelta);
    });
    expectEqual(dot(delta, direction) - dot(start, direction), rate, sizeOf(delta));
  }
}

void checkPrimitive(Primitive &p, int64_t batch) {
  SCOPED_TRACE(p.source.getName().str() + ", batch " + std::to_string(batch));
  std::vector<Array> arguments = p.arguments(batch), start = p.start(arguments);
  Array outputDelta = p.numbers.values(p.forward(arguments, batch)[0].value);
  auto deltas = p.backward(arguments, outputDelta, start, batch);
  auto trained = p.trained();
  for (auto [delta, number] : llvm::zip_equal(deltas, realOperands(p.op))) {
    auto at = llvm::find(trained, number);
    bool accumulates = at != trained.end();
    Array zeros{arguments[number].shape, std::vector<double>(arguments[number].data.size()), false};
    checkOperand(p, arguments, number, delta, accumulates ? start[at - trained.begin()] : zeros,
                 outputDelta, batch);
  }
}

/// A delta that is wanted alone is the one among all, bit for bit.
void checkAlone(Primitive &p) {
  SCOPED_TRACE(p.source.getName().str());
  std::vector<Array> arguments = p.arguments(2), start = p.start(arguments);
  Array outputDelta = p.numbers.values(p.forward(arguments, 2)[0].value);
  auto all = p.backward(arguments, outputDelta, start, 2);
  for (auto [delta, number] : llvm::zip_equal(all, realOperands(p.op))) {
    auto single = p.backward(arguments, outputDelta, start, 2, alone(p.source, number));
    ASSERT_EQ(single.size(), 1u);
    EXPECT_EQ(single[0].value.data, delta.value.data) << "operand " << number;
  }
}

/// The last `count` samples, or the first when `last` is false.
Array part(const Array &whole, int64_t count, bool last) {
  Array array = whole;
  size_t elements = whole.data.size() / whole.shape[0] * count;
  array.shape[0] = count;
  auto begin = last ? whole.data.end() - elements : whole.data.begin();
  array.data.assign(begin, begin + elements);
  return array;
}

void expectClose(const Bounded &left, const Bounded &right, const Array &extra) {
  ASSERT_EQ(left.value.data.size(), right.value.data.size());
  for (size_t i = 0; i < left.value.data.size(); ++i)
    EXPECT_LE(std::fabs(left.value.data[i] - right.value.data[i]),
              left.error.data[i] + right.error.data[i] + (extra.data.empty() ? 0 : extra.data[i]));
}

Bounded part(const Bounded &whole, int64_t count, bool last) {
  return {part(whole.value, count, last), part(whole.error, count, last)};
}

/// One sample, then two more that accumulate onto its train delta, against three at once.
void checkParts(Primitive &p) {
  SCOPED_TRACE(p.source.getName().str());
  std::vector<Array> whole = p.arguments(3), start = p.start(whole);
  auto trained = p.trained();
  auto samples = [&](int64_t count, bool last) {
    std::vector<Array> arguments = whole;
    for (auto [argument, type] : llvm::zip(arguments, p.source.getArgumentTypes()))
      if (cast<RankedTensorType>(type).isDynamicDim(0))
        argument = part(argument, count, last);
    return arguments;
  };
  Array outputDelta = p.numbers.values(p.forward(whole, 3)[0].value);
  auto all = p.backward(whole, outputDelta, start, 3);
  auto first = p.backward(samples(1, false), part(outputDelta, 1, false), start, 1);
  std::vector<Array> middle;
  auto reals = realOperands(p.op);
  for (unsigned number : trained)
    middle.push_back(first[llvm::find(reals, number) - reals.begin()].value);
  auto second = p.backward(samples(2, true), part(outputDelta, 2, true), middle, 2);
  for (auto [i, number] : llvm::enumerate(reals)) {
    SCOPED_TRACE("operand " + std::to_string(number));
    if (llvm::is_contained(trained, number)) {
      expectClose(all[i], second[i], first[i].error);
    } else {
      expectClose(part(all[i], 1, false), first[i], {});
      expectClose(part(all[i], 2, true), second[i], {});
    }
  }
}

/// The loss's output delta against the slope of the losses' sum; twice the weight, twice the delta.
void checkLoss(const Reference &reference, func::FuncOp source, int64_t batch) {
  SCOPED_TRACE(source.getName().str() + ", batch " + std::to_string(batch));
  Numbers numbers(source.getName());
  std::vector<Array> arguments;
  for (unsigned i = 0; i < source.getNumArguments(); ++i)
    arguments.push_back(numbers.argument(source, i, batch));
  const Array output = arguments[0];
  auto run = [&](StringRef what, const Array &x) {
    arguments[0] = x;
    return reference.run(named(source, what, batch), arguments);
  };
  Bounded delta = run("loss", output)[1], twice = run("double", output)[1];
  for (size_t i = 0; i < delta.value.data.size(); ++i)
    EXPECT_EQ(2 * delta.value.data[i], twice.value.data[i]);
  Array ones{{batch}, std::vector<double>(batch, 1.0), false};
  for (int repeat = 0; repeat < 2; ++repeat) {
    Array direction = numbers.signs(output);
    Measured rate = slope(
        [&](double step) { return dot(run("loss", stepped(output, direction, step))[0], ones); });
    expectEqual(dot(delta, direction), {-rate.value, rate.bound}, sizeOf(delta));
  }
}

class Deltas : public testing::TestWithParam<std::string> {};

LogicalResult emitCase(ModuleOp target, func::FuncOp source) {
  Operation *op = primitiveOf(source);
  auto reals = realOperands(op);
  for (int64_t batch : {1, 2, 3}) {
    if (isa<LossOpInterface>(op)) {
      if (failed(emitLoss(target, source, batch, named(source, "loss", batch), 1.0)) ||
          failed(emitLoss(target, source, batch, named(source, "double", batch), 2.0)))
        return failure();
      continue;
    }
    std::string forward = named(source, "forward", batch);
    if (failed(emitForward(target, source, batch, forward)) ||
        failed(emitBackward(target, source, batch, named(source, "backward", batch), forward,
                            wanting(op, reals))))
      return failure();
    for (unsigned number : reals)
      if (batch == 2 && failed(emitBackward(target, source, batch, alone(source, number), forward,
                                            wanting(op, number))))
        return failure();
  }
  return success();
}

TEST_P(Deltas, AreDerivativesAndAddUp) {
  auto cases = parseCases(GetParam());
  ASSERT_TRUE(cases);
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context()));
  std::vector<func::FuncOp> sources;
  for (auto source : cases->getOps<func::FuncOp>())
    if (primitiveOf(source))
      sources.push_back(source);
  for (func::FuncOp source : sources)
    ASSERT_TRUE(succeeded(emitCase(*module, source)));
  if (sources.empty())
    return;
  auto reference = Reference::create(std::move(module));
  ASSERT_TRUE(reference);
  for (func::FuncOp source : sources) {
    Primitive primitive{*reference, source};
    for (int64_t batch : {1, 3})
      isa<LossOpInterface>(primitive.op) ? checkLoss(*reference, source, batch)
                                         : checkPrimitive(primitive, batch);
    if (isa<LossOpInterface>(primitive.op))
      continue;
    checkParts(primitive);
    checkAlone(primitive);
  }
}

std::string fileName(const testing::TestParamInfo<std::string> &info) {
  StringRef stem = StringRef(info.param).rsplit('/').second;
  return stem.drop_back(StringRef(".mlir").size()).str();
}

INSTANTIATE_TEST_SUITE_P(Cases, Deltas, testing::ValuesIn(caseFiles()), fileName);

TEST(Coverage, EveryPrimitiveAndLossHasACase) {
  std::set<StringRef> seen;
  for (const std::string &file : caseFiles()) {
    auto cases = parseCases(file);
    ASSERT_TRUE(cases);
    for (auto source : cases->getOps<func::FuncOp>())
      if (Operation *op = primitiveOf(source))
        seen.insert(op->getName().getStringRef());
  }
  for (RegisteredOperationName name : context().getRegisteredOperations()) {
    if (!name.hasInterface<BackwardOpInterface>() && !name.hasInterface<LossOpInterface>())
      continue;
    EXPECT_TRUE(seen.count(name.getStringRef()))
        << name.getStringRef().str() << " has no case in tests/laws/cases";
  }
}

} // namespace
} // namespace ccm::laws
