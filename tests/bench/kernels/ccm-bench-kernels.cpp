// SPDX-License-Identifier: Apache-2.0
// Measures emitted kernels against the processor's multiply-add rate, or prints how they are
// scheduled.
#include "runtime/io/Io.h"
#include "tests/bench/kernels/Calibration.h"
#include "tests/bench/kernels/Cases.h"
#include <cstdio>
#include <cstring>
#include <xmmintrin.h>

using namespace mlir;
using namespace ccm;

static constexpr const char *kUsage =
    "usage: ccm-bench-kernels [--target NAME] [--filter TEXT] [--seconds NUMBER]\n"
    "       ccm-bench-kernels [--target NAME] --print-schedules FILE.mlir\n"
    "Measures kernels whose name contains TEXT, each for NUMBER seconds (0.3), or prints the\n"
    "schedules of the kernels in a file.\n";

namespace {
struct Options {
  std::string target, filter, file;
  double seconds = 0.3;
};
} // namespace

static bool parse(int count, char **words, Options &options) {
  for (int i = 1; i < count; i += 2) {
    std::string word = words[i];
    if (i + 1 >= count)
      return false;
    if (word == "--target")
      options.target = words[i + 1];
    else if (word == "--filter")
      options.filter = words[i + 1];
    else if (word == "--seconds")
      options.seconds = std::atof(words[i + 1]);
    else if (word == "--print-schedules")
      options.file = words[i + 1];
    else
      return false;
  }
  return options.seconds > 0;
}

static bool isWanted(const Target &target, const Options &options) {
  return options.target.empty() || target.name == options.target;
}

/// Operations of all products of a kernel, two per multiply-add.
static double flopsOf(KernelOp kernel, const Target &target) {
  double flops = 0;
  auto plan = planKernel(kernel, target, PlanLevel::Fast);
  for (const Nest &nest : plan->nests)
    if (nest.isProduct()) {
      double points = 2;
      for (int64_t extent : nest.extents)
        points *= double(extent);
      flops += points;
    }
  return flops;
}

/// Allocates as the runtime does: from a whole vector on.
template <typename T>
struct Aligned {
  using value_type = T;
  T *allocate(size_t count) {
    return static_cast<T *>(::operator new(count * sizeof(T), std::align_val_t(64)));
  }
  void deallocate(T *at, size_t) { ::operator delete(at, std::align_val_t(64)); }
  bool operator==(const Aligned &) const { return true; }
};
using AlignedFloats = std::vector<float, Aligned<float>>;

/// Dense or strided storage for every operand and result of a kernel.
static std::vector<AlignedFloats> makeBuffers(KernelOp kernel) {
  std::vector<AlignedFloats> buffers;
  auto add = [&](Type type, unsigned number, int64_t factor) {
    auto tensor = cast<RankedTensorType>(type);
    test::Elements elements = test::makeElements(type, number, 64);
    AlignedFloats buffer(size_t(tensor.getNumElements() * factor + 16), 0.0f);
    for (size_t i = 0; i < elements.size(); ++i) {
      int32_t whole = int32_t(elements[i]);
      buffer[i] = float(elements[i]);
      if (!tensor.getElementType().isF32())
        std::memcpy(&buffer[i], &whole, sizeof whole);
    }
    buffers.push_back(std::move(buffer));
  };
  for (auto [number, type] : llvm::enumerate(kernel.getOperandTypes()))
    add(type, unsigned(number), 1);
  for (auto [number, type] : llvm::enumerate(kernel.getResultTypes()))
    add(type, unsigned(number), kernel.getResultStridesAttr() ? 2 : 1);
  return buffers;
}

static void run(const bench::Case &one, const Target &target, double seconds) {
  test::KernelFixture fixture;
  KernelOp kernel = one.build(fixture);
  auto object = emitKernel(kernel, target, "kernel");
  if (failed(object))
    return;
  test::LoadedKernel loaded(*object);
  auto buffers = makeBuffers(kernel);
  std::vector<void *> hosts;
  for (KernelArgument argument : object->arguments) {
    unsigned number = argument.number;
    if (argument.isResult) {
      auto operand = kernel.getInPlaceOperand(number);
      number = operand ? *operand : kernel.getNumOperands() + number;
    }
    hosts.push_back(buffers[number].data());
  }
  double flops = flopsOf(kernel, target);
  auto timing = bench::measure(flops, target.lanes, seconds, [&] { loaded.call(hosts); });
  std::printf("%-10s %-36s %9.1f us", target.name.data(), one.name.c_str(), timing.microseconds);
  if (flops > 0)
    std::printf(" %5.1f %% of %.0f GFLOP/s", timing.percent, timing.rate);
  std::printf("\n");
  std::fflush(stdout);
}

static int printSchedules(const Options &options) {
  auto text = io::readFile(options.file);
  if (!text) {
    std::fprintf(stderr, "%s\n", text.error().message.c_str());
    return 74;
  }
  test::KernelFixture fixture;
  if (!fixture.parse(*text))
    return 1;
  bool failedOnce = false;
  for (const Target &target : targets())
    fixture.module->walk([&](KernelOp kernel) {
      if (!isWanted(target, options))
        return;
      auto plan = planKernel(kernel, target, PlanLevel::Fast);
      failedOnce |= failed(plan);
      if (succeeded(plan))
        std::printf("%s\n%s", target.name.data(), describe(*plan).c_str());
    });
  return failedOnce ? 1 : 0;
}

int main(int count, char **words) {
  Options options;
  if (!parse(count, words, options)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  if (!options.file.empty())
    return printSchedules(options);
  // Denormals are flushed, as the runtime does.
  _mm_setcsr(_mm_getcsr() | 0x8040);
  for (const Target &target : targets())
    for (const bench::Case &one : bench::cases())
      if (isWanted(target, options) && test::isRunnable(target) &&
          one.name.find(options.filter) != std::string::npos)
        run(one, target, options.seconds);
  return 0;
}
