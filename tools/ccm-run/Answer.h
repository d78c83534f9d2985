// SPDX-License-Identifier: Apache-2.0
// What a model says of one sample by one output, as text, JSON and files.
#pragma once

#include "ccm/runtime.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ccm::run {

/// How an output's values are read.
struct Reading {
  const ccm_port *port;
  /// What its indices are called; may be empty.
  std::vector<std::string> names;
  /// The loss is "bce": the values are scores that a sigmoid makes shares of.
  bool isSigmoid = false;
  /// How many of the likeliest indices are told.
  int64_t top = 1;
  /// Elements were chosen one by one: samples are indices, not scores.
  bool isSequence = false;

  /// Whether the output is one index.
  bool isIndex() const { return port->vocabulary > 0 && port->target_rank == 0; }
  /// Whether the output is text: bytes, up to the first that is zero.
  bool isText() const { return port->vocabulary == 256 && port->target_rank > 0; }
  /// Of one sample.
  std::vector<int64_t> extents() const;
  /// Elements of one sample.
  size_t elements() const {
    return size_t((isSequence ? port->target_bytes : port->bytes) / sizeof(float));
  }
};

/// An index and the share that the model gives it, 0…1.
struct Choice {
  int64_t index = 0;
  double share = 0;
};

/// One sample's values of an output; they must outlive it.
class Answer {
public:
  /// Values of a sigmoid output become shares in place.
  Answer(const Reading &reading, std::span<float> values);
  /// Of a sequence.
  Answer(const Reading &reading, std::span<const int32_t> sequence);
  const Reading &reading() const { return how; }
  std::span<const float> values() const { return data; }
  /// The likeliest indices of an output that is one index, likeliest first.
  const std::vector<Choice> &choices() const { return best; }
  /// A choice's name, or its index.
  std::string nameOf(const Choice &choice) const;
  /// Everything on one line: text where every byte has an index, else indices or numbers between
  /// blanks.
  std::string line() const;
  /// A few words for a terminal.
  std::string brief() const;
  /// The same, and of texts and sequences all.
  std::string full() const { return how.isText() || how.isSequence ? line() : brief(); }
  nlohmann::ordered_json json() const;

private:
  const Reading &how;
  std::vector<float> numbers; ///< of a sequence
  std::span<float> data;
  /// Of the highest score at every position of a discrete output.
  std::vector<int64_t> indices;
  std::vector<Choice> best;
};

} // namespace ccm::run
