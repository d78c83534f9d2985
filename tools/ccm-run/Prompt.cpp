// SPDX-License-Identifier: Apache-2.0
#include "tools/ccm-run/Prompt.h"
#include "runtime/io/Io.h"
#include "tools/ccm-run/Failure.h"

#include <charconv>
#include <string_view>

namespace ccm::run {

namespace {

std::string textOf(const std::string &prompt) {
  if (!prompt.starts_with('@'))
    return prompt;
  io::Result<std::string> bytes = io::readFile(prompt.substr(1));
  if (!bytes)
    throw failure(kBadInput, bytes.error().message);
  return std::move(*bytes);
}

int32_t indexOf(std::string_view word, int64_t vocabulary) {
  int64_t index = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), index);
  if (error != std::errc() || end != word.data() + word.size() || index < 0 || index >= vocabulary)
    throw failure(kBadInput, "--prompt expects indices from 0 to " +
                                 std::to_string(vocabulary - 1) + ", got '" + std::string(word) +
                                 "'");
  return int32_t(index);
}

std::vector<int32_t> indicesOf(std::string_view text, int64_t vocabulary) {
  constexpr std::string_view kBetween = " ,\t\r\n";
  std::vector<int32_t> indices;
  for (size_t at = text.find_first_not_of(kBetween); at != text.npos;) {
    const size_t end = std::min(text.find_first_of(kBetween, at), text.size());
    indices.push_back(indexOf(text.substr(at, end - at), vocabulary));
    at = text.find_first_not_of(kBetween, end);
  }
  return indices;
}

} // namespace

std::vector<int32_t> promptOf(const std::string &prompt, const ccm_port &output) {
  const std::string text = textOf(prompt);
  std::vector<int32_t> elements;
  if (output.vocabulary == 256)
    for (char c : text)
      elements.push_back(static_cast<unsigned char>(c));
  else
    elements = indicesOf(text, output.vocabulary);
  const uint64_t most = output.target_bytes / sizeof(int32_t);
  if (elements.size() > most)
    throw failure(kBadInput, "--prompt expects at most " + std::to_string(most) +
                                 " elements, got " + std::to_string(elements.size()));
  return elements;
}

} // namespace ccm::run
