// SPDX-License-Identifier: Apache-2.0
// What was built of a declaration, for people and for scripts.
#pragma once

#include "ir/Ccm.h"
#include "llvm/Support/JSON.h"

namespace ccm {

/// Name of the model's attribute that keeps the parts after they were replaced.
constexpr llvm::StringLiteral kPartsAttr = "ccm.parts";

/// What became of one part. Costs are per sample.
struct PartReport {
  llvm::StringRef part, port, strategy;
  mlir::DictionaryAttr config;
  int64_t tokens; ///< that the part gives; of an expand part the output's positions
  int64_t macs, budgetMacs, parameters;
  int64_t trained; ///< of the parameters; the others are frozen
  int64_t activationBytes;
  mlir::ArrayAttr rejected; ///< of {strategy, config, macs, reason}

  /// The entry of `kPartsAttr`.
  mlir::DictionaryAttr toAttribute(mlir::MLIRContext *context) const;
};

/// The parts that `ccm-build-structure` recorded, in order; none before it ran. Entries that are
/// not its own are left out.
llvm::SmallVector<PartReport> partsReport(ModelOp model);

/// Takes what was passed over off the recorded parts, so that an explanation changes nothing of
/// what is made of the model. Returns the record as it was, null where there is none.
mlir::Attribute dropRejected(ModelOp model);

/// Type of an output for people: "fan-in"; "-" when not derived.
std::string typeName(OutputOp output);

/// "animal_sound: bridge (image, text, label → sound)" and the table of parts; with `explain` the
/// rejected candidates under each part. Nothing of a model whose parts are not chosen yet.
void printReport(llvm::raw_ostream &os, ModelOp model, bool explain);

/// `name`, `type`, `parts`, `macs`, `parameters`, `trained` of `--report=json`; with `explain` also
/// `rejected` of every part.
llvm::json::Object reportToJson(ModelOp model, bool explain);

/// Every strategy by kind of part: whom it serves, and the keys of its configuration with their
/// bounds.
void printStrategies(llvm::raw_ostream &os);

/// A number, text, list of integers or dictionary of these; null for anything else.
llvm::json::Value toJson(mlir::Attribute attribute);

/// The `parts` entry alone, as an artifact's description holds it.
llvm::json::Array partsToJson(ModelOp model, bool explain);

} // namespace ccm
