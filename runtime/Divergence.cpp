// SPDX-License-Identifier: Apache-2.0
// Search for the first number that is not finite.
#include "runtime/Divergence.h"

#include "runtime/ModelTable.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

namespace ccm {
namespace {

using Json = nlohmann::json;

/// Position of the first number that is not finite, or -1.
int64_t findNotFinite(const float *values, uint64_t count) {
  const float *end = values + count;
  const float *found = std::find_if(values, end, [](float value) { return !std::isfinite(value); });
  return found == end ? -1 : found - values;
}

/// A member of an object as a number of bytes or elements; 0 when it is none.
uint64_t numberAt(const Json &object, const char *name) {
  auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}

std::string textAt(const Json &object, const char *name) {
  auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Json arrayAt(const Json &object, const char *name) {
  auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_array() ? *found : Json::array();
}

/// One search over one batch; each step returns the place or "".
class Search {
public:
  Search(const Session &session, const ccm_batch &given)
      : session(session), artifact(session.artifact()), batch(given) {}

  std::string run() {
    std::string place = amongParameters(artifact.parameters(), session.params().data());
    if (place.empty())
      place =
          amongPorts(artifact.inputs(), batch.inputs, "input", &ccm_port::dtype, &ccm_port::bytes);
    if (place.empty())
      place = amongPorts(artifact.outputs(), batch.targets, "target", &ccm_port::target_dtype,
                         &ccm_port::target_bytes);
    if (place.empty() && prepare())
      place = amongResults();
    std::string ofDelta = hasDelta ? amongParameters(artifact.trained(), delta.data()) : "";
    return ofDelta.empty() ? "loss is not finite" + first(place)
                           : "delta is not finite" + first(ofDelta);
  }

private:
  static std::string first(const std::string &place) {
    return place.empty() ? std::string() : ", first in " + place;
  }

  static std::string amongParameters(std::span<const ccm_parameter> parameters,
                                     const void *values) {
    for (const ccm_parameter &parameter : parameters) {
      auto at =
          reinterpret_cast<const float *>(static_cast<const char *>(values) + parameter.offset);
      if (findNotFinite(at, parameter.bytes / sizeof(float)) >= 0)
        return std::string("parameter '") + parameter.name + "'";
    }
    return "";
  }

  template <typename Arrays>
  std::string amongPorts(std::span<const ccm_port> ports, Arrays arrays, const char *kind,
                         int32_t ccm_port::*dtype, uint64_t ccm_port::*bytes) {
    for (size_t i = 0; i < ports.size(); ++i) {
      if (ports[i].*dtype != CCM_F32 || !arrays[i])
        continue;
      uint64_t each = ports[i].*bytes / sizeof(float);
      int64_t at = findNotFinite(static_cast<const float *>(arrays[i]),
                                 each * static_cast<uint64_t>(batch.count));
      if (at < 0)
        continue;
      foundPort = i;
      return std::string(kind) + " '" + ports[i].name + "', sample " +
             std::to_string(at / static_cast<int64_t>(each));
    }
    return "";
  }

  /// Memory for a step in pieces: outputs, their deltas, internals, scratch and a delta.
  bool prepare() {
    if (!artifact.needs({"forward", "loss", "backward_train"}))
      return false;
    constexpr unsigned kParts = kOutputs | kOutputDeltas;
    Result<Batch> arrays = Batch::create(session.sharedArtifact(), batch.count, kParts);
    Result<ccm_sizes> sizes = artifact.sizes(batch.count, 1);
    if (!arrays || !sizes)
      return false;
    Result<Buffer> kept = Buffer::create(sizes->internal),
                   scratch =
                       Buffer::create(std::max({sizes->forward, sizes->loss, sizes->backward})),
                   sum = Buffer::create(sizes->delta);
    if (!kept || !scratch || !sum)
      return false;
    results = std::make_unique<Batch>(std::move(*arrays));
    internal = std::move(*kept);
    workspace = std::move(*scratch);
    delta = std::move(*sum);
    ccm_batch own = results->first(batch.count);
    batch.outputs = own.outputs;
    batch.output_deltas = own.output_deltas;
    batch.input_deltas = nullptr;
    return true;
  }

  std::string amongResults() {
    ccm_runner serial = serialRunner();
    ccm_buffers buffers = {.bytes = sizeof(ccm_buffers),
                           .internal = internal.data(),
                           .workspace = workspace.data(),
                           .workspace_bytes = workspace.size()};
    const ccm_model &model = artifact.model();
    const void *params = session.params().data();
    EntryError error;
    Json blocks = describedBlocks();
    if (std::string place = amongInternals(blocks, buffers); !place.empty())
      return place;
    if (model.forward(params, &batch, &buffers, &serial, error.receiver()) != CCM_OK)
      return "";
    if (std::string place = amongOutputs(blocks); !place.empty())
      return place;
    std::vector<double> losses(artifact.outputs().size());
    double mean = NAN;
    if (model.loss(params, &batch, &mean, losses.data(), &buffers, &serial, error.receiver()) !=
        CCM_OK)
      return "";
    if (std::string place = amongLosses(losses); !place.empty())
      return place;
    hasDelta = std::isfinite(mean) && model.backward_train(params, &batch, delta.data(), &buffers,
                                                           &serial, error.receiver()) == CCM_OK;
    return "";
  }

  std::string amongOutputs(const Json &blocks) {
    std::string place =
        amongPorts(artifact.outputs(), batch.outputs, "output", &ccm_port::dtype, &ccm_port::bytes);
    Json primitives = blocks.empty() ? Json::array() : arrayAt(blocks[0], "outputs");
    bool isNamed =
        !place.empty() && foundPort < primitives.size() && primitives[foundPort].is_string();
    return isNamed ? place + ", of " + primitives[foundPort].get<std::string>() : place;
  }

  std::string amongLosses(std::span<const double> losses) {
    for (size_t i = 0; i < losses.size(); ++i)
      if (!std::isfinite(losses[i]))
        return std::string("the loss of output '") + artifact.outputs()[i].name + "'";
    return "";
  }

  /// What the artifact says of its internals: one object per block size, ascending.
  Json describedBlocks() const {
    return arrayAt(Json::parse(artifact.describe(), nullptr, /*allow_exceptions=*/false),
                   "internals");
  }

  /// Sample `sample` of the batch as a batch of its own.
  ccm_batch alone(int64_t sample) {
    oneInputs.clear(), oneOutputs.clear();
    for (size_t i = 0; i < artifact.inputs().size(); ++i)
      oneInputs.push_back(batch.inputs[i]
                              ? static_cast<const char *>(batch.inputs[i]) +
                                    static_cast<uint64_t>(sample) * artifact.inputs()[i].bytes
                              : nullptr);
    for (size_t i = 0; i < artifact.outputs().size(); ++i)
      oneOutputs.push_back(batch.outputs[i] + static_cast<uint64_t>(sample) *
                                                  artifact.outputs()[i].bytes / sizeof(float));
    ccm_batch one = {};
    one.bytes = sizeof(one);
    one.count = 1;
    one.inputs = oneInputs.data();
    one.outputs = oneOutputs.data();
    return one;
  }

  /// Runs the samples one by one: alone they have the values they have in the batch, and their
  /// internals are those of the smallest block.
  std::string amongInternals(const Json &blocks, const ccm_buffers &buffers) {
    ccm_runner serial = serialRunner();
    uint64_t bytes = blocks.empty() ? 0 : numberAt(blocks[0], "bytes");
    if (bytes == 0 || bytes > internal.size() || numberAt(blocks[0], "samples") != 1)
      return "";
    for (int64_t sample = 0; sample < batch.count; ++sample) {
      ccm_batch one = alone(sample);
      EntryError error;
      if (artifact.model().forward(session.params().data(), &one, &buffers, &serial,
                                   error.receiver()) != CCM_OK)
        return "";
      if (std::string place = amongValues(blocks[0], bytes); !place.empty())
        return place;
    }
    return "";
  }

  std::string amongValues(const Json &block, uint64_t bytes) {
    const char *start = static_cast<const char *>(internal.data());
    for (const Json &value : arrayAt(block, "values")) {
      uint64_t offset = numberAt(value, "offset"), count = numberAt(value, "elements");
      if (offset % sizeof(float) || offset > bytes || count > (bytes - offset) / sizeof(float))
        return "";
      if (findNotFinite(reinterpret_cast<const float *>(start + offset), count) >= 0)
        return "the values of " + textAt(value, "of");
    }
    return "";
  }

  const Session &session;
  const Artifact &artifact;
  ccm_batch batch;
  std::unique_ptr<Batch> results;
  Buffer internal, workspace, delta;
  std::vector<const void *> oneInputs; ///< of `alone`
  std::vector<float *> oneOutputs;
  size_t foundPort = 0;  ///< the one that `amongPorts` named last
  bool hasDelta = false; ///< the loss is finite, and `delta` is that of the batch
};

} // namespace

bool areFinite(std::span<const float> values) {
  constexpr uint32_t kExponent = 0x7f800000; // all ones: infinite or no number
  bool finite = true;
  for (float value : values) // without an early end, so that it takes vectors
    finite &= (std::bit_cast<uint32_t>(value) & kExponent) != kExponent;
  return finite;
}

/// What is looked at again without its padding, of which nothing is promised.
static bool isFinite(const ccm_parameter &parameter, const void *params) {
  std::vector<float> canonical(static_cast<size_t>(elementCount(parameter)));
  unpackParameter(parameter, params, canonical);
  return areFinite(canonical);
}

const ccm_parameter *firstNotFinite(const Session &session) {
  const auto *start = static_cast<const char *>(session.params().data());
  for (const ccm_parameter &parameter : session.artifact().parameters()) {
    const auto *packed = reinterpret_cast<const float *>(start + parameter.offset);
    if (!areFinite({packed, parameter.bytes / sizeof(float)}) && !isFinite(parameter, start))
      return &parameter;
  }
  return nullptr;
}

std::string describeDivergence(const Session &session, const ccm_batch &batch) {
  return Search(session, batch).run();
}

} // namespace ccm
