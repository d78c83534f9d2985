// SPDX-License-Identifier: Apache-2.0
// The stages in order; every pass is followed by the verifier.
#include "tools/ccm-compile/Compilation.h"
#include "codegen/Codegen.h"
#include "codegen/ModelHeader.h"
#include "frontend/ModelImporter.h"
#include "frontend/TextDepth.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Pipelines.h"
#include "passes/Report.h"
#include "tools/ccm-compile/Describe.h"

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
    this->diagnostics.add(diagnostic);
    return success();
  });
}

ExitCode Compilation::run(std::string &bytes) {
  if (ExitCode code = load(); code != kDone)
    return code;
  if (ExitCode code = runStages(); code != kDone || options.check)
    return code;
  return emit(bytes);
}

ExitCode Compilation::load() {
  TimingScope reading = time.nest("read the declaration");
  const frontend::Source &source = diagnostics.source();
  if (!source.path().ends_with(".mlir")) {
    module = frontend::importModel(context, diagnostics);
    return module ? kDone : kBadInput;
  }
  if (auto problem = frontend::findTextProblem(source.text())) {
    frontend::Position at = source.position(problem->offset);
    emitError(FileLineColLoc::get(&context, source.path(), at.line, at.column)) << problem->message;
    return kBadInput;
  }
  module = parseSourceString<ModuleOp>(source.text(), ParserConfig(&context), source.path());
  if (module && module->getOps<ModelOp>().empty())
    emitError(module->getLoc()) << "expects a model, got none";
  return module && !diagnostics.hasErrors() ? kDone : kBadInput;
}

ModelOp Compilation::model() { return *module->getOps<ModelOp>().begin(); }

std::string Compilation::text() {
  std::string result;
  llvm::raw_string_ostream stream(result);
  module->print(stream);
  stream << "\n";
  return result;
}

ExitCode Compilation::runPasses(llvm::function_ref<void(OpPassManager &)> add, ExitCode fault) {
  PassManager manager(&context);
  manager.enableVerifier();
  manager.enableTiming(time);
  add(manager);
  return succeeded(manager.run(*module)) ? kDone : fault;
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
  pipeline.explain = pipeline.explain || options.explain;
  struct Step {
    Stage stage;
    void (*add)(OpPassManager &, const PipelineOptions &);
    ExitCode fault;
  };
  // Choosing a structure can fail because of what the user asked; later failures are our own.
  const Step steps[] = {{Stage::Structure, addStructureStage, kBadInput},
                        {Stage::Nests, addNestsStage, kInternalError},
                        {Stage::Kernels, addKernelsStage, kInternalError}};
  for (const Step &step : steps) {
    if (options.stage < step.stage || (options.check && step.stage != Stage::Structure))
      break;
    ExitCode code =
        runPasses([&](OpPassManager &manager) { step.add(manager, pipeline); }, step.fault);
    if (code != kDone)
      return code;
    if (step.stage == Stage::Structure) {
      structure = text();
      describe(*module, model());
    }
  }
  return kDone;
}

ExitCode Compilation::emitArtifact(ArtifactKind kind, const EmitOptions &emitOptions,
                                   std::string &bytes) {
  EmitReport emitted;
  if (failed(ccm::emitArtifact(*module, options.targets, kind, emitOptions, bytes, emitted)))
    return kInternalError;
  kernels = emitted.kernels;
  if (options.printSchedules)
    for (const std::string &schedule : emitted.schedules)
      llvm::errs() << schedule << "\n";
  return kDone;
}

ExitCode Compilation::emit(std::string &bytes) {
  EmitOptions emitOptions{options.jobs,   options.cacheDirectory, structure, CCM_VERSION,
                          options.soname, options.byReference,    &time};
  switch (options.stage) {
  case Stage::Ccm:
  case Stage::Structure:
  case Stage::Nests:
  case Stage::Kernels:
    bytes = text();
    return kDone;
  case Stage::Header: {
    FailureOr<std::string> header = emitHeader(model(), CCM_VERSION);
    if (failed(header))
      return kBadInput;
    bytes = std::move(*header);
    return kDone;
  }
  case Stage::Llvm: {
    EmitReport emitted;
    auto host = emitHostModule(*module, options.targets, emitOptions, emitted);
    if (failed(host))
      return kInternalError;
    llvm::raw_string_ostream(bytes) << **host << "\n";
    return kDone;
  }
  case Stage::Assembly: {
    EmitReport emitted;
    bool done = succeeded(emitHostAssembly(*module, options.targets, emitOptions, bytes, emitted));
    return done ? kDone : kInternalError;
  }
  case Stage::Object:
    return emitArtifact(ArtifactKind::Object, emitOptions, bytes);
  case Stage::StaticLibrary:
    return emitArtifact(ArtifactKind::StaticLibrary, emitOptions, bytes);
  case Stage::Library:
    return emitArtifact(ArtifactKind::SharedLibrary, emitOptions, bytes);
  }
  return kInternalError;
}

void Compilation::report(double seconds, size_t bytes) {
  if (options.reportJson) {
    llvm::json::Object object = reportToJson(model(), options.explain);
    object["kernels"] = int64_t(kernels);
    object["seconds"] = seconds;
    object["bytes"] = int64_t(bytes);
    llvm::outs() << llvm::json::Value(std::move(object)) << "\n";
    return;
  }
  if (options.quiet)
    return;
  printReport(llvm::errs(), model(), options.explain);
  if (options.stage >= Stage::Object && !options.check)
    llvm::errs() << llvm::formatv("  {0} kernels, {1:f1} s, wrote {2} ({3:f2} MB)\n", kernels,
                                  seconds, options.output, bytes / 1e6);
}

} // namespace ccm
