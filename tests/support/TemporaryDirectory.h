// SPDX-License-Identifier: Apache-2.0
// Directories of tests.
#pragma once

#include "runtime/io/Io.h"
#include <cstdlib>
#include <gtest/gtest.h>

namespace ccm::test {

/// A private directory that is removed with the scope.
class TemporaryDirectory {
public:
  TemporaryDirectory() {
    const char *base = std::getenv("TMPDIR");
    directory = std::string(base && *base ? base : "/tmp") + "/ccm-test-XXXXXX";
    EXPECT_NE(mkdtemp(directory.data()), nullptr) << directory;
  }
  TemporaryDirectory(const TemporaryDirectory &) = delete;
  TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;
  ~TemporaryDirectory() { EXPECT_TRUE(io::removeTree(directory)); }
  const std::string &path() const { return directory; }
  /// Path of a name in it.
  std::string operator/(const std::string &name) const { return directory + "/" + name; }
  /// Its entries.
  std::vector<std::string> names() const {
    io::Result<std::vector<std::string>> listed = io::listDirectory(directory);
    return listed ? *listed : std::vector<std::string>{"cannot be listed"};
  }

private:
  std::string directory;
};

} // namespace ccm::test
