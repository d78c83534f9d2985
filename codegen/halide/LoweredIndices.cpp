// SPDX-License-Identifier: Apache-2.0
// Indices of lowered kernels: sums of loop counters, so that what accesses have in common is seen.
#include "codegen/halide/LoweredKernel.h"

using namespace Halide::Internal;

namespace ccm {

/// `a` + `factor` * `b`.
LoweredKernel::Index LoweredKernel::plus(Index a, const Index &b, int64_t factor) {
  for (const Term &term : b.terms) {
    auto at = llvm::lower_bound(a.terms, term,
                                [](const Term &x, const Term &y) { return x.age < y.age; });
    if (at == a.terms.end() || at->age != term.age)
      at = a.terms.insert(at, {term.age, term.value, 0});
    at->factor += factor * term.factor;
  }
  llvm::erase_if(a.terms, [](const Term &term) { return term.factor == 0; });
  a.constant += factor * b.constant;
  return a;
}

/// A value of 64 bits that no index before was made of.
LoweredKernel::Index LoweredKernel::newIndex(Value *value) { return {{{ages++, value, 1}}, 0}; }

/// Halide's indices never overflow 32 bits, so they are the same in 64.
LoweredKernel::Index LoweredKernel::index(const Expr &e) {
  if (auto constant = as_const_int(e))
    return {{}, *constant};
  if (auto *variable = e.as<Variable>())
    if (auto bound = indices.find(variable->name); bound != indices.end())
      return bound->second;
  if (auto *sum = e.as<Add>())
    return plus(index(sum->a), index(sum->b), 1);
  if (auto *difference = e.as<Sub>())
    return plus(index(difference->a), index(difference->b), -1);
  auto *product = e.as<Mul>();
  if (auto factor = product ? as_const_int(product->b) : std::nullopt)
    return plus({}, index(product->a), *factor);
  return newIndex(builder.CreateSExt(expr(e), builder.getInt64Ty()));
}

/// The sum of what outer loops count comes first, so that it leaves the inner ones.
llvm::Value *LoweredKernel::valueOf(const Index &index) {
  Value *sum = nullptr;
  for (const Term &term : index.terms) {
    Value *value = builder.CreateNSWMul(term.value, builder.getInt64(uint64_t(term.factor)));
    sum = sum ? builder.CreateNSWAdd(sum, value) : value;
  }
  Value *constant = builder.getInt64(uint64_t(index.constant));
  return !sum ? constant : index.constant ? builder.CreateNSWAdd(sum, constant) : sum;
}

/// Terms from the outermost loop's on, the constant last: processors add that as they load. On the
/// way there the address may lie outside the buffer.
llvm::Value *LoweredKernel::address(const Buffer &buffer, llvm::Type *element, const Expr &at) {
  const Index sum = index(at);
  Value *place = buffer.start;
  for (const Term &term : sum.terms)
    place = builder.CreateGEP(
        element, place, builder.CreateNSWMul(term.value, builder.getInt64(uint64_t(term.factor))));
  return sum.constant ? builder.CreateGEP(element, place, builder.getInt64(uint64_t(sum.constant)))
                      : place;
}

} // namespace ccm
