// SPDX-License-Identifier: Apache-2.0
// Loading a compiled model: checks before and after its library enters the process.
#include "ccm/runtime.h"

#include "runtime/Manifest.h"
#include "runtime/ModelTable.h"
#include "runtime/io/Io.h"

#include <nlohmann/json.hpp>

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <ranges>

namespace ccm {

static Error cannotLoad(const std::string &path, const std::string &reason) {
  return {ErrorKind::Input, "cannot load '" + path + "': " + reason};
}

/// The file's manifest, read without running any of it.
static Result<ccm_manifest> inspect(const std::string &absolute) {
  io::Result<std::shared_ptr<io::Mapping>> mapping = io::mapFile(absolute);
  if (!mapping)
    return Error{ErrorKind::File, mapping.error().message};
  Result<ccm_manifest> manifest = checkLibrary((*mapping)->bytes());
  if (!manifest)
    return manifest;
  uint32_t processor[CCM_FEATURE_WORDS];
  ccm_read_features(processor);
  Status runs = checkProcessor(*manifest, processor);
  return runs ? manifest : Result<ccm_manifest>(runs.error());
}

static std::string lastLoaderError() {
  const char *reason = ::dlerror();
  return reason ? reason : "the system's loader gave no reason";
}

namespace {
/// Finds the manifest of what lies at an address of this process.
struct LoadedManifest {
  uintptr_t address;
  Result<ccm_manifest> manifest = Error{ErrorKind::Input, "it lies in no library"};
};
} // namespace

static int visitLibrary(dl_phdr_info *info, size_t, void *context) {
  auto search = static_cast<LoadedManifest *>(context);
  std::span<const ElfW(Phdr)> segments(info->dlpi_phdr, info->dlpi_phnum);
  auto holds = [&](const ElfW(Phdr) & segment) {
    return segment.p_type == PT_LOAD &&
           search->address - info->dlpi_addr - segment.p_vaddr < segment.p_memsz;
  };
  if (std::none_of(segments.begin(), segments.end(), holds))
    return 0;
  for (const ElfW(Phdr) &segment : segments) {
    auto notes = reinterpret_cast<const char *>(info->dlpi_addr + segment.p_vaddr);
    if (segment.p_type == PT_NOTE && !search->manifest)
      search->manifest = readManifest({notes, segment.p_memsz});
  }
  return 1;
}

/// Refuses an entry that is not of the file with this manifest: the system's loader hands out what
/// it has loaded from the same path, though the file was replaced since.
static Status checkLoaded(ccm_model_function entry, const ccm_manifest &manifest) {
  LoadedManifest loaded{reinterpret_cast<uintptr_t>(entry)};
  ::dl_iterate_phdr(visitLibrary, &loaded);
  if (loaded.manifest && std::ranges::equal(loaded.manifest->digest, manifest.digest))
    return Done{};
  return Error{ErrorKind::Input,
               "the file was replaced since this process loaded it and still uses "
               "it; release what was loaded, or load a copy of another name"};
}

/// The table of a library that was inspected; on success `library` is to be closed by the caller.
static Result<const ccm_model *> openLibrary(const std::string &absolute,
                                             const ccm_manifest &manifest, void *&library) {
  library = ::dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return Error{ErrorKind::Input, lastLoaderError()};
  auto entry = reinterpret_cast<ccm_model_function>(::dlsym(library, manifest.symbol));
  Status loaded =
      entry ? checkLoaded(entry, manifest)
            : Error{ErrorKind::Input, std::string("it does not export '") + manifest.symbol +
                                          "', which its manifest names; compile the model again"};
  if (loaded)
    return entry();
  ::dlclose(library);
  return loaded.error();
}

Result<std::shared_ptr<const Artifact>> Artifact::load(const std::string &path) {
  // A path with a slash keeps dlopen from searching the system's folders for the name.
  io::Result<std::string> absolute = io::absolutePath(path);
  if (!absolute)
    return Error{ErrorKind::File, absolute.error().message};
  Result<ccm_manifest> manifest = inspect(*absolute);
  if (!manifest)
    return manifest.error().kind == ErrorKind::File ? manifest.error()
                                                    : cannotLoad(path, manifest.error().message);
  void *library = nullptr;
  Result<const ccm_model *> model = openLibrary(*absolute, *manifest, library);
  if (!model)
    return cannotLoad(path, model.error().message);
  auto artifact = adopt(*model, library);
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

/// What a part's strategy builds. Which file a part is of says nothing of that.
static nlohmann::json configOf(const nlohmann::json &part) {
  const nlohmann::json given = part.value("config", nlohmann::json::object());
  nlohmann::json config = nlohmann::json::object();
  for (const auto &[key, value] : given.items())
    if (!value.is_string())
      config[key] = value;
  return config;
}

/// The strategy of every part and its configuration, as one line each.
static std::vector<std::string> partLinesOf(const nlohmann::json &description) {
  std::vector<std::string> lines;
  auto parts = description.find("parts");
  if (parts == description.end() || !parts->is_array())
    return lines;
  for (const nlohmann::json &part : *parts) {
    if (!part.is_object())
      continue;
    std::string kind = member(part, "part", std::string()), port = kind == "core" ? "" : " ";
    port += kind == "core" ? "" : member(part, "port", std::string());
    lines.push_back(kind + port + ": " + member(part, "strategy", std::string()) + " " +
                    configOf(part).dump());
  }
  return lines;
}

Status Artifact::readDescription() {
  auto description = nlohmann::json::parse(describe(), nullptr, /*allow_exceptions=*/false);
  if (!description.is_object())
    return Error{ErrorKind::Input, "its description is not a JSON object"};
  hash = member(description, "source_hash", std::string());
  structure = member(description, "structure", std::string());
  partLines = partLinesOf(description);
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

std::vector<std::string_view> Artifact::entries() const {
  std::vector<std::string_view> names;
  for (const TableEntry &entry : entriesOf(*table))
    if (entry.present)
      names.push_back(entry.name);
  return names;
}

Status Artifact::needs(std::initializer_list<std::string_view> wanted) const {
  for (const TableEntry &entry : entriesOf(*table))
    if (!entry.present && std::ranges::find(wanted, entry.name) != wanted.end())
      return lacksEntry(*table, entry.name);
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

std::span<const ccm_parameter> Artifact::trained() const {
  return parameters().first(static_cast<size_t>(table->trained_count));
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
  sizes.bytes = sizeof(sizes);
  EntryError error;
  Status done = error.check(table->sizes(batch, workers, &sizes, error.receiver()), "sizes");
  return done ? Result<ccm_sizes>(sizes) : Result<ccm_sizes>(done.error());
}

} // namespace ccm
