// SPDX-License-Identifier: Apache-2.0
// The compiled models that are linked into these tests.
#pragma once

#include "tests/support/FilledBatch.h"

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ccm::test {

/// Every linked model: convolutions, attention, embeddings, transposed convolutions, dense.
std::span<const ccm_model *const> linkedModels();

/// The artifact of a linked model.
std::shared_ptr<const Artifact> artifactOf(const ccm_model *model);

/// The bits of every output of the first `count` samples.
std::string outputBits(const Batch &batch, int64_t count);

} // namespace ccm::test
