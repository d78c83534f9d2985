// SPDX-License-Identifier: Apache-2.0
// `ccm-run declare`: a first declaration for a table.
#include "data/Declare.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace ccm::run {

namespace {

struct Arguments : data::DeclareOptions {
  std::vector<std::string> targetLists;
  std::string out;
};

/// A list of titles with commas between; one that is a title as a whole is that one.
std::vector<std::string> targetsOf(const Arguments &arguments, const data::Survey &survey) {
  const std::vector<std::string> titles = survey.titles();
  std::vector<std::string> targets;
  for (const std::string &list : arguments.targetLists) {
    const bool isTitle = std::count(titles.begin(), titles.end(), list) > 0;
    for (const std::string &title : isTitle ? std::vector{list} : CLI::detail::split(list, ','))
      targets.emplace_back(data::trimmed(title));
  }
  if (!targets.empty())
    return targets;
  std::string all;
  for (const std::string &title : titles)
    all += (all.empty() ? "" : ", ") + title;
  throw failure(kBadCommandLine, "--target is required: one or more of the columns " + all);
}

int declare(Arguments arguments) {
  if (!arguments.name.empty() && data::portNameOf(arguments.name) != arguments.name)
    throw failure(kBadCommandLine, "--name expects [a-z][a-z0-9_]*, such as " +
                                       data::portNameOf(arguments.name) + ", got '" +
                                       arguments.name + "'");
  const data::Survey survey = need(data::surveyTables(arguments.tables, {}));
  arguments.targets = targetsOf(arguments, survey);
  const std::string text = need(data::declarationOf(survey, arguments));
  if (arguments.out.empty())
    return print(text), kDone;
  for (const std::string &table : arguments.tables) {
    const auto target = io::fileIdentity(arguments.out), read = io::fileIdentity(table);
    if (target && read && *target == *read)
      throw failure(kBadInput, "the output '" + arguments.out + "' is also an input");
  }
  need(io::writeFileAtomically(arguments.out, text));
  return kDone;
}

} // namespace

void addDeclare(CLI::App &app, int &exitCode) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App &verb = *app.add_subcommand("declare", "writes a first declaration for a table");
  verb.add_option("table", arguments->tables, "table.csv (.tsv, also .gz); several of one header")
      ->required();
  verb.add_option("--target", arguments->targetLists,
                  "the columns to predict, with commas between");
  verb.add_option("--name", arguments->name, "of the model; without it that of the file");
  verb.add_option("--out", arguments->out, "a file in place of standard output");
  verb.add_option("--level", arguments->level,
                  "compute; without it tiny, or low where there are pictures, sounds or texts")
      ->check(CLI::IsMember({"tiny", "low", "medium", "high"}));
  verb.callback([arguments, &exitCode] { exitCode = declare(*arguments); });
}

} // namespace ccm::run
