// SPDX-License-Identifier: Apache-2.0
// The readers of data. The first byte of an input chooses the reader of the rest.
#include "ccm/abi.h"
#include "data/Array.h"
#include "data/Csv.h"
#include "data/Dataset.h"
#include "data/Image.h"
#include "data/Sound.h"
#include "runtime/io/MemoryFile.h"
#include "tests/fuzz/Target.h"

using namespace ccm;
using namespace ccm::data;

namespace {

/// Nothing decoded may be larger, in elements.
constexpr int64_t kLargest = int64_t(1) << 28;

void readArrayFile(std::string_view bytes) {
  auto array = readArray(std::string(bytes));
  if (!array)
    return;
  fuzz::require(array->elements() >= 0 && array->elements() <= kLargest, "the array is bounded");
  for (int64_t i = 0; i < array->elements(); i += 1 + array->elements() / 1000)
    (void)array->at(i);
  if (array->elements() > 0)
    (void)array->at(array->elements() - 1);
}

void readCellsBetween(char separator, std::string_view bytes) {
  CsvReader reader(bytes, "t.csv", separator);
  for (;;) {
    auto record = reader.next();
    if (!record || record->empty())
      return;
    (void)reader.place(record->back());
  }
}

void readCells(std::string_view bytes) {
  for (char separator : {',', '\t'})
    readCellsBetween(separator, bytes);
}

ccm_port port(const char *name, int32_t dtype, std::initializer_list<int64_t> extents,
              int64_t vocabulary) {
  ccm_port made = {};
  made.name = name;
  made.dtype = made.target_dtype = dtype;
  made.rank = made.target_rank = int32_t(extents.size());
  uint64_t elements = 1;
  for (int32_t i = 0; i < made.rank; ++i) {
    made.extents[i] = made.target_extents[i] = extents.begin()[i];
    elements *= uint64_t(extents.begin()[i]);
  }
  made.bytes = made.target_bytes = elements * (dtype == CCM_U8 ? 1 : 4);
  made.vocabulary = vocabulary;
  return made;
}

/// A port that samples may lack.
ccm_port optional(ccm_port made) {
  made.partner = 5;
  return made;
}

/// A table of a number that may lack, a label, a text, a picture and a sound.
void readTableFile(std::string_view bytes) {
  auto file = io::MemoryFile::create();
  fuzz::require(file && file->append(bytes), "a file in memory can be written");
  static const ccm_port inputs[] = {optional(port("n", CCM_F32, {1}, 0)),
                                    port("l", CCM_I32, {}, 10), port("t", CCM_I32, {8}, 256),
                                    port("p", CCM_U8, {4, 4, 3}, 0)};
  static const ccm_port outputs[] = {port("s", CCM_F32, {16, 1}, 0)};
  static const Dataset empty = *emptyDataset(inputs, outputs, {});
  auto table = readTable(file->path(), empty, {});
  if (table)
    fuzz::require(table->rows > 0 && table->inputs.size() >= 3 && table->inputs.size() <= 5 &&
                      table->targets.size() == 1,
                  "a table has rows and columns");
  else
    fuzz::require(table.error().begin() != table.error().end(), "a refusal has a reason");
}

void readImage(std::string_view bytes) {
  auto image = decodeImage(bytes);
  if (!image)
    return;
  fuzz::require(image->pixels.size() == size_t(image->height * image->width * 4), "all pixels");
  (void)resizeImage(*image, 3, 5);
}

void readSound(std::string_view bytes) {
  auto sound = decodeSound(bytes);
  if (!sound)
    return;
  fuzz::require(sound->rate > 0 && int64_t(sound->samples.size()) <= kLargest, "a bounded sound");
  (void)resample(*sound, 8000, 16);
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static constexpr void (*kReaders[])(std::string_view) = {readArrayFile, readCells, readTableFile,
                                                           readImage, readSound};
  if (size > 0)
    kReaders[data[0] % std::size(kReaders)](fuzz::asText(data + 1, size - 1));
  return 0;
}
