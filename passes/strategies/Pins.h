// SPDX-License-Identifier: Apache-2.0
// What a declaration pins of a part, checked against the registry.
#pragma once

#include "passes/strategies/Strategy.h"

namespace ccm {

/// What a key takes: "a multiple of 16 from 16 to 4096".
std::string boundsOf(const Key &key);

/// The strategy of the part's kind and that name. Fails after a diagnostic that lists the names.
llvm::FailureOr<const Strategy *> findNamed(const Site &site, llvm::StringRef name);

/// The strategy that a pin names. Fails after a diagnostic that lists the names there are.
llvm::FailureOr<const Strategy *> findPinned(const Site &site, mlir::DictionaryAttr pin);

/// Fails after a diagnostic unless every entry but the name is a key of the strategy, of the key's
/// kind and within its bounds.
llvm::LogicalResult checkPin(const Strategy &strategy, const Site &site, mlir::DictionaryAttr pin);

/// The configuration with the pinned entries put in place of the proposed ones.
mlir::DictionaryAttr withPin(mlir::DictionaryAttr config, mlir::DictionaryAttr pin);

/// Fails after a diagnostic unless the part is within the strategy's scope.
llvm::LogicalResult checkScope(const Strategy &strategy, const Site &site);

/// Checks a whole configuration, pinned or read from IR: `checkScope`, every key present and in
/// bounds, no other, and possible at the site.
llvm::LogicalResult checkConfig(const Strategy &strategy, const Site &site,
                                mlir::DictionaryAttr config);

/// "strategy 'x' with depth 2 …": why a configuration cannot be built.
std::string refusalOf(const Strategy &strategy, mlir::DictionaryAttr config,
                      llvm::StringRef reason);

/// "; did you mean 'x'?" for the known word closest to `word`, or empty when none is close.
std::string suggestion(llvm::StringRef word, llvm::ArrayRef<llvm::StringRef> known);

} // namespace ccm
