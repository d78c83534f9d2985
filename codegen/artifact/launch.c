/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a function's launches: places become addresses, and kernels are called. */
#include "codegen/artifact/artifact.h"

/* One launch of a function that runs. */
typedef struct ccm_run {
  const ccm_function *function;
  const ccm_launch *launch;
  const ccm_regions *regions;
  int32_t pieces; /* that its tasks are dealt to */
} ccm_run;

static void *resolve(const ccm_regions *regions, const ccm_place *place) {
  char *start = ((char *const *)regions)[place->region];
  if (place->index >= 0)
    start = ((char *const *)start)[place->index];
  return start + place->offset;
}

static void call_kernel(const ccm_run *run, int32_t first, int32_t count) {
  const ccm_launch *launch = run->launch;
  void *buffers[launch->place_count];
  for (int32_t i = 0; i < launch->place_count; ++i)
    buffers[i] = resolve(run->regions, &launch->places[i]);
  launch->kernel(buffers, first, count);
}

/* Runs one piece: its share of the launch's tasks. */
static void run_piece(void *context, int64_t index, int32_t worker) {
  const ccm_run *run = context;
  int64_t tasks = run->launch->tasks;
  int32_t first = (int32_t)(index * tasks / run->pieces);
  int32_t end = (int32_t)((index + 1) * tasks / run->pieces);
  (void)worker;
  call_kernel(run, first, end - first);
}

static void note(const ccm_run *run, const ccm_runner *runner, int32_t ends) {
  const ccm_launch *launch = run->launch;
  ccm_launch_note note = {.bytes = sizeof(note),
                          .ends = ends,
                          .entry = run->function->entry,
                          .samples = run->function->samples,
                          .number = (int32_t)(launch - run->function->launches),
                          .tasks = run->pieces,
                          .kernel = launch->name,
                          .of = launch->of,
                          .macs = launch->macs,
                          .moved = launch->moved};
  runner->observe(runner->self, &note);
}

static void run_launch(const ccm_run *run, const ccm_runner *runner) {
  if (run->launch->border)
    ccm_zero_border(resolve(run->regions, run->launch->places), run->launch->border);
  else if (run->pieces > 1)
    ccm_run_tasks(runner, run_piece, (void *)run, run->pieces);
  else
    call_kernel(run, 0, run->launch->tasks);
}

void ccm_run_function(const ccm_function *function, const ccm_regions *regions,
                      const ccm_runner *runner, int32_t workers) {
  int32_t is_observed = runner && runner->observe;
  for (int32_t i = 0; i < function->launch_count; ++i) {
    ccm_run run = {function, &function->launches[i], regions, 1};
    if (run.launch->tasks > 1 && workers > 1)
      run.pieces = workers < run.launch->tasks ? workers : run.launch->tasks;
    if (is_observed)
      note(&run, runner, 0);
    run_launch(&run, runner);
    if (is_observed)
      note(&run, runner, 1);
  }
}
