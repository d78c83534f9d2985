// SPDX-License-Identifier: Apache-2.0
// Files and sessions for the tests of the runtime.
#pragma once

#include "LinearModel.h"
#include "ccm/runtime.h"
#include "runtime/Checkpoint.h"
#include "runtime/io/Io.h"
#include "tests/support/TemporaryDirectory.h"

#include <gtest/gtest.h>

#include <string>

namespace ccm::test {

/// The message of a failed result; "" for a value.
template <typename T>
std::string messageOf(const T &result) {
  return result ? std::string() : result.error().message;
}

/// The linear model.
inline std::shared_ptr<const Artifact> linearArtifact() {
  auto artifact = Artifact::wrap(ccm_model_linear());
  EXPECT_TRUE(artifact) << messageOf(artifact);
  return *artifact;
}

/// A session of the linear model.
inline std::unique_ptr<Session> linearSession(const SessionOptions &options = {}) {
  auto session = Session::create(linearArtifact(), options);
  EXPECT_TRUE(session) << messageOf(session);
  return std::move(*session);
}

/// A fixed linear function of the item's number, with items that differ.
inline Source linearSource(int64_t items) {
  auto fill = [](std::span<const int64_t> wanted, Batch &batch) -> Status {
    auto x = static_cast<float *>(batch.input(0));
    auto t = static_cast<float *>(batch.target(0));
    for (size_t k = 0; k < wanted.size(); ++k) {
      for (int i = 0; i < kIn; ++i)
        x[k * kIn + i] = static_cast<float>((wanted[k] * (7 + 3 * i)) % 11) / 11 - 0.5f;
      for (int o = 0; o < kOut; ++o)
        t[k * kOut + o] = 0.5f * x[k * kIn + o % kIn] - 0.25f * static_cast<float>(o);
    }
    return Done{};
  };
  return {items, fill};
}

/// The file that a training would save.
inline std::string checkpointOf(const Session &session, const Progress &progress) {
  std::string file;
  auto header = writeCheckpoint(session, progress, [&](std::string_view bytes) -> Status {
    file += bytes;
    return Done{};
  });
  EXPECT_TRUE(header) << messageOf(header);
  return header ? file.replace(0, header->size(), *header) : "";
}

} // namespace ccm::test
