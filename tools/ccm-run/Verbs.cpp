// SPDX-License-Identifier: Apache-2.0
// The list of verbs.
#include "tools/ccm-run/Verbs.h"

#include "tools/manual/Manual.h"

#include <CLI/CLI.hpp>

namespace ccm::run {

namespace {

ManualText manualText() {
  return {
      CCM_VERSION,
      {"Works with models that ccm-compile made. Data is a table (name.csv or .tsv, also .gz, "
       "whose "
       "header names the model's ports and whose cells are numbers, texts, or paths of png, jpg, "
       "wav, ogg, flac, npy and txt files; a column called @port holds paths alone), arrays "
       "(port=file of npy or IDX, also .gz), or synthetic:N.",
       "Results go to standard output, everything else to standard error. With --json a verb "
       "prints one JSON object. NO_COLOR turns colours off."},
      {{"ccm-run declare train.csv --target price --out model.json",
        "writes a first declaration, to be compiled by ccm-compile"},
       {"ccm-run train model.so --data train.csv --validation 0.1 --epochs 20 --out run",
        "trains, and keeps checkpoints, log.jsonl and loss.svg in run"},
       {"ccm-run train model.so --data train.csv --validation 0.1 --epochs 40 --out run --resume",
        "goes on with it"},
       {"ccm-run eval model.so --checkpoint run --data test.csv --confusion confusion.svg",
        "measures loss, accuracy and area under the curve"},
       {"ccm-run importance model.so --checkpoint run --data test.csv",
        "tells which inputs the answers depend on"},
       {"ccm-run infer model.so --checkpoint run --input image=@dog.png --top 3",
        "tells the three likeliest labels of a picture"},
       {"ccm-run infer model.so --checkpoint run --data test.csv --output label=answers.csv",
        "answers every row of a table"},
       {"ccm-run generate model.so --checkpoint run --input label=3 --count 8 --output "
        "picture=cat-{}.png",
        "makes eight pictures of a label"}}};
}

/// An option that is given several times takes one value each time, so that the library may stand
/// behind it; help shows no limits of numbers, which an error names when they matter.
void tidy(CLI::App &app) {
  for (CLI::Option *option : app.get_options())
    try {
      option->allow_extra_args(option->get_positional() && option->get_items_expected_max() > 1);
      for (int i = 0;; ++i)
        if (CLI::Validator *check = option->get_validator(i);
            check->get_description().find('{') == std::string::npos)
          check->description("");
    } catch (const CLI::OptionNotFound &) { // behind the last one
    }
}

} // namespace

void addVerbs(CLI::App &app, int &exitCode) {
  app.name("ccm-run");
  app.description("looks at, trains, measures and uses models compiled by ccm-compile");
  app.require_subcommand(1);
  app.set_version_flag("--version", "ccm-run " CCM_VERSION);
  for (auto addVerb : {addDeclare, addInfo, addTrain, addEval, addImportance, addInfer, addForecast,
                       addGenerate, addBench, addGradcheck, addVerify})
    addVerb(app, exitCode);
  for (CLI::App *verb : app.get_subcommands([](CLI::App *) { return true; }))
    tidy(*verb);
  addManual(app, manualText());
}

} // namespace ccm::run
