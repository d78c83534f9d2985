// SPDX-License-Identifier: Apache-2.0
// Every refused declaration gives exactly the diagnostics of its table.
#include "ImportRun.h"
#include "Refusals.h"
#include "runtime/io/Io.h"
#include "llvm/ADT/StringRef.h"
#include <gtest/gtest.h>

using llvm::StringRef;

namespace ccm::frontend {

static RefusalCase readCase(StringRef file, StringRef section) {
  auto [title, rest] = section.split('\n');
  auto [text, expected] = rest.split(">>>\n");
  return {file.str(), title.trim().str(), text.str(), expected.str()};
}

std::vector<RefusalCase> readRefusals() {
  std::vector<RefusalCase> cases;
  auto files = io::listDirectory(CCM_TEST_DATA);
  if (!files)
    return cases;
  for (const std::string &file : *files) {
    auto content = io::readFile(std::string(CCM_TEST_DATA "/") + file);
    if (!content)
      return {};
    llvm::SmallVector<StringRef> sections;
    StringRef(*content).split(sections, "=== ", /*MaxSplit=*/-1, /*KeepEmpty=*/false);
    for (StringRef section : sections)
      cases.push_back(readCase(file, section));
  }
  return cases;
}

TEST(Refusal, TablesAreRead) { EXPECT_GT(readRefusals().size(), 50u); }

TEST(Refusal, SaysExactlyWhatTheTablesSay) {
  for (const RefusalCase &refusal : readRefusals()) {
    ImportRun run(refusal.text);
    EXPECT_EQ(run.said(), refusal.expected) << refusal.file << ": " << refusal.title;
    EXPECT_FALSE(run.module) << refusal.file << ": " << refusal.title;
  }
}

} // namespace ccm::frontend
