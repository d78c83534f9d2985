// SPDX-License-Identifier: Apache-2.0
// Prints diagnostics: text with the source line and a caret, or one JSON object per line.
#include "frontend/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Unicode.h"

using llvm::raw_ostream;
using llvm::StringRef;

namespace ccm::frontend {

/// Columns of a source line that are shown at most, and how many of them before the caret.
static constexpr unsigned kShownColumns = 120;
static constexpr unsigned kColumnsBefore = 60;

static StringRef severityName(mlir::DiagnosticSeverity severity) {
  switch (severity) {
  case mlir::DiagnosticSeverity::Note:
    return "note";
  case mlir::DiagnosticSeverity::Warning:
    return "warning";
  case mlir::DiagnosticSeverity::Error:
    return "error";
  case mlir::DiagnosticSeverity::Remark:
    return "remark";
  }
  return "error";
}

namespace {
/// A line as it is shown, and where in it the marked stretch lies, in columns of a terminal.
struct Snippet {
  std::string text;
  std::string before; ///< blank, as wide as what precedes the mark; tabs stay tabs
  unsigned width = 0;
};
} // namespace

/// One character as shown: one that a terminal cannot show becomes U+FFFD.
static std::pair<StringRef, unsigned> shownCharacter(StringRef text) {
  auto [character, length] = firstCharacter(text);
  if (text[0] == '\t')
    return {text.take_front(1), 1};
  if (!character || !llvm::sys::unicode::isPrintable(*character))
    return {"\uFFFD", length};
  return {text.take_front(length), length};
}

/// The first byte of a line to show, so that the marked stretch is seen.
static size_t startOf(StringRef line, size_t column, size_t length) {
  if (column + std::min<size_t>(length, kColumnsBefore) <= kShownColumns)
    return 0;
  return column - std::min<size_t>(column, kColumnsBefore);
}

static Snippet snippetOf(StringRef line, size_t column, size_t length) {
  Snippet snippet;
  size_t from = startOf(line, column, length);
  if (from > 0) {
    snippet.text = "…";
    snippet.before = " ";
  }
  while (from > 0 && from < line.size() && (line[from] & 0xC0) == 0x80)
    ++from;
  size_t end = column + std::max<size_t>(length, 1), shown = 0;
  for (size_t at = from; at < line.size();) {
    auto [character, bytes] = shownCharacter(line.drop_front(at));
    unsigned width = std::max(1, llvm::sys::unicode::columnWidthUTF8(character));
    if ((shown += width) > kShownColumns) {
      snippet.text += "…";
      break;
    }
    snippet.text += character;
    if (at < column)
      snippet.before += character == "\t" ? "\t" : std::string(width, ' ');
    else if (at < end)
      snippet.width += width;
    at += bytes;
  }
  return snippet;
}

static void printSnippet(raw_ostream &out, const Diagnostics &diagnostics, Position position,
                         Place place) {
  const Source &source = diagnostics.sourceOf(place);
  Snippet snippet = snippetOf(source.line(position.line), position.column - 1, place.length);
  out << snippet.text << '\n' << snippet.before;
  out.changeColor(raw_ostream::GREEN, true) << '^';
  out << std::string(snippet.width > 1 ? snippet.width - 1 : 0, '~');
  out.resetColor() << '\n';
}

/// "file:line:column: error: ", without a position when nothing but the file is known.
static void printHead(raw_ostream &out, StringRef file, std::optional<Position> position,
                      StringRef severity) {
  out.changeColor(raw_ostream::SAVEDCOLOR, true);
  out << printable(file) << ':';
  if (position)
    out << position->line << ':' << position->column << ':';
  out << ' ';
  out.changeColor(severity == "error" ? raw_ostream::RED : raw_ostream::MAGENTA, true);
  out << severity << ": ";
  out.resetColor();
}

static void printText(raw_ostream &out, const Diagnostics &diagnostics,
                      const Diagnostic &diagnostic) {
  StringRef severity = severityName(diagnostic.severity);
  if (diagnostic.file.empty())
    printHead(out, diagnostics.source().path(), std::nullopt, severity);
  else
    printHead(out, diagnostic.file, diagnostic.position, severity);
  out << diagnostic.text << '\n';
  if (diagnostic.place)
    printSnippet(out, diagnostics, diagnostic.position, *diagnostic.place);
  for (const Diagnostic::Note &note : diagnostic.notes) {
    if (note.file.empty()) {
      out << "  note: " << note.text << '\n';
      continue;
    }
    printHead(out, note.file, note.position, "note");
    out << note.text << '\n';
    if (note.place)
      printSnippet(out, diagnostics, note.position, *note.place);
  }
}

static void writePosition(llvm::json::OStream &json, StringRef file, Position position,
                          const std::optional<Place> &place) {
  if (file.empty())
    return;
  json.attribute("file", llvm::json::fixUTF8(file));
  json.attribute("line", position.line);
  json.attribute("column", position.column);
  if (place)
    json.attribute("length", place->length);
}

static void printJson(raw_ostream &out, const Diagnostic &diagnostic) {
  llvm::json::OStream json(out);
  json.object([&] {
    writePosition(json, diagnostic.file, diagnostic.position, diagnostic.place);
    json.attribute("severity", severityName(diagnostic.severity));
    json.attribute("code", messageCode(diagnostic.id));
    json.attribute("message", llvm::json::fixUTF8(diagnostic.text));
    json.attributeArray("notes", [&] {
      for (const Diagnostic::Note &note : diagnostic.notes)
        json.object([&] {
          writePosition(json, note.file, note.position, note.place);
          json.attribute("message", llvm::json::fixUTF8(note.text));
        });
    });
  });
  out << '\n';
}

/// Order of the files; what has no place in it comes first.
static bool comesBefore(const Diagnostic *a, const Diagnostic *b) {
  auto key = [](const Diagnostic *d) { return d->place ? int64_t(d->place->offset) : -1; };
  return key(a) < key(b);
}

void Diagnostics::print(raw_ostream &out, DiagnosticFormat format, bool color) const {
  std::vector<const Diagnostic *> sorted;
  for (const Diagnostic &diagnostic : kept)
    sorted.push_back(&diagnostic);
  llvm::stable_sort(sorted, comesBefore);
  Diagnostic more;
  if (dropped > 0) {
    more.id = Message::MoreErrors;
    more.text = llvm::formatv(messageText(more.id), dropped).str();
    more.file = sorted.back()->file;
    more.position = sorted.back()->position;
    sorted.push_back(&more);
  }
  out.enable_colors(color);
  for (const Diagnostic *diagnostic : sorted)
    if (format == DiagnosticFormat::Text)
      printText(out, *this, *diagnostic);
    else
      printJson(out, *diagnostic);
}

} // namespace ccm::frontend
