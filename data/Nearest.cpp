// SPDX-License-Identifier: Apache-2.0
// Distances of words.
#include "data/Nearest.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace ccm::data {

namespace {

/// Longer words are no slips of the pen, and would take long to compare.
constexpr size_t kLongestWord = 64;

std::string lowered(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  return word;
}

/// Letters to insert, remove or replace to make one word the other.
size_t distanceOf(const std::string &a, const std::string &b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t(0));
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

} // namespace

std::string nearest(const std::string &wrong, const std::vector<std::string> &words) {
  if (wrong.size() > kLongestWord)
    return "";
  std::string best;
  size_t least = std::min(wrong.size() / 3 + 2, wrong.size());
  for (const std::string &word : words) {
    if (word.empty() || word.size() > kLongestWord)
      continue;
    if (const size_t distance = distanceOf(lowered(wrong), lowered(word)); distance < least)
      least = distance, best = word;
  }
  return best;
}

std::string suggestion(const std::string &wrong, const std::vector<std::string> &words) {
  const std::string best = nearest(wrong, words);
  return best.empty() ? "" : "; did you mean '" + best + "'?";
}

} // namespace ccm::data
