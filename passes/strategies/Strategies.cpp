// SPDX-License-Identifier: Apache-2.0
// The strategies: one line each, in the order that settles ties.
#include "passes/strategies/Strategy.h"

#define CCM_STRATEGIES(STRATEGY)                                                                   \
  STRATEGY(convPyramid)                                                                            \
  STRATEGY(patchEmbed)                                                                             \
  STRATEGY(stridedConv)                                                                            \
  STRATEGY(logMel)                                                                                 \
  STRATEGY(convAttention)                                                                          \
  STRATEGY(windowAttention)                                                                        \
  STRATEGY(embeddingTable)                                                                         \
  STRATEGY(denseEmbed)                                                                             \
  STRATEGY(latentAttention)                                                                        \
  STRATEGY(alignedEmbed)                                                                           \
  STRATEGY(uEncoder)                                                                               \
  STRATEGY(transformer)                                                                            \
  STRATEGY(mixer)                                                                                  \
  STRATEGY(mlp)                                                                                    \
  STRATEGY(poolDense)                                                                              \
  STRATEGY(tokenDense)                                                                             \
  STRATEGY(attentionPooling)                                                                       \
  STRATEGY(transposedConv)                                                                         \
  STRATEGY(unpatchDense)                                                                           \
  STRATEGY(shuffle)                                                                                \
  STRATEGY(resizeConv)                                                                             \
  STRATEGY(uDecoder)                                                                               \
  STRATEGY(useReduce)                                                                              \
  STRATEGY(useCore)                                                                                \
  STRATEGY(useExpand)

namespace ccm {

#define CCM_DECLARE(name) const Strategy &name();
CCM_STRATEGIES(CCM_DECLARE)
#undef CCM_DECLARE

llvm::SmallVector<const Strategy *> strategiesOf(llvm::StringRef kind) {
  llvm::SmallVector<const Strategy *> found;
#define CCM_COLLECT(name)                                                                          \
  if (name().kind() == kind)                                                                       \
    found.push_back(&name());
  CCM_STRATEGIES(CCM_COLLECT)
#undef CCM_COLLECT
  return found;
}

const Strategy *findStrategy(llvm::StringRef kind, llvm::StringRef name) {
  for (const Strategy *strategy : strategiesOf(kind))
    if (strategy->name() == name)
      return strategy;
  return nullptr;
}

} // namespace ccm
