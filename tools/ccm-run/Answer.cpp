// SPDX-License-Identifier: Apache-2.0
// Reading scores as indices, shares and text.
#include "tools/ccm-run/Answer.h"
#include "data/Confusion.h"
#include "tools/ccm-run/Accuracy.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/TextTable.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ccm::run {

namespace {

using Json = nlohmann::ordered_json;

/// Outputs of at most so many values are printed.
constexpr size_t kMostPrinted = 64;
constexpr int kDigitsOfFloat = 9;

/// exp(score) over the sum of all, for scores of any size.
std::vector<double> softmax(std::span<const float> scores) {
  const double highest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> shares(scores.size());
  for (size_t i = 0; i < scores.size(); ++i)
    shares[i] = std::exp(double(scores[i]) - highest);
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double &share : shares)
    share /= sum;
  return shares;
}

std::vector<Choice> bestOf(const std::vector<double> &shares, size_t count) {
  std::vector<Choice> choices;
  for (size_t i = 0; i < shares.size(); ++i)
    choices.push_back({int64_t(i), shares[i]});
  count = std::min(count, choices.size());
  std::partial_sort(choices.begin(), choices.begin() + int64_t(count), choices.end(),
                    [](const Choice &a, const Choice &b) {
                      return a.share != b.share ? a.share > b.share : a.index < b.index;
                    });
  choices.resize(count);
  return choices;
}

} // namespace

Answer::Answer(const Reading &reading, std::span<float> values) : how(reading), data(values) {
  if (how.isSigmoid)
    for (float &value : data)
      value = 1 / (1 + std::exp(-value));
  const size_t classes = size_t(how.port->vocabulary);
  for (size_t at = 0; classes > 0 && at < data.size(); at += classes)
    indices.push_back(run::bestOf(data.data() + at, int64_t(classes)));
  if (!how.isIndex())
    return;
  const std::vector<double> shares =
      how.isSigmoid ? std::vector<double>(data.begin(), data.end()) : softmax(data);
  best = bestOf(shares, size_t(how.top));
}

Answer::Answer(const Reading &reading, std::span<const int32_t> sequence)
    : how(reading), numbers(sequence.begin(), sequence.end()), data(numbers),
      indices(sequence.begin(), sequence.end()) {}

std::vector<int64_t> Reading::extents() const {
  const int64_t *start = isSequence ? port->target_extents : port->extents;
  return {start, start + (isSequence ? port->target_rank : port->rank)};
}

std::string Answer::nameOf(const Choice &choice) const {
  return data::className(how.names, choice.index);
}

std::string Answer::line() const {
  if (how.isIndex())
    return nameOf(best.front());
  std::string text;
  if (how.isText()) {
    for (int64_t index : indices)
      text += char(index);
    return text.substr(0, text.find('\0'));
  }
  for (int64_t index : indices)
    text += (text.empty() ? "" : " ") + std::to_string(index);
  for (size_t i = 0; indices.empty() && i < data.size(); ++i)
    text += (text.empty() ? "" : " ") + digits(double(data[i]), kDigitsOfFloat);
  return text;
}

/// The beginning of a text, on one line.
static std::string beginningOf(const std::string &text) {
  constexpr size_t kMost = 60;
  std::string line = text.substr(0, kMost);
  std::replace_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return line + (text.size() > kMost ? "…" : "");
}

std::string Answer::brief() const {
  if (how.isText())
    return beginningOf(line());
  if (!how.isIndex() && data.size() > kMostPrinted && indices.size() > kMostPrinted)
    return std::to_string(indices.size()) + " indices";
  if (indices.empty() && data.size() > kMostPrinted)
    return std::to_string(data.size()) + " values";
  if (!how.isIndex())
    return line();
  std::string text;
  for (const Choice &choice : best)
    text += (text.empty() ? "" : ", ") + nameOf(choice) + " " + percent(choice.share, 1);
  return text;
}

Json Answer::json() const {
  Json object = Json::object();
  if (how.isIndex()) {
    object["index"] = best.front().index;
    if (!how.names.empty())
      object["name"] = nameOf(best.front());
    for (const Choice &choice : best) {
      Json entry = {{"index", choice.index}, {"share", choice.share}};
      if (!how.names.empty())
        entry["name"] = nameOf(choice);
      object["top"].push_back(std::move(entry));
    }
  } else if (!indices.empty()) {
    object["indices"] = indices;
    if (how.isText())
      object["text"] = line();
  }
  if (data.size() <= kMostPrinted && !how.isSequence)
    object["values"] = std::vector<float>(data.begin(), data.end());
  return object;
}

} // namespace ccm::run
