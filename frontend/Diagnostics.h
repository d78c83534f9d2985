// SPDX-License-Identifier: Apache-2.0
// Errors about one input file: collected in any order, shown in the order of the file.
#pragma once

#include "frontend/Source.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

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
    std::optional<Place> place; ///< when the position is in the source
  };
  mlir::DiagnosticSeverity severity = mlir::DiagnosticSeverity::Error;
  Message id = Message::LaterStage;
  std::string text;
  std::string file; ///< "" when nothing is known
  Position position;
  std::optional<Place> place; ///< when the position is in the source
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

  /// Notes the candidate that resembles `word`, if one does.
  Report &didYouMean(llvm::StringRef word, llvm::ArrayRef<llvm::StringRef> candidates);

private:
  Report &addNote(Message message, std::string text);

  Diagnostics &owner;
  size_t index; ///< of the diagnostic; beyond the end when it was dropped
};

/// All diagnostics of one input file. Keeps the first `kKept` and counts the others. Not for use
/// from several threads at once, except through MLIR's diagnostic engine, which takes turns.
class Diagnostics {
public:
  static constexpr size_t kKept = 200;

  /// `source` must outlive this.
  explicit Diagnostics(const Source &source) : file(source) {}

  const Source &source() const { return file; }

  /// Reports an error at a place of the source.
  template <typename... Args>
  Report error(Place place, Message message, Args &&...args) {
    if (full())
      return drop();
    return add(place, message,
               llvm::formatv(messageText(message), std::forward<Args>(args)...).str());
  }

  /// Takes over what a later stage says. Its location may be in the source, elsewhere or unknown;
  /// names of operations do not survive.
  void add(const mlir::Diagnostic &diagnostic);

  bool hasErrors() const { return errors > 0; }
  bool full() const { return kept.size() >= kKept; }
  llvm::ArrayRef<Diagnostic> list() const { return kept; }

  /// Prints everything, sorted by place. `color` goes with text.
  void print(llvm::raw_ostream &out, DiagnosticFormat format, bool color = false) const;

private:
  friend class Report;
  Report add(Place place, Message message, std::string text);
  Report drop();

  const Source &file;
  std::vector<Diagnostic> kept;
  size_t errors = 0;
  size_t dropped = 0;
};

} // namespace ccm::frontend
