// SPDX-License-Identifier: Apache-2.0
// Loading a compiled model: checks before and after its library enters the process.
#include "ccm/runtime.h"

#include "runtime/ElfFile.h"
#include "runtime/ModelTable.h"
#include "runtime/io/Io.h"

#include <nlohmann/json.hpp>

#include <dlfcn.h>

namespace ccm {

static Error cannotLoad(const std::string &path, const std::string &reason) {
  return {ErrorKind::Input, "cannot load '" + path + "': " + reason};
}

/// The symbol to look up, read from the file without running any of it.
static Result<std::string> inspect(const std::string &path, const std::string &absolute) {
  io::Result<std::shared_ptr<io::Mapping>> mapping = io::mapFile(absolute);
  if (!mapping)
    return Error{ErrorKind::File, mapping.error().message};
  Result<std::string> symbol = findModelSymbol((*mapping)->bytes());
  return symbol ? symbol : Result<std::string>(cannotLoad(path, symbol.error().message));
}

static std::string lastLoaderError() {
  const char *reason = ::dlerror();
  return reason ? reason : "the system's loader gave no reason";
}

Result<std::shared_ptr<const Artifact>> Artifact::load(const std::string &path) {
  // A path with a slash keeps dlopen from searching the system's folders for the name.
  io::Result<std::string> absolute = io::absolutePath(path);
  if (!absolute)
    return Error{ErrorKind::File, absolute.error().message};
  Result<std::string> symbol = inspect(path, *absolute);
  if (!symbol)
    return symbol.error();
  void *library = ::dlopen(absolute->c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return cannotLoad(path, lastLoaderError());
  auto entry = reinterpret_cast<ccm_model_function>(::dlsym(library, symbol->c_str()));
  if (!entry) {
    std::string reason = lastLoaderError();
    ::dlclose(library);
    return cannotLoad(path, reason);
  }
  auto artifact = adopt(entry(), library);
  if (!artifact)
    return cannotLoad(path, artifact.error().message);
  return artifact;
}

Result<std::shared_ptr<const Artifact>> Artifact::wrap(const ccm_model *model) {
  return adopt(model, nullptr);
}

Result<std::shared_ptr<const Artifact>> Artifact::adopt(const ccm_model *model, void *library) {
  // From here on the library is closed with the artifact.
  std::shared_ptr<Artifact> artifact(new Artifact(model, library));
  if (Status valid = checkModelTable(model); !valid)
    return valid.error();
  if (Status read = artifact->readDescription(); !read)
    return read.error();
  artifact->layout = hashLayout(*model);
  return std::shared_ptr<const Artifact>(std::move(artifact));
}

Artifact::~Artifact() {
  if (library)
    ::dlclose(library);
}

/// A member of a JSON object when it has the type of `fallback`, else `fallback`.
template <typename T>
static T member(const nlohmann::json &object, const char *name, T fallback) {
  auto found = object.find(name);
  if (found == object.end())
    return fallback;
  if constexpr (std::is_same_v<T, std::string>)
    return found->is_string() ? found->template get<std::string>() : fallback;
  else if constexpr (std::is_unsigned_v<T>) // others would be wrapped or cut without a word
    return found->is_number_unsigned() ? found->template get<T>() : fallback;
  else
    return found->is_number() ? found->template get<T>() : fallback;
}

Status Artifact::readDescription() {
  auto description = nlohmann::json::parse(describe(), nullptr, /*allow_exceptions=*/false);
  if (!description.is_object())
    return Error{ErrorKind::Input, "its description is not a JSON object"};
  hash = member(description, "source_hash", std::string());
  defaults.learningRate = table->learning_rate;
  auto train = description.find("train");
  if (train == description.end() || !train->is_object())
    return Done{};
  defaults.optimizer = member(*train, "optimizer", defaults.optimizer);
  defaults.schedule = member(*train, "schedule", defaults.schedule);
  defaults.clip = member(*train, "clip", defaults.clip);
  defaults.seed = member(*train, "seed", defaults.seed);
  return Done{};
}

std::span<const ccm_port> Artifact::inputs() const {
  return {table->inputs, static_cast<size_t>(table->input_count)};
}

std::span<const ccm_port> Artifact::outputs() const {
  return {table->outputs, static_cast<size_t>(table->output_count)};
}

std::span<const ccm_parameter> Artifact::parameters() const {
  return {table->parameters, static_cast<size_t>(table->parameter_count)};
}

/// Position of the named element; -1 when there is none.
template <typename T>
static int32_t findNamed(std::span<const T> elements, std::string_view name) {
  for (size_t i = 0; i < elements.size(); ++i)
    if (elements[i].name == name)
      return static_cast<int32_t>(i);
  return -1;
}

int32_t Artifact::findInput(std::string_view name) const { return findNamed(inputs(), name); }
int32_t Artifact::findOutput(std::string_view name) const { return findNamed(outputs(), name); }
int32_t Artifact::findParameter(std::string_view name) const {
  return findNamed(parameters(), name);
}

Result<ccm_sizes> Artifact::sizes(int64_t batch, int32_t workers) const {
  ccm_sizes sizes = {};
  EntryError error;
  Status done = error.check(table->sizes(batch, workers, &sizes, error.receiver()), "sizes");
  return done ? Result<ccm_sizes>(sizes) : Result<ccm_sizes>(done.error());
}

} // namespace ccm
