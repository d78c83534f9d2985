// SPDX-License-Identifier: Apache-2.0
// Ports and files that the tests of the data readers share.
#pragma once

#include "data/Dataset.h"
#include "runtime/io/Io.h"
#include "tests/support/TemporaryDirectory.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>
#include <string>
#include <vector>

namespace ccm::data::test {

inline uint64_t product(const std::vector<int64_t> &extents) {
  uint64_t count = 1;
  for (int64_t extent : extents)
    count *= uint64_t(extent);
  return count;
}

/// A continuous port; as an output, compared with values of the same shape.
inline ccm_port continuous(const char *name, std::vector<int64_t> extents,
                           int32_t dtype = CCM_F32) {
  ccm_port port = {};
  port.name = name;
  port.dtype = port.target_dtype = dtype;
  port.rank = port.target_rank = int32_t(extents.size());
  for (size_t i = 0; i < extents.size(); ++i)
    port.extents[i] = port.target_extents[i] = extents[i];
  port.bytes = port.target_bytes = product(extents) * (dtype == CCM_U8 ? 1 : 4);
  return port;
}

/// A discrete port: indices as input and as target.
inline ccm_port discrete(const char *name, std::vector<int64_t> extents, int64_t vocabulary) {
  ccm_port port = continuous(name, std::move(extents), CCM_I32);
  port.vocabulary = vocabulary;
  return port;
}

/// A directory that goes with the test.
class Folder {
public:
  /// Writes a file and returns its path.
  std::string write(const std::string &name, std::string_view bytes) const {
    EXPECT_TRUE(io::writeFileAtomically(path + "/" + name, bytes));
    return path + "/" + name;
  }

private:
  ccm::test::TemporaryDirectory directory;

public:
  const std::string &path = directory.path();
};

/// A text without the path of a directory.
inline std::string withoutFolder(std::string text, const Folder &folder) {
  for (size_t at; (at = text.find(folder.path + "/")) != text.npos;)
    text.erase(at, folder.path.size() + 1);
  return text;
}

/// The bytes as a gzip file.
inline std::string gzip(std::string_view bytes) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
  stream.avail_in = uInt(bytes.size());
  stream.next_out = reinterpret_cast<Bytef *>(out.data());
  stream.avail_out = uInt(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// A row's values of one column.
template <typename T>
std::vector<T> valuesAt(const Column &column, int64_t row) {
  std::vector<T> values(column.at(row).size() / sizeof(T));
  std::memcpy(values.data(), column.at(row).data(), column.at(row).size());
  return values;
}

/// All problems as text, one per line.
template <typename T>
std::string textOf(const Result<T> &result) {
  std::string text;
  if (result)
    return "no problem";
  for (const Problem &problem : result.error())
    text += problem.text() + "\n";
  return text;
}

} // namespace ccm::data::test
