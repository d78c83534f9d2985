// SPDX-License-Identifier: Apache-2.0
// The only code that sees nlohmann_json: a SAX reader that counts characters.
#include "frontend/Json.h"
#include "runtime/io/Sabotage.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/StringSaver.h"
#define JSON_NOEXCEPTION
#include <deque>
#include <nlohmann/json.hpp>

using llvm::StringRef;

namespace ccm::frontend {

namespace {

/// Walks the text and leaves how far it came where the reader sees it.
class CountingIterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char *;
  using reference = const char &;

  CountingIterator(const char *start, const char **reached) : at(start), reached(reached) {}
  const char &operator*() const { return *at; }
  CountingIterator &operator++() {
    *reached = ++at;
    return *this;
  }
  bool operator==(const CountingIterator &other) const { return at == other.at; }
  bool operator!=(const CountingIterator &other) const { return at != other.at; }

private:
  const char *at;
  const char **reached;
};

/// Builds values from nlohmann's events. A false return ends the reading after an error.
class Reader {
public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  Reader(Diagnostics &diagnostics, const Source &source, JsonDocument &document)
      : diagnostics(diagnostics), document(document), saver(document.arena), base(source.base()),
        text(source.text()), reached(text.data()) {}

  bool read() {
    return nlohmann::json::sax_parse(CountingIterator(text.begin(), &reached),
                                     CountingIterator(text.end(), &reached), this,
                                     nlohmann::json::input_format_t::json, /*strict=*/true,
                                     /*ignore_comments=*/true);
  }

  bool null() { return add(JsonValue::Kind::Null, before(4)); }
  bool boolean(bool value) {
    JsonValue made = make(JsonValue::Kind::Boolean, before(value ? 4 : 5));
    made.boolean = value;
    return add(made);
  }
  bool number_integer(number_integer_t value) { return addInteger(value); }
  bool number_unsigned(number_unsigned_t value) {
    if (value <= uint64_t(INT64_MAX))
      return addInteger(int64_t(value));
    return addReal(JsonValue::Kind::Large, double(value));
  }
  bool number_float(number_float_t value, const string_t &literal) {
    bool isInteger = StringRef(literal).find_first_of(".eE") == StringRef::npos;
    return addReal(isInteger ? JsonValue::Kind::Large : JsonValue::Kind::Real, value);
  }
  bool string(string_t &value) {
    JsonValue made = make(JsonValue::Kind::String, stringPlace());
    made.text = saver.save(StringRef(value));
    return add(made);
  }
  bool binary(binary_t &) { return true; }
  bool key(string_t &value) {
    open.back().key = saver.save(StringRef(value));
    open.back().keyPlace = stringPlace();
    return true;
  }
  bool start_object(size_t) { return push(JsonValue::Kind::Object); }
  bool start_array(size_t) { return push(JsonValue::Kind::Array); }
  bool end_object() {
    dropDuplicates(open.back().items);
    return pop();
  }
  bool end_array() { return pop(); }
  bool parse_error(size_t, const std::string &, const nlohmann::detail::exception &error);

private:
  /// An object or array whose end has not been read.
  struct Open {
    JsonValue value;
    StringRef key; ///< of the member being read
    Place keyPlace;
    std::deque<JsonValue> items; ///< never moved while it grows: lists may be long
  };

  uint32_t end() const { return reached - text.data(); }
  Place at(size_t start, size_t length) const { return {base + uint32_t(start), uint32_t(length)}; }
  Place before(uint32_t length) const { return at(end() - length, length); }
  Place numberPlace() const;
  Place stringPlace() const;
  Place wordPlace() const;
  Place errorPlace(StringRef reason) const;
  JsonValue make(JsonValue::Kind kind, Place place) const;
  bool add(const JsonValue &value);
  bool add(JsonValue::Kind kind, Place place) { return add(make(kind, place)); }
  bool addInteger(int64_t value);
  bool addReal(JsonValue::Kind kind, double value);
  bool push(JsonValue::Kind kind);
  bool pop();
  void dropDuplicates(std::deque<JsonValue> &members);

  Diagnostics &diagnostics;
  JsonDocument &document;
  llvm::StringSaver saver;
  uint32_t base; ///< of offsets
  StringRef text;
  const char *reached; ///< just past the last character that was read
  std::vector<Open> open;
  size_t values = 0;
};

} // namespace

/// Whether a character can stand in a number.
static bool isNumberPart(char c) { return llvm::isDigit(c) || StringRef("+-.eE").contains(c); }

/// Numbers are reported one character late, because only that character shows where they end.
Place Reader::numberPlace() const {
  StringRef read = text.take_front(end());
  if (!read.empty() && !isNumberPart(read.back()))
    read = read.drop_back();
  uint32_t length = 0;
  while (length < read.size() && isNumberPart(read[read.size() - 1 - length]))
    ++length;
  return at(read.size() - length, length);
}

/// From the closing quote back to the opening one, which no odd run of backslashes precedes.
Place Reader::stringPlace() const {
  size_t start = end() - 1;
  while (start > 0) {
    --start;
    size_t slashes = start - StringRef(text.data(), start).rtrim('\\').size();
    if (text[start] == '"' && slashes % 2 == 0)
      break;
  }
  return at(start, end() - start);
}

JsonValue Reader::make(JsonValue::Kind kind, Place place) const {
  JsonValue value;
  value.kind = kind;
  value.place = place;
  if (!open.empty()) {
    value.key = open.back().key;
    value.keyPlace = open.back().keyPlace;
  }
  return value;
}

bool Reader::add(const JsonValue &value) {
  if (++values > kValueLimit) {
    diagnostics.error(value.place, Message::TooManyValues, kValueLimit);
    return false;
  }
  if (open.empty())
    document.root = value;
  else
    open.back().items.push_back(value);
  return true;
}

bool Reader::addInteger(int64_t value) {
  JsonValue made = make(JsonValue::Kind::Integer, numberPlace());
  made.integer = value;
  made.real = double(value);
  return add(made);
}

bool Reader::addReal(JsonValue::Kind kind, double value) {
  JsonValue made = make(kind, numberPlace());
  made.real = value;
  return add(made);
}

bool Reader::push(JsonValue::Kind kind) {
  if (open.size() == kJsonDepthLimit) {
    diagnostics.error(before(1), Message::TooDeep, kJsonDepthLimit);
    return false;
  }
  JsonValue value = make(kind, before(1));
  open.emplace_back().value = value;
  return true;
}

bool Reader::pop() {
  Open closed = std::move(open.back());
  open.pop_back();
  closed.value.place.length = end() - closed.value.place.offset;
  auto *items = document.arena.Allocate<JsonValue>(closed.items.size());
  std::uninitialized_copy(closed.items.begin(), closed.items.end(), items);
  closed.value.items = llvm::ArrayRef<JsonValue>(items, closed.items.size());
  return add(closed.value);
}

/// Reports every key that an earlier member has, and removes its member.
void Reader::dropDuplicates(std::deque<JsonValue> &members) {
  if (io::sabotaged("accept_duplicate_keys"))
    return;
  std::vector<uint32_t> order(members.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::stable_sort(order, [&](uint32_t a, uint32_t b) { return members[a].key < members[b].key; });
  std::vector<bool> duplicate(members.size());
  for (size_t i = 1, first = 0; i < order.size(); ++i) {
    const JsonValue &given = members[order[first]], &again = members[order[i]];
    if (given.key != again.key) {
      first = i;
      continue;
    }
    duplicate[order[i]] = true;
    Position position = diagnostics.position(given.keyPlace);
    diagnostics.error(again.keyPlace, Message::DuplicateKey, printable(again.key))
        .note(Message::FirstGiven, position.line, position.column);
  }
  size_t index = 0;
  llvm::erase_if(members, [&](const JsonValue &) { return duplicate[index++]; });
}

/// The last part of nlohmann's message, in this project's words.
static std::string reasonOf(StringRef what) {
  StringRef reason = what.substr(what.find(" - ") + 3).split("; last read: ").first;
  if (reason.contains("U+000A (LF)"))
    return "invalid string: missing closing quote";
  std::string result = printable(reason);
  for (auto [theirs, ours] : {std::pair("unexpected string literal", "unexpected string"),
                              std::pair("unexpected number literal", "unexpected number"),
                              std::pair("expected string literal", "expected a string"),
                              std::pair("'[', '{', or a literal", "a value")})
    if (size_t at = result.find(theirs); at != std::string::npos)
      result.replace(at, StringRef(theirs).size(), ours);
  return result;
}

/// The word around the last character that was read, or that character.
Place Reader::wordPlace() const {
  auto isWord = [](char c) { return llvm::isAlnum(c); };
  StringRef read = text.take_front(end());
  if (read.size() > 1 && !isWord(read.back()) && isWord(read[read.size() - 2]))
    read = read.drop_back();
  size_t start = read.size();
  while (start > 0 && isWord(read[start - 1]))
    --start;
  size_t length = text.drop_front(start).take_while(isWord).size();
  return length > 0 ? at(start, length) : before(1);
}

/// What an error is about; it shows only in nlohmann's words.
Place Reader::errorPlace(StringRef reason) const {
  if (reason.starts_with("unexpected end of input"))
    return at(text.rtrim().size(), 1);
  if (reason.starts_with("unexpected string"))
    return stringPlace();
  if (reason.contains("number"))
    return numberPlace();
  if (reason.contains("missing closing quote"))
    return before(end() - text.take_front(end()).rfind('"'));
  if (reason.contains("missing closing '*/'"))
    return before(end() - text.rfind("/*"));
  return reason.contains("literal") ? wordPlace() : before(1);
}

bool Reader::parse_error(size_t, const std::string &, const nlohmann::detail::exception &error) {
  constexpr int kOutOfRange = 406;
  if (error.id == kOutOfRange) {
    diagnostics.error(numberPlace(), Message::NumberTooLarge, diagnostics.slice(numberPlace()));
    return false;
  }
  std::string reason = reasonOf(error.what());
  diagnostics.error(errorPlace(reason), Message::NotJson, reason);
  return false;
}

/// The first stretch of characters of numbers that no number of a declaration needs, or none. One
/// inside a string is no better: there is no such string either.
static std::optional<Place> findLongNumber(const Source &source) {
  StringRef text = source.text();
  for (size_t at = 0; at < text.size(); ++at) {
    size_t length = text.drop_front(at).take_while(isNumberPart).size();
    if (length > kNumberLimit)
      return Place{source.base() + uint32_t(at), uint32_t(length)};
    at += length;
  }
  return std::nullopt;
}

/// Refuses what nlohmann would take for the end of the text, or read for too long.
static bool checkText(Diagnostics &diagnostics, const Source &source) {
  StringRef text = source.text();
  uint32_t base = source.base();
  if (text.size() > kFileLimit) {
    diagnostics.error({base, 1}, Message::FileTooLarge, kFileLimit, text.size());
    return false;
  }
  if (size_t at = text.find('\0'); at != StringRef::npos) {
    diagnostics.error({base + uint32_t(at), 1}, Message::NulByte);
    return false;
  }
  // nlohmann spells out each control character it has read when it reports an error.
  auto isControl = [](char c) { return uint8_t(c) < ' '; };
  if (size_t(llvm::count_if(text, isControl)) > kControlLimit) {
    diagnostics.error({base, 1}, Message::TooManyControls, kControlLimit);
    return false;
  }
  // nlohmann copies a number it cannot represent several times.
  if (std::optional<Place> number = findLongNumber(source)) {
    diagnostics.error(*number, Message::NumberTooLong, kNumberLimit);
    return false;
  }
  return true;
}

std::unique_ptr<JsonDocument> parseJson(Diagnostics &diagnostics, const Source &source) {
  if (!checkText(diagnostics, source))
    return nullptr;
  auto document = std::make_unique<JsonDocument>();
  if (!Reader(diagnostics, source, *document).read())
    return nullptr;
  return document;
}

} // namespace ccm::frontend
