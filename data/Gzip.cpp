// SPDX-License-Identifier: Apache-2.0
// Gzip streams, undone in memory.
#include "data/Array.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace ccm::data {

namespace {

/// An inflating stream that gives its memory back.
struct Inflater {
  z_stream stream = {};
  bool ready = inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK;
  Inflater() = default;
  Inflater(const Inflater &) = delete;
  Inflater &operator=(const Inflater &) = delete;
  ~Inflater() { inflateEnd(&stream); }
};

Problem gzipProblem(const std::string &message) { return {Fault::input, "", message}; }

Problem failure(int code) {
  if (code == Z_BUF_ERROR)
    return gzipProblem("a truncated gzip file");
  if (code == Z_MEM_ERROR)
    return gzipProblem("not enough memory to undo the gzip file");
  return gzipProblem("a damaged gzip file");
}

} // namespace

Result<std::string> gunzip(std::string_view bytes, uint64_t limit) {
  constexpr size_t kStep = size_t(1) << 20;
  Inflater inflater;
  z_stream &stream = inflater.stream;
  if (!inflater.ready || bytes.size() > std::numeric_limits<uInt>::max())
    return gzipProblem("a gzip file too large to undo");
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
  stream.avail_in = uInt(bytes.size());
  std::string out;
  for (int code = Z_OK; code != Z_STREAM_END || stream.avail_in > 0;) {
    // A file may hold several streams, one after the other.
    if (code == Z_STREAM_END && inflateReset(&stream) != Z_OK)
      return failure(Z_DATA_ERROR);
    const size_t held = out.size();
    if (held > limit)
      return gzipProblem("a gzip file that holds more than " + std::to_string(limit) + " bytes");
    out.resize(held + kStep);
    stream.next_out = reinterpret_cast<Bytef *>(out.data() + held);
    stream.avail_out = uInt(kStep);
    code = inflate(&stream, Z_NO_FLUSH);
    out.resize(held + kStep - stream.avail_out);
    if (code != Z_OK && code != Z_STREAM_END)
      return failure(code);
    if (code == Z_OK && stream.avail_in == 0 && stream.avail_out > 0)
      return failure(Z_BUF_ERROR);
  }
  return out;
}

} // namespace ccm::data
