// SPDX-License-Identifier: Apache-2.0
// A model of the program itself that learns from a table of numbers.
#include "ccm/data.h"
#include "table.h"

#include <cstdio>
#include <fstream>

/// Rows of 13 equal numbers, whose sum is the price.
static std::string writeTable(const char *name, const char *lastCell) {
  std::string path = std::string(FOLDER) + "/" + name;
  std::ofstream table(path);
  table << "row,price\n";
  for (int row = 0; row < 40; ++row) {
    for (int i = 0; i < 13; ++i)
      table << (i ? " " : "") << row * 0.01;
    table << "," << row * 0.13 << "\n";
  }
  table << "1 1 1 1 1 1 1 1 1 1 1 1 1," << lastCell << "\n";
  return path;
}

/// Whether a training lowers the loss over all rows.
static ccm::Result<bool> learns(std::shared_ptr<const ccm::Artifact> artifact,
                                const ccm::Data &data) {
  auto session = ccm::Session::create(artifact);
  if (!session)
    return session.error();
  auto before = ccm::evaluate(**session, data.source(), 16, (*session)->workspace());
  if (!before)
    return before.error();
  ccm::TrainOptions options;
  options.batch = 16;
  options.epochs = 30;
  auto trainer = ccm::Trainer::create(**session, data.source(), options);
  if (!trainer)
    return trainer.error();
  if (auto ran = (*trainer)->run(); !ran)
    return ran.error();
  auto after = ccm::evaluate(**session, data.source(), 16, (*session)->workspace());
  if (!after)
    return after.error();
  return after->items == 41 && after->loss < before->loss;
}

int main() {
  auto artifact = *ccm::Artifact::wrap(ccm_model_table());
  auto wrong = ccm::Data::open(*artifact, writeTable("wrong.csv", "cheap"));
  if (wrong || wrong.error().message.find("wrong.csv:42:") == std::string::npos)
    return std::puts("expects an error with its place"), 1;
  std::string path = writeTable("right.csv", "13");
  auto data = ccm::Data::open(*artifact, path);
  if (!data || data->rows() != 41 || data->files() != std::vector<std::string>{path})
    return std::puts(data ? "expects 41 rows of one file" : data.error().message.c_str()), 1;
  auto learned = learns(artifact, *data);
  if (!learned)
    return std::puts(learned.error().message.c_str()), 1;
  return *learned ? 0 : 1;
}
