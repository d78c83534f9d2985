// SPDX-License-Identifier: Apache-2.0
// `ccm-run bench`: time of a training step, of inference and of elements of sequences, or of every
// launch in them, beside what the processor could do.
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"
#include "tools/ccm-run/Job.h"
#include "tools/ccm-run/KernelTimes.h"
#include "tools/ccm-run/Peak.h"
#include "tools/ccm-run/SequenceTimes.h"
#include "tools/ccm-run/TextTable.h"
#include "tools/ccm-run/Verbs.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;

struct BenchArguments : Options {
  double seconds = 3;
  bool kernels = false;
};

/// Milliseconds of both kinds, and GFLOP/s of the calibration loop.
struct Timing {
  double train = 0, infer = 0, peak = 0;
};

template <typename Call>
double millisecondsOf(Call call) {
  const Stopwatch clock;
  call();
  return clock.seconds() * 1e3;
}

/// Takes turns, so that a disturbance meets all three alike.
Timing measure(Job &job, const ccm_batch &batch, double seconds) {
  constexpr size_t kWarm = 2, kLeast = 5, kMost = 10000;
  // A rate of zero: the work is the same, and the parameters stay as they are.
  auto step = [&] { need(job.session->step(batch, makeUpdate(0, 0))); };
  auto infer = [&] { need(job.session->infer(batch, job.session->workspace())); };
  std::vector<double> trains, infers;
  Timing timing;
  timing.peak = measurePeak(*job.pool);
  const Stopwatch clock;
  for (size_t turn = 0; turn < kWarm + kMost; ++turn) {
    if (turn >= kWarm + kLeast && clock.seconds() > seconds)
      break;
    const double train = millisecondsOf(step), inferred = millisecondsOf(infer);
    if (turn < kWarm)
      continue;
    trains.push_back(train);
    infers.push_back(inferred);
  }
  timing.peak = std::max(timing.peak, measurePeak(*job.pool));
  timing.train = medianOf(trains);
  timing.infer = medianOf(infers);
  return timing;
}

/// Multiply-adds of one sample, forward.
double macsOf(const Artifact &artifact) {
  const Json description = Json::parse(artifact.describe(), nullptr, false);
  const auto macs = description.is_object() ? description.find("macs") : description.end();
  if (!description.is_object() || macs == description.end() || !macs->is_number())
    throw failure(kBadInput, "the library does not say how many MACs a sample takes");
  return macs->get<double>();
}

std::string asText(const Json &report, const BenchArguments &arguments, int32_t workers) {
  auto line = [&](const char *name, const char *time, const char *rate) {
    const double gflops = report[rate].get<double>(), peak = report["peak_gflops"].get<double>();
    return std::string(name) + digits(report[time].get<double>(), 4) + " ms  " + digits(gflops, 4) +
           " GFLOP/s  " + (peak > 0 ? digits(100 * gflops / peak, 3) + " % of the peak\n" : "\n");
  };
  std::string sequences;
  if (report.contains("prefill_ms"))
    sequences = "prefill  " + digits(report["prefill_ms"].get<double>(), 4) + " ms\n";
  for (const Json &decode : report.value("decodes", Json::array()))
    sequences += "element at " + decode["position"].dump() + "  " +
                 digits(decode["ms"].get<double>(), 4) + " ms\n";
  return "batch " + std::to_string(arguments.batch) + ", " + std::to_string(workers) +
         " threads, peak " + digits(report["peak_gflops"].get<double>(), 4) + " GFLOP/s\n" +
         line("train  ", "train_ms", "train_gflops") + line("infer  ", "infer_ms", "infer_gflops") +
         sequences + "internals " + report["internal_bytes"].dump() + " bytes, scratch " +
         report["scratch_bytes"].dump() + " bytes\n";
}

// ---- Launches -----------------------------------------------------------------------------------

/// Rates of one worker.
struct Limits {
  double gflops = 0, gigabytes = 0;

  /// The least time for the launch's work over the time it took. Products of what fits a core's
  /// cache are limited by arithmetic alone; others may pass 1 where what they move lay in a cache.
  double shareOf(const LaunchTime &launch) const {
    constexpr uint64_t kCacheBytes = 1 << 20;
    const double rate = double(launch.tasks);
    const double arithmetic = gflops > 0 ? launch.gflops() / (gflops * rate) : 0;
    if (launch.macs && launch.moved <= kCacheBytes)
      return arithmetic;
    return std::max(arithmetic, launch.gigabytes() / (gigabytes * rate));
  }
};

/// Runs steps and inferences whose launches are timed.
std::vector<LaunchTime> timeLaunches(Job &job, const ccm_batch &batch, double seconds) {
  KernelTimes warm, times;
  for (KernelTimes *into : {&warm, &times}) {
    const auto session =
        need(Session::create(job.artifact, {.runner = into->observing(job.pool->runner())}));
    const Stopwatch clock;
    do {
      need(session->step(batch, makeUpdate(0, 0)));
      need(session->infer(batch, session->workspace()));
    } while (into == &times && clock.seconds() < seconds);
  }
  return times.slowest();
}

Json asJson(const LaunchTime &launch, const Limits &limits) {
  return {{"entry", launch.entry},
          {"samples", launch.samples},
          {"number", launch.number},
          {"kernel", launch.kernel},
          {"of", launch.of},
          {"tasks", launch.tasks},
          {"runs", launch.runs},
          {"microseconds", 1e6 * launch.seconds / double(launch.runs)},
          {"gflops", launch.gflops()},
          {"bytes", launch.moved},
          {"gigabytes_per_second", launch.gigabytes()},
          {"share", limits.shareOf(launch)}};
}

std::string asText(const std::vector<LaunchTime> &launches, const Limits &limits) {
  TextTable table({{"entry"},
                   {"block", true},
                   {"time", true},
                   {"us", true},
                   {"GFLOP/s", true},
                   {"bytes", true},
                   {"limit", true},
                   {"tasks", true},
                   {"of"},
                   {"kernel"}});
  double all = 0;
  for (const LaunchTime &launch : launches)
    all += launch.seconds;
  for (const LaunchTime &launch : launches)
    table.add({launch.entry, std::to_string(launch.samples), percent(launch.seconds / all, 1),
               digits(1e6 * launch.seconds / double(launch.runs), 3),
               launch.macs ? digits(launch.gflops(), 3) : "", scaled(double(launch.moved)),
               percent(limits.shareOf(launch)), std::to_string(launch.tasks), launch.of,
               launch.kernel});
  return table.text("") + "limit: one core does " + digits(limits.gflops, 3) +
         " GFLOP/s and moves " + digits(limits.gigabytes, 3) +
         " GB/s; above 100 % what is moved lies in a cache\n";
}

int benchKernels(Job &job, const ccm_batch &batch, const BenchArguments &arguments) {
  const std::vector<LaunchTime> launches = timeLaunches(job, batch, arguments.seconds);
  const double workers = double(job.pool->workers());
  const Limits limits = {measurePeak(*job.pool) / workers, measureBandwidth(*job.pool) / workers};
  if (!arguments.json) {
    print(asText(launches, limits));
    return kDone;
  }
  Json list = Json::array();
  for (const LaunchTime &launch : launches)
    list.push_back(asJson(launch, limits));
  print(Json{{"core_gflops", limits.gflops},
             {"core_gigabytes_per_second", limits.gigabytes},
             {"launches", std::move(list)}});
  return kDone;
}

void addSequences(const SequenceTimes &times, Json &report) {
  if (times.decodes.empty())
    return;
  report["prefill_ms"] = times.prefill;
  for (const SequenceTimes::Decode &decode : times.decodes)
    report["decodes"].push_back({{"position", decode.position}, {"ms", decode.milliseconds}});
}

int bench(const BenchArguments &arguments) {
  Job job(arguments);
  const double macs = macsOf(*job.artifact);
  need(job.artifact->needs({"step"}));
  const int32_t workers = job.pool->workers();
  const ccm_sizes sizes = need(job.artifact->sizes(arguments.batch, workers));
  const data::Dataset data = job.openData(arguments);
  const Batch batch = job.fill(data, arguments.batch, kInputs | kTargets | kOutputs);
  if (arguments.kernels)
    return benchKernels(job, batch.first(arguments.batch), arguments);
  const Timing timing = measure(job, batch.first(arguments.batch), arguments.seconds);
  // A step is about three forward passes: forward, and a product for each of the two deltas.
  const double forward = 2 * macs * double(arguments.batch) / 1e6;
  Json report = {{"train_ms", timing.train},
                 {"infer_ms", timing.infer},
                 {"train_gflops", 3 * forward / timing.train},
                 {"infer_gflops", forward / timing.infer},
                 {"peak_gflops", timing.peak},
                 {"internal_bytes", sizes.internal},
                 {"scratch_bytes", std::max(sizes.infer, sizes.step)}};
  addSequences(timeSequences(job, arguments.batch, arguments.seconds), report);
  arguments.json ? print(report) : print(asText(report, arguments, workers));
  return kDone;
}

} // namespace

void addBench(CLI::App &app, int &exitCode) {
  auto arguments = std::make_shared<BenchArguments>();
  arguments->data = "synthetic:64";
  CLI::App &verb = *app.add_subcommand("bench", "measures a training step and inference");
  arguments->addLibrary(verb);
  arguments->addData(verb, false);
  arguments->addCheckpoint(verb, false);
  arguments->addBatch(verb);
  arguments->addThreads(verb);
  verb.add_option("--seconds", arguments->seconds, "how long to measure")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  verb.add_flag("--kernels", arguments->kernels,
                "times every kernel of a step and of inference, the slowest first");
  arguments->addSeed(verb, "fresh parameters");
  arguments->addJson(verb);
  verb.callback([arguments, &exitCode] { exitCode = bench(*arguments); });
}

} // namespace ccm::run
