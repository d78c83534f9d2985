// SPDX-License-Identifier: Apache-2.0
// What Halide lowers is translated, or refused by name.
#include "codegen/halide/LoweredKernel.h"
#include "codegen/halide/KernelCode.h"
#include <gtest/gtest.h>

using namespace ccm;

/// Why a kernel that stores `value(i)` in 16 floats has no code, or "".
static std::string refusalOf(const std::function<Halide::Expr(Halide::Var)> &value) {
  Halide::Func store("s0_");
  Halide::Var i("d0_");
  store(i) = value(i);
  store.bound(i, 0, 16).vectorize(i, 8);
  const Target &target = targets().front();
  Halide::Module lowered = Halide::Pipeline(store).compile_to_module(
      {}, "k", Halide::Target(std::string(target.halide)));
  auto code =
      compileLowered(lowered.functions().front(), {{store.name(), "result 0"}}, "k", target);
  return code ? "" : llvm::toString(code.takeError());
}

static Halide::Expr asFloat(const Halide::Expr &value) { return Halide::cast<float>(value); }

TEST(LoweredKernel, TranslatesWhatKernelsUse) {
  EXPECT_EQ(refusalOf([](auto i) { return asFloat(i / 3 + i % 5); }), "");
  EXPECT_EQ(refusalOf([](auto i) { return asFloat((i << 3) >> 1); }), "");
  EXPECT_EQ(refusalOf([](auto i) { return Halide::select(i < 7, 1.0f, 2.0f); }), "");
}

TEST(LoweredKernel, RefusesWhatTheyDoNot) {
  EXPECT_EQ(refusalOf([](auto i) { return Halide::sin(asFloat(i)); }),
            "no code for a call of sin_f32");
  EXPECT_EQ(refusalOf([](auto i) { return asFloat(7 / (i + 1)); }),
            "no code for a division of integers");
  EXPECT_EQ(refusalOf([](auto i) { return asFloat(7 % (i + 1)); }), "no code for a remainder");
}

TEST(LoweredKernel, RefusesMemoryBeyondTheStack) {
  Halide::Func table("n0_"), store("s0_");
  Halide::Var i("d0_");
  table(i) = asFloat(i);
  store(i) = table(i % 1000000) + table((i + 1) % 1000000);
  table.bound(i, 0, 1000000).compute_root();
  store.bound(i, 0, 16);
  const Target &target = targets().front();
  Halide::Module lowered = Halide::Pipeline(store).compile_to_module(
      {}, "k", Halide::Target(std::string(target.halide)));
  auto code =
      compileLowered(lowered.functions().front(), {{store.name(), "result 0"}}, "k", target);
  ASSERT_FALSE(static_cast<bool>(code));
  EXPECT_EQ(llvm::toString(code.takeError()), "no code for memory of its own");
}
