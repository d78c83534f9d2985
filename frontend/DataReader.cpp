// SPDX-License-Identifier: Apache-2.0
// What a port says of the data that its values come from: columns, names, gaps, windows.
#include "frontend/Declaration.h"
#include "frontend/Values.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using llvm::StringRef;

namespace ccm::frontend {

// ---- Columns ------------------------------------------------------------------------------------

namespace {
/// "t08": a stem and the number behind it.
struct Numbered {
  StringRef stem, digits;
  uint64_t number = 0;
};
} // namespace

static std::optional<Numbered> numbered(StringRef title) {
  title = title.trim();
  Numbered result;
  result.stem = title.rtrim("0123456789");
  result.digits = title.drop_front(result.stem.size());
  if (result.digits.getAsInteger(10, result.number))
    return std::nullopt;
  return result;
}

/// "t0 … t99" is all from t0 to t99, as many digits as the first where that begins with 0. Whether
/// the text is such a run, and no longer than columns can be.
static bool addRun(StringRef text, llvm::SmallVectorImpl<std::string> &columns) {
  auto [left, right] = text.split(text.contains("…") ? "…" : "...");
  std::optional<Numbered> first = numbered(left), last = numbered(right);
  if (!first || !last || first->stem != last->stem || last->number < first->number ||
      last->number - first->number >= kColumnLimit)
    return false;
  const size_t width = first->digits.starts_with("0") ? first->digits.size() : 1;
  for (uint64_t i = first->number; i <= last->number; ++i) {
    std::string digits = std::to_string(i);
    columns.push_back(
        (first->stem + std::string(width - std::min(width, digits.size()), '0') + digits).str());
  }
  return true;
}

static void readColumns(const Scope &scope, const Fields &fields, Port &port) {
  if (fields.has("columns") && fields.has("column"))
    scope.error(fields.place("columns"), Message::ColumnAndColumns);
  if (const JsonValue *column = fields.find("column"))
    port.source.columns.push_back(column->text.str());
  for (const JsonValue &title : fields.items("columns"))
    if (!addRun(title.text, port.source.columns))
      port.source.columns.push_back(title.text.str());
  // As many channels as columns, where nothing else says how many there are.
  if (fields.find("columns") && !fields.has("channels") && !port.discrete &&
      (port.shape.empty() || port.source.steps > 0) && !fields.has("use"))
    port.channels = std::max<int64_t>(1, int64_t(port.source.columns.size()));
}

void checkColumns(const Scope &scope, const Fields &fields, const Port &port) {
  if (!fields.find("columns") || !port.shapeKnown)
    return;
  int64_t count = port.discrete ? 1 : port.channels;
  for (int64_t extent : llvm::ArrayRef(port.shape).drop_front(port.source.steps > 0 ? 1 : 0))
    count *= extent; // of at most kElementLimit, which is checked
  if (int64_t(port.source.columns.size()) != count)
    scope.error(fields.place("columns"), Message::ColumnsOfPort, count, port.source.columns.size());
}

// ---- Names of indices ---------------------------------------------------------------------------

static std::string nameOf(const JsonValue &value) {
  return value.kind == JsonValue::Kind::Integer ? std::to_string(value.integer) : value.text.str();
}

static void readValues(const Scope &scope, const Fields &fields, Port &port) {
  if (fields.has("unknown") && !fields.has("values"))
    scope.error(fields.place("unknown"), Message::NeedsValues);
  const JsonValue *values = fields.find("values");
  if (!values)
    return;
  llvm::StringSet<> seen;
  for (const JsonValue &value : values->items) {
    port.source.values.push_back(nameOf(value));
    if (!seen.insert(port.source.values.back()).second)
      scope.error(value.place, Message::ValueTwice, printable(port.source.values.back()));
  }
  port.source.unknown = fields.has("unknown") ? fields.flag("unknown") : port.side != kOutput;
  port.discrete = !fields.has("discrete") || port.discrete;
  const int64_t count = int64_t(port.source.values.size()) + port.source.unknown;
  if (count < 2)
    reportExpected(scope, "values", "at least two, one of which may be unknown", *values);
  const JsonValue *vocabulary = fields.find("vocabulary");
  if (vocabulary && vocabulary->integer != count)
    scope.error(vocabulary->place, Message::NamesOfVocabulary, vocabulary->integer, count);
  port.vocabulary = count;
}

// ---- Gaps and windows ---------------------------------------------------------------------------

static void readWindow(const Scope &scope, const Fields &fields, Port &port) {
  const JsonValue *value = fields.find("window");
  if (!value)
    return;
  Fields window(scope, kWindow, *value);
  if (!window.find("steps")) {
    port.shapeKnown = false;
    return;
  }
  port.source.steps = window.integer("steps");
  port.source.stride = window.integer("stride");
  port.source.windowPlace = value->place;
  if (!fields.has("shape"))
    port.shape = {port.source.steps};
  else if (port.shapeKnown && (port.shape.size() != 1 || port.shape[0] != port.source.steps))
    scope.error(port.shapePlace, Message::WindowShape, port.source.steps);
}

/// The positions of a target of one extent are rows, too.
static void readHorizon(const Fields &fields, Port &port) {
  port.source.hasHorizon = port.side == kOutput && fields.find("horizon");
  if (!port.source.hasHorizon)
    return;
  port.source.horizon = fields.integer("horizon");
  port.source.steps = port.shape.size() == 1 ? port.shape[0] : 0;
}

void readSource(const Scope &scope, const Fields &fields, Port &port) {
  readWindow(scope, fields, port);
  readHorizon(fields, port);
  readValues(scope, fields, port);
  readColumns(scope, fields, port);
}

void readMissing(const Scope &scope, const Fields &fields, Port &port) {
  port.source.missing = fields.word("missing") == "learn";
  if (!port.source.missing)
    return;
  if (port.discrete)
    scope.error(fields.place("missing"), Message::OnlyContinuous, "missing");
  else if (port.bytes)
    scope.error(fields.place("missing"), Message::MissingBytes);
  else if (fields.has("use"))
    scope.error(fields.place("missing"), Message::UseMissing);
}

/// Samples of one series begin at the same rows for all ports.
void checkWindows(const Scope &scope, const Fields &model, const Declaration &declaration) {
  const Port *first = nullptr;
  for (auto *ports : {&declaration.inputs, &declaration.alignedInputs})
    for (const Port &port : *ports) {
      if (port.source.steps == 0)
        continue;
      if (first && first->source.stride != port.source.stride)
        scope.error(port.source.windowPlace, Message::WindowStride, port.source.stride,
                    first->source.stride, first->name);
      first = first ? first : &port;
    }
  if (first)
    return;
  if (model.has("group"))
    scope.error(model.place("group"), Message::NeedsWindow, "group");
  for (const Port &output : declaration.outputs)
    if (output.source.hasHorizon)
      scope.error(output.namePlace, Message::NeedsWindow, "horizon");
}

} // namespace ccm::frontend
