// SPDX-License-Identifier: Apache-2.0
// What one sample of a port holds, for the readers that fill it.
#pragma once

#include "ccm/abi.h"
#include "data/Date.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ccm::data {

using Bytes = std::vector<std::byte>;

/// One sample of an input, or of what an output is compared with.
struct Field {
  std::string name;
  int32_t dtype = CCM_F32;
  /// Variable extents, then the channels of a continuous port.
  std::vector<int64_t> extents;
  /// 0 for a continuous port; else every element is an index below it.
  int64_t vocabulary = 0;
  /// Of one sample.
  uint64_t bytes = 0;
  /// What the indices of a discrete port are called; empty where they have no names.
  std::vector<std::string> names = {};
  /// Data need not have it: the number of the input, from 1, that says which samples do; 0: it
  /// must.
  int32_t presence = 0;
  /// Every element is from 0 to 1: what bce compares.
  bool isFraction = false;
  /// What losses are multiplied by: no element is negative.
  bool isWeight = false;
  /// The names are the model's own: an index that has none is not written as a number.
  bool isNamed = false;
  /// Titles of the columns of a table that hold it: one, or one for every element; none where its
  /// name is the title.
  std::vector<std::string> titles = {};
  /// The index, from 1, of what is none of the names; 0: there is none.
  int32_t unknown = 0;
  /// Elements may be missing: they are NaN.
  bool hasGaps = false;
  /// Consecutive rows of a table that the first extent is; 0: it is not.
  int64_t steps = 0;
  /// Of a window: rows between two samples.
  int64_t stride = 0;
  /// Of a target: how far behind the last row of the windows its last one lies.
  int64_t horizon = 0;

  bool optional() const { return presence != 0; }
  /// Whether something stands in where there is no value.
  bool mayBeMissing() const { return optional() || hasGaps || unknown > 0; }
  bool discrete() const { return vocabulary > 0; }
  /// Whether a sample is one index.
  bool isIndex() const { return discrete() && variableRank() == 0; }
  /// Number of elements of one sample.
  int64_t elements() const { return int64_t(bytes / elementBytes()); }
  /// Values per position; 1 for a discrete port.
  int64_t channels() const { return discrete() || extents.empty() ? 1 : extents.back(); }
  /// Rank without the channels.
  size_t variableRank() const { return extents.size() - (discrete() || extents.empty() ? 0 : 1); }
  /// Whether a date is a sample, taken apart into so many numbers.
  bool takesDates() const {
    return dtype == CCM_F32 && !discrete() && variableRank() == 0 &&
           (elements() == kDayChannels || elements() == kTimeChannels);
  }
  /// Bytes of one element.
  uint64_t elementBytes() const { return dtype == CCM_U8 ? 1 : 4; }
};

/// The sample that an input port reads.
Field inputField(const ccm_port &port);

/// The sample that the loss of an output port compares with.
Field targetField(const ccm_port &port);

/// An element of a continuous sample as models read it: a byte 0…255 as 0…1.
float valueAt(const Field &field, std::span<const std::byte> sample, size_t index);

/// "64x64x3", or "one element" for rank 0.
std::string shapeText(std::span<const int64_t> extents);

/// Whether two shapes agree, extents of 1 aside.
bool sameShape(std::span<const int64_t> a, std::span<const int64_t> b);

/// What a cell of a table may hold for this port, for messages: "an integer below 10", ….
std::string expectation(const Field &field);

} // namespace ccm::data
