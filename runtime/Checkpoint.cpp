// SPDX-License-Identifier: Apache-2.0
// Writing checkpoints, and reading them with everything checked before anything is used.
#include "runtime/Checkpoint.h"

#include "runtime/Sha256.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace ccm {

// Keys of the manifest. Digests of tensors have the tensor's name behind the prefix.
static constexpr const char *kVersion = "ccm.version";
static constexpr const char *kModel = "ccm.model";
static constexpr const char *kSource = "ccm.source_hash";
static constexpr const char *kLayout = "ccm.layout_hash";
static constexpr const char *kTensorDigest = "ccm.sha256.";
static constexpr const char *kHeaderDigest = "ccm.header_sha256";
static constexpr size_t kDigestDigits = 64;

/// In bytes: the limit of parameters, twice as much of optimizer state, and the manifest.
static constexpr uint64_t kLargestFile = uint64_t(1) << 36;

/// Calls `visit` with the key and the place of every number of the manifest.
template <typename AnyProgress, typename Visit>
static void visitNumbers(AnyProgress &progress, Visit visit) {
  visit("ccm.step", progress.step);
  visit("ccm.epoch", progress.epoch);
  visit("ccm.position", progress.position);
  visit("ccm.items", progress.items);
  visit("ccm.batch", progress.batch);
  visit("ccm.seed", progress.seed);
  visit("ccm.data", progress.data);
}

// ---- Writing ------------------------------------------------------------------------------------

/// The tensors of a session's checkpoint, in the order of the declaration, without places.
static std::vector<Tensor> tensorsOf(const Session &session) {
  std::vector<Tensor> tensors;
  for (const ccm_parameter &parameter : session.artifact().parameters())
    tensors.push_back(
        {parameter.name, "F32", {parameter.shape, parameter.shape + parameter.rank}, 0, 0});
  if (int64_t bytes = static_cast<int64_t>(session.state().size()))
    tensors.push_back({std::string(kStateName), "U8", {bytes}, 0, 0});
  return tensors;
}

static bool isFinite(std::span<const float> values) {
  constexpr uint32_t kExponent = 0x7f800000; // all ones: infinite or no number
  bool finite = true;
  for (float value : values) // without an early end, so that it takes vectors
    finite &= (std::bit_cast<uint32_t>(value) & kExponent) != kExponent;
  return finite;
}

namespace {
/// Gives data on piece by piece, so that they are digested while the disk writes them.
class DataWriter {
public:
  explicit DataWriter(const Append &append) : append(append) {}
  /// Returns the digest of one tensor's bytes.
  Result<std::string> write(const void *data, size_t size) {
    constexpr size_t kPiece = size_t(1) << 22;
    Sha256 digest;
    for (size_t at = 0; at < size; at += kPiece) {
      std::string_view piece(static_cast<const char *>(data) + at, std::min(kPiece, size - at));
      if (Status appended = append(piece); !appended)
        return appended.error();
      digest.add(piece);
    }
    return digest.finish();
  }

private:
  const Append &append;
};
} // namespace

/// Writes all tensors and puts their digests into the manifest.
static Status writeData(const Session &session, const Append &append, Metadata &manifest) {
  std::vector<float> canonical;
  DataWriter writer(append);
  for (const ccm_parameter &parameter : session.artifact().parameters()) {
    canonical.resize(static_cast<size_t>(elementCount(parameter)));
    unpackParameter(parameter, session.params().data(), canonical);
    if (!isFinite(canonical))
      return Error{ErrorKind::Loss,
                   std::string("cannot save: parameter '") + parameter.name + "' is not finite"};
    Result<std::string> digest = writer.write(canonical.data(), canonical.size() * sizeof(float));
    if (!digest)
      return digest.error();
    manifest[std::string(kTensorDigest) + parameter.name] = *digest;
  }
  if (session.state().size() == 0)
    return Done{};
  Result<std::string> digest = writer.write(session.state().data(), session.state().size());
  if (!digest)
    return digest.error();
  manifest[kTensorDigest + std::string(kStateName)] = *digest;
  return Done{};
}

/// The manifest of a checkpoint, with zeros for the digests of tensors and header.
static Metadata manifestOf(const Artifact &artifact, const Progress &progress,
                           const std::vector<Tensor> &tensors) {
  Metadata manifest = {{kHeaderDigest, std::string(kDigestDigits, '0')},
                       {kVersion, "1"},
                       {kModel, std::string(artifact.name())},
                       {kSource, artifact.sourceHash()},
                       {kLayout, artifact.layoutHash()}};
  visitNumbers(progress, [&](const char *key, auto number) {
    manifest.emplace(key, std::to_string(number));
  });
  for (const Tensor &tensor : tensors)
    manifest.emplace(kTensorDigest + tensor.name, std::string(kDigestDigits, '0'));
  return manifest;
}

/// Where in a header the digits of its own digest are; they count as zeros in it. Inside any other
/// text the quotes of this key would be escaped.
static size_t digestPosition(std::string_view header) {
  std::string key = std::string("\"") + kHeaderDigest + "\":\"";
  size_t found = header.find(key);
  size_t position = found + key.size();
  bool whole = found != std::string_view::npos && header.size() - position >= kDigestDigits;
  return whole ? position : std::string_view::npos;
}

static std::string digestOfHeader(std::string_view header, size_t position) {
  Sha256 digest;
  digest.add(header.substr(0, position));
  digest.add(std::string(kDigestDigits, '0'));
  digest.add(header.substr(position + kDigestDigits));
  return digest.finish();
}

Result<std::string> writeCheckpoint(const Session &session, const Progress &progress,
                                    const Append &append) {
  std::vector<Tensor> tensors = tensorsOf(session);
  Metadata manifest = manifestOf(session.artifact(), progress, tensors);
  std::string header = writeSafetensorsHeader(manifest, tensors);
  if (Status room = append(std::string(header.size(), '\0')); !room)
    return room.error();
  if (Status written = writeData(session, append, manifest); !written)
    return written.error();
  header = writeSafetensorsHeader(manifest, tensors); // as long as before
  size_t position = digestPosition(header);
  header.replace(position, kDigestDigits, digestOfHeader(header, position));
  return header;
}

// ---- Reading ------------------------------------------------------------------------------------

static Error damaged(std::string reason) { return {ErrorKind::Damage, std::move(reason)}; }

/// A decimal number that takes all of the text.
template <typename T>
static bool readNumber(const std::string *text, T &number) {
  if (!text || text->starts_with('-'))
    return false;
  const char *end = text->data() + text->size();
  auto [stop, code] = std::from_chars(text->data(), end, number);
  return code == std::errc() && stop == end;
}

Status Checkpoint::readManifest() {
  const std::string *version = file.text(kVersion);
  if (!version)
    return damaged("it has no manifest; expected a checkpoint of ccm");
  if (*version != "1")
    return damaged("expected a manifest of version 1, found '" + *version + "'");
  const std::string *model = file.text(kModel), *source = file.text(kSource);
  const std::string *layout = file.text(kLayout);
  if (!model || !source || !layout)
    return damaged("its manifest is incomplete");
  const char *missing = nullptr;
  visitNumbers(manifest.progress, [&](const char *key, auto &number) {
    if (!readNumber(file.text(key), number))
      missing = key;
  });
  if (missing)
    return damaged(std::string("its manifest lacks the number '") + missing + "'");
  manifest.model = *model;
  manifest.sourceHash = *source;
  manifest.layoutHash = *layout;
  manifest.hasState = file.find(kStateName) != nullptr;
  return Done{};
}

Status Checkpoint::checkDigests() const {
  size_t position = digestPosition(file.header);
  if (position == std::string_view::npos)
    return damaged("it has no digest; expected a checkpoint of ccm");
  if (file.header.substr(position, kDigestDigits) != digestOfHeader(file.header, position))
    return damaged("its header does not match its digest");
  for (const Tensor &tensor : file.tensors) {
    const std::string *digest = file.text(kTensorDigest + tensor.name);
    if (!digest || *digest != sha256(file.bytes(tensor)))
      return damaged("tensor '" + tensor.name + "' does not match its digest");
  }
  return Done{};
}

Result<Checkpoint> Checkpoint::openFile(const std::string &path) {
  // Read, not mapped: a sector that cannot be read is an errno here, in a mapping it is a signal.
  io::Result<std::string> contents = io::readFile(path, kLargestFile);
  if (!contents)
    return Error{ErrorKind::File, contents.error().message};
  Checkpoint checkpoint;
  checkpoint.contents = std::make_unique<const std::string>(std::move(*contents));
  checkpoint.manifest.path = path;
  Status valid = Done{};
  if (Result<Safetensors> file = parseSafetensors(*checkpoint.contents))
    checkpoint.file = std::move(*file);
  else
    valid = file.error();
  if (valid)
    valid = checkpoint.checkDigests();
  if (valid)
    valid = checkpoint.readManifest();
  if (!valid)
    return damaged("cannot use '" + path + "': " + valid.error().message);
  return checkpoint;
}

Result<Checkpoint> Checkpoint::openNewest(const std::string &directory,
                                          const std::vector<std::string> &names) {
  std::vector<std::string> passedOver;
  for (const std::string &name : generationsOf(names)) {
    Result<Checkpoint> checkpoint = openFile(directory + "/" + name);
    if (!checkpoint && checkpoint.error().kind != ErrorKind::Damage)
      return checkpoint;
    if (checkpoint) {
      checkpoint->manifest.damaged = std::move(passedOver);
      return checkpoint;
    }
    passedOver.push_back(checkpoint.error().message);
  }
  if (passedOver.empty())
    return Error{ErrorKind::Input, "there is no checkpoint in '" + directory + "'"};
  return damaged("every checkpoint in '" + directory + "' is damaged: " + passedOver.front());
}

Result<Checkpoint> Checkpoint::open(const std::string &path) {
  io::Result<std::vector<std::string>> names = io::listDirectory(path);
  if (names)
    return openNewest(path, *names);
  if (names.error().code == ENOTDIR)
    return openFile(path);
  return Error{ErrorKind::File, names.error().message};
}

static std::string shapeText(std::span<const int64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + "]";
}

/// How a tensor differs from the parameter it should hold; empty when it does not.
static std::string differenceOf(const Tensor *tensor, const ccm_parameter &parameter) {
  std::string name = std::string("parameter '") + parameter.name + "'";
  std::span<const int64_t> shape(parameter.shape, static_cast<size_t>(parameter.rank));
  if (!tensor)
    return "it lacks " + name;
  if (tensor->dtype != "F32" ||
      !std::equal(tensor->shape.begin(), tensor->shape.end(), shape.begin(), shape.end()))
    return "expected " + name + " as F32 " + shapeText(shape) + ", found " + tensor->dtype + " " +
           shapeText(tensor->shape);
  return "";
}

Status Checkpoint::checkModel(const Artifact &artifact) const {
  auto refuse = [&](const std::string &difference) -> Status {
    return Error{ErrorKind::Input, "cannot use '" + manifest.path + "' for model '" +
                                       std::string(artifact.name()) + "': " + difference};
  };
  if (manifest.model != artifact.name())
    return refuse("it is a checkpoint of model '" + manifest.model + "'");
  for (const ccm_parameter &parameter : artifact.parameters())
    if (std::string difference = differenceOf(file.find(parameter.name), parameter);
        !difference.empty())
      return refuse(difference);
  size_t expected = artifact.parameters().size() + (manifest.hasState ? 1 : 0);
  if (file.tensors.size() != expected)
    return refuse("expected " + std::to_string(expected) + " tensors, found " +
                  std::to_string(file.tensors.size()));
  if (manifest.sourceHash != artifact.sourceHash())
    return refuse("it was trained with another declaration; expected source hash '" +
                  artifact.sourceHash() + "', found '" + manifest.sourceHash + "'");
  return Done{};
}

bool Checkpoint::stateFits(const Session &session) const {
  const Tensor *state = file.find(kStateName);
  uint64_t size = state ? state->end - state->begin : 0;
  return size == session.state().size() &&
         (size == 0 || manifest.layoutHash == session.artifact().layoutHash());
}

Result<CheckpointInfo> readCheckpoint(const std::string &path) {
  Result<Checkpoint> checkpoint = Checkpoint::open(path);
  return checkpoint ? Result<CheckpointInfo>(checkpoint->info())
                    : Result<CheckpointInfo>(checkpoint.error());
}

// ---- Sessions and trainers ----------------------------------------------------------------------

/// The value of a call of the io layer, or its error as one of the runtime.
static Status fileStatus(const io::Status &status) {
  return status ? Status(Done{}) : Status(Error{ErrorKind::File, status.error().message});
}

Status Session::save(const std::string &path, const Progress &progress) const {
  io::Result<io::AtomicFile> file = io::AtomicFile::create(path);
  if (!file)
    return Error{ErrorKind::File, file.error().message};
  Result<std::string> header = writeCheckpoint(
      *this, progress, [&](std::string_view bytes) { return fileStatus(file->append(bytes)); });
  if (!header)
    return header.error();
  if (Status written = fileStatus(file->overwriteStart(*header)); !written)
    return written;
  return fileStatus(file->commit());
}

Status Session::load(const std::string &path) {
  Result<Checkpoint> checkpoint = Checkpoint::open(path);
  return checkpoint ? restore(*checkpoint) : Status(checkpoint.error());
}

Status Session::restore(const Checkpoint &checkpoint) {
  if (Status same = checkpoint.checkModel(*source); !same)
    return same;
  for (const std::string &reason : checkpoint.info().damaged)
    say("passed over a newer checkpoint: " + reason);
  std::vector<float> canonical;
  for (const ccm_parameter &parameter : source->parameters()) {
    std::string_view bytes = checkpoint.bytes(parameter.name);
    canonical.resize(bytes.size() / sizeof(float)); // a copy: the file promises no alignment
    std::memcpy(canonical.data(), bytes.data(), bytes.size());
    packParameter(parameter, canonical, parameters.data());
  }
  if (optimizer.size() == 0)
    return Done{};
  if (checkpoint.stateFits(*this)) {
    std::memcpy(optimizer.data(), checkpoint.bytes(kStateName).data(), optimizer.size());
    return Done{};
  }
  std::memset(optimizer.data(), 0, optimizer.size());
  say("optimizer state starts again: '" + checkpoint.info().path + "' has none that fits");
  return Done{};
}

Status Trainer::save(const std::string &path) const { return session.save(path, progress()); }

Status Trainer::resume(const std::string &path) {
  Result<Checkpoint> checkpoint = Checkpoint::open(path);
  return checkpoint ? resume(*checkpoint) : Status(checkpoint.error());
}

/// How the run of a checkpoint differs from the one expected; empty when it does not.
static std::string differenceOf(const Progress &found, const Progress &expected) {
  auto differ = [](const char *what, auto wanted, auto seen) {
    return std::string("expected ") + what + " " + std::to_string(wanted) + ", found " +
           std::to_string(seen);
  };
  if (found.batch == 0)
    return "no trainer saved it";
  if (found.items != expected.items)
    return differ("data of items", expected.items, found.items);
  if (found.batch != expected.batch)
    return differ("batch", expected.batch, found.batch);
  if (found.seed != expected.seed)
    return differ("seed", expected.seed, found.seed);
  bool areKnown = found.data != 0 && expected.data != 0;
  return areKnown && found.data != expected.data
             ? "expected the same data, found that of other data"
             : "";
}

/// Whether a manifest's numbers can be those of one run; `perEpoch` is its steps per epoch.
static bool agree(const Progress &found, int64_t perEpoch) {
  constexpr int64_t kMostSteps = int64_t(1) << 62; // so that counting on never overflows
  return found.step <= kMostSteps && found.epoch == found.step / perEpoch &&
         found.position == found.step % perEpoch * found.batch;
}

Status Trainer::resume(const Checkpoint &checkpoint) {
  if (Status same = checkpoint.checkModel(session.artifact()); !same)
    return same;
  const Progress &found = checkpoint.info().progress;
  std::string difference = differenceOf(found, progress());
  if (difference.empty() && !agree(found, perEpoch))
    difference = "its step, epoch and position do not agree";
  if (difference.empty() && !checkpoint.stateFits(session))
    difference = "its optimizer state is missing or that of another library; the parameters alone "
                 "can be loaded";
  if (!difference.empty())
    return Error{ErrorKind::Input,
                 "cannot resume from '" + checkpoint.info().path + "': " + difference};
  if (Status restored = session.restore(checkpoint); !restored)
    return restored;
  done = found.step;
  return Done{};
}

} // namespace ccm
