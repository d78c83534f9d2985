// SPDX-License-Identifier: Apache-2.0
// Files, tables and arrays of answers.
#include "tools/ccm-run/Sink.h"
#include "data/Array.h"
#include "data/Image.h"
#include "data/Sound.h"
#include "tools/ccm-run/Console.h"
#include "tools/ccm-run/Failure.h"

#include <algorithm>

namespace ccm::run {

namespace {

constexpr const char *kHole = "{}";
/// Values of one cell of a table; more belong into an array.
constexpr size_t kMostInCell = 4096;
constexpr uint64_t kMostBytes = uint64_t(1) << 36;

bool isImage(const ccm_port &port) { return port.rank == 3 && port.vocabulary == 0; }

bool isSound(const ccm_port &port) {
  return port.rank == 2 && port.extents[1] == 1 && port.vocabulary == 0;
}

bool isPicturePath(const std::string &path) {
  return path.ends_with(".png") || path.ends_with(".jpg") || path.ends_with(".jpeg");
}

/// Refuses to write over what was read.
void checkTarget(const std::string &path, const SinkOptions &options) {
  const io::Result<std::pair<uint64_t, uint64_t>> target = io::fileIdentity(path);
  if (target && options.read.contains(*target))
    throw failure(kBadInput, "the output '" + path + "' is also an input");
}

/// A file per sample.
class Files : public Sink {
public:
  Files(std::string path, const SinkOptions &options) : path(std::move(path)), options(options) {
    if (!options.isMany)
      checkTarget(this->path, options);
  }

  std::string take(const std::string &name, const std::string &, const Answer &answer) override {
    std::string file = path;
    const size_t hole = file.find(kHole);
    if (hole != file.npos && options.isMany)
      file.replace(hole, 2, name);
    checkTarget(file, options);
    need(io::writeFileAtomically(file, encode(answer)));
    return file;
  }

private:
  std::string encode(const Answer &answer) const {
    const ccm_port &port = *answer.reading().port;
    if (path.ends_with(".txt"))
      return answer.line() + "\n";
    if (path.ends_with(".wav"))
      return need(data::encodeWav(answer.values(), options.rate));
    if (path.ends_with(".npy"))
      return data::writeNpy(answer.values(), answer.reading().extents());
    const auto encode = path.ends_with(".png") ? data::encodePng : data::encodeJpeg;
    return need(encode(answer.values(), port.extents[0], port.extents[1], port.extents[2]));
  }

  std::string path;
  SinkOptions options;
};

/// A line per sample.
class Table : public Sink {
public:
  Table(std::string path, const Reading &reading, const std::string &idTitle)
      : path(std::move(path)) {
    const std::string name = reading.port->name;
    text = cell(idTitle) + "," + name;
    const int64_t choices = std::min(reading.top, reading.port->vocabulary);
    for (int64_t k = 1; reading.isIndex() && k <= choices; ++k) {
      const std::string place = k == 1 ? name : name + "_" + std::to_string(k);
      text += (k == 1 ? "" : "," + place) + "," + place + "_share";
    }
    text += "\n";
  }

  std::string take(const std::string &, const std::string &id, const Answer &answer) override {
    text += cell(id);
    if (!answer.reading().isIndex())
      text += "," + cell(answer.line());
    for (const Choice &choice : answer.choices())
      text += "," + cell(answer.nameOf(choice)) + "," + digits(choice.share, 6);
    text += "\n";
    return path;
  }

  void finish() override { need(io::writeFileAtomically(path, text)); }

private:
  static std::string cell(const std::string &value) {
    if (value.find_first_of(",\"\r\n") == value.npos)
      return value;
    std::string out = "\"";
    for (char c : value)
      out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
  }

  std::string path, text;
};

/// One array whose first extent counts samples.
class Stack : public Sink {
public:
  Stack(std::string path, const Reading &reading) : path(std::move(path)), reading(reading) {}

  std::string take(const std::string &, const std::string &, const Answer &answer) override {
    values.insert(values.end(), answer.values().begin(), answer.values().end());
    return path;
  }

  void finish() override {
    std::vector<int64_t> shape = reading.extents();
    shape.insert(shape.begin(), int64_t(values.size() / reading.elements()));
    need(io::writeFileAtomically(path, data::writeNpy(values, shape)));
  }

private:
  std::string path;
  const Reading &reading;
  std::vector<float> values;
};

/// Why a path cannot take the output; empty when it can.
std::string refusalOf(const Reading &reading, const std::string &path, const SinkOptions &options) {
  const ccm_port &port = *reading.port;
  if (path.ends_with(".csv"))
    return port.vocabulary > 0 || reading.elements() <= kMostInCell
               ? ""
               : "a cell holds at most 4096 values; expects .npy";
  if (path.ends_with(".npy"))
    return reading.elements() * sizeof(float) <= kMostBytes / uint64_t(options.samples)
               ? ""
               : "all samples together have more than 2^36 bytes";
  const bool fits = path.ends_with(".txt") || (isPicturePath(path) && isImage(port)) ||
                    (path.ends_with(".wav") && isSound(port));
  if (!fits)
    return "expects .csv, .npy, .txt, .png or .jpg for images or .wav for sounds";
  const size_t hole = path.find(kHole), slash = path.rfind('/');
  if (options.isMany && (hole == path.npos || (slash != path.npos && hole < slash)))
    return "there are many samples: the name of the file expects {} where theirs belong";
  return "";
}

} // namespace

std::unique_ptr<Sink> makeSink(const Reading &reading, const std::string &path,
                               const SinkOptions &options) {
  if (const std::string refusal = refusalOf(reading, path, options); !refusal.empty())
    throw failure(kBadCommandLine, "output '" + std::string(reading.port->name) + "' of " +
                                       data::shapeText(reading.extents()) +
                                       " cannot be written to '" + path + "': " + refusal);
  const bool isTable = path.ends_with(".csv");
  const bool isStack = path.ends_with(".npy") && options.isMany && path.find(kHole) == path.npos;
  if (isTable || isStack)
    checkTarget(path, options);
  if (isTable)
    return std::make_unique<Table>(path, reading, options.idTitle);
  if (isStack)
    return std::make_unique<Stack>(path, reading);
  return std::make_unique<Files>(path, options);
}

} // namespace ccm::run
