// SPDX-License-Identifier: Apache-2.0
// A reader of formulas that computes as it goes.
#include "tests/laws/Expression.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <string>

namespace ccm::laws {

namespace {

using Real = long double;
using llvm::StringRef;

class Reader {
public:
  Reader(StringRef text, Real x) : rest(text), x(x) {}

  std::optional<Real> run() {
    Real value = sum();
    return isRight && rest.ltrim().empty() ? std::optional(value) : std::nullopt;
  }

private:
  bool consume(StringRef token) {
    rest = rest.ltrim();
    return rest.consume_front(token);
  }

  Real fail() {
    isRight = false;
    return 0;
  }

  Real sum() {
    Real value = product();
    while (isRight)
      if (consume("+"))
        value += product();
      else if (consume("-"))
        value -= product();
      else
        break;
    return value;
  }

  Real product() {
    Real value = factor();
    while (isRight)
      if (consume("*"))
        value *= factor();
      else if (consume("/"))
        value /= factor();
      else
        break;
    return value;
  }

  Real factor() {
    if (consume("-"))
      return -factor();
    if (consume("("))
      return closed(sum());
    rest = rest.ltrim();
    StringRef word = rest.take_while([](char c) { return llvm::isAlpha(c); });
    rest = rest.drop_front(word.size());
    return word.empty() ? number() : word == "x" ? x : call(word);
  }

  Real closed(Real value) { return consume(")") ? value : fail(); }

  Real number() {
    std::string text = rest.str();
    char *end = nullptr;
    Real value = std::strtold(text.c_str(), &end);
    size_t length = size_t(end - text.c_str());
    rest = rest.drop_front(length);
    return length ? value : fail();
  }

  Real call(StringRef name) {
    if (!consume("("))
      return fail();
    Real first = sum();
    if (name == "max" || name == "min") {
      Real second = consume(",") ? sum() : fail();
      return closed(name == "max" ? std::fmax(first, second) : std::fmin(first, second));
    }
    return closed(name == "abs"    ? std::fabs(first)
                  : name == "exp"  ? std::exp(first)
                  : name == "log"  ? std::log(first)
                  : name == "sqrt" ? std::sqrt(first)
                  : name == "tanh" ? std::tanh(first)
                                   : fail());
  }

  StringRef rest;
  Real x;
  bool isRight = true;
};

} // namespace

std::optional<long double> evaluate(StringRef formula, long double x) {
  return Reader(formula, x).run();
}

} // namespace ccm::laws
