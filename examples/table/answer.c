/* SPDX-License-Identifier: Apache-2.0 */
/* Answers one row from C11 through the model's table alone, with the parameters that learn.cpp
 * kept. */
#include "penguins.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Memory as entries want it. */
static void *buffer(uint64_t bytes) {
  return aligned_alloc(CCM_ALIGNMENT, (bytes / CCM_ALIGNMENT + 1) * CCM_ALIGNMENT);
}

static int fail(const char *why) {
  fprintf(stderr, "answer: %s\n", why);
  return 1;
}

int main(void) {
  const ccm_model *model = ccm_model_penguins();
  const ccm_port *island = &model->inputs[penguins_input_island_index];
  const ccm_port *sex = &model->inputs[penguins_input_sex_index];
  const ccm_port *species = &model->outputs[penguins_output_species_index];
  char message[256] = "";
  ccm_error error = {message, sizeof(message)};
  ccm_sizes sizes = {.bytes = sizeof(sizes)};
  if (model->sizes(1, 1, &sizes, &error) != CCM_OK)
    return fail(message);
  void *params = buffer(sizes.params), *workspace = buffer(sizes.infer);
  FILE *file = fopen("penguins.params", "rb");
  if (!file || fread(params, 1, sizes.params, file) != sizes.params)
    return fail("penguins.params is not there, or of another model: run learn first");
  fclose(file);

  const float measures[] = {39.1f, 18.7f, NAN, 3750}; /* one is not known */
  const int32_t islands[] = {ccm_index(island, "Torgersen")}, sexes[] = {ccm_index(sex, "")};
  float scores[penguins_output_species_elements];
  penguins_samples row = {.count = 1,
                          .inputs = {.measures = measures, .island = islands, .sex = sexes},
                          .outputs = {.species = scores}};
  penguins_lists lists;
  ccm_batch batch = penguins_batch(&row, &lists);
  ccm_buffers buffers = {
      .bytes = sizeof(buffers), .workspace = workspace, .workspace_bytes = sizes.infer};
  if (model->infer(params, &batch, &buffers, NULL, &error) != CCM_OK)
    return fail(message);
  int best = 0;
  for (int i = 1; i < penguins_output_species_elements; ++i)
    best = scores[i] > scores[best] ? i : best;
  printf("%s\n", ccm_name(species, best));
  free(params), free(workspace);
  return 0;
}
