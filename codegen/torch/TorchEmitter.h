// SPDX-License-Identifier: Apache-2.0
// A model of primitives as PyTorch code.
#pragma once

#include "ir/Ccm.h"
#include <string>

namespace ccm {

/// What stands above the operations of a part: its parameters' names start with `prefix` and a dot.
struct TorchPart {
  std::string prefix;  ///< "reduce.image"
  std::string comment; ///< "reduce image: patch-embed"
};

/// Python code of a model whose structure is built: a class `Model` whose `state_dict` has the
/// names and shapes of the model's checkpoints. Operations read as their definitions say
/// (`ir/Torch.h`). `compiler` is the version that stands in it. Fails after a diagnostic where an
/// operation has no twin, as a part that is not built yet.
llvm::FailureOr<std::string> emitTorch(ModelOp model, llvm::ArrayRef<TorchPart> parts,
                                       llvm::StringRef compiler);

} // namespace ccm
