// SPDX-License-Identifier: Apache-2.0
#include "ir/Augment.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace mlir;

namespace ccm {

static constexpr AugmentNumber kNumbers[] = {
    {"flip", 1, true, true},     {"shift", 65535, true, true},      {"crop", 0.9, false, true},
    {"gain", 1e9, false, false}, {"brightness", 1e9, false, false}, {"noise", 1e9, false, false},
};

ArrayRef<AugmentNumber> augmentNumbers() { return kNumbers; }

double augmentNumber(DictionaryAttr augment, StringRef name) {
  auto number = augment ? augment.getAs<FloatAttr>(name) : FloatAttr();
  return number ? number.getValueAsDouble() : 0;
}

bool movesPositions(DictionaryAttr augment) {
  return llvm::any_of(kNumbers, [&](const AugmentNumber &number) {
    return number.moves && augmentNumber(augment, number.name) != 0;
  });
}

static bool isAugmentNumber(NamedAttribute member) {
  auto value = dyn_cast<FloatAttr>(member.getValue());
  const auto *found = llvm::find_if(
      kNumbers, [&](const AugmentNumber &number) { return number.name == member.getName(); });
  if (!value || found == std::end(kNumbers))
    return false;
  double number = value.getValueAsDouble();
  return number >= 0 && number <= found->most && (!found->isWhole || number == std::floor(number));
}

bool areAugmentNumbers(DictionaryAttr augment) { return llvm::all_of(augment, isAugmentNumber); }

} // namespace ccm
