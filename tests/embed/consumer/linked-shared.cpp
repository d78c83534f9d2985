// SPDX-License-Identifier: Apache-2.0
// A model as a shared library that the program is linked with.
#include "numbers.h"

int main() {
  ccm_sizes sizes = {};
  sizes.bytes = sizeof(sizes);
  return ccm_model_table()->sizes(1, 1, &sizes, nullptr) == CCM_OK && sizes.params > 0 ? 0 : 1;
}
