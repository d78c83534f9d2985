// SPDX-License-Identifier: Apache-2.0
// A library of ccm-compile with one bit of it changed is refused, or is one that behaves the same.
// CCM_FLIP_STRIDE in the environment says how far apart the flipped bytes lie; 1 tries every one.
#include "runtime/Manifest.h"
#include "runtime/io/Io.h"
#include "tests/embed/Models.h"
#include "tests/support/TemporaryDirectory.h"

#include "table.h"

#include <cstdlib>
#include <fstream>

namespace ccm::test {
namespace {

size_t stride() {
  const char *text = std::getenv("CCM_FLIP_STRIDE");
  return text ? std::max<size_t>(1, std::strtoul(text, nullptr, 10)) : 499;
}

/// What a model computes: outputs and parameters after a step.
std::string behaviour(const std::shared_ptr<const Artifact> &artifact) {
  auto session = must(Session::create(artifact, {.seed = 4}));
  Batch batch = filledBatch(artifact, 9, 2);
  must(session->step(batch.first(9), makeUpdate(0.01f, 0)));
  must(session->infer(batch.first(9), session->workspace()));
  return session->parametersSha256() + outputBits(batch, 9);
}

TEST(FlipTest, LibraryOnDiskIsTheModelLinkedIn) {
  auto loaded = must(Artifact::load(TABLE_LIBRARY));
  EXPECT_EQ(loaded->model().target, std::string("x86-64-v3"));
  std::string disk = behaviour(loaded);
  EXPECT_FALSE(disk.empty());
  EXPECT_EQ(must(Artifact::load(TABLE_LIBRARY))->layoutHash(),
            artifactOf(ccm_model_table())->layoutHash());
}

/// Tries damaged copies of the library: each must be refused, or behave as the library does.
class Damage {
public:
  ~Damage() { std::printf("%zu of %zu copies refused, the others harmless\n", refused, tried); }
  void tryCopy(const std::string &copy, size_t at) {
    ++tried;
    if (!checkLibrary(copy)) {
      ++refused;
      return;
    }
    std::string path = directory / (std::to_string(at) + ".so");
    std::ofstream(path, std::ios::binary) << copy; // not synced, unlike files that must last
    EXPECT_EQ(behaviour(must(Artifact::load(path))), expected) << "byte " << at;
    EXPECT_TRUE(io::removeTree(path));
  }
  const std::string library = *io::readFile(TABLE_LIBRARY);
  size_t refused = 0, tried = 0;

private:
  std::string expected = behaviour(must(Artifact::load(TABLE_LIBRARY)));
  TemporaryDirectory directory;
};

TEST(FlipTest, AFlippedBitIsRefusedOrHarmless) {
  Damage damage;
  for (size_t at = 0; at < damage.library.size(); at += stride()) {
    std::string copy = damage.library;
    copy[at] = static_cast<char>(copy[at] ^ 1 << at % 8);
    damage.tryCopy(copy, at);
  }
  EXPECT_GT(damage.refused, damage.tried / 2);
}

TEST(FlipTest, ATruncationIsRefusedOrHarmless) {
  Damage damage;
  for (size_t size = 0; size < damage.library.size(); size += stride())
    damage.tryCopy(damage.library.substr(0, size), size);
  EXPECT_GT(damage.refused, damage.tried / 2);
}

} // namespace
} // namespace ccm::test
