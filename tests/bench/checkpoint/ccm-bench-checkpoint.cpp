// SPDX-License-Identifier: Apache-2.0
// What saving a checkpoint costs, against writing as many bytes with one fsync.
#include "ccm/runtime.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr int64_t kSide = 1024; // one parameter of kSide x rows, in panels of 8 as compilers pack
int64_t rows = 0;

int32_t sizes(int64_t, int32_t, ccm_sizes *out, ccm_error *) {
  *out = {};
  out->params = out->delta = static_cast<uint64_t>(rows * kSide) * sizeof(float);
  out->state = 2 * out->params; // as Adam has
  return CCM_OK;
}

int32_t init(void *params, void *state, uint64_t seed, ccm_error *) {
  auto fill = [&](void *memory, int64_t count) {
    for (int64_t i = 0; i < count; ++i)
      static_cast<float *>(memory)[i] = static_cast<float>((i * 2654435761 + seed) % 65536) / 65536;
  };
  fill(params, rows * kSide);
  if (state)
    fill(state, 2 * rows * kSide);
  return CCM_OK;
}

/// An entry that no checkpoint needs.
template <typename... Arguments>
int32_t nothing(Arguments...) {
  return CCM_OK;
}

/// A model that is nothing but its parameters.
ccm_model modelOf(const ccm_parameter &parameter) {
  ccm_model model = {};
  model.abi_major = CCM_ABI_MAJOR;
  model.abi_minor = CCM_ABI_MINOR;
  model.name = "parameters";
  model.describe = "{}";
  model.target = "none";
  model.parameter_count = model.trained_count = 1;
  model.parameters = &parameter;
  model.sizes = sizes;
  model.init = init;
  model.infer = model.forward = nothing;
  model.loss = nothing;
  model.backward = model.backward_train = nothing;
  model.backward_input = nothing;
  model.delta_zero = nothing;
  model.delta_add = nothing;
  model.delta_scale = nothing;
  model.train = nothing;
  model.step = nothing;
  return model;
}

template <typename Work>
double secondsOf(Work work) {
  auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

[[noreturn]] void stop(const std::string &message) {
  std::fprintf(stderr, "ccm-bench-checkpoint: error: %s\n", message.c_str());
  std::exit(74);
}

/// One file, written at once and synced.
void writePlainly(const std::string &path, const std::string &bytes) {
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  for (size_t done = 0; file >= 0 && done < bytes.size();) {
    ssize_t put = ::write(file, bytes.data() + done, bytes.size() - done);
    if (put <= 0)
      stop("cannot write '" + path + "'");
    done += static_cast<size_t>(put);
  }
  if (file < 0 || ::fsync(file) != 0 || ::close(file) != 0)
    stop("cannot write '" + path + "'");
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

/// Alternates both ways of writing and prints the medians.
void measure(const std::string &folder, int64_t megabytes, int repeats) {
  rows = megabytes * 1'000'000 / (3 * kSide * static_cast<int64_t>(sizeof(float))) / 8 * 8;
  ccm_parameter parameter = {"weight",
                             2,
                             3,
                             {rows, kSide},
                             {rows / 8, kSide, 8},
                             {0, 1, 0},
                             {8, 1, 1},
                             0,
                             static_cast<uint64_t>(rows * kSide) * sizeof(float)};
  ccm_model model = modelOf(parameter);
  auto artifact = ccm::Artifact::wrap(&model);
  if (!artifact)
    stop(artifact.error().message);
  auto session = ccm::Session::create(*artifact);
  if (!session)
    stop(session.error().message);
  const std::string saved = folder + "/saved.safetensors", plain = folder + "/plain";
  const std::string bytes(static_cast<size_t>(3 * rows * kSide) * sizeof(float), '\x5a');
  std::vector<double> saves, writes;
  for (int i = 0; i < repeats; ++i) {
    saves.push_back(secondsOf([&] {
      if (ccm::Status done = (*session)->save(saved); !done)
        stop(done.error().message);
    }));
    ::unlink(saved.c_str());
    writes.push_back(secondsOf([&] { writePlainly(plain, bytes); }));
    ::unlink(plain.c_str());
  }
  std::printf("%5lld MB: save %8.2f ms, plain write and fsync %8.2f ms, ratio %.2f\n",
              static_cast<long long>(megabytes), 1e3 * median(saves), 1e3 * median(writes),
              median(saves) / median(writes));
}

} // namespace

/// `ccm-bench-checkpoint FOLDER [REPEATS]`
int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: ccm-bench-checkpoint FOLDER [REPEATS]\n");
    return 2;
  }
  for (int64_t megabytes : {1, 10, 100})
    measure(argv[1], megabytes, argc > 2 ? std::atoi(argv[2]) : 9);
  return 0;
}
