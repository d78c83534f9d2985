// SPDX-License-Identifier: Apache-2.0
// Rows of a dataset as the runtime reads them.
#pragma once

#include "ccm/runtime.h"
#include "data/Dataset.h"

namespace ccm::data {

/// What the runtime says of a problem.
Error errorOf(const Problem &problem);

/// The dataset as a source without a digest. With `readers`, null for none, several rows of a batch
/// are read at once; both must outlive the source.
Source sourceOf(const Dataset &data, ThreadPool *readers);

} // namespace ccm::data
