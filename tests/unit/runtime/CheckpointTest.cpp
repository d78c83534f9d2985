// SPDX-License-Identifier: Apache-2.0
// Checkpoints: exact resume, and the refusal of every damaged or foreign file.
#include "runtime/Checkpoint.h"
#include "TestFiles.h"

#include <cstring>
#include <limits>

namespace ccm::test {
namespace {

constexpr int64_t kItems = 22;
const TrainOptions kOptions{
    .batch = 4,
    .epochs = 5,
    .schedule = {.kind = Schedule::Kind::Cosine, .rate = 0.1f, .warmup = 3, .total = 30},
    .seed = 12};

/// A session and its trainer.
struct Training {
  explicit Training(TrainOptions options = kOptions, int64_t items = kItems, uint64_t seed = 1)
      : session(linearSession({.seed = seed})) {
    auto made = Trainer::create(*session, linearSource(items), std::move(options));
    EXPECT_TRUE(made) << messageOf(made);
    trainer = std::move(*made);
  }
  void steps(int64_t count) {
    for (int64_t i = 0; i < count; ++i)
      ASSERT_TRUE(trainer->step());
  }
  /// Bits of everything that training goes on from.
  std::string bits() const {
    std::string_view state(static_cast<const char *>(session->state().data()),
                           session->state().size());
    return session->parametersSha256() + std::string(state);
  }
  std::unique_ptr<Session> session;
  std::unique_ptr<Trainer> trainer;
};

std::string bytesOf(const Training &run) {
  return checkpointOf(*run.session, run.trainer->progress());
}

struct CheckpointTest : testing::Test {
  TemporaryDirectory directory;
  std::string path = directory / "checkpoint.safetensors";
};

TEST_F(CheckpointTest, ResumeEqualsTheUninterruptedRunBitForBit) {
  for (int64_t before : {0, 1, 5, 6, 7, 17}) { // in, at the end and at the start of epochs
    Training whole, first, second({kOptions}, kItems, /*seed=*/99);
    whole.steps(before + 13);
    first.steps(before);
    ASSERT_TRUE(first.trainer->save(path));
    ASSERT_NE(second.bits(), first.bits());
    Status resumed = second.trainer->resume(path);
    ASSERT_TRUE(resumed) << messageOf(resumed);
    EXPECT_EQ(second.bits(), first.bits());
    EXPECT_EQ(second.trainer->stepsDone(), before);
    second.steps(13);
    EXPECT_EQ(second.bits(), whole.bits()) << before;
  }
}

TEST_F(CheckpointTest, AResumedEpochVisitsTheRestOfItsItems) {
  std::vector<int> visits(kItems);
  auto counting = [&](std::span<const int64_t> items, Batch &batch) -> Status {
    for (int64_t item : items)
      ++visits[static_cast<size_t>(item)];
    return linearSource(kItems).fill(items, batch);
  };
  for (int64_t part = 0; part < 2; ++part) {
    auto session = linearSession();
    auto trainer = Trainer::create(*session, {kItems, counting}, kOptions);
    ASSERT_TRUE(trainer);
    if (part == 1) {
      ASSERT_TRUE((*trainer)->resume(path));
    }
    for (int64_t i = 0; i < 3; ++i)
      ASSERT_TRUE((*trainer)->step());
    ASSERT_TRUE((*trainer)->save(path));
  }
  EXPECT_EQ(visits, std::vector<int>(kItems, 1));
}

TEST_F(CheckpointTest, WritesTheSameBytesForTheSameRun) {
  Training one, two;
  one.steps(4);
  two.steps(4);
  EXPECT_EQ(bytesOf(one), bytesOf(two));
}

TEST_F(CheckpointTest, HoldsCanonicalTensorsAligned) {
  Training run;
  run.steps(1);
  std::string file = bytesOf(run);
  auto parsed = parseSafetensors(file);
  ASSERT_TRUE(parsed) << messageOf(parsed);
  EXPECT_EQ(parsed->header.size() % 64, 0u);
  const Tensor *weight = parsed->find("weight");
  ASSERT_TRUE(weight);
  EXPECT_EQ(weight->dtype, "F32");
  EXPECT_EQ(weight->shape, (std::vector<int64_t>{kOut, kIn}));
  std::vector<float> stored(kOut * kIn), held(kOut * kIn);
  std::memcpy(stored.data(), parsed->bytes(*weight).data(), stored.size() * sizeof(float));
  ASSERT_TRUE(run.session->readParameter(0, held));
  EXPECT_EQ(stored, held);
}

TEST_F(CheckpointTest, KeepsPaddingAsTheLibraryChoseIt) {
  Training run;
  ASSERT_TRUE(run.session->save(path));
  auto loaded = linearSession({.seed = 77});
  ASSERT_TRUE(loaded->load(path));
  auto bias =
      reinterpret_cast<const float *>(static_cast<const char *>(loaded->params().data()) + 128);
  EXPECT_EQ(bias[kOut], kPaddingValue);
  EXPECT_EQ(loaded->parametersSha256(), run.session->parametersSha256());
}

TEST_F(CheckpointTest, SaysWhatItHolds) {
  Training run;
  run.steps(8);
  ASSERT_TRUE(run.trainer->save(path));
  auto info = readCheckpoint(path);
  ASSERT_TRUE(info) << messageOf(info);
  EXPECT_EQ(info->model, "linear");
  EXPECT_EQ(info->sourceHash, "5eed");
  EXPECT_EQ(info->structureHash, "57ac");
  EXPECT_EQ(info->parts, std::vector<std::string>{"core: dense {\"width\":5}"});
  EXPECT_EQ(info->optimizer, "momentum");
  EXPECT_TRUE(info->hasState);
  EXPECT_EQ(info->progress.step, 8);
  EXPECT_EQ(info->progress.epoch, 1);
  EXPECT_EQ(info->progress.position, 8);
  EXPECT_EQ(info->progress.items, kItems);
  EXPECT_EQ(info->progress.batch, 4);
  EXPECT_EQ(info->progress.seed, 12u);
}

TEST_F(CheckpointTest, KeepsTheLeastValidationLossToTheBit) {
  Training run;
  run.steps(3);
  uint64_t data = ~uint64_t(0); // each compared with data of its own
  for (double loss : {0.1, -1.0 / 3, 5e-324, 0.0}) {
    run.trainer->validated(loss, data--);
    const Best expected = run.trainer->progress().best;
    ASSERT_TRUE(run.trainer->save(path));
    Training other;
    ASSERT_TRUE(other.trainer->resume(path));
    const Best best = other.trainer->progress().best;
    EXPECT_EQ(best.step, expected.step);
    EXPECT_EQ(best.loss, expected.loss);
    EXPECT_EQ(best.data, expected.data);
  }
}

TEST_F(CheckpointTest, RefusesALeastValidationLossThatCannotBe) {
  Training run;
  run.steps(3);
  Progress progress = run.trainer->progress();
  progress.best = {2, std::numeric_limits<double>::quiet_NaN(), 0};
  ASSERT_TRUE(io::writeFileAtomically(path, checkpointOf(*run.session, progress)));
  auto info = readCheckpoint(path);
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().kind, ErrorKind::Damage);
  EXPECT_EQ(info.error().message,
            "cannot use '" + path + "': its manifest's least validation loss is incomplete");
  progress.best = {4, 1, 0};
  ASSERT_TRUE(io::writeFileAtomically(path, checkpointOf(*run.session, progress)));
  Status resumed = run.trainer->resume(path);
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().message,
            "cannot resume from '" + path + "': its step, epoch and position do not agree");
}

TEST_F(CheckpointTest, RefusesToSaveParametersThatAreNotFinite) {
  Training run;
  ASSERT_TRUE(run.trainer->save(path));
  std::string before = *io::readFile(path);
  for (float value :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    ASSERT_TRUE(run.session->writeParameter(1, std::vector<float>{0, 1, 2, value, 4}));
    Status saved = run.trainer->save(path);
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().kind, ErrorKind::Loss);
    EXPECT_EQ(saved.error().message, "cannot save: parameter 'bias' is not finite");
  }
  EXPECT_EQ(*io::readFile(path), before);
  EXPECT_EQ(directory.names(), std::vector<std::string>{"checkpoint.safetensors"});
}

/// The linear model under changes that make it another.
struct OtherModel {
  OtherModel() : model(*ccm_model_linear()), parameters{model.parameters[0], model.parameters[1]} {
    model.parameters = parameters;
  }
  std::unique_ptr<Session> session(const SessionOptions &options = {}) {
    auto artifact = Artifact::wrap(&model);
    EXPECT_TRUE(artifact) << messageOf(artifact);
    auto session = Session::create(*artifact, options);
    EXPECT_TRUE(session) << messageOf(session);
    return std::move(*session);
  }
  std::string messageOfLoading(const std::string &path) {
    Status loaded = session()->load(path);
    EXPECT_TRUE(loaded || loaded.error().kind == ErrorKind::Input);
    return messageOf(loaded);
  }
  /// Says of itself what the linear model does, with one text in place of another.
  void describe(const std::string &from, const std::string &to) {
    description = ccm_model_linear()->describe;
    description.replace(description.find(from), from.size(), to);
    model.describe = description.c_str();
  }
  ccm_model model;
  ccm_parameter parameters[2];
  std::string description;
};

/// Lines that a session says.
struct Lines {
  LogSink sink() {
    return {[](void *self, std::string_view line) {
              static_cast<Lines *>(self)->said.emplace_back(line);
            },
            this};
  }
  std::vector<std::string> said;
};

TEST_F(CheckpointTest, RefusesAnotherModel) {
  Training run;
  ASSERT_TRUE(run.session->save(path));
  EXPECT_EQ(OtherModel().messageOfLoading(path), "");
  std::string start = "cannot use '" + path + "' for model ";
  OtherModel name;
  name.model.name = "other";
  EXPECT_EQ(name.messageOfLoading(path), start + "'other': it is a checkpoint of model 'linear'");
  OtherModel parameter;
  parameter.parameters[1].name = "scale";
  EXPECT_EQ(parameter.messageOfLoading(path), start + "'linear': it lacks parameter 'scale'");
  OtherModel shape;
  shape.parameters[1].shape[0] = 6;
  EXPECT_EQ(shape.messageOfLoading(path),
            start + "'linear': expected parameter 'bias' as F32 [6], found F32 [5]");
  OtherModel fewer;
  fewer.model.parameter_count = fewer.model.trained_count = 1;
  EXPECT_EQ(fewer.messageOfLoading(path), start + "'linear': expected 2 tensors, found 3");
}

TEST_F(CheckpointTest, RefusesAnotherStructureAndSaysWhichPartDiffers) {
  Training run;
  ASSERT_TRUE(run.session->save(path));
  std::string start = "cannot use '" + path + "' for model 'linear': ";
  OtherModel width;
  width.describe("\"width\": 5", "\"width\": 9");
  EXPECT_EQ(width.messageOfLoading(path), start + "its structure is another; expected 'core: dense "
                                                  "{\"width\":9}', found 'core: dense "
                                                  "{\"width\":5}'");
  OtherModel parts;
  parts.describe("\"parts\"", "\"other\"");
  EXPECT_EQ(parts.messageOfLoading(path), start + "its structure is another; expected 'no more "
                                                  "parts', found 'core: dense {\"width\":5}'");
  OtherModel primitives;
  primitives.describe("57ac", "0dd");
  EXPECT_EQ(primitives.messageOfLoading(path),
            start + "its primitives are others; expected structure '0dd', found '57ac'");
}

TEST_F(CheckpointTest, ADeclarationOfTheSameStructureIsARemark) {
  Training run;
  run.steps(3);
  ASSERT_TRUE(run.trainer->save(path));
  OtherModel other;
  other.describe("5eed", "0ther");
  Lines lines;
  auto session = other.session({.log = lines.sink()});
  auto trainer = Trainer::create(*session, linearSource(kItems), kOptions);
  ASSERT_TRUE(trainer);
  Status resumed = (*trainer)->resume(path);
  ASSERT_TRUE(resumed) << messageOf(resumed);
  EXPECT_EQ(lines.said, std::vector<std::string>{"'" + path +
                                                 "' was saved with another declaration of the same "
                                                 "structure"});
  run.steps(2);
  ASSERT_TRUE((*trainer)->step() && (*trainer)->step());
  EXPECT_EQ(session->parametersSha256(), run.session->parametersSha256());
}

TEST_F(CheckpointTest, StateIsTakenOfTheSameOptimizerAlone) {
  Training run;
  run.steps(3);
  ASSERT_TRUE(run.trainer->save(path));
  OtherModel other;
  other.describe("momentum", "lion");
  Lines lines;
  auto session = other.session({.log = lines.sink()});
  ASSERT_TRUE(session->load(path));
  EXPECT_EQ(session->parametersSha256(), run.session->parametersSha256());
  EXPECT_EQ(lines.said, std::vector<std::string>{"optimizer state starts again: '" + path +
                                                 "' has none that fits"});
  auto trainer = Trainer::create(*session, linearSource(kItems), kOptions);
  ASSERT_TRUE(trainer);
  EXPECT_NE(messageOf((*trainer)->resume(path)).find("that of another optimizer or library"),
            std::string::npos);
}

TEST_F(CheckpointTest, StartsFromParametersAlone) {
  Training run, other;
  run.steps(3);
  other.steps(5);
  ASSERT_TRUE(run.trainer->save(path));
  auto loaded = other.session->load(path, {.state = false});
  ASSERT_TRUE(loaded) << messageOf(loaded);
  EXPECT_EQ(loaded->parameters, 2);
  EXPECT_EQ(loaded->path, path);
  EXPECT_TRUE(loaded->left.empty());
  EXPECT_EQ(other.session->parametersSha256(), run.session->parametersSha256());
  std::string_view state(static_cast<const char *>(other.session->state().data()),
                         other.session->state().size());
  EXPECT_EQ(state, std::string(state.size(), '\0'));
}

TEST_F(CheckpointTest, TakesAPartByNameAndShapeAndSaysWhatIsLeft) {
  Training run;
  run.steps(3);
  ASSERT_TRUE(run.trainer->save(path));
  OtherModel other;
  other.model.name = "other";
  other.describe("57ac", "0dd");
  other.parameters[0].shape[1] = 2;
  auto session = other.session();
  std::vector<float> before(kOut * 2), after(kOut * 2);
  ASSERT_TRUE(session->readParameter(0, before));
  auto shape = session->load(path, {.partial = true});
  ASSERT_TRUE(shape) << messageOf(shape);
  EXPECT_EQ(shape->parameters, 1);
  EXPECT_EQ(shape->left, std::vector<std::string>{
                             "expected parameter 'weight' as F32 [5, 2], found F32 [5, 3]"});
  ASSERT_TRUE(session->readParameter(0, after));
  EXPECT_EQ(before, after);
  other.parameters[0].name = "matrix";
  auto name = other.session()->load(path, {.partial = true});
  ASSERT_TRUE(name) << messageOf(name);
  EXPECT_EQ(name->left, (std::vector<std::string>{"the checkpoint lacks parameter 'matrix'",
                                                  "the model lacks parameter 'weight'"}));
  other.parameters[1].name = "shift";
  EXPECT_EQ(messageOf(other.session()->load(path, {.partial = true})),
            "nothing of '" + path + "' fits model 'other' by name and shape");
}

/// A model whose core is the model of these tests.
void makeParent(OtherModel &model) {
  model.model.name = "parent";
  model.describe("57ac", "0dd");
  model.parameters[0].name = "core.weight";
  model.parameters[1].name = "core.bias";
}

TEST_F(CheckpointTest, APartIsThatOfTheModelWithItsName) {
  Training run;
  run.steps(3);
  ASSERT_TRUE(run.trainer->save(path));
  OtherModel parent;
  makeParent(parent);
  auto session = parent.session();
  auto into = session->load(path, {.into = "core"});
  ASSERT_TRUE(into) << messageOf(into);
  EXPECT_EQ(into->parameters, 2);
  EXPECT_EQ(session->parametersSha256(), run.session->parametersSha256());
  std::string whole = directory / "parent.safetensors";
  ASSERT_TRUE(session->save(whole));
  auto child = linearSession({.seed = 99});
  ASSERT_FALSE(child->load(whole, {}));
  auto part = child->load(whole, {.part = "core"});
  ASSERT_TRUE(part) << messageOf(part);
  EXPECT_EQ(child->parametersSha256(), run.session->parametersSha256());
}

TEST_F(CheckpointTest, APartOfAnotherModelIsRefusedAndNothingTaken) {
  Training run;
  run.steps(3);
  ASSERT_TRUE(run.trainer->save(path));
  OtherModel parent;
  makeParent(parent);
  parent.parameters[1].shape[0] = 4;
  auto session = parent.session();
  std::string before = session->parametersSha256();
  std::string start = "cannot use '" + path + "' for model 'parent': ";
  EXPECT_EQ(messageOf(session->load(path, {.into = "core"})),
            start + "expected parameter 'core.bias' as F32 [4], found F32 [5]");
  EXPECT_EQ(messageOf(session->load(path, {.into = "reduce.x"})),
            start + "the model lacks parameter 'reduce.x.weight'");
  EXPECT_EQ(messageOf(session->load(path, {.part = "core"})),
            start + "it lacks parameter 'core.core.weight'");
  EXPECT_EQ(session->parametersSha256(), before);
}

TEST_F(CheckpointTest, RefusesToResumeAnotherRun) {
  Training run;
  run.steps(2);
  ASSERT_TRUE(run.trainer->save(path));
  auto messageOfResuming = [&](Training other) { return messageOf(other.trainer->resume(path)); };
  TrainOptions batch = kOptions, seed = kOptions;
  batch.batch = 8;
  seed.seed = 13;
  std::string start = "cannot resume from '" + path + "': expected ";
  EXPECT_EQ(messageOfResuming(Training(batch)), start + "batch 8, found 4");
  EXPECT_EQ(messageOfResuming(Training(seed)), start + "seed 13, found 12");
  EXPECT_EQ(messageOfResuming(Training(kOptions, 23)), start + "data of items 23, found 22");
  Source source = linearSource(22);
  auto resumed = [&](uint64_t digest) {
    source.digest = digest;
    return messageOf((*Trainer::create(*run.session, source, kOptions))->resume(path));
  };
  EXPECT_EQ(resumed(6), ""); // of a run that did not know its data
  ASSERT_TRUE((*Trainer::create(*run.session, source, kOptions))->save(path));
  EXPECT_EQ(resumed(6), "");
  EXPECT_EQ(resumed(5), start + "the same data, found that of other data");
  EXPECT_EQ(resumed(0), "");
  ASSERT_TRUE(run.session->save(path));
  EXPECT_EQ(messageOfResuming(Training()),
            "cannot resume from '" + path + "': no trainer saved it");
}

TEST_F(CheckpointTest, TakesParametersButNotTheStateOfAnotherPacking) {
  Training run;
  run.steps(3);
  ASSERT_TRUE(run.trainer->save(path));
  OtherModel packed; // the same [5] as a panel of 5: not the same bytes
  packed.parameters[1].packed_extents[0] = 5;
  packed.parameters[1].bytes = 20;
  auto session = Session::create(*Artifact::wrap(&packed.model));
  ASSERT_TRUE(session);
  ASSERT_TRUE((*session)->load(path));
  EXPECT_EQ((*session)->parametersSha256(), run.session->parametersSha256());
  auto trainer = Trainer::create(**session, linearSource(kItems), kOptions);
  ASSERT_TRUE(trainer);
  EXPECT_NE(messageOf((*trainer)->resume(path)).find("optimizer state is missing or that of"),
            std::string::npos);
}

TEST_F(CheckpointTest, ReportsFilesThatCannotBeUsed) {
  Training run;
  Status missing = run.session->load(directory / "missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::File);
  Status unwritable = run.session->save("/dev/full");
  ASSERT_FALSE(unwritable);
  EXPECT_EQ(unwritable.error().kind, ErrorKind::File);
  EXPECT_EQ(messageOf(run.session->load(directory.path())),
            "there is no checkpoint in '" + directory.path() + "'");
}

} // namespace
} // namespace ccm::test
