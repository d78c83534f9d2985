// SPDX-License-Identifier: Apache-2.0
// Trains the model on a table, answers one row, and keeps the parameters for answer.c:
// `learn penguins.csv`.
#include "ccm/data.h"
#include "penguins.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

template <typename T>
T must(ccm::Result<T> result) {
  if (result)
    return std::move(*result);
  std::fprintf(stderr, "learn: %s\n", result.error().message.c_str());
  std::exit(1);
}

/// What the model says of one row: the name of the largest score.
const char *answer(ccm::Session &session, const ccm_model &model) {
  auto row =
      must(ccm::Batch::create(*ccm::Artifact::wrap(&model), 1, ccm::kInputs | ccm::kOutputs));
  const float measures[] = {39.1f, 18.7f, NAN, 3750};
  std::copy_n(measures, 4, static_cast<float *>(row.input(penguins_input_measures_index)));
  *static_cast<int32_t *>(row.input(penguins_input_island_index)) =
      ccm_index(&model.inputs[penguins_input_island_index], "Torgersen");
  *static_cast<int32_t *>(row.input(penguins_input_sex_index)) =
      ccm_index(&model.inputs[penguins_input_sex_index], "unknown");
  must(session.infer(row.first(1), session.workspace()));
  const float *scores = row.output(penguins_output_species_index);
  const auto best = std::max_element(scores, scores + penguins_output_species_elements) - scores;
  return ccm_name(&model.outputs[penguins_output_species_index], best);
}

int main(int count, char **arguments) {
  auto artifact = must(ccm::Artifact::wrap(ccm_model_penguins()));
  auto pool = must(ccm::ThreadPool::create());
  auto session = must(ccm::Session::create(artifact, {.runner = pool->runner()}));
  auto data = must(ccm::Data::open(*artifact, count > 1 ? arguments[1] : "penguins.csv"));
  for (const std::string &note : data.notes())
    std::printf("%s\n", note.c_str());
  auto trainer = must(ccm::Trainer::create(*session, data.source(), {.epochs = 60}));
  must(trainer->run());
  const ccm::Buffer &params = session->params();
  std::FILE *file = std::fopen("penguins.params", "wb");
  if (!file || std::fwrite(params.data(), 1, params.size(), file) != params.size() ||
      std::fclose(file) != 0)
    return 1;
  std::printf("learned %lld rows; a bird from Torgersen: %s\n", (long long)data.rows(),
              answer(*session, artifact->model()));
  return 0;
}
