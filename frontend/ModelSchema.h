// SPDX-License-Identifier: Apache-2.0
// The declaration language as a JSON Schema.
#pragma once

#include "frontend/Language.h"
#include "llvm/Support/raw_ostream.h"

namespace ccm::frontend {

/// Prints a schema (draft 2020-12) made from the table that the importer reads. What a schema
/// cannot say, such as rules across ports, is left to the importer.
void printSchema(const Language &language, llvm::raw_ostream &out);

} // namespace ccm::frontend
