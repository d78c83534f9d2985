// SPDX-License-Identifier: Apache-2.0
// How the values of a port become numbers that train.
#include "frontend/Declaration.h"
#include "llvm/ADT/STLExtras.h"

using llvm::StringRef;

namespace ccm::frontend {

/// Losses that compare numbers, so that a unit can be taken off both sides.
static bool isOfNumbers(StringRef loss) { return llvm::is_contained({"huber", "l1", "mse"}, loss); }

/// Pictures and sounds come in a unit of their own; numbers of a table in any.
static bool isStandardByDefault(const Port &port) {
  if (port.discrete || port.bytes || port.generate != Generate::Direct)
    return false;
  return port.side == kOutput ? isOfNumbers(port.loss) : port.structure != Structure::High;
}

/// One number, or one per channel.
static llvm::SmallVector<double> numbersOf(const Scope &scope, const Fields &fields, StringRef key,
                                           const Port &port) {
  const JsonValue *value = fields.find(key);
  if (!value)
    return {fields.number(key)};
  if (value->kind != JsonValue::Kind::Array)
    return {value->real};
  if (int64_t(value->items.size()) != port.channels)
    scope.error(value->place, Message::NumbersOfChannels, key, port.channels, value->items.size());
  return llvm::to_vector(
      llvm::map_range(value->items, [](const JsonValue &item) { return item.real; }));
}

static std::optional<PortScale> scaleOf(const Scope &scope, const JsonValue &value,
                                        const Port &port) {
  if (value.kind == JsonValue::Kind::Object) {
    Fields fields(scope, kScale, value);
    return PortScale{Scale::Fixed, numbersOf(scope, fields, "offset", port),
                     numbersOf(scope, fields, "factor", port)};
  }
  if (value.text.equals_insensitive("none"))
    return std::nullopt;
  bool isRobust = value.text.equals_insensitive("robust");
  return PortScale{isRobust ? Scale::Robust : Scale::Standard, {}, {}};
}

/// Refuses a scale of what has no unit.
static void checkScale(const Scope &scope, const JsonValue &value, const Port &port) {
  if (port.discrete)
    scope.error(value.place, Message::OnlyContinuous, "scale");
  else if (port.side == kOutput && port.generate != Generate::Direct)
    scope.error(value.place, Message::GenerateOfKind, "diffusion", "unscaled", "scaled");
  else if (port.side == kOutput && !isOfNumbers(port.loss))
    scope.error(value.place, Message::LossOfKind, "scaled", "huber, l1 or mse", port.loss);
}

/// Scores alone are divided by a temperature.
static PortScale readCalibrate(const Scope &scope, const Fields &fields, const Port &port) {
  Place place = fields.place("calibrate");
  if (port.generate != Generate::Direct)
    scope.error(place, Message::GenerateOfKind, "direct", "calibrated", "generated");
  else if (isOfNumbers(port.loss))
    scope.error(place, Message::LossOfKind, "calibrated", "bce or cross_entropy", port.loss);
  return PortScale{Scale::Calibrated, {}, {}};
}

std::optional<PortScale> readScale(const Scope &scope, const Fields &fields, Used used,
                                   const Port &port) {
  const JsonValue *value = fields.find("scale");
  if (port.side == kOutput && fields.flag("calibrate"))
    return readCalibrate(scope, fields, port);
  if (!value)
    return isStandardByDefault(port) && !used.model
               ? std::optional(PortScale{Scale::Standard, {}, {}})
               : std::nullopt;
  std::optional<PortScale> scale = scaleOf(scope, *value, port);
  if (scale)
    checkScale(scope, *value, port);
  return scale;
}

} // namespace ccm::frontend
