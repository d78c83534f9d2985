// SPDX-License-Identifier: Apache-2.0
// Runs compiled kernels between guard pages.
#include "tests/support/KernelHarness.h"
#include "codegen/plan/PlanStages.h"
#include "codegen/reference/ReferenceKernel.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/TargetSelect.h"
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlir;

namespace ccm::test {

KernelFixture::KernelFixture() {
  DialectRegistry registry;
  registerDialect(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
  context.disableMultithreading();
}

Type KernelFixture::tensor(ArrayRef<int64_t> shape, char element) {
  Builder builder(&context);
  Type type = element == 'f'   ? Type(builder.getF32Type())
              : element == 'i' ? Type(builder.getI32Type())
                               : Type(builder.getIntegerType(8));
  return RankedTensorType::get(shape, type);
}

KernelOp KernelFixture::build(ArrayRef<Type> operands, const Body &body) {
  OpBuilder builder(&context);
  Location loc = builder.getUnknownLoc();
  module = ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());
  auto function =
      func::FuncOp::create(builder, loc, "kernels", builder.getFunctionType(operands, {}));
  Block *entry = function.addEntryBlock();
  auto inner = std::make_unique<Block>();
  for (Type type : operands)
    inner->addArgument(type, loc);
  builder.setInsertionPointToEnd(inner.get());
  NestBuilder nests(builder, loc);
  SmallVector<Value> results = body(nests, inner->getArguments());
  YieldOp::create(builder, loc, results);
  builder.setInsertionPointToEnd(entry);
  OperationState state(loc, KernelOp::getOperationName());
  state.addOperands(entry->getArguments());
  state.addTypes(ValueRange(results).getTypes());
  state.addRegion()->push_back(inner.release());
  auto kernel = cast<KernelOp>(builder.create(state));
  func::ReturnOp::create(builder, loc);
  return kernel;
}

KernelOp KernelFixture::parse(StringRef text) {
  module = parseSourceString<ModuleOp>(text, &context);
  KernelOp found;
  if (module)
    module->walk([&](KernelOp kernel) {
      if (!found)
        found = kernel;
    });
  return found;
}

//===--- Loading ------------------------------------------------------------------------------===//

struct LoadedKernel::State {
  std::unique_ptr<llvm::orc::LLJIT> jit;
  void (*function)(void *const *, int32_t, int32_t) = nullptr;
  int tasks = 1;
};

LoadedKernel::LoadedKernel(const KernelObject &object) : state(std::make_unique<State>()) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  state->jit = llvm::cantFail(llvm::orc::LLJITBuilder().create());
  llvm::cantFail(
      state->jit->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(object.bytes, object.symbol)));
  auto address = llvm::cantFail(state->jit->lookup(object.symbol));
  state->function = address.toPtr<void(void *const *, int32_t, int32_t)>();
  state->tasks = object.tasks;
}

LoadedKernel::~LoadedKernel() = default;

// clang looks for a function's type before its code, where nothing need lie.
#ifdef __clang__
__attribute__((no_sanitize("function")))
#endif
void LoadedKernel::call(ArrayRef<void *> buffers) const {
  state->function(buffers.data(), 0, state->tasks);
}

bool isRunnable(const Target &target) {
  return target.level == CpuLevel::X86_64_V4 ? __builtin_cpu_supports("x86-64-v4")
                                             : __builtin_cpu_supports("x86-64-v3");
}

Elements makeElements(Type type, unsigned seed, int64_t limit) {
  auto tensor = cast<RankedTensorType>(type);
  Elements elements;
  unsigned state = seed * 7919u + 17u;
  for (int64_t i = 0; i < tensor.getNumElements(); ++i) {
    state = state * 1664525u + 1013904223u;
    unsigned bits = state >> 8;
    elements.push_back(tensor.getElementType().isF32()        ? float(bits / 16777216.0 - 0.5)
                       : tensor.getElementType().isInteger(8) ? bits % 256
                                                              : double(bits % limit));
  }
  return elements;
}

namespace {

/// Where a tensor lies between two pages that cannot be touched: against the first, against the
/// last up to the alignment of its start, or at the least aligned address near the first.
enum class Side { First, Last, Odd };

/// A tensor in guarded memory.
class GuardedTensor {
public:
  GuardedTensor(Type type, ArrayRef<int64_t> strides, Side side, size_t alignment = 4)
      : type(cast<RankedTensorType>(type)), strides(strides) {
    int64_t span = 1;
    for (auto [extent, stride] : llvm::zip(this->type.getShape(), strides))
      span += (extent - 1) * stride;
    bytes = span * width();
    size_t page = size_t(sysconf(_SC_PAGESIZE)), pages = (bytes + alignment + page - 1) / page + 2;
    mapped = pages * page;
    base = static_cast<char *>(
        mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    host = side == Side::Last    ? base + mapped - page - llvm::alignTo(bytes, alignment)
           : side == Side::First ? base + page
                                 : base + page + alignment;
    std::memset(base, 0xff, mapped);
    mprotect(base, page, PROT_NONE);
    mprotect(base + mapped - page, page, PROT_NONE);
  }
  GuardedTensor(const GuardedTensor &) = delete;
  ~GuardedTensor() { munmap(base, mapped); }

  void set(const Elements &elements) {
    visit([&](char *at, size_t number) { put(at, elements[number]); });
  }

  Elements get() {
    Elements elements;
    visit([&](char *at, size_t) { elements.push_back(take(at)); });
    return elements;
  }

  /// Whether all bytes but the elements' are as they were.
  bool isCleanBetween() {
    std::vector<bool> ours(bytes, false);
    visit([&](char *at, size_t) { std::fill_n(ours.begin() + (at - host), width(), true); });
    for (size_t byte = 0; byte < bytes; ++byte)
      if (!ours[byte] && host[byte] != char(0xff))
        return false;
    return true;
  }

  char *host;

private:
  size_t width() const { return type.getElementType().isInteger(8) ? 1 : 4; }

  void visit(llvm::function_ref<void(char *, size_t)> action) {
    SmallVector<int64_t> index(type.getRank(), 0);
    for (int64_t number = 0; number < type.getNumElements(); ++number) {
      int64_t at = 0;
      for (auto [i, stride] : llvm::zip(index, strides))
        at += i * stride;
      action(host + at * int64_t(width()), size_t(number));
      for (size_t dim = index.size(); dim-- > 0;) {
        if (++index[dim] < type.getDimSize(dim))
          break;
        index[dim] = 0;
      }
    }
  }

  void put(char *at, double value) {
    if (type.getElementType().isF32()) {
      float number = float(value);
      std::memcpy(at, &number, 4);
    } else if (width() == 1) {
      *at = char(uint8_t(value));
    } else {
      int32_t number = int32_t(value);
      std::memcpy(at, &number, 4);
    }
  }

  double take(const char *at) {
    if (width() == 1)
      return uint8_t(*at);
    float number;
    int32_t whole;
    std::memcpy(&number, at, 4);
    std::memcpy(&whole, at, 4);
    return type.getElementType().isF32() ? double(number) : double(whole);
  }

  RankedTensorType type;
  SmallVector<int64_t> strides;
  size_t bytes = 0, mapped = 0;
  char *base;
};

/// The largest difference over the largest expected value, and where; infinite for a NaN.
double worstError(const Elements &expected, const Elements &got, size_t &where) {
  double error = 0, scale = 1e-6;
  for (double value : expected)
    scale = std::max(scale, std::fabs(value));
  for (size_t i = 0; i < expected.size(); ++i) {
    double difference = std::fabs(expected[i] - got[i]);
    if (std::isnan(difference))
      difference = INFINITY;
    if (difference > error) {
      error = difference;
      where = i;
    }
  }
  return error / scale;
}

class Check {
public:
  Check(KernelOp kernel, const CheckOptions &options)
      : kernel(kernel), options(options), operands(options.operands) {
    if (!operands.empty())
      return;
    for (auto [number, type] : llvm::enumerate(kernel.getOperandTypes()))
      operands.push_back(makeElements(type, unsigned(number) + 1, options.indexLimit));
  }

  void run() {
    ASSERT_TRUE(succeeded(mlir::verify(kernel)));
    auto results = evaluateKernel(kernel, operands);
    ASSERT_TRUE(succeeded(results));
    expected = std::move(*results);
    for (const Target &target : targets())
      for (PlanLevel level : {PlanLevel::Fast, PlanLevel::Plain})
        runTarget(target, level);
    auto reference = emitReferenceKernel(kernel, targets().front(), "kernel");
    ASSERT_TRUE(succeeded(reference));
    tolerance = std::max(tolerance, options.reference);
    runBetweenGuards(*reference);
  }

private:
  void runTarget(const Target &target, PlanLevel level) {
    auto object = emitKernel(kernel, target, "kernel", level);
    ASSERT_TRUE(succeeded(object)) << target.name.str();
    SCOPED_TRACE(target.name.str() + "\n" + object->schedule);
    EXPECT_EQ(object->schedule.find("plain, because"), std::string::npos);
    if (level == PlanLevel::Fast) {
      EXPECT_NE(object->schedule.find(options.schedule), std::string::npos);
    }
    if (isRunnable(target))
      runBetweenGuards(*object);
  }

  void runBetweenGuards(const KernelObject &object) {
    LoadedKernel loaded(object);
    for (Side side : {Side::First, Side::Last, Side::Odd})
      runAt(object, loaded, side);
  }

  /// Whether the kernel itself reads a result that it stores.
  bool isReadAgain(unsigned result) {
    Value value = kernel.getBody().front().getTerminator()->getOperand(result);
    while (isa_and_present<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(value.getDefiningOp()) &&
           value.hasOneUse())
      value = value.getDefiningOp()->getOperand(0);
    return !value.hasOneUse();
  }

  void runAt(const KernelObject &object, const LoadedKernel &loaded, Side side) {
    std::vector<std::unique_ptr<GuardedTensor>> inputs, outputs;
    bool addsRows = StringRef(object.schedule).contains(" in place scatter");
    for (auto [number, type] : llvm::enumerate(kernel.getOperandTypes())) {
      auto strides = stridesOf(kernel.getOperandStridesAttr(), number, type);
      inputs.push_back(std::make_unique<GuardedTensor>(type, strides, side, addsRows ? 64 : 4));
      inputs.back()->set(operands[number]);
    }
    for (auto [number, type] : llvm::enumerate(kernel.getResultTypes())) {
      auto strides = stridesOf(kernel.getResultStridesAttr(), number, type);
      outputs.push_back(
          kernel.getInPlaceOperand(number)
              ? nullptr
              : std::make_unique<GuardedTensor>(type, strides, side, isReadAgain(number) ? 64 : 4));
    }
    auto resultTensor = [&](unsigned number) -> GuardedTensor & {
      auto operand = kernel.getInPlaceOperand(number);
      return operand ? *inputs[*operand] : *outputs[number];
    };
    std::vector<void *> hosts;
    for (KernelArgument argument : object.arguments)
      hosts.push_back(argument.isResult ? resultTensor(argument.number).host
                                        : inputs[argument.number]->host);
    loaded.call(hosts);
    for (unsigned number = 0; number < expected.size(); ++number)
      compare(number, resultTensor(number));
  }

  void compare(unsigned number, GuardedTensor &result) {
    size_t where = 0;
    Elements got = result.get();
    EXPECT_LE(worstError(expected[number], got, where), tolerance)
        << "result " << number << " at " << where << ": expected " << expected[number][where]
        << ", got " << got[where];
    EXPECT_TRUE(result.isCleanBetween()) << "result " << number;
  }

  KernelOp kernel;
  const CheckOptions &options;
  double tolerance = options.tolerance;
  std::vector<Elements> operands, expected;
};

} // namespace

void checkKernel(KernelOp kernel, const CheckOptions &options) { Check(kernel, options).run(); }

} // namespace ccm::test
