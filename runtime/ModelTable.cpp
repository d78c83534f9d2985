// SPDX-License-Identifier: Apache-2.0
// A library may come from another compiler or be damaged: its table is checked once, when loaded.
#include "runtime/ModelTable.h"

#include "runtime/Sha256.h"

#include <algorithm>
#include <array>
#include <span>

namespace ccm {

static Error refuse(std::string reason) { return {ErrorKind::Input, std::move(reason)}; }

uint64_t elementBytes(int32_t dtype) {
  switch (dtype) {
  case CCM_F32:
  case CCM_I32:
    return 4;
  case CCM_U8:
    return 1;
  default:
    return 0;
  }
}

/// Whether `bytes` is what `rank` extents of elements of `element` bytes take.
static bool bytesFit(const int64_t *extents, int32_t rank, uint64_t element, uint64_t bytes) {
  if (rank < 0 || rank > CCM_MAX_RANK || element == 0)
    return false;
  uint64_t product = element;
  for (int32_t i = 0; i < rank; ++i)
    if (extents[i] < 1 ||
        __builtin_mul_overflow(product, static_cast<uint64_t>(extents[i]), &product))
      return false;
  return product == bytes;
}

static bool isOneFloat(const ccm_port &port) {
  return port.dtype == CCM_F32 && port.bytes == sizeof(float);
}

/// Whether an optional input and its presence name each other.
static bool isPresenceOf(const ccm_port &presence, const ccm_port &input, size_t number) {
  return presence.draw == CCM_PRESENCE && input.draw == CCM_GIVEN && isOneFloat(presence) &&
         static_cast<size_t>(input.partner) == number + 1;
}

int32_t timeOf(const ccm_model &model, int32_t output) {
  for (int32_t i = 0; i < model.input_count; ++i)
    if (model.inputs[i].draw == CCM_TIME && model.inputs[i].partner == output)
      return i;
  return -1;
}

/// Whether an input is what comes before each element of the output.
static bool isShiftOf(const ccm_port &port, const ccm_port &output) {
  return port.dtype == CCM_I32 && output.target_dtype == CCM_I32 && output.vocabulary > 0 &&
         port.vocabulary == output.vocabulary + 1 && port.bytes == output.target_bytes;
}

/// Whether an input that is drawn or optional belongs to a port as `ccm_draw` says.
static bool partnerFits(const ccm_model &model, size_t number) {
  const ccm_port &port = model.inputs[number];
  if (port.partner == 0)
    return port.draw == CCM_GIVEN;
  bool isOfInput = port.draw == CCM_GIVEN || port.draw == CCM_PRESENCE;
  if (port.partner < 0 || port.partner > (isOfInput ? model.input_count : model.output_count))
    return false;
  if (isOfInput) {
    const auto partner = static_cast<size_t>(port.partner) - 1;
    const ccm_port &other = model.inputs[partner];
    return port.draw == CCM_PRESENCE ? isPresenceOf(port, other, number)
                                     : isPresenceOf(other, port, partner);
  }
  const ccm_port &output = model.outputs[port.partner - 1];
  if (port.draw == CCM_WEIGHT)
    return isOneFloat(port);
  if (port.draw == CCM_SHIFTED)
    return isShiftOf(port, output);
  if (output.vocabulary != 0 || (output.target_dtype != CCM_F32 && output.target_dtype != CCM_U8))
    return false;
  if (port.draw == CCM_TIME)
    return isOneFloat(port);
  return port.draw == CCM_NOISED && port.dtype == CCM_F32 && port.bytes == output.bytes &&
         timeOf(model, port.partner) >= 0;
}

static Status checkPort(const ccm_port &port, bool isOutput) {
  if (!port.name)
    return refuse("a port of it has no name");
  bool target = !isOutput || bytesFit(port.target_extents, port.target_rank,
                                      elementBytes(port.target_dtype), port.target_bytes);
  if (!target || !bytesFit(port.extents, port.rank, elementBytes(port.dtype), port.bytes))
    return refuse(std::string("extents and bytes of its port '") + port.name + "' do not agree");
  return Done{};
}

/// Whether every packed dimension names a canonical one, and the canonical shape is sound.
static bool dimensionsFit(const ccm_parameter &parameter) {
  uint64_t product = sizeof(float);
  for (int32_t i = 0; i < parameter.rank; ++i)
    if (parameter.shape[i] < 1 ||
        __builtin_mul_overflow(product, static_cast<uint64_t>(parameter.shape[i]), &product))
      return false;
  for (int32_t i = 0; i < parameter.packed_rank; ++i)
    if (parameter.packed_dims[i] < 0 || parameter.packed_dims[i] >= parameter.rank ||
        parameter.packed_steps[i] < 1)
      return false;
  return product <= uint64_t(1) << 40;
}

static Status checkParameter(const ccm_parameter &parameter) {
  if (!parameter.name)
    return refuse("a parameter of it has no name");
  bool ranks =
      parameter.rank >= 0 && parameter.rank <= CCM_MAX_RANK &&
      bytesFit(parameter.packed_extents, parameter.packed_rank, sizeof(float), parameter.bytes);
  if (!ranks || !dimensionsFit(parameter) || parameter.offset % CCM_ALIGNMENT != 0)
    return refuse(std::string("shape and packing of its parameter '") + parameter.name +
                  "' do not agree");
  return Done{};
}

std::vector<TableEntry> entriesOf(const ccm_model &m) {
  return {{"sizes", m.sizes != nullptr},
          {"init", m.init != nullptr},
          {"infer", m.infer != nullptr},
          {"forward", m.forward != nullptr},
          {"loss", m.loss != nullptr},
          {"backward", m.backward != nullptr},
          {"backward_input", m.backward_input != nullptr},
          {"backward_train", m.backward_train != nullptr},
          {"delta_zero", m.delta_zero != nullptr},
          {"delta_add", m.delta_add != nullptr},
          {"delta_scale", m.delta_scale != nullptr},
          {"train", m.train != nullptr},
          {"step", m.step != nullptr},
          {"shard_begin", m.shard_begin != nullptr},
          {"shards", m.shards != nullptr},
          {"update", m.update != nullptr},
          {"draw", m.draw != nullptr},
          {"gather", m.gather != nullptr},
          {"set_statistics", m.set_statistics != nullptr},
          {"prefill", m.prefill != nullptr},
          {"decode", m.decode != nullptr}};
}

Error lacksEntry(const ccm_model &model, std::string_view entry) {
  if (entry == "prefill" || entry == "decode")
    return refuse("'" + std::string(model.name) + "' has no autoregressive output");
  bool ofInputs = entry == "backward" || entry == "backward_input";
  return refuse("'" + std::string(model.name) + "' was compiled without '" + std::string(entry) +
                "' (--entries=" + (model.step ? "train" : "infer") +
                "); compile it with --entries=" + (ofInputs ? "all" : "train or all"));
}

static bool hasEveryList(const ccm_model &model) {
  auto present = [](int32_t count, const void *list) { return count == 0 || (count > 0 && list); };
  return present(model.input_count, model.inputs) && present(model.output_count, model.outputs) &&
         present(model.parameter_count, model.parameters);
}

/// Whether a scale names two frozen parameters of one value per channel, or the port has none.
static bool scaleFits(const ccm_model &model, const ccm_port &port) {
  if (port.scale == CCM_UNSCALED)
    return port.offset == 0 && port.factor == 0;
  if (port.scale < 0 || port.scale > CCM_CALIBRATED || port.rank < 1 ||
      (port.vocabulary != 0 && port.scale != CCM_CALIBRATED))
    return false;
  return std::ranges::all_of(std::array{port.offset, port.factor}, [&](int32_t number) {
    return number > model.trained_count && number <= model.parameter_count &&
           model.parameters[number - 1].bytes ==
               sizeof(float) * static_cast<uint64_t>(port.extents[port.rank - 1]);
  });
}

/// Whether weights of indices are a frozen parameter of one each, or there are none.
static bool classWeightsFit(const ccm_model &model, const ccm_port &port) {
  const int32_t number = port.class_weights;
  if (number == 0)
    return port.balanced == 0;
  return port.vocabulary > 0 && number > model.trained_count && number <= model.parameter_count &&
         model.parameters[number - 1].bytes ==
             sizeof(float) * static_cast<uint64_t>(port.vocabulary);
}

/// Whether lists are there where they have members, and numbers are none that cannot be.
static bool sourceFits(const ccm_port &port) {
  const auto isList = [](int32_t count, const char *const *list) {
    return count == 0 || (count > 0 && list &&
                          std::ranges::all_of(std::span(list, size_t(count)),
                                              [](const char *text) { return text; }));
  };
  return isList(port.name_count, port.names) && isList(port.column_count, port.columns) &&
         port.name_count <= port.vocabulary && port.unknown >= 0 &&
         port.unknown <= port.vocabulary && port.steps >= 0 && port.horizon >= 0 &&
         port.stride >= 0 && (port.steps == 0 || (port.rank > 0 && port.extents[0] == port.steps));
}

static Status checkScales(const ccm_model &model) {
  for (std::span ports : {std::span(model.inputs, static_cast<size_t>(model.input_count)),
                          std::span(model.outputs, static_cast<size_t>(model.output_count))})
    for (const ccm_port &port : ports)
      if (!sourceFits(port))
        return refuse(std::string("its port '") + port.name +
                      "' and what it says of tables do not agree");
      else if (!scaleFits(model, port))
        return refuse(std::string("its port '") + port.name + "' and its scale do not agree");
      else if (!classWeightsFit(model, port))
        return refuse(std::string("its port '") + port.name +
                      "' and the weights of its indices do not agree");
  return Done{};
}

static Status checkParameters(const ccm_model &model) {
  if (model.trained_count < 0 || model.trained_count > model.parameter_count)
    return refuse("expected 0 to " + std::to_string(model.parameter_count) +
                  " trained parameters in it, found " + std::to_string(model.trained_count));
  for (int32_t i = 0; i < model.parameter_count; ++i)
    if (Status valid = checkParameter(model.parameters[i]); !valid)
      return valid;
  return checkScales(model);
}

Status checkModelTable(const ccm_model *model) {
  if (!model)
    return refuse("it has no table of entries");
  if (model->abi_major != CCM_ABI_MAJOR)
    return refuse("expected interface version " + std::to_string(CCM_ABI_MAJOR) + ", found " +
                  std::to_string(model->abi_major) +
                  "; compile the model with the ccm-compile of this runtime");
  if (!model->name || !model->describe || !model->target || !model->sizes || !model->init ||
      !model->infer || !hasEveryList(*model))
    return refuse("its table of entries is incomplete");
  for (int32_t i = 0; i < model->input_count; ++i)
    if (Status valid = checkPort(model->inputs[i], /*isOutput=*/false); !valid)
      return valid;
  for (int32_t i = 0; i < model->output_count; ++i)
    if (Status valid = checkPort(model->outputs[i], /*isOutput=*/true); !valid)
      return valid;
  for (int32_t i = 0; i < model->input_count; ++i)
    if (!partnerFits(*model, static_cast<size_t>(i)))
      return refuse(std::string("its port '") + model->inputs[i].name +
                    "' and its partner do not agree");
  return checkParameters(*model);
}

std::string hashLayout(const ccm_model &model) {
  std::string text;
  auto append = [&](auto list, int32_t rank) {
    for (int32_t i = 0; i < rank; ++i)
      text += std::to_string(list[i]) + (i + 1 < rank ? "," : "");
    text += ' ';
  };
  for (int32_t i = 0; i < model.parameter_count; ++i) {
    const ccm_parameter &parameter = model.parameters[i];
    text += std::string(parameter.name) + ' ';
    append(parameter.shape, parameter.rank);
    append(parameter.packed_extents, parameter.packed_rank);
    append(parameter.packed_dims, parameter.packed_rank);
    append(parameter.packed_steps, parameter.packed_rank);
    text += std::to_string(parameter.offset) + (i < model.trained_count ? "\n" : " frozen\n");
  }
  return sha256(text);
}

Status EntryError::check(int32_t status, const char *entry) {
  if (status == CCM_OK)
    return Done{};
  text[sizeof(text) - 1] = '\0';
  ErrorKind kind = status == CCM_DIVERGED ? ErrorKind::Loss : ErrorKind::Input;
  if (text[0] != '\0')
    return Error{kind, text};
  return Error{kind,
               std::string("entry '") + entry + "' failed with status " + std::to_string(status)};
}

} // namespace ccm
