// SPDX-License-Identifier: Apache-2.0
// Writing, reading back and drawing the record of a training.
#include "tools/ccm-run/Log.h"
#include "data/Chart.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;
using Points = std::vector<std::pair<double, double>>;

constexpr size_t kMostPending = 1 << 16;
/// Points of a drawn line; more would not be seen.
constexpr size_t kMostPoints = 360;

/// Means over runs of neighbours, so that at most kMostPoints are left.
Points thinned(const Points &points) {
  const size_t run = points.size() / kMostPoints + 1;
  Points out;
  for (size_t start = 0; start < points.size(); start += run) {
    const size_t end = std::min(start + run, points.size());
    double sum = 0;
    for (size_t i = start; i < end; ++i)
      sum += points[i].second;
    out.emplace_back(points[end - 1].first, sum / double(end - start));
  }
  return out;
}

double numberIn(const Json &line, const char *key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_number() ? found->get<double>()
                                                   : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

Log::Log(const std::string &directory, int64_t lastStep) {
  if (directory.empty())
    return;
  path = directory + "/log.jsonl";
  chart = directory + "/loss.svg";
  read(lastStep);
}

void Log::read(int64_t lastStep) {
  io::Result<std::string> text = io::readFile(path);
  if (!text && text.error().code != ENOENT)
    need(std::move(text));
  std::string kept;
  for (size_t at = 0; text && at < text->size();) {
    const size_t end = std::min(text->find('\n', at), text->size());
    const std::string line = text->substr(at, end - at);
    at = end + 1;
    const Json parsed = Json::parse(line, nullptr, false);
    const double step = parsed.is_object() ? numberIn(parsed, "step") : NAN;
    if (std::isnan(step) && at < text->size())
      note("note: dropped a line of '" + path + "' that is no record: " + line.substr(0, 60));
    if (!(step <= double(lastStep)))
      continue;
    kept += line + "\n";
    if (parsed.contains("loss"))
      training.emplace_back(step, numberIn(parsed, "loss"));
    if (parsed.contains("validation_loss"))
      validations.emplace_back(step, numberIn(parsed, "validation_loss"));
  }
  need(io::writeFileAtomically(path, kept));
}

void Log::step(const StepReport &report, double seconds) {
  training.emplace_back(double(report.progress.step), report.loss);
  if (path.empty())
    return;
  pending += Json{{"step", report.progress.step}, {"epoch", report.progress.epoch},
                  {"loss", report.loss},          {"learning_rate", report.learningRate},
                  {"seconds", seconds},           {"wait_ms", 1e3 * report.waited}}
                 .dump() +
             "\n";
  if (pending.size() > kMostPending)
    flush();
}

void Log::validation(const Progress &progress, double loss, const Json &outputs, double seconds) {
  validations.emplace_back(double(progress.step), loss);
  if (!path.empty())
    pending += Json{{"step", progress.step},
                    {"epoch", progress.epoch},
                    {"validation_loss", loss},
                    {"outputs", outputs},
                    {"seconds", seconds}}
                   .dump() +
               "\n";
}

void Log::checkpoint(const Progress &progress, const std::string &file, double seconds) {
  if (!path.empty())
    pending += Json{{"step", progress.step},
                    {"epoch", progress.epoch},
                    {"checkpoint", file},
                    {"seconds", seconds}}
                   .dump(-1, ' ', false, Json::error_handler_t::replace) +
               "\n";
  flush();
}

void Log::flush() {
  if (!pending.empty())
    need(io::appendFile(path, pending));
  pending.clear();
}

void Log::draw(const std::string &model, const std::string &stepLabel,
               const std::string &lossLabel) const {
  if (chart.empty())
    return;
  std::vector<data::Line> lines = {{"training", thinned(training)}};
  if (!validations.empty())
    lines.push_back({"validation", validations});
  need(io::writeFileAtomically(chart,
                               data::drawChart("loss of " + model, stepLabel, lossLabel, lines)));
}

double Log::meanSince(int64_t step) const {
  double sum = 0;
  int64_t count = 0;
  for (auto point = training.rbegin(); point != training.rend() && point->first > double(step);
       ++point, ++count)
    sum += point->second;
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / double(count);
}

double Log::lastValidation() const {
  return validations.empty() ? std::numeric_limits<double>::quiet_NaN() : validations.back().second;
}

int64_t Log::lastValidationStep() const {
  return validations.empty() ? -1 : int64_t(validations.back().first);
}

} // namespace ccm::run
