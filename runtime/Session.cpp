// SPDX-License-Identifier: Apache-2.0
// Parameters of a model and the calls of its entries on them.
#include "ccm/runtime.h"

#include "runtime/ModelTable.h"
#include "runtime/Sha256.h"

#include <algorithm>

namespace ccm {

// ---- Workspace ----------------------------------------------------------------------------------

Workspace::Workspace(std::shared_ptr<const Artifact> artifact, const ccm_runner &runner,
                     const Allocator &allocator)
    : artifact(std::move(artifact)), threads(runner), allocator(allocator) {}

/// Makes a buffer at least that large; its bytes are lost when it grows.
static Status grow(Buffer &buffer, uint64_t bytes, const Allocator &allocator) {
  if (buffer.size() >= bytes)
    return Done{};
  buffer = Buffer(); // the old and the new one need not fit into memory together
  Result<Buffer> larger = Buffer::create(bytes, allocator);
  if (!larger)
    return larger.error();
  buffer = std::move(*larger);
  return Done{};
}

/// Bytes of workspace and internals that an entry needs.
static uint64_t bytesOf(const ccm_sizes &sizes, Work work) {
  switch (work) {
  case Work::Infer:
    return sizes.infer;
  case Work::Forward:
    return sizes.forward;
  case Work::Loss:
    return sizes.loss;
  case Work::Backward:
    return sizes.backward;
  case Work::Step:
    return sizes.step;
  case Work::Prefill:
    return sizes.prefill;
  case Work::Decode:
    return sizes.decode;
  }
  return 0;
}

/// A system that overcommits gives out what it does not have, and ends the program later.
static Status checkMemory(int64_t batch, uint64_t wanted) {
  uint64_t machine = machineMemory();
  if (machine == 0 || wanted <= machine)
    return Done{};
  return Error{ErrorKind::Input, "expected a batch whose workspace fits into this machine's memory "
                                 "of " +
                                     std::to_string(machine) + " bytes, found " +
                                     std::to_string(batch) + " samples that need " +
                                     std::to_string(wanted)};
}

/// Buffers never shrink, so that room once made for a batch stays; only a failure loses it.
Status Workspace::reserve(int64_t batch, Work work) {
  int64_t &last = ready[static_cast<int>(work)];
  if (batch > 0 && last == batch)
    return Done{};
  Status made = makeRoom(batch, work);
  if (made)
    last = batch;
  else
    std::fill_n(ready, kWorks, 0);
  return made;
}

Status Workspace::makeRoom(int64_t batch, Work work) {
  Result<ccm_sizes> sizes = artifact->sizes(batch, threads.workers);
  if (!sizes)
    return sizes.error();
  uint64_t bytes = bytesOf(*sizes, work), kept = work == Work::Forward ? sizes->internal : 0;
  if (bytes <= scratch.size() && kept <= internal.size())
    return Done{};
  if (Status fits = checkMemory(batch, bytes + kept); !fits)
    return fits;
  if (Status grown = grow(scratch, bytes, allocator); !grown)
    return grown;
  return grow(internal, kept, allocator);
}

ccm_buffers Workspace::buffers() {
  return {.bytes = sizeof(ccm_buffers),
          .internal = internal.data(),
          .workspace = scratch.data(),
          .workspace_bytes = scratch.size()};
}

// ---- Delta --------------------------------------------------------------------------------------

Status Delta::zero() {
  const ccm_model &model = artifact->model();
  return callEntry(model, "delta_zero", model.delta_zero, data());
}

Status Delta::add(const Delta &other) {
  if (artifact->layoutHash() != other.artifact->layoutHash())
    return Error{ErrorKind::Input, "cannot add a delta of '" + std::string(other.artifact->name()) +
                                       "' to one of '" + std::string(artifact->name()) + "'"};
  const ccm_model &model = artifact->model();
  return callEntry(model, "delta_add", model.delta_add, data(), other.data());
}

Status Delta::scale(float factor) {
  const ccm_model &model = artifact->model();
  return callEntry(model, "delta_scale", model.delta_scale, data(), factor);
}

// ---- Session ------------------------------------------------------------------------------------

Session::Session(std::shared_ptr<const Artifact> artifact, const SessionOptions &options)
    : source(artifact), allocator(options.allocator), log(options.log),
      own(artifact, options.runner, options.allocator) {}

Result<std::unique_ptr<Session>> Session::create(std::shared_ptr<const Artifact> artifact,
                                                 const SessionOptions &options) {
  std::unique_ptr<Session> session(new Session(std::move(artifact), options));
  if (Status allocated = session->allocate(); !allocated)
    return allocated.error();
  if (Status filled = session->init(options.seed); !filled)
    return filled.error();
  return session;
}

/// The first parameter that does not lie within so many bytes; null where all do.
static const ccm_parameter *findBeyond(std::span<const ccm_parameter> parameters, uint64_t bytes) {
  for (const ccm_parameter &parameter : parameters)
    if (parameter.offset > bytes || parameter.bytes > bytes - parameter.offset)
      return &parameter;
  return nullptr;
}

Status Session::allocate() {
  Result<ccm_sizes> sizes = source->sizes(1, own.runner().workers);
  if (!sizes)
    return sizes.error();
  if (const ccm_parameter *beyond = findBeyond(source->parameters(), sizes->params))
    return Error{ErrorKind::Input, std::string("parameter '") + beyond->name +
                                       "' does not lie within the model's parameters"};
  bool trains = sizes->delta > 0; // what infers alone has no deltas
  if (const ccm_parameter *beyond = trains ? findBeyond(source->trained(), sizes->delta) : nullptr)
    return Error{ErrorKind::Input, std::string("trained parameter '") + beyond->name +
                                       "' does not lie within the model's deltas"};
  Result<Buffer> params = Buffer::create(sizes->params, allocator);
  Result<Buffer> state = Buffer::create(sizes->state, allocator);
  if (!params || !state)
    return params ? state.error() : params.error();
  parameters = std::move(*params);
  optimizer = std::move(*state);
  return Done{};
}

void Session::say(const std::string &line) const {
  if (log.write)
    log.write(log.self, line);
}

Status Session::init(uint64_t seed) {
  const ccm_model &model = source->model();
  fresh = true;
  return callEntry(model, "init", model.init, parameters.data(), optimizer.data(), seed);
}

Status Session::infer(const ccm_batch &batch, Workspace &workspace) const {
  if (Status ready = workspace.reserve(batch.count, Work::Infer); !ready)
    return ready;
  const ccm_model &model = source->model();
  ccm_buffers buffers = workspace.buffers();
  return callEntry(model, "infer", model.infer, parameters.data(), &batch, &buffers,
                   &workspace.threads);
}

Status Session::prefill(const ccm_batch &batch, void *cache, Workspace &workspace) const {
  if (Status ready = workspace.reserve(batch.count, Work::Prefill); !ready)
    return ready;
  const ccm_model &model = source->model();
  ccm_buffers buffers = workspace.buffers();
  return callEntry(model, "prefill", model.prefill, parameters.data(), &batch, cache, &buffers,
                   &workspace.threads);
}

Status Session::decode(const ccm_decode &element, Workspace &workspace) const {
  if (Status ready = workspace.reserve(element.count, Work::Decode); !ready)
    return ready;
  const ccm_model &model = source->model();
  ccm_buffers buffers = workspace.buffers();
  return callEntry(model, "decode", model.decode, parameters.data(), &element, &buffers,
                   &workspace.threads);
}

Status Session::forward(const ccm_batch &batch, Workspace &workspace) const {
  workspace.held = 0;
  if (Status ready = workspace.reserve(batch.count, Work::Forward); !ready)
    return ready;
  const ccm_model &model = source->model();
  ccm_buffers buffers = workspace.buffers();
  Status done = callEntry(model, "forward", model.forward, parameters.data(), &batch, &buffers,
                          &workspace.threads);
  if (done)
    workspace.held = batch.count;
  return done;
}

Result<double> Session::loss(const ccm_batch &batch, Workspace &workspace,
                             std::span<double> losses) const {
  if (!losses.empty() && losses.size() != source->outputs().size())
    return Error{ErrorKind::Input, "expected room for " + std::to_string(source->outputs().size()) +
                                       " losses, found " + std::to_string(losses.size())};
  if (Status ready = workspace.reserve(batch.count, Work::Loss); !ready)
    return ready.error();
  const ccm_model &model = source->model();
  ccm_buffers buffers = workspace.buffers();
  double mean = 0;
  double *each = losses.empty() ? nullptr : losses.data();
  Status done = callEntry(model, "loss", model.loss, parameters.data(), &batch, &mean, each,
                          &buffers, &workspace.threads);
  return done ? Result<double>(mean) : Result<double>(done.error());
}

/// Refuses a backward call whose workspace has no internals of its batch.
Status Session::prepareBackward(const ccm_batch &batch, Workspace &workspace) const {
  if (workspace.held != batch.count)
    return Error{ErrorKind::Input, "backward needs the internals of its batch of " +
                                       std::to_string(batch.count) +
                                       "; the last forward in this workspace left those of " +
                                       std::to_string(workspace.held)};
  return workspace.reserve(batch.count, Work::Backward);
}

Status Session::backward(const ccm_batch &batch, Delta &delta, Workspace &workspace) const {
  if (Status ready = prepareBackward(batch, workspace); !ready)
    return ready;
  const ccm_model &model = source->model();
  ccm_buffers buffers = workspace.buffers();
  return callEntry(model, "backward", model.backward, parameters.data(), &batch, delta.data(),
                   &buffers, &workspace.threads);
}

Status Session::backwardInput(const ccm_batch &batch, Workspace &workspace) const {
  if (Status ready = prepareBackward(batch, workspace); !ready)
    return ready;
  const ccm_model &model = source->model();
  ccm_buffers buffers = workspace.buffers();
  return callEntry(model, "backward_input", model.backward_input, parameters.data(), &batch,
                   &buffers, &workspace.threads);
}

Status Session::backwardTrain(const ccm_batch &batch, Delta &delta, Workspace &workspace) const {
  if (Status ready = prepareBackward(batch, workspace); !ready)
    return ready;
  const ccm_model &model = source->model();
  ccm_buffers buffers = workspace.buffers();
  return callEntry(model, "backward_train", model.backward_train, parameters.data(), &batch,
                   delta.data(), &buffers, &workspace.threads);
}

Result<Delta> Session::makeDelta() const {
  Result<ccm_sizes> sizes = source->sizes(1, 1);
  if (!sizes)
    return sizes.error();
  Result<Buffer> buffer = Buffer::create(sizes->delta, allocator);
  if (!buffer)
    return buffer.error();
  return Delta(source, std::move(*buffer));
}

Status Session::train(const Delta &delta) {
  const ccm_model &model = source->model();
  fresh = false;
  return callEntry(model, "train", model.train, parameters.data(), delta.data());
}

Result<double> Session::step(const ccm_batch &batch, const ccm_update &update) {
  if (Status ready = own.reserve(batch.count, Work::Step); !ready)
    return ready.error();
  const ccm_model &model = source->model();
  ccm_buffers buffers = own.buffers();
  double loss = 0;
  Status done = callEntry(model, "step", model.step, parameters.data(), optimizer.data(), &batch,
                          &update, &loss, &buffers, &own.threads);
  fresh = fresh && !done;
  return done ? Result<double>(loss) : Result<double>(done.error());
}

bool Session::needsScales() const {
  auto followsData = [](const ccm_port &port) {
    return port.scale == CCM_STANDARD || port.scale == CCM_ROBUST || port.balanced;
  };
  return fresh && source->model().gather &&
         (std::ranges::any_of(source->inputs(), followsData) ||
          std::ranges::any_of(source->outputs(), followsData));
}

Status Session::gather(const ccm_batch &batch, Buffer &statistics) const {
  const ccm_model &model = source->model();
  return callEntry(model, "gather", model.gather, statistics.data(), &batch);
}

Status Session::setScales(Buffer &statistics) {
  const ccm_model &model = source->model();
  Status set = callEntry(model, "set_statistics", model.set_statistics, parameters.data(),
                         statistics.data());
  fresh = fresh && !set;
  return set;
}

/// Refuses an index or a span that is not of a parameter.
Status Session::check(int32_t index, size_t elements) const {
  std::span<const ccm_parameter> all = source->parameters();
  if (index < 0 || static_cast<size_t>(index) >= all.size())
    return Error{ErrorKind::Input, "expected a parameter's index below " +
                                       std::to_string(all.size()) + ", found " +
                                       std::to_string(index)};
  size_t expected = static_cast<size_t>(elementCount(all[index]));
  if (elements != expected)
    return Error{ErrorKind::Input, std::string("parameter '") + all[index].name + "' has " +
                                       std::to_string(expected) + " elements, found " +
                                       std::to_string(elements)};
  return Done{};
}

Status Session::readParameter(int32_t index, std::span<float> canonical) const {
  if (Status valid = check(index, canonical.size()); !valid)
    return valid;
  unpackParameter(source->parameters()[index], parameters.data(), canonical);
  return Done{};
}

Status Session::writeParameter(int32_t index, std::span<const float> canonical) {
  if (Status valid = check(index, canonical.size()); !valid)
    return valid;
  packParameter(source->parameters()[index], canonical, parameters.data());
  return Done{};
}

std::string Session::parametersSha256() const {
  Sha256 digest;
  std::vector<float> canonical;
  for (const ccm_parameter &parameter : source->parameters()) {
    canonical.assign(static_cast<size_t>(elementCount(parameter)), 0.0f);
    unpackParameter(parameter, parameters.data(), canonical);
    digest.add(canonical.data(), canonical.size() * sizeof(float));
  }
  return digest.finish();
}

} // namespace ccm
