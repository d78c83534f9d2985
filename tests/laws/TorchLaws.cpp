// SPDX-License-Identifier: Apache-2.0
// Results and deltas against a second oracle: what PyTorch computed once for the same inputs.
#include "ir/Torch.h"
#include "tests/laws/Cases.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <set>

using namespace mlir;

namespace ccm::laws {
namespace {

constexpr int64_t kBatch = 2;
constexpr size_t kSums = 13, kWeights = 7;

/// Sums by case and by what they are of: "result" or "delta0".
using Golden = std::map<std::string, std::map<std::string, std::vector<double>>>;

const Golden &golden() {
  static const Golden all = [] {
    Golden read;
    auto file = llvm::MemoryBuffer::getFile(CCM_GOLDEN_VALUES);
    EXPECT_TRUE(bool(file)) << CCM_GOLDEN_VALUES;
    llvm::SmallVector<llvm::StringRef> lines, words;
    llvm::StringRef(file ? (*file)->getBuffer() : "").split(lines, '\n', -1, false);
    for (llvm::StringRef line : lines) {
      words.clear();
      line.split(words, ' ');
      auto &sums = read[words[0].str()][words[1].str()];
      for (llvm::StringRef word : llvm::ArrayRef(words).drop_front(2))
        sums.push_back(std::strtod(word.str().c_str(), nullptr));
    }
    return read;
  }();
  return all;
}

/// Whether the case states its own oracle.
bool hasFormula(func::FuncOp source) { return source->hasAttr("formula"); }

/// The sums of a tensor as golden.py forms them, against those of the file.
///
/// Bounds are derived: ccm's errors come with its values. PyTorch computes in f64; fewer than 2^11
/// operations lead to an element, none on numbers above 2^6 times the largest element or one, so
/// that an element is off by at most 2^-36 of that.
void expectGolden(const Bounded &found, const std::vector<double> &expected) {
  size_t count = found.value.data.size();
  ASSERT_EQ(expected.size(), std::min(kSums, count)) << "run tests/laws/torch/golden.py";
  double largest = 1;
  for (double element : found.value.data)
    largest = std::max(largest, std::fabs(element));
  std::vector<long double> sums(expected.size()), bounds(expected.size());
  for (size_t i = 0; i < count; ++i) {
    long double weight = 1 + i % kWeights;
    sums[i % kSums] += weight * found.value.data[i];
    bounds[i % kSums] += weight * (found.error.data[i] + largest * 0x1p-36);
  }
  for (size_t i = 0; i < sums.size(); ++i)
    EXPECT_LE(std::fabs(sums[i] - expected[i]), bounds[i])
        << "sum " << i << ": " << double(sums[i]) << ", PyTorch " << expected[i];
}

std::string named(func::FuncOp source, StringRef what) {
  return (source.getName() + "_" + what).str();
}

SmallVector<bool> realOnes(Operation *op) {
  SmallVector<bool> wanted(op->getNumOperands());
  for (unsigned number : realOperands(op))
    wanted[number] = true;
  return wanted;
}

LogicalResult emit(ModuleOp target, func::FuncOp source) {
  Operation *op = primitiveOf(source);
  if (isa<LossOpInterface>(op))
    return emitLoss(target, source, kBatch, named(source, "loss"), 1.0);
  std::string forward = named(source, "forward");
  return success(succeeded(emitForward(target, source, kBatch, forward)) &&
                 succeeded(emitBackward(target, source, kBatch, named(source, "backward"), forward,
                                        realOnes(op))));
}

/// What a case gives by its nests, in the order in which golden.py draws.
std::map<std::string, Bounded> tensorsOf(const Reference &reference, func::FuncOp source) {
  Numbers numbers(source.getName());
  std::vector<Array> arguments;
  for (unsigned i = 0; i < source.getNumArguments(); ++i)
    arguments.push_back(numbers.argument(source, i, kBatch));
  Operation *op = primitiveOf(source);
  if (isa<LossOpInterface>(op)) {
    auto results = reference.run(named(source, "loss"), arguments);
    return {{"result", results[0]}, {"delta0", results[1]}};
  }
  auto results = reference.run(named(source, "forward"), arguments);
  std::map<std::string, Bounded> tensors{{"result", results[0]}};
  std::vector<Array> all = arguments;
  for (const Bounded &result : results)
    all.push_back(result.value);
  all.push_back(numbers.values(results[0].value));
  if (auto train = dyn_cast<TrainOpInterface>(op))
    for (unsigned number : train.getTrainedOperands())
      all.push_back(Array::zeros(op->getOperand(number).getType()));
  auto deltas = reference.run(named(source, "backward"), all);
  for (auto [number, delta] : llvm::zip_equal(realOperands(op), deltas))
    tensors["delta" + std::to_string(number)] = delta;
  return tensors;
}

class Torch : public testing::TestWithParam<std::string> {};

TEST_P(Torch, GivesTheSame) {
  auto cases = parseCases(GetParam());
  ASSERT_TRUE(cases);
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context()));
  std::vector<func::FuncOp> sources;
  for (auto source : cases->getOps<func::FuncOp>())
    if (primitiveOf(source) && !hasFormula(source))
      sources.push_back(source);
  for (func::FuncOp source : sources)
    ASSERT_TRUE(succeeded(emit(*module, source)));
  if (sources.empty())
    return;
  auto reference = Reference::create(std::move(module));
  ASSERT_TRUE(reference);
  for (func::FuncOp source : sources) {
    SCOPED_TRACE(source.getName().str());
    auto expected = golden().find(source.getName().str());
    ASSERT_NE(expected, golden().end()) << "no golden values; run tests/laws/torch/golden.py";
    auto tensors = tensorsOf(*reference, source);
    EXPECT_EQ(tensors.size(), expected->second.size());
    for (auto &[what, sums] : expected->second) {
      SCOPED_TRACE(what);
      ASSERT_TRUE(tensors.count(what));
      expectGolden(tensors[what], sums);
    }
  }
}

std::string fileName(const testing::TestParamInfo<std::string> &info) {
  StringRef stem = StringRef(info.param).rsplit('/').second;
  return stem.drop_back(StringRef(".mlir").size()).str();
}

INSTANTIATE_TEST_SUITE_P(Cases, Torch, testing::ValuesIn(caseFiles()), fileName);

/// Every primitive and loss has golden values or a formula of its own, and no value is left over.
TEST(TorchCoverage, EveryPrimitiveHasAnOracle) {
  std::set<StringRef> seen;
  std::set<std::string> names;
  for (const std::string &file : caseFiles()) {
    auto cases = parseCases(file);
    ASSERT_TRUE(cases);
    for (auto source : cases->getOps<func::FuncOp>())
      if (Operation *op = primitiveOf(source)) {
        names.insert(source.getName().str());
        if (hasFormula(source) || golden().count(source.getName().str()))
          seen.insert(op->getName().getStringRef());
      }
  }
  for (RegisteredOperationName name : context().getRegisteredOperations()) {
    if (!name.hasInterface<BackwardOpInterface>() && !name.hasInterface<LossOpInterface>())
      continue;
    EXPECT_TRUE(torchOf(name)) << name.getStringRef().str() << " has no form in PyTorch";
    EXPECT_TRUE(seen.count(name.getStringRef()))
        << name.getStringRef().str() << " has neither golden values nor a case with a formula";
  }
  for (const auto &[name, tensors] : golden())
    EXPECT_TRUE(names.count(name)) << name << " is no case; run tests/laws/torch/golden.py";
}

} // namespace
} // namespace ccm::laws
