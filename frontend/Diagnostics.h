// SPDX-License-Identifier: Apache-2.0
// Errors about an input file and those it uses: collected in any order, shown in the files' order.
#pragma once

#include "frontend/Source.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <memory>

namespace ccm::frontend {

/// The messages of `Messages.def`, errors and notes.
enum class Message : uint16_t {
#define CCM_ERROR(name, code, text) name,
#define CCM_NOTE(name, text) name,
#include "frontend/Messages.def"
};

/// Number of messages.
size_t messageCount();

/// The stable code of an error such as "E0203", or "" for a note.
llvm::StringRef messageCode(Message message);

/// The text of a message with its {0}, {1}, ….
const char *messageText(Message message);

/// Something said about a file.
struct Diagnostic {
  struct Note {
    Message id = Message::LaterStage;
    std::string text;
    std::string file; ///< of a note with a position of its own, else ""
    Position position;
    std::optional<Place> place; ///< when the position is in a source
  };
  mlir::DiagnosticSeverity severity = mlir::DiagnosticSeverity::Error;
  Message id = Message::LaterStage;
  std::string text;
  std::string file; ///< "" when nothing is known
  Position position;
  std::optional<Place> place; ///< when the position is in a source
  llvm::SmallVector<Note, 1> notes;
};

/// Form of printed diagnostics: for people, or one JSON object per line.
enum class DiagnosticFormat { Text, Json };

class Diagnostics;

/// An error just made, to hang notes on. Short-lived.
class Report {
public:
  Report(Diagnostics &owner, size_t index) : owner(owner), index(index) {}

  template <typename... Args>
  Report &note(Message message, Args &&...args) {
    return addNote(message, llvm::formatv(messageText(message), std::forward<Args>(args)...).str());
  }

  /// A note about another place.
  template <typename... Args>
  Report &noteAt(Place place, Message message, Args &&...args) {
    return note(message, std::forward<Args>(args)...).putAt(place);
  }

  /// Puts the last note where a location is.
  Report &putAt(mlir::Location location);

  /// Notes the candidate that resembles `word`, if one does.
  Report &didYouMean(llvm::StringRef word, llvm::ArrayRef<llvm::StringRef> candidates);

private:
  Report &addNote(Message message, std::string text);
  Report &putAt(Place place);

  Diagnostics &owner;
  size_t index; ///< of the diagnostic; beyond the end when it was dropped
};

/// All diagnostics of an input file and of those that it uses. Keeps the first `kKept` and counts
/// the others. Not for use from several threads at once, except through MLIR's diagnostic engine,
/// which takes turns.
class Diagnostics {
public:
  static constexpr size_t kKept = 200;

  /// `source` must outlive this.
  explicit Diagnostics(const Source &source) : sources{&source} {}

  /// The input file.
  const Source &source() const { return *sources.front(); }
  /// The file that a place is in.
  const Source &sourceOf(Place place) const;
  /// The file of that name, or null.
  const Source *sourceNamed(llvm::StringRef path) const;
  /// All files.
  llvm::ArrayRef<const Source *> files() const { return sources; }
  /// Takes in another file. Its offsets follow those of the others, which must leave room for them.
  const Source &addFile(std::string path, std::string text);

  Position position(Place place) const { return sourceOf(place).position(place.offset); }
  llvm::StringRef slice(Place place) const { return sourceOf(place).slice(place); }

  /// Reports an error at a place of a source.
  template <typename... Args>
  Report error(Place place, Message message, Args &&...args) {
    if (full())
      return drop();
    return add(place, message,
               llvm::formatv(messageText(message), std::forward<Args>(args)...).str());
  }

  /// Takes over what a later stage says. Its location may be in a source, elsewhere or unknown;
  /// names of operations do not survive.
  void add(const mlir::Diagnostic &diagnostic);

  bool hasErrors() const { return errors > 0; }
  size_t errorCount() const { return errors; }
  bool full() const { return kept.size() >= kKept; }
  llvm::ArrayRef<Diagnostic> list() const { return kept; }

  /// Prints everything, sorted by file and place. `color` goes with text.
  void print(llvm::raw_ostream &out, DiagnosticFormat format, bool color = false) const;

private:
  friend class Report;
  Report add(Place place, Message message, std::string text);
  Report drop();

  llvm::SmallVector<const Source *> sources;
  std::vector<std::unique_ptr<const Source>> used; ///< those that are not the input
  std::vector<Diagnostic> kept;
  size_t errors = 0;
  size_t dropped = 0;
};

} // namespace ccm::frontend
