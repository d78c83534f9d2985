// SPDX-License-Identifier: Apache-2.0
// Every message is said by some case of the tables, and every key of the language is tried.
#include "ImportRun.h"
#include "Refusals.h"
#include "frontend/Language.h"
#include <gtest/gtest.h>
#include <set>

namespace ccm::frontend {

/// Messages that tables of short texts cannot provoke; each has a test of its own.
static const std::set<Message> kProvokedElsewhere = {
    Message::FileTooLarge,    // HostileText.FileOverTheLimit
    Message::TooDeep,         // HostileText.MillionBrackets
    Message::TooManyValues,   // HostileText.TooManyValues
    Message::TooManyControls, // HostileText.TooManyLines
    Message::NulByte,         // HostileText.NulBytes
    Message::NumberTooLong,   // HostileText.LongNumbers
    Message::TooManyPorts,    // HostileText.HundredThousandPorts
    Message::UseTooMany,      // Use.TooMany
    Message::LaterStage,      // Diagnostics.LaterStageAtItsPlace
    Message::MoreErrors,      // Diagnostics.CountsWhatIsNotShown
};

TEST(Coverage, EveryMessageIsInATable) {
  std::set<Message> said = kProvokedElsewhere;
  for (const RefusalCase &refusal : readRefusals()) {
    ImportRun run(refusal.text);
    for (const Diagnostic &diagnostic : run.diagnostics.list()) {
      said.insert(diagnostic.id);
      for (const Diagnostic::Note &note : diagnostic.notes)
        said.insert(note.id);
    }
  }
  for (size_t index = 0; index < messageCount(); ++index)
    EXPECT_TRUE(said.contains(Message(index)))
        << "no case provokes: " << messageText(Message(index));
}

TEST(Coverage, CodesAreUnique) {
  std::set<std::string> codes;
  for (size_t index = 0; index < messageCount(); ++index)
    if (auto code = messageCode(Message(index)); !code.empty()) {
      EXPECT_TRUE(codes.insert(code.str()).second) << code.str();
    }
}

/// A declaration with `member` in an object of an owner.
static std::string declarationWith(Owner owner, const std::string &member) {
  auto in = [&](Owner where) { return owner == where ? ", " + member : std::string(); };
  std::string budget = owner == kBudget ? ", \"compute\": {" + member + "}" : "";
  std::string pin = owner == kPin ? ", \"strategy\": {" + member + "}" : "";
  std::string train = owner == kTrain ? ", \"train\": {" + member + "}" : "";
  return "{\"version\": 0" + in(kModel) + budget + pin + train +
         ", \"unaligned_inputs\": [{\"a\": 0" + in(kInput) + "}], \"aligned_inputs\": [{\"a\": 0" +
         in(kAligned) + "}], \"outputs\": [{\"a\": 0" + in(kOutput) + "}]}";
}

/// Each key of each object refuses a value that no key accepts, and says what it expects.
TEST(Coverage, EveryKeyIsChecked) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  Language language(context);
  for (const Key &key : Language::table())
    for (Owner owner : {kModel, kInput, kAligned, kOutput, kBudget, kPin, kTrain}) {
      if (!(key.owners & owner))
        continue;
      ImportRun run(declarationWith(owner, "\"" + key.name.str() + "\": null"));
      std::string expected =
          "`" + key.name.str() + "` expects " + language.expectation(key) + ", got null";
      EXPECT_NE(run.said().find(expected), std::string::npos) << expected << "\n" << run.said();
    }
}

} // namespace ccm::frontend
