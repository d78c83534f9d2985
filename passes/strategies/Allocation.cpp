// SPDX-License-Identifier: Apache-2.0
// Parts that pay from one budget: who takes how much of it.
#include "passes/strategies/Allocation.h"
#include <cmath>

using namespace mlir;

namespace ccm {

bool Decision::choose(const Wish &wanted) {
  const Candidate *found = candidates->best(wanted);
  if (found) {
    wish = wanted;
    chosen = found;
  }
  return found;
}

bool Decision::decides(PartOpInterface part) const {
  return site.part == part || llvm::is_contained(followers, part);
}

double shareOf(ArrayRef<Decision *> parts) {
  double sum = 0;
  for (const Decision *part : parts)
    sum += part->chosen->share;
  return sum;
}

/// What each part takes where a share costs `price`; false where a part has nothing to take.
static bool takeAt(double price, ArrayRef<Decision *> parts, double share) {
  for (Decision *part : parts) {
    part->wish.share = share;
    part->chosen = part->candidates->bestAt(price, part->wish);
  }
  return llvm::all_of(parts, [](const Decision *part) { return part->chosen != nullptr; });
}

/// The lowest price, to some digits, at which the parts take no more than `share`.
static double findPrice(ArrayRef<Decision *> parts, double share) {
  auto isMet = [&](double price) {
    return takeAt(price, parts, share) && shareOf(parts) <= share + kRounding;
  };
  // Shares count from a millionth of a budget on.
  constexpr double kLow = 1e-3, kHigh = 1e9;
  constexpr int kHalvings = 30;
  if (isMet(kLow))
    return kLow;
  double low = kLow, high = kHigh;
  if (!isMet(high))
    return HUGE_VAL;
  for (int i = 0; i < kHalvings; ++i) {
    double middle = std::sqrt(low * high);
    (isMet(middle) ? high : low) = middle;
  }
  return high;
}

/// Spends what is left on the part that gains most, until none does.
static void spendRest(ArrayRef<Decision *> parts, double spare) {
  while (true) {
    Decision *gainer = nullptr;
    const Candidate *gained = nullptr;
    double most = 1;
    for (Decision *part : parts)
      if (const Candidate *other = part->candidates->better(*part->chosen, spare, part->wish))
        if (double gain = other->score / part->chosen->score; gain > most) {
          most = gain;
          gainer = part;
          gained = other;
        }
    if (!gainer)
      return;
    spare -= gained->share - gainer->chosen->share;
    gainer->chosen = gained;
  }
}

bool allocate(ArrayRef<Decision *> parts, double share) {
  if (parts.empty())
    return true;
  if (parts.size() == 1 && parts.front()->choose({share, parts.front()->wish.tokens}))
    return true;
  if (!takeAt(findPrice(parts, share), parts, share) || shareOf(parts) > share + kRounding) {
    takeAt(HUGE_VAL, parts, HUGE_VAL);
    return false;
  }
  spendRest(parts, share - shareOf(parts));
  return true;
}

} // namespace ccm
