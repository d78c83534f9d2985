// SPDX-License-Identifier: Apache-2.0
// Words, numbers, strings and single characters of a text, changed at random.
#include "tests/fuzz/Tokens.h"
#include <algorithm>
#include <cctype>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace ccm::fuzz {
namespace {

bool isWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// The length of the token that `text`, which is not empty, begins with.
size_t tokenLength(std::string_view text) {
  size_t length = 1;
  if (isWord(text[0])) {
    while (length < text.size() && (isWord(text[length]) || text[length] == '.'))
      ++length;
  } else if (text[0] == '"') {
    length = std::min(text.find('"', 1), text.size() - 1) + 1;
  } else if (std::isspace(static_cast<unsigned char>(text[0]))) {
    while (length < text.size() && std::isspace(static_cast<unsigned char>(text[length])))
      ++length;
  }
  return length;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> tokens;
  for (; !text.empty(); text.remove_prefix(tokens.back().size()))
    tokens.emplace_back(text.substr(0, tokenLength(text)));
  return tokens;
}

class Mutator {
public:
  Mutator(std::vector<std::string> tokens, unsigned seed)
      : tokens(std::move(tokens)), random(seed) {}

  std::string run() {
    for (size_t changes = 1 + random() % 4; changes > 0 && !tokens.empty(); --changes)
      change();
    std::string text;
    for (const std::string &token : tokens)
      text += token;
    return text;
  }

private:
  void change() {
    size_t at = pick(), other = pick();
    switch (random() % 7) {
    case 0:
      tokens.erase(tokens.begin() + long(at));
      return;
    case 1:
      repeat(at, other);
      return;
    case 2:
      std::swap(tokens[at], tokens[other]);
      return;
    case 3:
      tokens[at] = std::string(tokens[other]);
      return;
    default:
      changeNumber(at);
    }
  }

  /// Inserts a stretch of tokens from elsewhere.
  void repeat(size_t at, size_t other) {
    size_t count = std::min<size_t>(1 + random() % 16, tokens.size() - other);
    std::vector<std::string> stretch(tokens.begin() + long(other),
                                     tokens.begin() + long(other + count));
    tokens.insert(tokens.begin() + long(at), stretch.begin(), stretch.end());
  }

  /// The next number from a place on becomes another.
  void changeNumber(size_t at) {
    static const char *const numbers[] = {
        "0",          "1",          "-1",         "2",
        "3",          "7",          "255",        "256",
        "1000",       "65536",      "2147483647", "2147483648",
        "4294967295", "4294967296", "1e30",       "9223372036854775807",
        "1e400",      "0.5",        "3.0",        "18446744073709551616"};
    for (size_t tries = 0; tries < tokens.size(); ++tries, at = (at + 1) % tokens.size())
      if (std::isdigit(static_cast<unsigned char>(tokens[at][0]))) {
        tokens[at] = numbers[random() % std::size(numbers)];
        return;
      }
  }

  size_t pick() { return random() % tokens.size(); }

  std::vector<std::string> tokens;
  std::mt19937 random;
};

} // namespace

size_t mutateTokens(uint8_t *data, size_t size, size_t room, unsigned seed) {
  std::string text =
      Mutator(split({reinterpret_cast<const char *>(data), size}), seed).run().substr(0, room);
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

} // namespace ccm::fuzz
