// SPDX-License-Identifier: Apache-2.0
// What Halide lowers is translated, or refused by name.
#include "codegen/halide/LoweredKernel.h"
#include "codegen/halide/HalideNames.h"
#include "codegen/halide/KernelCode.h"
#include "codegen/halide/LowerKernel.h"
#include <gtest/gtest.h>

using namespace ccm;

/// The code of a kernel that stores 16 floats.
static llvm::Expected<std::string> codeOf(Halide::Func store) {
  const Target &target = targets().front();
  store.output_buffer().dim(0).set_bounds(0, 16).set_stride(1);
  auto body = lowerKernel({store}, Halide::Target(std::string(target.halide)));
  return compileLowered(body, {{store.name(), "result 0"}}, "k", target);
}

/// Why a kernel that stores `value(i)` in 16 floats has no code, or "".
static std::string refusalOf(const std::function<Halide::Expr(Halide::Var)> &value) {
  Halide::Func store("s0_");
  Halide::Var i("d0_");
  store(i) = value(i);
  store.bound(i, 0, 16).vectorize(i, 8);
  auto code = codeOf(store);
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
  auto code = codeOf(store);
  ASSERT_FALSE(static_cast<bool>(code));
  EXPECT_EQ(llvm::toString(code.takeError()), "no code for memory of its own");
}

TEST(HalideNames, ComeInTheOrderOfTheirMaking) {
  ASSERT_TRUE(useOrderedNames());
  std::string letter, word;
  for (int number = 0; number < 2000; ++number) {
    std::string nextLetter = Halide::Func().name(), nextWord = Halide::Func("word").name();
    ASSERT_LT(letter, nextLetter);
    ASSERT_LT(word, nextWord);
    letter = nextLetter, word = nextWord;
  }
}
