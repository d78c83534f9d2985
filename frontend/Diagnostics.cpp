// SPDX-License-Identifier: Apache-2.0
// Collects errors of the frontend and of later stages about the files of a model.
#include "frontend/Diagnostics.h"
#include "ir/Words.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using llvm::StringRef;

namespace ccm::frontend {

namespace {
struct MessageRow {
  StringRef code;
  const char *text;
};
} // namespace

static constexpr MessageRow kMessages[] = {
#define CCM_ERROR(name, code, text) {code, text},
#define CCM_NOTE(name, text) {"", text},
#include "frontend/Messages.def"
};

size_t messageCount() { return std::size(kMessages); }
StringRef messageCode(Message message) { return kMessages[size_t(message)].code; }
const char *messageText(Message message) { return kMessages[size_t(message)].text; }

/// Fills file, position and place of a diagnostic or note from a place.
template <typename T>
static void setPosition(T &target, const Diagnostics &diagnostics, Place place) {
  target.file = diagnostics.sourceOf(place).path().str();
  target.position = diagnostics.position(place);
  target.place = place;
}

Report &Report::didYouMean(StringRef word, llvm::ArrayRef<StringRef> candidates) {
  if (index < owner.kept.size())
    if (StringRef candidate = nearest(word, candidates); !candidate.empty())
      note(Message::DidYouMean, candidate);
  return *this;
}

Report &Report::putAt(Place place) {
  if (index < owner.kept.size())
    setPosition(owner.kept[index].notes.back(), owner, place);
  return *this;
}

Report &Report::addNote(Message message, std::string text) {
  if (index < owner.kept.size()) {
    Diagnostic::Note note;
    note.id = message;
    note.text = std::move(text);
    owner.kept[index].notes.push_back(std::move(note));
  }
  return *this;
}

const Source &Diagnostics::sourceOf(Place place) const {
  const Source *const *after = llvm::upper_bound(
      sources, place.offset, [](uint32_t offset, const Source *s) { return offset < s->base(); });
  return **std::prev(after);
}

const Source *Diagnostics::sourceNamed(StringRef path) const {
  auto found = llvm::find_if(sources, [&](const Source *s) { return s->path() == path; });
  return found == sources.end() ? nullptr : *found;
}

const Source &Diagnostics::addFile(std::string path, std::string text) {
  used.push_back(
      std::make_unique<const Source>(std::move(path), std::move(text), sources.back()->end()));
  sources.push_back(used.back().get());
  return *used.back();
}

Report Diagnostics::add(Place place, Message message, std::string text) {
  ++errors;
  Diagnostic diagnostic;
  diagnostic.id = message;
  diagnostic.text = std::move(text);
  setPosition(diagnostic, *this, place);
  kept.push_back(std::move(diagnostic));
  return Report(*this, kept.size() - 1);
}

Report Diagnostics::drop() {
  ++errors;
  ++dropped;
  return Report(*this, kept.size());
}

/// The file position inside a location, or null.
static mlir::FileLineColLoc positionOf(mlir::Location location) {
  return llvm::TypeSwitch<mlir::LocationAttr, mlir::FileLineColLoc>(location)
      .Case([](mlir::FileLineColLoc found) { return found; })
      .Case([](mlir::NameLoc named) { return positionOf(named.getChildLoc()); })
      .Case([](mlir::CallSiteLoc call) { return positionOf(call.getCallee()); })
      .Case([](mlir::FusedLoc fused) {
        for (mlir::Location part : fused.getLocations())
          if (mlir::FileLineColLoc found = positionOf(part))
            return found;
        return mlir::FileLineColLoc();
      })
      .Default([](mlir::LocationAttr) { return mlir::FileLineColLoc(); });
}

/// Fills file, position and place of a diagnostic or note from a location.
template <typename T>
static void setPosition(T &target, const Diagnostics &diagnostics, mlir::Location location) {
  mlir::FileLineColLoc found = positionOf(location);
  if (!found)
    return;
  target.file = found.getFilename().str();
  // What has no text of its own, such as the module around an empty file, is at its start.
  target.position = {std::max(found.getLine(), 1u), std::max(found.getColumn(), 1u)};
  const Source *source = diagnostics.sourceNamed(target.file);
  if (!source)
    return;
  if (auto offset = source->offset(found.getLine(), found.getColumn()))
    target.place = source->token(*offset);
}

Report &Report::putAt(mlir::Location location) {
  if (index < owner.kept.size())
    setPosition(owner.kept[index].notes.back(), owner, location);
  return *this;
}

/// A message without the "'dialect.operation' op " that MLIR puts in front of it.
static std::string withoutOperation(std::string text) {
  StringRef rest = text;
  if (!rest.consume_front("'"))
    return text;
  auto isName = [](char c) { return llvm::isAlnum(c) || c == '.' || c == '_'; };
  rest = rest.drop_while(isName);
  return rest.consume_front("' op ") ? rest.str() : text;
}

// MLIR also notes the whole operation, which is nothing the user wrote; that note is left out.
void Diagnostics::add(const mlir::Diagnostic &diagnostic) {
  bool isError = diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
  errors += isError;
  if (full()) {
    dropped += isError;
    return;
  }
  Diagnostic &added = kept.emplace_back();
  added.severity = diagnostic.getSeverity();
  added.text = withoutOperation(diagnostic.str());
  setPosition(added, *this, diagnostic.getLocation());
  for (const mlir::Diagnostic &note : const_cast<mlir::Diagnostic &>(diagnostic).getNotes()) {
    std::string text = note.str();
    if (StringRef(text).starts_with("see current operation"))
      continue;
    Diagnostic::Note &addedNote = added.notes.emplace_back();
    addedNote.text = withoutOperation(std::move(text));
    setPosition(addedNote, *this, note.getLocation());
  }
}

} // namespace ccm::frontend
