// SPDX-License-Identifier: Apache-2.0
// Encodings of tables.
#include "data/Text.h"
#include "data/Array.h"
#include "runtime/io/Io.h"

#include <cstdint>

namespace ccm::data {

namespace {

/// As much as any file may hold that is not packed.
constexpr uint64_t kLargestText = io::kDefaultLimit;

/// Units of UTF-16 become UTF-8, one character after another.
class Utf16 {
public:
  Utf16(std::string_view bytes, bool bigEndian) : bytes(bytes), bigEndian(bigEndian) {}

  Result<std::string> decode(const std::string &name) {
    if (bytes.size() % 2 != 0)
      return Problem{Fault::input, name, "UTF-16 that ends within a character"};
    for (at = 2; at < bytes.size();)
      if (!takeCharacter())
        return Problem{Fault::input,
                       name + ":" + std::to_string(line) + ":" + std::to_string(column),
                       "UTF-16 with half a pair of surrogates"};
    return std::move(text);
  }

private:
  uint32_t takeUnit() {
    const uint32_t first = uint8_t(bytes[at]), second = uint8_t(bytes[at + 1]);
    at += 2;
    return bigEndian ? first << 8 | second : second << 8 | first;
  }

  bool takeCharacter() {
    uint32_t code = takeUnit();
    if (code >= 0xD800 && code < 0xE000) {
      const uint32_t low = at < bytes.size() ? takeUnit() : 0;
      if (code >= 0xDC00 || low < 0xDC00 || low >= 0xE000)
        return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append(code);
    line += code == '\n';
    column = code == '\n' ? 1 : column + 1;
    return true;
  }

  void append(uint32_t code) {
    if (code < 0x80) {
      text += char(code);
      return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    text += char((0xF00 >> (more + 1) & 0xFF) | code >> (6 * more));
    for (int i = more - 1; i >= 0; --i)
      text += char(0x80 | (code >> (6 * i) & 0x3F));
  }

  std::string_view bytes;
  bool bigEndian;
  size_t at = 0;
  int64_t line = 1, column = 1;
  std::string text;
};

} // namespace

Result<std::string> decodeText(std::string bytes, const std::string &name) {
  if (bytes.starts_with("\x1F\x8B")) {
    Result<std::string> inflated = gunzip(bytes, kLargestText);
    if (!inflated)
      return inflated.error().first(name);
    bytes = std::move(*inflated);
  }
  const bool bigEndian = bytes.starts_with("\xFE\xFF");
  if (bigEndian || bytes.starts_with("\xFF\xFE"))
    return Utf16(bytes, bigEndian).decode(name);
  return bytes;
}

Result<std::string> readText(const std::string &path) {
  io::Result<std::string> bytes = io::readFile(path);
  if (!bytes)
    return Problem{Fault::file, "", bytes.error().message};
  return decodeText(std::move(*bytes), path);
}

} // namespace ccm::data
