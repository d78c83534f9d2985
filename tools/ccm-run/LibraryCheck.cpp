// SPDX-License-Identifier: Apache-2.0
// The comparison of a library with a reference.
#include "tools/ccm-run/LibraryCheck.h"
#include "data/Counter.h"
#include "tools/ccm-run/DeltaCheck.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace ccm::run {

namespace {

/// Points at which the reference is run: an element's deviation is known to a quarter.
constexpr int kPoints = 8;
/// How many units a library may be off: its exp and tanh are approximations of up to four, where
/// the C library's are within one.
constexpr double kUnits = 4;
constexpr float kUnit = 0x1p-23f;

/// Streams of the generator.
enum Stream : uint64_t { kPlace = 21, kNudge = 22, kNudgeOutputs = 23 };

bool isMovable(const Batch &batch, size_t port) {
  const ccm_port &input = batch.artifact().inputs()[port];
  return input.dtype == CCM_F32 && input.vocabulary == 0;
}

/// Every value moved by one unit in its last place.
std::vector<float> nudged(std::span<const float> values, const data::Counter &counter) {
  std::vector<float> moved(values.size());
  for (size_t i = 0; i < values.size(); ++i)
    moved[i] = values[i] * (1 + float(counter.sign(i)) * kUnit);
  return moved;
}

size_t elementsOf(const Batch &batch, const ccm_port &port) {
  return size_t(batch.capacity()) * size_t(port.bytes / sizeof(float));
}

TensorFinding judge(const std::string &name, const std::vector<float> &tested,
                    const std::vector<float> &reference, const std::vector<double> &squares,
                    double quantile) {
  double pooled = 0;
  for (double square : squares)
    pooled += square / double(squares.size());
  TensorFinding worst{name, tested.size()};
  for (size_t i = 0; i < tested.size(); ++i) {
    const double unit = double(reference[i]) * double(kUnit) / 2;
    const double bound = kUnits * quantile * std::sqrt(squares[i] + pooled + unit * unit);
    const double difference = std::abs(double(tested[i]) - double(reference[i]));
    // What is not a number is infinitely wrong; what is equal is right, be the bound zero.
    const double error = difference == 0           ? 0
                         : difference <= HUGE_VALF ? difference / bound
                                                   : HUGE_VAL;
    if (error > worst.error || i == 0)
      worst.difference = difference, worst.bound = bound, worst.error = error;
  }
  return worst;
}

bool sameShapes(const Artifact &a, const Artifact &b) {
  const auto same = [](const ccm_parameter &x, const ccm_parameter &y) {
    return std::string_view(x.name) == y.name && x.rank == y.rank &&
           std::equal(x.shape, x.shape + x.rank, y.shape);
  };
  return a.trained().size() == b.trained().size() &&
         std::equal(a.parameters().begin(), a.parameters().end(), b.parameters().begin(),
                    b.parameters().end(), same);
}

} // namespace

Status checkSameDeclaration(const Artifact &tested, const Artifact &reference) {
  if (tested.sourceHash().empty() || tested.sourceHash() != reference.sourceHash())
    return Error{ErrorKind::Input,
                 "the libraries are not of one declaration: expected model hash '" +
                     tested.sourceHash() + "' in the reference, found '" + reference.sourceHash() +
                     "'"};
  if (!sameShapes(tested, reference))
    return Error{ErrorKind::Input, "the libraries have different parameters"};
  return Done();
}

Result<LibraryCheck> LibraryCheck::create(Side tested, Side reference) {
  LibraryCheck check(tested, reference);
  if (Status read = check.readOrigins(); !read)
    return read.error();
  check.chooseNames();
  return check;
}

Status LibraryCheck::readOrigins() {
  const Artifact &artifact = reference.session->artifact();
  for (size_t i = 0; i < artifact.parameters().size(); ++i) {
    origins.emplace_back(size_t(elementCount(artifact.parameters()[i])));
    if (Status read = reference.session->readParameter(int32_t(i), origins.back()); !read)
      return read;
  }
  for (size_t port = 0; port < artifact.inputs().size(); ++port) {
    inputs.emplace_back();
    if (!isMovable(*reference.batch, port))
      continue;
    const auto *values = static_cast<const float *>(reference.batch->input(int32_t(port)));
    inputs.back().assign(values, values + elementsOf(*reference.batch, artifact.inputs()[port]));
  }
  return Done();
}

void LibraryCheck::chooseNames() {
  const Artifact &artifact = reference.session->artifact();
  names = {"loss"};
  for (const ccm_port &port : artifact.outputs())
    names.push_back(std::string("output ") + port.name);
  for (size_t port = 0; port < artifact.inputs().size(); ++port)
    if (isMovable(*reference.batch, port))
      names.push_back(std::string("delta of input ") + artifact.inputs()[port].name);
  for (const ccm_parameter &parameter : artifact.trained())
    names.push_back(std::string("delta of ") + parameter.name);
}

Status LibraryCheck::moveTo(uint64_t seed) {
  const data::Counter counter = data::Counter(kPlace).stream(seed);
  parameters = origins;
  for (size_t i = 0; i < parameters.size(); ++i) {
    moveFromZeros(parameters[i], counter.stream(i));
    if (Status written = tested.session->writeParameter(int32_t(i), parameters[i]); !written)
      return written;
  }
  return restore();
}

/// The reference at the point.
Status LibraryCheck::restore() {
  for (size_t i = 0; i < parameters.size(); ++i)
    if (Status written = reference.session->writeParameter(int32_t(i), parameters[i]); !written)
      return written;
  for (size_t port = 0; port < inputs.size(); ++port)
    if (!inputs[port].empty())
      std::memcpy(reference.batch->input(int32_t(port)), inputs[port].data(),
                  inputs[port].size() * sizeof(float));
  return Done();
}

/// The reference with all data moved by a unit.
Status LibraryCheck::nudge(uint64_t point) {
  const data::Counter counter = data::Counter(kNudge).stream(point);
  for (size_t i = 0; i < parameters.size(); ++i)
    if (Status written =
            reference.session->writeParameter(int32_t(i), nudged(parameters[i], counter.stream(i)));
        !written)
      return written;
  for (size_t port = 0; port < inputs.size(); ++port) {
    const std::vector<float> moved = nudged(inputs[port], counter.stream(parameters.size() + port));
    if (!moved.empty())
      std::memcpy(reference.batch->input(int32_t(port)), moved.data(),
                  moved.size() * sizeof(float));
  }
  return Done();
}

/// Between the reference's loss and its backward.
void LibraryCheck::nudgeOutputDeltas(uint64_t point) const {
  const data::Counter counter = data::Counter(kNudgeOutputs).stream(point);
  const std::span<const ccm_port> ports = reference.session->artifact().outputs();
  for (size_t port = 0; port < ports.size(); ++port) {
    float *deltas = reference.batch->outputDelta(int32_t(port));
    const std::span<float> values(deltas, elementsOf(*reference.batch, ports[port]));
    const std::vector<float> moved = nudged(values, counter.stream(port));
    std::copy(moved.begin(), moved.end(), values.begin());
  }
}

/// Everything that the session computes where it is; with `point` at output deltas that are moved.
Result<LibraryCheck::Observation> LibraryCheck::observe(const Side &side,
                                                        std::optional<uint64_t> point) const {
  Session &session = *side.session;
  Result<Delta> delta = session.makeDelta();
  if (!delta)
    return delta.error();
  const ccm_batch view = side.batch->first(side.batch->capacity());
  if (Status done = session.forward(view, session.workspace()); !done)
    return done.error();
  const Result<double> loss = session.loss(view, session.workspace());
  if (!loss)
    return loss.error();
  if (point)
    nudgeOutputDeltas(*point);
  if (Status done = session.backward(view, *delta, session.workspace()); !done)
    return done.error();
  Observation seen = {{float(*loss)}};
  const Artifact &artifact = session.artifact();
  for (size_t port = 0; port < artifact.outputs().size(); ++port) {
    const float *values = side.batch->output(int32_t(port));
    seen.emplace_back(values, values + elementsOf(*side.batch, artifact.outputs()[port]));
  }
  for (size_t port = 0; port < inputs.size(); ++port)
    if (!inputs[port].empty()) {
      const float *values = side.batch->inputDelta(int32_t(port));
      seen.emplace_back(values, values + inputs[port].size());
    }
  for (const ccm_parameter &parameter : artifact.trained()) {
    seen.emplace_back(size_t(elementCount(parameter)));
    unpackParameter(parameter, delta->data(), seen.back());
  }
  return seen;
}

/// Mean squares of the reference's deviations from `base`.
Result<std::vector<std::vector<double>>> LibraryCheck::deviations(const Observation &base) {
  std::vector<std::vector<double>> squares;
  for (const std::vector<float> &tensor : base)
    squares.emplace_back(tensor.size(), 0.0);
  for (int point = 0; point < kPoints; ++point) {
    if (Status moved = nudge(uint64_t(point)); !moved)
      return moved.error();
    const Result<Observation> seen = observe(reference, uint64_t(point));
    if (!seen)
      return seen.error();
    for (size_t t = 0; t < base.size(); ++t)
      for (size_t i = 0; i < base[t].size(); ++i) {
        const double deviation = double((*seen)[t][i]) - double(base[t][i]);
        squares[t][i] += deviation * deviation / kPoints;
      }
  }
  if (Status done = restore(); !done)
    return done.error();
  return squares;
}

Result<std::vector<TensorFinding>> LibraryCheck::check(uint64_t seed) {
  if (Status moved = moveTo(seed); !moved)
    return moved.error();
  const Result<Observation> ours = observe(tested), theirs = observe(reference);
  if (!ours || !theirs)
    return ours ? theirs.error() : ours.error();
  size_t elements = 0;
  for (size_t t = 0; t < names.size(); ++t) {
    elements += (*theirs)[t].size();
    for (float value : (*theirs)[t])
      if (!std::isfinite(value))
        return Error{ErrorKind::Input, "the reference's " + names[t] + " is not finite"};
  }
  const Result<std::vector<std::vector<double>>> squares = deviations(*theirs);
  if (!squares)
    return squares.error();
  std::vector<TensorFinding> findings;
  for (size_t t = 0; t < names.size(); ++t)
    findings.push_back(
        judge(names[t], (*ours)[t], (*theirs)[t], (*squares)[t], deviationsFor(elements)));
  return findings;
}

} // namespace ccm::run
