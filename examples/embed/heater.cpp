// SPDX-License-Identifier: Apache-2.0
// Trains the model with parallel deltas: every thread of the pool takes shards of the batch.
#include "heater.h"
#include "ccm/runtime.h"
#include <cmath>
#include <cstdio>
#include <cstdlib>

template <typename T>
T must(ccm::Result<T> result) {
  if (result)
    return std::move(*result);
  std::fprintf(stderr, "heater: %s\n", result.error().message.c_str());
  std::exit(1);
}

int main() {
  auto artifact = must(ccm::Artifact::wrap(ccm_model_heater()));
  auto pool = must(ccm::ThreadPool::create());
  auto session = must(ccm::Session::create(artifact, {.seed = 1, .runner = pool->runner()}));
  auto batch = must(ccm::Batch::create(artifact, 64, ccm::kInputs | ccm::kTargets));
  auto room = static_cast<float *>(batch.input(heater_input_room_index));
  auto power = static_cast<float *>(batch.target(heater_output_power_index));
  double first = 0, last = 0;
  for (int64_t step = 0; step < 1000; ++step) {
    for (int64_t i = 0; i < 64; ++i) { // what an application has measured
      float *x = room + i * heater_input_room_elements;
      for (int64_t k = 0; k < heater_input_room_elements; ++k)
        x[k] = std::sin(static_cast<float>((step * 64 + i) * (k + 3)));
      power[i] = x[0] * x[1] - 0.5f * x[2];
    }
    last = must(session->step(batch.first(64),
                              ccm::makeUpdate(artifact->trainDefaults().learningRate, step)));
    first = step == 0 ? last : first;
  }
  must(session->save("heater.safetensors"));
  std::printf("loss %.4f, then %.4f; saved heater.safetensors\n", first, last);
  return last < first / 10 ? 0 : 1;
}
