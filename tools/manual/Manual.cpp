// SPDX-License-Identifier: Apache-2.0
// Walks over the options of a command line.
#include "tools/manual/Manual.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>

namespace ccm {

namespace {

using Options = std::vector<const CLI::Option *>;
using Verbs = std::vector<const CLI::App *>;

Options shownOptions(const CLI::App &app) {
  return app.get_options([](const CLI::Option *option) { return !option->get_group().empty(); });
}

Verbs verbsOf(const CLI::App &app) {
  return app.get_subcommands([](const CLI::App *verb) { return !verb->get_group().empty(); });
}

bool takesValue(const CLI::Option &option) { return option.get_items_expected_max() > 0; }

/// "--data", "-j", in the order of definition.
std::vector<std::string> flagsOf(const CLI::Option &option) {
  std::vector<std::string> flags;
  for (const std::string &name : option.get_snames())
    flags.push_back("-" + name);
  for (const std::string &name : option.get_lnames())
    flags.push_back("--" + name);
  return flags;
}

/// The values an option chooses from: CLI11 shows them as "{a,b,c}".
std::vector<std::string> choicesOf(const CLI::Option &option) {
  const std::string type = option.get_type_name();
  const size_t open = type.find('{'), close = type.find('}');
  std::vector<std::string> choices;
  if (open == type.npos || close == type.npos)
    return choices;
  for (size_t at = open + 1; at < close;) {
    const size_t end = std::min(type.find(',', at), close);
    choices.push_back(type.substr(at, end - at));
    at = end + 1;
  }
  return choices;
}

// ---- Man pages ----------------------------------------------------------------------------------

/// Text that troff shows as it is.
std::string troff(const std::string &text) {
  std::string out;
  for (char c : text) {
    const bool startsLine = out.empty() || out.back() == '\n';
    out += startsLine && (c == '.' || c == '\'') ? "\\&" : "";
    out += c == '-' ? "\\-" : c == '\\' ? "\\e" : std::string(1, c);
  }
  return out;
}

std::string bold(const std::string &text) { return "\\fB" + troff(text) + "\\fR"; }

std::string italic(const std::string &text) { return "\\fI" + troff(text) + "\\fR"; }

/// "TEXT" of "TEXT:{a,b}", "a|b" where there is a list.
std::string valueName(const CLI::Option &option) {
  std::string name;
  for (const std::string &choice : choicesOf(option))
    name += (name.empty() ? "" : "|") + choice;
  const std::string type = option.get_type_name();
  return name.empty() ? type.substr(0, type.find(':')) : name;
}

std::string manOption(const CLI::Option &option) {
  std::string names;
  for (const std::string &flag : flagsOf(option))
    names += (names.empty() ? "" : ", ") + bold(flag);
  if (names.empty())
    names = italic(option.get_name());
  else if (takesValue(option))
    names += " " + italic(valueName(option));
  std::string text = option.get_description();
  if (option.get_required())
    text += "; required";
  if (!option.get_default_str().empty())
    text += "; default " + option.get_default_str();
  return ".TP\n" + names + "\n" + troff(text) + "\n";
}

std::string manOptions(const CLI::App &app) {
  std::string text;
  for (const CLI::Option *option : shownOptions(app))
    text += manOption(*option);
  return text;
}

/// `name verb positional [options]`.
std::string synopsis(const std::string &command, const CLI::App &app) {
  std::string line = bold(command);
  if (!verbsOf(app).empty())
    line += " " + italic("verb");
  for (const CLI::Option *option : shownOptions(app))
    if (option->get_positional())
      line += " " + italic(option->get_name());
  return line + " [" + italic("options") + "]\n";
}

std::string manVerb(const std::string &tool, const CLI::App &verb) {
  return ".SS " + verb.get_name() + "\n" + synopsis(tool + " " + verb.get_name(), verb) + ".PP\n" +
         troff(verb.get_description()) + "\n" + manOptions(verb);
}

constexpr const char *kExitStatus = R"(.SH EXIT STATUS
.TP
.B 0
done
.TP
.B 1
the input is wrong
.TP
.B 2
the command line is wrong
.TP
.B 70
internal error
.TP
.B 74
a file could not be read or written
.TP
.B 130
interrupted
)";

// ---- Completion ---------------------------------------------------------------------------------

/// A name that bash takes for a function.
std::string functionName(const std::string &tool) {
  std::string name = "_" + tool;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string flagWords(const CLI::App &app) {
  std::string words;
  for (const CLI::Option *option : shownOptions(app))
    for (const std::string &flag : flagsOf(*option))
      words += (words.empty() ? "" : " ") + flag;
  return words;
}

/// Lines of a case over the word before the cursor: lists of values.
std::string choiceCases(const CLI::App &app) {
  std::string cases;
  for (const CLI::Option *option : shownOptions(app)) {
    std::string pattern, words;
    for (const std::string &flag : flagsOf(*option))
      pattern += (pattern.empty() ? "" : "|") + flag;
    for (const std::string &choice : choicesOf(*option))
      words += (words.empty() ? "" : " ") + choice;
    if (!words.empty() && !pattern.empty())
      cases += "    " + pattern + ") choices='" + words + "' ;;\n";
  }
  return cases;
}

/// A line of a case over the verb: the words that may follow it.
std::string verbCase(const std::string &name, const std::string &words) {
  return "    " + name + ") words='" + words + "' ;;\n";
}

} // namespace

std::string manPage(const CLI::App &app, const ManualText &text) {
  const std::string name = app.get_name();
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](unsigned char c) { return char(std::toupper(c)); });
  std::string page = ".TH " + troff(title) + " 1 \"\" \"ccm " + text.version +
                     "\" \"User Commands\"\n.SH NAME\n" + troff(name) + " \\- " +
                     troff(app.get_description()) + "\n.SH SYNOPSIS\n" + synopsis(name, app) +
                     ".SH DESCRIPTION\n";
  for (const std::string &paragraph : text.description)
    page += ".PP\n" + troff(paragraph) + "\n";
  page += ".SH OPTIONS\n" + manOptions(app);
  if (const Verbs verbs = verbsOf(app); !verbs.empty()) {
    page += ".SH VERBS\n";
    for (const CLI::App *verb : verbs)
      page += manVerb(name, *verb);
  }
  page += kExitStatus;
  if (!text.examples.empty())
    page += ".SH EXAMPLES\n";
  for (const auto &[command, meaning] : text.examples)
    page += ".TP\n" + bold(command) + "\n" + troff(meaning) + "\n";
  return page;
}

std::string bashCompletion(const CLI::App &app) {
  const std::string tool = app.get_name(), function = functionName(tool);
  std::string verbs, verbCases, choices = choiceCases(app);
  for (const CLI::App *verb : verbsOf(app)) {
    verbs += (verbs.empty() ? "" : "|") + verb->get_name();
    verbCases += verbCase(verb->get_name(), flagWords(*verb));
    choices += choiceCases(*verb);
  }
  std::string words = verbs;
  std::replace(words.begin(), words.end(), '|', ' ');
  std::string out = "# bash completion of " + tool + "\n" + function +
                    "() {\n  local current=${COMP_WORDS[COMP_CWORD]}\n"
                    "  local previous=${COMP_WORDS[COMP_CWORD - 1]} verb= word words= choices=\n";
  if (!verbs.empty())
    out += "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD - 1}\"; do\n    case $word in " + verbs +
           ") verb=$word; break ;; esac\n  done\n";
  out += "  case $verb in\n" + verbCases +
         verbCase("*", words + (words.empty() ? "" : " ") + flagWords(app)) + "  esac\n";
  if (!choices.empty())
    out += "  case $previous in\n" + choices + "  esac\n";
  out += "  if [[ -n $choices ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$choices\" -- \"$current\")\n"
         "  elif [[ $current == -*" +
         std::string(verbs.empty() ? "" : " || -z $verb") +
         " ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "  else\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
         "  fi\n}\n";
  return out + "complete -o filenames -F " + function + " " + tool + "\n";
}

void addManual(CLI::App &app, const ManualText &text) {
  // As for --version: printing is all that is done.
  const auto add = [&app](const char *flag, auto write) {
    app.add_flag_callback(flag, [&app, write] { throw CLI::CallForVersion(write(app), 0); })
        ->group("");
  };
  add("--help-man", [text](const CLI::App &tool) { return manPage(tool, text); });
  add("--completion", [](const CLI::App &tool) { return bashCompletion(tool); });
}

} // namespace ccm
