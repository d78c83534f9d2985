// SPDX-License-Identifier: Apache-2.0
// Writing checkpoints, and reading them with everything checked before anything is used.
#include "runtime/Checkpoint.h"

#include "runtime/Divergence.h"
#include "runtime/Sha256.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

namespace ccm {

// Keys of the manifest. Digests of tensors have the tensor's name behind the prefix.
static constexpr const char *kVersion = "ccm.version";
static constexpr const char *kModel = "ccm.model";
static constexpr const char *kSource = "ccm.source_hash";
static constexpr const char *kLayout = "ccm.layout_hash";
static constexpr const char *kStructure = "ccm.structure_hash";
static constexpr const char *kParts = "ccm.parts"; // a line each
static constexpr const char *kOptimizer = "ccm.optimizer";
// Of the least validation loss; all three are missing where none was measured.
static constexpr const char *kBestStep = "ccm.best_step";
static constexpr const char *kBestLoss = "ccm.best_loss";
static constexpr const char *kBestData = "ccm.best_data";
static constexpr const char *kVersionNumber = "2";
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
    if (!areFinite(canonical))
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

static std::string joined(const std::vector<std::string> &lines) {
  std::string text;
  for (const std::string &line : lines)
    text += (text.empty() ? "" : "\n") + line;
  return text;
}

static std::vector<std::string> linesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// The fewest digits that give the number again.
static std::string shortest(double number) {
  char digits[32];
  auto [end, code] = std::to_chars(digits, digits + sizeof(digits), number);
  return {digits, end};
}

/// The manifest of a checkpoint, with zeros for the digests of tensors and header.
static Metadata manifestOf(const Artifact &artifact, const Progress &progress,
                           const std::vector<Tensor> &tensors) {
  Metadata manifest = {{kHeaderDigest, std::string(kDigestDigits, '0')},
                       {kVersion, kVersionNumber},
                       {kModel, std::string(artifact.name())},
                       {kSource, artifact.sourceHash()},
                       {kLayout, artifact.layoutHash()},
                       {kStructure, artifact.structureHash()},
                       {kParts, joined(artifact.parts())},
                       {kOptimizer, artifact.trainDefaults().optimizer}};
  visitNumbers(progress, [&](const char *key, auto number) {
    manifest.emplace(key, std::to_string(number));
  });
  if (const Best &best = progress.best; best.step >= 0) {
    manifest.emplace(kBestStep, std::to_string(best.step));
    manifest.emplace(kBestLoss, shortest(best.loss));
    manifest.emplace(kBestData, std::to_string(best.data));
  }
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

/// A decimal number of at least zero that takes all of the text.
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
  if (*version != kVersionNumber)
    return damaged(std::string("expected a manifest of version ") + kVersionNumber + ", found '" +
                   *version + "'");
  std::string parts;
  for (auto [key, text] : {std::pair(kModel, &manifest.model),
                           {kSource, &manifest.sourceHash},
                           {kLayout, &manifest.layoutHash},
                           {kStructure, &manifest.structureHash},
                           {kParts, &parts},
                           {kOptimizer, &manifest.optimizer}}) {
    const std::string *found = file.text(key);
    if (!found)
      return damaged(std::string("its manifest lacks the text '") + key + "'");
    *text = *found;
  }
  manifest.parts = linesOf(parts);
  const char *missing = nullptr;
  visitNumbers(manifest.progress, [&](const char *key, auto &number) {
    if (!readNumber(file.text(key), number))
      missing = key;
  });
  if (missing)
    return damaged(std::string("its manifest lacks the number '") + missing + "'");
  manifest.hasState = file.find(kStateName) != nullptr;
  return readBest();
}

Status Checkpoint::readBest() {
  Best &best = manifest.progress.best;
  if (!file.text(kBestStep))
    return Done{};
  const std::string *loss = file.text(kBestLoss);
  const bool isNegative = loss && loss->starts_with('-');
  const std::string size = loss ? loss->substr(isNegative) : "";
  if (!readNumber(file.text(kBestStep), best.step) || !readNumber(&size, best.loss) ||
      !std::isfinite(best.loss) || !readNumber(file.text(kBestData), best.data))
    return damaged("its manifest's least validation loss is incomplete");
  best.loss = isNegative ? -best.loss : best.loss;
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

/// The newest generation says which is the best. That one was durable before the newest was.
Result<Checkpoint> Checkpoint::openBest(const std::string &directory,
                                        const std::vector<std::string> &names, Checkpoint newest) {
  const Progress &progress = newest.manifest.progress;
  if (progress.best.step < 0 || progress.best.step == progress.step)
    return newest;
  const std::string name = generationName(progress.best.step), path = directory + "/" + name;
  Result<Checkpoint> best = damaged("there is no '" + path + "'");
  if (std::find(names.begin(), names.end(), name) != names.end())
    best = openFile(path);
  if (!best && best.error().kind != ErrorKind::Damage)
    return best;
  if (!best) {
    newest.manifest.lost = best.error().message;
    return newest;
  }
  best->manifest.damaged = std::move(newest.manifest.damaged);
  return best;
}

Result<Checkpoint> Checkpoint::open(const std::string &path, Generation generation) {
  io::Result<std::vector<std::string>> names = io::listDirectory(path);
  if (names) {
    Result<Checkpoint> newest = openNewest(path, *names);
    return newest && generation == Generation::Best ? openBest(path, *names, std::move(*newest))
                                                    : std::move(newest);
  }
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

std::string differenceOf(const Tensor *tensor, const ccm_parameter &parameter) {
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

/// The first part of which the strategy or its configuration differs; empty when none does.
static std::string differenceOf(const std::vector<std::string> &found,
                                const std::vector<std::string> &expected) {
  size_t most = std::max(found.size(), expected.size());
  for (size_t i = 0; i < most; ++i) {
    std::string wanted = i < expected.size() ? expected[i] : "no more parts";
    std::string seen = i < found.size() ? found[i] : "no more parts";
    if (wanted != seen)
      return "its structure is another; expected '" + wanted + "', found '" + seen + "'";
  }
  return "";
}

Status Checkpoint::checkModel(const Artifact &artifact) const {
  auto refuse = [&](const std::string &difference) -> Status {
    return Error{ErrorKind::Input, "cannot use '" + manifest.path + "' for model '" +
                                       std::string(artifact.name()) + "': " + difference};
  };
  if (manifest.model != artifact.name())
    return refuse("it is a checkpoint of model '" + manifest.model + "'");
  if (std::string difference = differenceOf(manifest.parts, artifact.parts()); !difference.empty())
    return refuse(difference);
  for (const ccm_parameter &parameter : artifact.parameters())
    if (std::string difference = differenceOf(file.find(parameter.name), parameter);
        !difference.empty())
      return refuse(difference);
  size_t expected = artifact.parameters().size() + (manifest.hasState ? 1 : 0);
  if (file.tensors.size() != expected)
    return refuse("expected " + std::to_string(expected) + " tensors, found " +
                  std::to_string(file.tensors.size()));
  if (manifest.structureHash != artifact.structureHash())
    return refuse("its primitives are others; expected structure '" + artifact.structureHash() +
                  "', found '" + manifest.structureHash + "'");
  return Done{};
}

bool Checkpoint::stateFits(const Session &session) const {
  const Tensor *state = file.find(kStateName);
  uint64_t size = state ? state->end - state->begin : 0;
  const Artifact &artifact = session.artifact();
  bool isSame = manifest.layoutHash == artifact.layoutHash() &&
                manifest.optimizer == artifact.trainDefaults().optimizer;
  return size == session.state().size() && (size == 0 || isSame);
}

Result<CheckpointInfo> readCheckpoint(const std::string &path, Generation generation) {
  Result<Checkpoint> checkpoint = Checkpoint::open(path, generation);
  return checkpoint ? Result<CheckpointInfo>(checkpoint->info())
                    : Result<CheckpointInfo>(checkpoint.error());
}

} // namespace ccm
