// SPDX-License-Identifier: Apache-2.0
// Compiling many kernels: distinct ones once, the same bytes in any order, from any cache.
#include "codegen/kernels/KernelCompiler.h"
#include "codegen/kernels/ChildProcess.h"
#include "codegen/kernels/CompilerIdentity.h"
#include "runtime/io/Io.h"
#include "tests/support/KernelHarness.h"
#include "tests/support/TemporaryDirectory.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include <csignal>
#include <gtest/gtest.h>
#include <set>
#include <unistd.h>

using namespace mlir;
using namespace ccm;
using namespace ccm::test;

static std::string kernelText(int64_t columns, const char *op = "arith.addf") {
  std::string type = "tensor<4x" + std::to_string(columns) + "xf32>";
  return "%" + std::to_string(columns) + " = ccm.kernel(%x" + std::to_string(columns) + ") : (" +
         type + ") -> " + type + " {\n^bb0(%a: " + type +
         "):\n"
         "%e = tensor.empty() : " +
         type +
         "\n"
         "%r = linalg.generic {indexing_maps = [affine_map<(r, c) -> (r, c)>, affine_map<(r, c) -> "
         "(r, c)>], iterator_types = [\"parallel\", \"parallel\"]} ins(%a : " +
         type + ") outs(%e : " + type + ") {\n^bb0(%i: f32, %o: f32):\n%s = " + op +
         " %i, %i : f32\nlinalg.yield %s : f32\n} -> " + type + "\nccm.yield %r : " + type +
         "\n}\n";
}

/// Kernels of several widths, the first one twice.
static SmallVector<KernelOp> makeKernels(KernelFixture &fixture, const char *op = "arith.addf") {
  std::string arguments, body;
  for (int64_t columns : {16, 8, 5}) {
    arguments += (arguments.empty() ? "%x" : ", %x") + std::to_string(columns) + ": tensor<4x" +
                 std::to_string(columns) + "xf32>";
    body += kernelText(columns, op);
  }
  fixture.parse("func.func @f(" + arguments + ") {\n" + body + "return\n}");
  SmallVector<KernelOp> kernels;
  fixture.module->walk([&](KernelOp kernel) { kernels.push_back(kernel); });
  OpBuilder builder(kernels.front());
  kernels.push_back(cast<KernelOp>(builder.clone(*kernels.front())));
  return kernels;
}

static SmallVector<TargetedKernel> forTarget(ArrayRef<KernelOp> kernels, const Target &target) {
  return llvm::map_to_vector(kernels,
                             [&](KernelOp kernel) { return TargetedKernel{kernel, &target}; });
}

static std::vector<std::string> bytesOf(const FailureOr<std::vector<KernelObject>> &objects) {
  std::vector<std::string> bytes;
  if (succeeded(objects))
    for (const KernelObject &object : *objects)
      bytes.push_back(object.bytes);
  return bytes;
}

TEST(KernelCompiler, SameBytesForAnyJobsAndOrder) {
  KernelFixture fixture;
  auto kernels = makeKernels(fixture);
  const Target &target = targets().back();
  auto one = bytesOf(compileKernels(forTarget(kernels, target), {.jobs = 1, .cacheDirectory = ""}));
  ASSERT_EQ(one.size(), 4u);
  EXPECT_EQ(one[0], one[3]);
  EXPECT_NE(one[0], one[1]);
  EXPECT_EQ(bytesOf(compileKernels(forTarget(kernels, target), {.jobs = 3, .cacheDirectory = ""})),
            one);
  std::reverse(kernels.begin(), kernels.end());
  auto reversed =
      bytesOf(compileKernels(forTarget(kernels, target), {.jobs = 2, .cacheDirectory = ""}));
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(reversed, one);
}

TEST(KernelCompiler, SameBytesAfterOtherKernels) {
  KernelFixture fixture;
  auto kernels = makeKernels(fixture);
  const Target &target = targets().front();
  auto alone = bytesOf(compileKernels(TargetedKernel{kernels[1], &target}, {.cacheDirectory = ""}));
  ASSERT_EQ(alone.size(), 1u);
  for (int before = 0; before < 20; ++before) {
    auto object = emitKernel(kernels[before % 2 ? 0 : 2], target, "other");
    ASSERT_TRUE(succeeded(object));
    auto again = emitKernel(kernels[1], target, kernelSymbol(kernels[1], target));
    ASSERT_TRUE(succeeded(again));
    ASSERT_EQ(again->bytes, alone.front()) << before;
  }
}

TEST(KernelCompiler, CacheGivesTheSameAndMendsDamage) {
  KernelFixture fixture;
  auto kernels = makeKernels(fixture);
  const Target &target = targets().front();
  TemporaryDirectory directory;
  KernelOptions options{.jobs = 2, .cacheDirectory = directory / "a/b"};
  auto cold = compileKernels(forTarget(kernels, target), options);
  ASSERT_TRUE(succeeded(cold));
  auto files = io::listDirectory(options.cacheDirectory);
  ASSERT_TRUE(files);
  EXPECT_EQ(files->size(), 3u);
  EXPECT_EQ(bytesOf(compileKernels(forTarget(kernels, target), options)), bytesOf(cold));
  std::string path = options.cacheDirectory + "/" + files->front();
  auto whole = io::readFile(path);
  ASSERT_TRUE(whole);
  std::string damaged = *whole;
  damaged[damaged.size() / 2] ^= 1;
  ASSERT_TRUE(io::writeFileAtomically(path, damaged));
  EXPECT_EQ(bytesOf(compileKernels(forTarget(kernels, target), options)), bytesOf(cold));
  EXPECT_EQ(*io::readFile(path), *whole);
}

TEST(KernelCompiler, CacheKnowsWhoMadeIt) {
  KernelFixture fixture;
  auto kernels = makeKernels(fixture);
  TemporaryDirectory directory;
  ASSERT_TRUE(succeeded(compileKernels(forTarget(kernels, targets().front()),
                                       {.jobs = 2, .cacheDirectory = directory.path()})));
  const std::string identity = compilerIdentity();
  EXPECT_EQ(identity.size(), 16u);
  for (const std::string &name : directory.names())
    EXPECT_NE(name.find("-" + identity + "."), std::string::npos) << name;
  // Without identifiers it would be the digest of nothing.
  EXPECT_NE(identity, llvm::toHex(llvm::BLAKE3::hash<8>({}), /*LowerCase=*/true));
}

TEST(KernelCompiler, SymbolsFollowContent) {
  KernelFixture fixture;
  auto kernels = makeKernels(fixture);
  Builder builder(&fixture.context);
  std::string symbol = kernelSymbol(kernels[0], targets().front());
  EXPECT_EQ(symbol.substr(0, 6), "ccm_k_");
  EXPECT_EQ(symbol.size(), 22u);
  EXPECT_NE(symbol, kernelSymbol(kernels[0], targets().back()));
  EXPECT_NE(symbol, kernelSymbol(kernels[1], targets().front()));
  // A second row for the same machine has kernels of its own.
  Target named = targets().front(), cut = targets().front(), small = targets().front();
  named.name = "other";
  cut.window.vectors += 1;
  small.limits.partBytes /= 2;
  for (const Target &other : {named, cut, small})
    EXPECT_NE(symbol, kernelSymbol(kernels[0], other));
  Attribute place = PlaceAttr::get(&fixture.context, ccm::Region::Scratch, 0, 64, {16, 1});
  kernels[0].setResultPlacesAttr(builder.getArrayAttr(place));
  EXPECT_EQ(symbol, kernelSymbol(kernels[0], targets().front()));
  kernels[0].setResultStridesAttr(
      builder.getArrayAttr(Attribute(builder.getDenseI64ArrayAttr({32, 1}))));
  EXPECT_NE(symbol, kernelSymbol(kernels[0], targets().front()));
}

TEST(KernelCompiler, ReportsWhatCannotBeCompiled) {
  KernelFixture fixture;
  auto kernels = makeKernels(fixture, "arith.remf");
  std::vector<std::string> messages;
  ScopedDiagnosticHandler handler(&fixture.context, [&](Diagnostic &diagnostic) {
    messages.push_back(diagnostic.str());
    return success();
  });
  EXPECT_TRUE(failed(
      compileKernels(forTarget(kernels, targets().front()), {.jobs = 2, .cacheDirectory = ""})));
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0], "expects an operation that kernels support, got 'arith.remf'");
}

TEST(KernelCompiler, PackedKernelsRefuseEveryTruncation) {
  KernelObject object{"ccm_k_0", 1, {{false, 0}, {true, 3}}, "bytes", "schedule\n"};
  std::string packed = packKernel(object);
  auto back = unpackKernel(packed, "ccm_k_0");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->arguments, object.arguments);
  EXPECT_EQ(back->bytes, object.bytes);
  EXPECT_EQ(back->schedule, object.schedule);
  EXPECT_FALSE(unpackKernel(packed, "ccm_k_1"));
  for (size_t size = 0; size < packed.size(); ++size)
    EXPECT_FALSE(unpackKernel(StringRef(packed).take_front(size), "ccm_k_0"));
  EXPECT_FALSE(unpackKernel(packed + "x", "ccm_k_0"));
}

TEST(ChildProcess, ReportsInOrderAndSurvivesCrashes) {
  std::vector<std::function<std::string()>> tasks = {
      [] { return std::string(300000, 'a'); }, [] { return std::raise(SIGKILL), std::string(); },
      [] { return std::string("b"); }, [] { return _exit(3), std::string(); }};
  for (unsigned jobs : {1, 2, 8}) {
    auto results = runInChildren(tasks, jobs);
    ASSERT_EQ(results.size(), 4u);
    EXPECT_EQ(results[0].output.size(), 300000u);
    EXPECT_EQ(results[1].failure, "ended with signal 9");
    EXPECT_EQ(results[2].output, "b");
    EXPECT_EQ(results[3].failure, "ended with status 3");
  }
}

TEST(ChildProcess, OneRunsManyTasksButNotAll) {
  std::vector<std::function<std::string()>> tasks(300, [] { return std::to_string(getpid()); });
  unsigned told = 0;
  auto results = runInChildren(tasks, 1, [&] { ++told; });
  std::set<std::string> processes;
  for (const ChildResult &result : results) {
    EXPECT_EQ(result.failure, "");
    processes.insert(result.output);
  }
  EXPECT_EQ(told, 300u);
  EXPECT_EQ(processes.size(), 3u);
}
