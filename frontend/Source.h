// SPDX-License-Identifier: Apache-2.0
// The text of one input file, and places in it.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ccm::frontend {

/// A stretch of a text, in bytes. Offsets of several texts go on from one to the next.
struct Place {
  uint32_t offset = 0;
  uint32_t length = 0;
  bool operator==(const Place &) const = default;
};

/// Line and column, both from 1; columns count bytes, without a byte-order mark.
struct Position {
  unsigned line = 1;
  unsigned column = 1;
};

/// A file's name and text with an index of its lines. Immutable. Offsets start at `base`.
class Source {
public:
  /// `path` is used in messages only. Texts beyond 2^32 bytes are refused by the importer.
  Source(std::string path, std::string text, uint32_t base = 0);

  llvm::StringRef path() const { return name; }
  llvm::StringRef text() const { return bytes; }
  llvm::StringRef slice(Place place) const {
    return text().substr(place.offset - first, place.length);
  }
  uint32_t base() const { return first; }
  /// Just beyond its last offset, which is that of its end.
  uint32_t end() const { return first + uint32_t(bytes.size()) + 1; }

  /// Where an offset lies; an offset beyond the text lies at its end.
  Position position(uint32_t offset) const;

  /// The offset of a position, or none when there is no such line.
  std::optional<uint32_t> offset(unsigned line, unsigned column) const;

  /// A line's text (from 1) without its end.
  llvm::StringRef line(unsigned number) const;

  /// The place of the word, string, list or object that begins at an offset, on one line.
  Place token(uint32_t offset) const;

private:
  std::string name;
  std::string bytes;
  uint32_t first;
  std::vector<uint32_t> starts; ///< of each line, in `bytes`
};

/// `text` as a terminal can show it: characters that are invisible, control or ill-formed become
/// escapes such as \u{200B} and \xFF.
std::string printable(llvm::StringRef text);

/// The well-formed UTF-8 character that `text` begins with: its code point and its bytes; for an
/// ill-formed one no code point and one byte. `text` is not empty.
std::pair<std::optional<uint32_t>, unsigned> firstCharacter(llvm::StringRef text);

} // namespace ccm::frontend
