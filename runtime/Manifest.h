// SPDX-License-Identifier: Apache-2.0
// Whether a library's file may be handed to the system's loader.
#pragma once

#include "ccm/manifest.h"
#include "ccm/result.h"

#include <span>
#include <string>
#include <string_view>

namespace ccm {

/// Words of processor features; see `ccm/manifest.h`.
using FeatureWords = std::span<const uint32_t, CCM_FEATURE_WORDS>;

/// What the file of a library says of itself, after it was found to be one of ccm for this kind of
/// machine, of this interface version, as its compiler wrote it, that needs no libraries but C and
/// math. Never reads outside `bytes`. The message of an error is one sentence, to be put behind the
/// file's name, of what is wrong and what mends it.
Result<ccm_manifest> checkLibrary(std::string_view bytes);

/// Refuses a library of which no code path runs on a processor with these features.
Status checkProcessor(const ccm_manifest &manifest, FeatureWords processor);

/// The manifest in a segment of notes, which must be whole.
Result<ccm_manifest> readManifest(std::string_view notes);

/// Writes the digest into a library that was linked with a manifest; for those who link libraries
/// without ccm-compile.
Status sealLibrary(std::string &bytes);

} // namespace ccm
