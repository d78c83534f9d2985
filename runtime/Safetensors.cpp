// SPDX-License-Identifier: Apache-2.0
// A strict reader and writer of safetensors: the input is not trusted.
#include "runtime/Safetensors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

namespace ccm {

using Json = nlohmann::json;

static constexpr uint64_t kLengthBytes = 8;
static constexpr uint64_t kLargestHeader = 100'000'000; // of the format

/// Bytes of an element; 0 for an unknown type.
static uint64_t bytesOf(std::string_view dtype) {
  static constexpr std::pair<std::string_view, uint64_t> kTypes[] = {
      {"F64", 8}, {"I64", 8}, {"U64", 8},  {"F32", 4}, {"I32", 4}, {"U32", 4}, {"F16", 2},
      {"I16", 2}, {"U16", 2}, {"BF16", 2}, {"I8", 1},  {"U8", 1},  {"BOOL", 1}};
  for (auto [name, bytes] : kTypes)
    if (name == dtype)
      return bytes;
  return 0;
}

/// Bytes that a tensor's type and shape take; nothing when there is no such number.
static std::optional<uint64_t> sizeOf(const Tensor &tensor) {
  uint64_t size = bytesOf(tensor.dtype);
  if (size == 0)
    return std::nullopt;
  for (int64_t extent : tensor.shape)
    if (__builtin_mul_overflow(size, static_cast<uint64_t>(extent), &size))
      return std::nullopt;
  return size;
}

namespace {
/// Receives the header's JSON token by token, so that neither depth nor doubled keys can hide. A
/// method that returns false ends the parse; `reason` then says why.
class HeaderReader {
public:
  explicit HeaderReader(Safetensors &file) : file(file) {}
  std::string reason;

  bool start_object(size_t);
  bool end_object();
  bool start_array(size_t);
  bool end_array();
  bool key(std::string &name);
  bool string(std::string &value);
  bool number_unsigned(uint64_t value);
  bool number_integer(int64_t) { return refuse("a negative number"); }
  bool number_float(double, const std::string &) { return refuse("a number that is no integer"); }
  bool null() { return refuse("null"); }
  bool boolean(bool) { return refuse("a truth value"); }
  bool binary(Json::binary_t &) { return refuse("binary data"); }
  bool parse_error(size_t position, const std::string &, const Json::exception &) {
    reason = "its header is not JSON at byte " + std::to_string(position);
    return false;
  }

private:
  // Where the reader is: before the header, among the tensors' names, in the texts, in a tensor, in
  // a tensor's list.
  enum class Place { Start, Header, Texts, Tensor, List, End };
  bool refuse(const std::string &found) {
    reason = "its header holds " + found + " where none is expected";
    return false;
  }
  bool finishTensor();

  Safetensors &file;
  Place place = Place::Start;
  std::string member;                // of the tensor, or the text's key
  std::vector<uint64_t> list;        // the list under way
  std::set<std::string> seen;        // members of the object under way
  std::set<std::string> seenOutside; // members of the header, meanwhile
};
} // namespace

bool HeaderReader::start_object(size_t) {
  switch (place) {
  case Place::Start:
    place = Place::Header;
    return true;
  case Place::Header:
    place = member == "__metadata__" ? Place::Texts : Place::Tensor;
    if (place == Place::Tensor)
      file.tensors.push_back({member, "", {}, 0, 0});
    seenOutside = std::move(seen);
    seen.clear();
    return true;
  default:
    return refuse("an object");
  }
}

bool HeaderReader::finishTensor() {
  if (seen.size() == 3)
    return true;
  reason = "tensor '" + file.tensors.back().name +
           "' in its header lacks one of dtype, shape and data_offsets";
  return false;
}

bool HeaderReader::end_object() {
  if (place == Place::Header) {
    place = Place::End;
    return true;
  }
  if (place == Place::Tensor && !finishTensor())
    return false;
  place = Place::Header;
  seen = std::move(seenOutside);
  return true;
}

bool HeaderReader::key(std::string &name) {
  if (!seen.insert(name).second) {
    reason = "its header holds '" + name + "' twice";
    return false;
  }
  bool known = name == "dtype" || name == "shape" || name == "data_offsets";
  if (place == Place::Tensor && !known)
    return refuse("'" + name + "'");
  member = name;
  return true;
}

bool HeaderReader::string(std::string &value) {
  if (place == Place::Texts)
    file.metadata.emplace(member, value);
  else if (place == Place::Tensor && member == "dtype")
    file.tensors.back().dtype = value;
  else
    return refuse("a text");
  return true;
}

bool HeaderReader::start_array(size_t) {
  if (place != Place::Tensor || member == "dtype")
    return refuse("a list");
  place = Place::List;
  list.clear();
  return true;
}

bool HeaderReader::number_unsigned(uint64_t value) {
  if (place != Place::List || value > INT64_MAX)
    return refuse("the number " + std::to_string(value));
  list.push_back(value);
  return true;
}

bool HeaderReader::end_array() {
  place = Place::Tensor;
  Tensor &tensor = file.tensors.back();
  if (member == "shape") {
    tensor.shape.assign(list.begin(), list.end());
    return true;
  }
  if (list.size() != 2) {
    reason = "tensor '" + tensor.name + "' in its header has " + std::to_string(list.size()) +
             " data_offsets, expected 2";
    return false;
  }
  tensor.begin = list[0];
  tensor.end = list[1];
  return true;
}

const std::string *Safetensors::text(std::string_view key) const {
  auto found = metadata.find(key);
  return found == metadata.end() ? nullptr : &found->second;
}

const Tensor *Safetensors::find(std::string_view name) const {
  auto found = positions.find(name);
  return found == positions.end() ? nullptr : &tensors[found->second];
}

static Error damaged(std::string reason) { return {ErrorKind::Damage, std::move(reason)}; }

/// Cuts the file into header and data.
static Status split(std::string_view bytes, Safetensors &file) {
  if (bytes.size() < kLengthBytes)
    return damaged("it ends within its first 8 bytes");
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kLargestHeader || length > bytes.size() - kLengthBytes)
    return damaged("its header of " + std::to_string(length) + " bytes does not fit into its " +
                   std::to_string(bytes.size()));
  file.header = bytes.substr(0, kLengthBytes + length);
  file.data = bytes.substr(kLengthBytes + length);
  return Done{};
}

/// Checks that the tensors, in the order of their bytes, fill the data.
static Status checkOffsets(Safetensors &file) {
  std::stable_sort(file.tensors.begin(), file.tensors.end(),
                   [](const Tensor &a, const Tensor &b) { return a.begin < b.begin; });
  uint64_t filled = 0;
  for (const Tensor &tensor : file.tensors) {
    std::optional<uint64_t> size = sizeOf(tensor);
    if (!size)
      return damaged("tensor '" + tensor.name + "' has an unknown type or too large a shape");
    if (tensor.begin != filled || tensor.end < tensor.begin || tensor.end - tensor.begin != *size)
      return damaged("tensor '" + tensor.name + "' lies at bytes " + std::to_string(tensor.begin) +
                     " to " + std::to_string(tensor.end) + ", expected " + std::to_string(filled) +
                     " and " + std::to_string(*size) + " more");
    filled = tensor.end;
  }
  if (filled != file.data.size())
    return damaged("its tensors take " + std::to_string(filled) + " bytes, but it holds " +
                   std::to_string(file.data.size()));
  return Done{};
}

Result<Safetensors> parseSafetensors(std::string_view bytes) {
  Safetensors file;
  if (Status cut = split(bytes, file); !cut)
    return cut.error();
  std::string_view json = file.header.substr(kLengthBytes);
  if (json.empty() || json.front() != '{')
    return damaged("its header is not a JSON object");
  HeaderReader reader(file);
  if (!Json::sax_parse(json.begin(), json.end(), &reader))
    return damaged(reader.reason);
  if (Status placed = checkOffsets(file); !placed)
    return placed.error();
  for (size_t i = 0; i < file.tensors.size(); ++i)
    file.positions.emplace(file.tensors[i].name, i);
  return file;
}

static std::string inQuotes(std::string_view text) {
  return Json(text).dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

/// One tensor as a member of the header.
static std::string describe(const Tensor &tensor) {
  std::string text =
      inQuotes(tensor.name) + ":{\"dtype\":" + inQuotes(tensor.dtype) + ",\"shape\":[";
  for (size_t i = 0; i < tensor.shape.size(); ++i)
    text += (i == 0 ? "" : ",") + std::to_string(tensor.shape[i]);
  return text + "],\"data_offsets\":[" + std::to_string(tensor.begin) + "," +
         std::to_string(tensor.end) + "]}";
}

std::string writeSafetensorsHeader(const Metadata &metadata, std::vector<Tensor> &tensors) {
  std::string header(kLengthBytes, '\0');
  header += "{\"__metadata__\":{";
  for (const auto &[key, value] : metadata)
    header += (header.back() == '{' ? "" : ",") + inQuotes(key) + ":" + inQuotes(value);
  header += "}";
  uint64_t offset = 0;
  for (Tensor &tensor : tensors) {
    tensor.begin = offset;
    tensor.end = offset += sizeOf(tensor).value_or(0);
    header += "," + describe(tensor);
  }
  header += "}";
  header.append((64 - header.size() % 64) % 64, ' ');
  uint64_t length = header.size() - kLengthBytes;
  std::memcpy(header.data(), &length, kLengthBytes);
  return header;
}

} // namespace ccm
