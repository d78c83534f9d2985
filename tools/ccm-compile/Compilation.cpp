// SPDX-License-Identifier: Apache-2.0
// The stages in order; each is followed by the verifier.
#include "tools/ccm-compile/Compilation.h"
#include "codegen/Codegen.h"
#include "codegen/FileError.h"
#include "codegen/host/ModelHeader.h"
#include "codegen/torch/TorchEmitter.h"
#include "frontend/Library.h"
#include "frontend/ModelImporter.h"
#include "frontend/TextDepth.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Pipelines.h"
#include "passes/structure/Report.h"
#include "runtime/io/Sabotage.h"
#include "tools/ccm-compile/Describe.h"
#include "tools/ccm-compile/PassLog.h"

using namespace mlir;

namespace ccm {

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerDialect(registry);
  return registry;
}

Compilation::Compilation(const Options &options, frontend::Diagnostics &diagnostics)
    : options(options), diagnostics(diagnostics),
      context(makeRegistry(), MLIRContext::Threading::DISABLED) {
  timing.setEnabled(options.timing);
  time = timing.getRootScope();
  context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    fileFailed |= isFileError(diagnostic);
    this->diagnostics.add(diagnostic);
    return success();
  });
}

ExitCode Compilation::run(std::string &bytes) {
  if (ExitCode code = guarded({"", "ccm-compile"}, [&] { return load(); }); code != kDone)
    return code;
  if (ExitCode code = runStages(); code != kDone || options.check)
    return code;
  return guarded({structure, emissionCommand()}, [&] { return emit(bytes); });
}

ExitCode Compilation::guarded(Reproducer repeats, llvm::function_ref<ExitCode()> step) {
  ExitCode code = kInternalError;
  if (!runSafely([&] { code = step(); })) {
    code = kInternalError;
    (void)module.release(); // a crash may have left it broken
  }
  if (code == kInternalError && fileFailed)
    return kBadFile;
  if (code == kInternalError)
    remains = std::move(repeats);
  return code;
}

/// The command that emits the same from the IR of primitives.
std::string Compilation::emissionCommand() {
  std::string command = "ccm-compile -o " + options.output;
  if (options.stage != Stage::Library)
    command += " --emit=" + stageName(options.stage).str();
  if (options.byReference)
    command += " --kernels=reference";
  if (options.entries != Entries::All)
    command += " --entries=" + entriesWord(options.entries).str();
  for (const Target *target : options.targets)
    command += (" --target=" + target->name).str();
  return command;
}

ExitCode Compilation::load() {
  TimingScope reading = time.nest("read the declaration");
  const frontend::Source &source = diagnostics.source();
  if (!isIr()) {
    module = frontend::importModel(context, diagnostics);
    return module ? kDone : kBadInput;
  }
  if (auto problem = frontend::findTextProblem(source.text())) {
    frontend::Position at = source.position(problem->offset);
    emitError(FileLineColLoc::get(&context, source.path(), at.line, at.column)) << problem->message;
    return kBadInput;
  }
  module = parseSourceString<ModuleOp>(source.text(), ParserConfig(&context), source.path());
  if (module && !model())
    emitError(module->getLoc()) << "expects a model, got none";
  return module && !diagnostics.hasErrors() ? kDone : kBadInput;
}

bool Compilation::isIr() const { return diagnostics.source().path().ends_with(".mlir"); }

/// The others are there to be parts of it.
ModelOp Compilation::model() {
  auto models = module->getOps<ModelOp>();
  auto found = llvm::find_if(models, [](ModelOp model) { return model.isPublic(); });
  return found == models.end() ? ModelOp() : *found;
}

std::string Compilation::text() {
  std::string result;
  llvm::raw_string_ostream stream(result);
  module->print(stream);
  stream << "\n";
  return result;
}

/// What the library carries says which version of the IR it is.
std::string Compilation::textOfLibrary() {
  DictionaryAttr before = (*module)->getAttrDictionary();
  frontend::setVersion(*module);
  std::string result = text();
  (*module)->setAttrs(before);
  return result;
}

ExitCode Compilation::runPasses(llvm::StringRef stage, AddPasses add, ExitCode fault) {
  // A scope per stage: within one, a time is known by its pass's address, which a later stage's
  // pass may have again.
  TimingScope passes = time.nest(stage);
  OwningOpRef<ModuleOp> before(module->clone());
  PassManager manager(&context);
  addStage(manager, add);
  manager.enableTiming(passes);
  if (options.verbose)
    manager.addInstrumentation(std::make_unique<PassLog>());
  // After all passes: after each it takes a third of a compilation that finds every kernel in the
  // cache. The reproducer, which says which pass was wrong, does it.
  manager.enableVerifier(false);
  LogicalResult result = failure();
  bool survived = runSafely([&] {
    result = manager.run(*module);
    if (succeeded(result))
      result = verify(*module);
  });
  if (survived && (succeeded(result) || fault != kInternalError))
    return succeeded(result) ? kDone : fault;
  if (!survived)
    (void)module.release(); // a crash may have left it broken
  remains = reproducePasses(*before, add);
  return kInternalError;
}

ExitCode Compilation::runStages() {
  PipelineOptions pipeline;
  std::string wrong;
  llvm::raw_string_ostream stream(wrong);
  if (failed(pipeline.parseFromString(options.pipeline, stream))) {
    llvm::errs() << "ccm-compile: error: --ccm-pipeline: "
                 << StringRef(wrong).split("Parser>: ").second;
    return kBadCommandLine;
  }
  if (options.entries != Entries::All)
    pipeline.entries = entriesWord(options.entries).str();
  pipeline.explain = pipeline.explain || options.explain;
  struct Step {
    Stage stage;
    void (*add)(OpPassManager &, const PipelineOptions &);
    ExitCode fault;
  };
  // Choosing a structure can fail because of what the user asked; later failures are our own,
  // unless the IR is the user's.
  ExitCode later = isIr() ? kBadInput : kInternalError;
  const Step steps[] = {{Stage::Structure, addStructureStage, kBadInput},
                        {Stage::Nests, addNestsStage, later},
                        {Stage::Kernels, addKernelsStage, later}};
  for (const Step &step : steps) {
    if (options.stage < step.stage || (options.check && step.stage != Stage::Structure))
      break;
    if (step.stage == Stage::Nests)
      (*module)->setAttr(kTargetAttr, targetOf(&context, options.targets));
    if (step.stage == Stage::Nests && io::sabotaged("lose_optimizer"))
      model().setTrainAttr(DictionaryAttr::get(&context));
    ExitCode code = runPasses(
        stageName(step.stage), [&](OpPassManager &manager) { step.add(manager, pipeline); },
        step.fault);
    if (code != kDone)
      return code;
    if (step.stage == Stage::Structure) {
      parts = dropRejected(model());
      structure = textOfLibrary();
      describe(*module, model());
    }
  }
  return kDone;
}

/// A line that is written over on a terminal, or a line per tenth.
static void showProgress(Progress mode, size_t done, size_t all) {
  if (mode == Progress::Line)
    llvm::errs() << "\r\033[K"
                 << (done < all ? llvm::formatv("compiling kernels {0}/{1}", done, all).str() : "");
  else if (mode == Progress::Plain && done * 10 / all != (done - 1) * 10 / all)
    llvm::errs() << "compiled " << done << " of " << all << " kernels\n";
}

ExitCode Compilation::emitArtifact(ArtifactKind kind, const EmitOptions &emitOptions,
                                   std::string &bytes) {
  if (failed(ccm::emitArtifact(*module, options.targets, kind, emitOptions, bytes, emitted)))
    return kInternalError;
  if (options.printSchedules)
    for (const std::string &schedule : emitted.schedules)
      llvm::errs() << schedule << "\n";
  return kDone;
}

ExitCode Compilation::emitHostText(HostForm form, const EmitOptions &emitOptions,
                                   std::string &bytes) {
  bool done =
      succeeded(ccm::emitHostText(*module, options.targets, form, emitOptions, bytes, emitted));
  return done ? kDone : kInternalError;
}

/// A text that only the input can have spoiled.
static ExitCode take(FailureOr<std::string> text, std::string &bytes) {
  if (failed(text))
    return kBadInput;
  bytes = std::move(*text);
  return kDone;
}

/// The comments between the operations of a model that the strategies have built.
static std::vector<TorchPart> torchParts(ModelOp model) {
  std::vector<TorchPart> parts;
  for (const PartReport &part : partsReport(model)) {
    bool isCore = part.part == CoreOp::kind();
    std::string of = isCore ? "" : part.port.str();
    parts.push_back({(part.part + (isCore ? "" : "." + of)).str(),
                     (part.part + (isCore ? "" : " " + of) + ": " + part.strategy).str()});
  }
  return parts;
}

ExitCode Compilation::emit(std::string &bytes) {
  EmitOptions emitOptions{options.jobs,   options.cacheDirectory, structure, CCM_VERSION,
                          options.soname, options.byReference,    &time};
  emitOptions.progress = [this](size_t done, size_t all) {
    showProgress(options.progress, done, all);
  };
  switch (options.stage) {
  case Stage::Ccm:
  case Stage::Structure:
  case Stage::Nests:
  case Stage::Kernels:
    bytes = text();
    return kDone;
  case Stage::Header:
    return take(emitHeader(model(), CCM_VERSION), bytes);
  case Stage::Torch:
    return take(emitTorch(model(), torchParts(model()), CCM_VERSION), bytes);
  case Stage::Llvm:
    return emitHostText(HostForm::Llvm, emitOptions, bytes);
  case Stage::Assembly:
    return emitHostText(HostForm::Assembly, emitOptions, bytes);
  case Stage::Object:
    return emitArtifact(ArtifactKind::Object, emitOptions, bytes);
  case Stage::StaticLibrary:
    return emitArtifact(ArtifactKind::StaticLibrary, emitOptions, bytes);
  case Stage::Library:
    return emitArtifact(ArtifactKind::SharedLibrary, emitOptions, bytes);
  }
  return kInternalError;
}

static std::string megabytes(uint64_t bytes) {
  return llvm::formatv("{0:f2} MB", double(bytes) / 1e6);
}

static void printMemory(llvm::raw_ostream &os, const MemoryNeeds &memory) {
  os << "  memory: " << megabytes(memory.parameters) << " of parameters; to infer "
     << megabytes(memory.inferWorker) << " a thread";
  if (memory.trainWorker)
    os << "; to train " << megabytes(memory.state) << " of state, " << megabytes(memory.trainWorker)
       << " and a delta a thread";
  os << "\n";
}

/// What a cap on internals keeps, and what it costs; nothing of a library that has none.
static void printInternals(llvm::raw_ostream &os, ModelOp model) {
  auto internals = model->getAttrOfType<DictionaryAttr>(kInternalsAttr);
  auto number = [&](StringRef name) {
    return internals ? internals.getAs<IntegerAttr>(name).getInt() : 0;
  };
  if (number("recomputed") == 0)
    return;
  os << llvm::formatv("  internals: {0} of {1} are kept per sample; {2} values are computed again, "
                      "{3:f2} M points of loops\n",
                      megabytes(number("kept")), megabytes(number("all")), number("recomputed"),
                      double(number("points")) / 1e6);
}

static llvm::json::Object toJson(const MemoryNeeds &memory) {
  return llvm::json::Object{{"parameters", int64_t(memory.parameters)},
                            {"state", int64_t(memory.state)},
                            {"prepared", int64_t(memory.prepared)},
                            {"infer_worker", int64_t(memory.inferWorker)},
                            {"train_worker", int64_t(memory.trainWorker)}};
}

void Compilation::report(double seconds, size_t bytes) {
  if (parts)
    model()->setAttr(kPartsAttr, parts);
  if (options.reportJson) {
    llvm::json::Object object = reportToJson(model(), options.explain);
    object["kernels"] = int64_t(emitted.kernels);
    if (emitted.bytes)
      object["memory"] = toJson(emitted.memory);
    if (Attribute internals = model()->getAttr(kInternalsAttr))
      object["internals"] = toJson(internals);
    object["seconds"] = seconds;
    object["bytes"] = int64_t(bytes);
    llvm::outs() << llvm::json::Value(std::move(object)) << "\n";
    return;
  }
  if (options.quiet || (options.check && !options.explain))
    return;
  printReport(llvm::errs(), model(), options.explain);
  if (options.stage < Stage::Object || options.check)
    return;
  printMemory(llvm::errs(), emitted.memory);
  printInternals(llvm::errs(), model());
  llvm::errs() << llvm::formatv("  {0} kernels, {1:f1} s, wrote {2} ({3})\n", emitted.kernels,
                                seconds, options.output, megabytes(bytes));
}

} // namespace ccm
