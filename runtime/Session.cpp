// SPDX-License-Identifier: Apache-2.0
// Parameters of a model and the calls of its entries on them.
#include "ccm/runtime.h"

#include "runtime/Denormals.h"
#include "runtime/ModelTable.h"
#include "runtime/Sha256.h"

namespace ccm {

namespace {
/// One call of an entry: the caller's thread, and those of a host's runner, are in the floating
/// point mode of compiled models for as long as it lasts.
class Call {
public:
  explicit Call(const ccm_runner &threads = serialRunner()) : host(threads), guarded(threads) {
    if (host.run)
      guarded = {sizeof(ccm_runner), host.workers, runGuarded, this,
                 host.observe ? observeForHost : nullptr};
  }
  Call(const Call &) = delete;
  Call &operator=(const Call &) = delete;
  /// Calls an entry that takes no runner; the entry's message is added to its arguments.
  template <typename... Parameters, typename... Arguments>
  Status plain(const char *name, int32_t (*entry)(Parameters...), Arguments... arguments) {
    return error.check(entry(arguments..., error.receiver()), name);
  }
  /// Calls an entry that takes a runner.
  template <typename... Parameters, typename... Arguments>
  Status parallel(const char *name, int32_t (*entry)(Parameters...), Arguments... arguments) {
    return error.check(entry(arguments..., &guarded, error.receiver()), name);
  }

private:
  struct Task {
    ccm_task function;
    void *context;
  };
  static void runTask(void *context, int64_t index, int32_t worker) {
    DenormalsAreZero mode;
    auto task = static_cast<const Task *>(context);
    task->function(task->context, index, worker);
  }
  static void runGuarded(void *self, ccm_task function, void *context, int64_t count) {
    const ccm_runner &host = static_cast<Call *>(self)->host;
    Task task = {function, context};
    host.run(host.self, runTask, &task, count);
  }
  static void observeForHost(void *self, const ccm_launch_note *note) {
    const ccm_runner &host = static_cast<Call *>(self)->host;
    host.observe(host.self, note);
  }
  DenormalsAreZero mode;
  EntryError error;
  ccm_runner host, guarded;
};
} // namespace

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

Status Workspace::reserve(int64_t batch, bool internals, uint64_t ccm_sizes::*entry) {
  Result<ccm_sizes> sizes = artifact->sizes(batch, threads.workers);
  if (!sizes)
    return sizes.error();
  if (Status grown = grow(scratch, (*sizes).*entry, allocator); !grown)
    return grown;
  return internals ? grow(internal, sizes->internal, allocator) : Status(Done{});
}

ccm_buffers Workspace::buffers() { return {internal.data(), scratch.data(), scratch.size()}; }

// ---- Delta --------------------------------------------------------------------------------------

Status Delta::zero() { return Call().plain("delta_zero", artifact->model().delta_zero, data()); }

Status Delta::add(const Delta &other) {
  if (artifact->layoutHash() != other.artifact->layoutHash())
    return Error{ErrorKind::Input, "cannot add a delta of '" + std::string(other.artifact->name()) +
                                       "' to one of '" + std::string(artifact->name()) + "'"};
  return Call().plain("delta_add", artifact->model().delta_add, data(), other.data());
}

Status Delta::scale(float factor) {
  return Call().plain("delta_scale", artifact->model().delta_scale, data(), factor);
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

Status Session::allocate() {
  Result<ccm_sizes> sizes = source->sizes(1, own.runner().workers);
  if (!sizes)
    return sizes.error();
  for (const ccm_parameter &parameter : source->parameters())
    if (parameter.offset > sizes->params || parameter.bytes > sizes->params - parameter.offset)
      return Error{ErrorKind::Input, std::string("parameter '") + parameter.name +
                                         "' does not lie within the model's parameters"};
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
  return Call().plain("init", source->model().init, parameters.data(), optimizer.data(), seed);
}

Status Session::infer(const ccm_batch &batch, Workspace &workspace) const {
  if (Status ready = workspace.reserve(batch.count, /*internals=*/false, &ccm_sizes::infer); !ready)
    return ready;
  ccm_buffers buffers = workspace.buffers();
  return Call(workspace.threads)
      .parallel("infer", source->model().infer, parameters.data(), &batch, &buffers);
}

Status Session::forward(const ccm_batch &batch, Workspace &workspace) const {
  workspace.held = 0;
  if (Status ready = workspace.reserve(batch.count, /*internals=*/true, &ccm_sizes::forward);
      !ready)
    return ready;
  ccm_buffers buffers = workspace.buffers();
  Status done =
      Call(workspace.threads)
          .parallel("forward", source->model().forward, parameters.data(), &batch, &buffers);
  if (done)
    workspace.held = batch.count;
  return done;
}

Result<double> Session::loss(const ccm_batch &batch, Workspace &workspace,
                             std::span<double> losses) const {
  if (!losses.empty() && losses.size() != source->outputs().size())
    return Error{ErrorKind::Input, "expected room for " + std::to_string(source->outputs().size()) +
                                       " losses, found " + std::to_string(losses.size())};
  if (Status ready = workspace.reserve(batch.count, /*internals=*/false, &ccm_sizes::loss); !ready)
    return ready.error();
  ccm_buffers buffers = workspace.buffers();
  double mean = 0;
  double *each = losses.empty() ? nullptr : losses.data();
  Status done =
      Call(workspace.threads).parallel("loss", source->model().loss, &batch, &mean, each, &buffers);
  return done ? Result<double>(mean) : Result<double>(done.error());
}

/// Refuses a backward call whose workspace has no internals of its batch.
Status Session::prepareBackward(const ccm_batch &batch, Workspace &workspace) const {
  if (workspace.held != batch.count)
    return Error{ErrorKind::Input, "backward needs the internals of its batch of " +
                                       std::to_string(batch.count) +
                                       "; the last forward in this workspace left those of " +
                                       std::to_string(workspace.held)};
  return workspace.reserve(batch.count, /*internals=*/false, &ccm_sizes::backward);
}

Status Session::backward(const ccm_batch &batch, Delta &delta, Workspace &workspace) const {
  if (Status ready = prepareBackward(batch, workspace); !ready)
    return ready;
  ccm_buffers buffers = workspace.buffers();
  return Call(workspace.threads)
      .parallel("backward", source->model().backward, parameters.data(), &batch, delta.data(),
                &buffers);
}

Status Session::backwardInput(const ccm_batch &batch, Workspace &workspace) const {
  if (Status ready = prepareBackward(batch, workspace); !ready)
    return ready;
  ccm_buffers buffers = workspace.buffers();
  return Call(workspace.threads)
      .parallel("backward_input", source->model().backward_input, parameters.data(), &batch,
                &buffers);
}

Status Session::backwardTrain(const ccm_batch &batch, Delta &delta, Workspace &workspace) const {
  if (Status ready = prepareBackward(batch, workspace); !ready)
    return ready;
  ccm_buffers buffers = workspace.buffers();
  return Call(workspace.threads)
      .parallel("backward_train", source->model().backward_train, parameters.data(), &batch,
                delta.data(), &buffers);
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
  return Call().plain("train", source->model().train, parameters.data(), delta.data());
}

Result<double> Session::step(const ccm_batch &batch, const ccm_update &update) {
  if (Status ready = own.reserve(batch.count, /*internals=*/false, &ccm_sizes::step); !ready)
    return ready.error();
  ccm_buffers buffers = own.buffers();
  double loss = 0;
  Status done = Call(own.threads)
                    .parallel("step", source->model().step, parameters.data(), optimizer.data(),
                              &batch, &update, &loss, &buffers);
  return done ? Result<double>(loss) : Result<double>(done.error());
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
