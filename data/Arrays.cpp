// SPDX-License-Identifier: Apache-2.0
// Datasets that are one array file per port.
#include "data/Array.h"
#include "data/Dataset.h"
#include "data/Nearest.h"
#include "runtime/io/Io.h"

#include <algorithm>
#include <numeric>

namespace ccm::data {

namespace {

struct Item {
  std::string port;
  std::string path;
};

/// Cuts at commas that a `port=` of the dataset follows, so that paths may have commas.
std::vector<Item> itemsOf(const std::string &spec) {
  std::vector<Item> items;
  for (size_t at = 0; at <= spec.size();) {
    const size_t comma = std::min(spec.find(',', at), spec.size());
    const std::string piece = spec.substr(at, comma - at);
    const size_t equals = piece.find('=');
    if (equals != piece.npos && piece.find('/') > equals)
      items.push_back({piece.substr(0, equals), piece.substr(equals + 1)});
    else if (!items.empty())
      items.back().path += "," + piece;
    at = comma + 1;
  }
  return items;
}

/// One row per first extent; the others are the port's, unit extents aside.
Status fillColumn(Column &column, const Array &array) {
  const Field &field = column.field;
  const std::span<const int64_t> shape(array.shape);
  if (shape.empty() || !sameShape(shape.subspan(1), field.extents))
    return Problem{Fault::input, "",
                   "'" + field.name + "' expects samples of " + shapeText(field.extents) +
                       ", got an array of " + shapeText(shape)};
  const int64_t rows = shape[0];
  if (rows < 1 || rows > int64_t(UINT32_MAX))
    return Problem{Fault::input, "", "expects 1 to 2^32 samples, got " + std::to_string(rows)};
  auto samples = std::make_shared<Bytes>(size_t(rows) * field.bytes);
  for (int64_t row = 0; row < rows; ++row)
    if (Status filled =
            fillFromArray(field, array, row * field.elements(),
                          std::span(*samples).subspan(size_t(row) * field.bytes, field.bytes));
        !filled)
      return filled;
  column.samples = std::move(samples);
  column.rows.resize(size_t(rows));
  std::iota(column.rows.begin(), column.rows.end(), 0u);
  return Done();
}

Status readItem(const Item &item, Dataset &data) {
  Column *column = data.find(item.port);
  if (!column) {
    std::vector<std::string> ports;
    for (const Column *known : data.columns())
      ports.push_back(known->field.name);
    return Problem{Fault::input, "",
                   "data for '" + item.port + "', which is no port of the model" +
                       suggestion(item.port, ports)};
  }
  if (column->samples)
    return Problem{Fault::input, "", "data for '" + item.port + "' is given twice"};
  data.files.push_back(item.path);
  io::Result<std::string> bytes = io::readFile(item.path);
  if (!bytes)
    return Problem{Fault::file, "", bytes.error().message};
  Result<Array> array = readArray(std::move(*bytes));
  Status filled = array ? fillColumn(*column, *array) : Status(array.error());
  return filled ? filled : Status(filled.error().first(item.path));
}

/// Every port has an array, and all have the same number of rows.
Status checkRows(Dataset &data) {
  std::string first;
  for (const Column *column : data.columns()) {
    const int64_t rows = int64_t(column->rows.size());
    if (!column->samples)
      return Problem{Fault::input, "", "no data for port '" + column->field.name + "'"};
    if (first.empty()) {
      first = column->field.name;
      data.rows = rows;
    }
    if (rows != data.rows)
      return Problem{Fault::input, "",
                     "'" + column->field.name + "' has " + std::to_string(rows) + " samples, '" +
                         first + "' has " + std::to_string(data.rows)};
  }
  return Done();
}

} // namespace

Result<Dataset> readArrays(const std::string &spec, Dataset empty, const DatasetOptions &options) {
  std::vector<Problem> problems;
  for (const Item &item : itemsOf(spec))
    if (std::count(options.ignored.begin(), options.ignored.end(), item.port) > 0)
      continue;
    else if (Status read = readItem(item, empty); !read)
      problems.push_back(read.error().first());
  if (!problems.empty())
    return problems;
  empty.dropUnread();
  if (Status whole = checkRows(empty); !whole)
    return whole.error();
  return empty;
}

} // namespace ccm::data
