// SPDX-License-Identifier: Apache-2.0
// Kernels, host code, link: the order of the last stage.
#include "codegen/Codegen.h"
#include "codegen/FileError.h"
#include "codegen/host/HostEmitter.h"
#include "codegen/kernels/KernelCompiler.h"
#include "codegen/link/Linker.h"
#include "codegen/plan/Work.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/JSON.h"
#include <cpuid.h>
#include <map>

using namespace mlir;

namespace ccm {

// ---- Paths --------------------------------------------------------------------------------------

/// Processor features of a level, as the psABI lists them, and the registers that the operating
/// system must save.
static std::array<uint32_t, CCM_FEATURE_WORDS> requiredFeatures(CpuLevel level) {
  std::array<uint32_t, CCM_FEATURE_WORDS> words = {};
  constexpr uint32_t kLzcnt = 1 << 5, kLahf = 1, kSseAvx = 0x6, kAvx512State = 0xE0;
  words[CCM_CPUID_1_ECX] = bit_SSE3 | bit_SSSE3 | bit_FMA | bit_CMPXCHG16B | bit_SSE4_1 |
                           bit_SSE4_2 | bit_MOVBE | bit_POPCNT | bit_OSXSAVE | bit_AVX | bit_F16C;
  words[CCM_CPUID_7_EBX] = bit_BMI | bit_AVX2 | bit_BMI2;
  words[CCM_CPUID_80000001_ECX] = kLzcnt | kLahf;
  words[CCM_XCR0] = kSseAvx;
  if (level == CpuLevel::X86_64_V4) {
    words[CCM_CPUID_7_EBX] |=
        bit_AVX512F | bit_AVX512DQ | bit_AVX512CD | bit_AVX512BW | bit_AVX512VL;
    words[CCM_XCR0] |= kAvx512State;
  }
  return words;
}

namespace {
/// The kernels of a module, compiled for its targets.
struct CompiledKernels {
  std::vector<HostPath> paths;                  ///< most demanding first
  std::map<std::string, KernelObject> bySymbol; ///< distinct
};

/// Keeps a context from running threads: processes are forked while it lasts.
class Unthreaded {
public:
  explicit Unthreaded(MLIRContext *context)
      : context(context), threaded(context->isMultithreadingEnabled()) {
    context->disableMultithreading();
  }
  Unthreaded(const Unthreaded &) = delete;
  Unthreaded &operator=(const Unthreaded &) = delete;
  ~Unthreaded() { context->disableMultithreading(!threaded); }

private:
  MLIRContext *context;
  bool threaded;
};
} // namespace

/// A step of the time that the options want to know.
static TimingScope step(const EmitOptions &options, StringRef name) {
  return options.timing ? options.timing->nest(name) : TimingScope();
}

static SmallVector<KernelOp> kernelsOf(ModuleOp module) {
  SmallVector<KernelOp> kernels;
  for (auto function : module.getOps<func::FuncOp>())
    if (entryOf(function))
      function.walk([&](KernelOp kernel) { kernels.push_back(kernel); });
  return kernels;
}

/// Nanoseconds, by estimate, below which a kernel gains too little from wider vectors to be
/// compiled for each target. All targets give the same bits.
constexpr uint64_t kShared = 2'000;

/// What the paths call their kernels, path by path: `targets` are ordered, the most demanding
/// first.
static SmallVector<TargetedKernel> kernelsOfPaths(ArrayRef<KernelOp> kernels,
                                                  ArrayRef<const Target *> targets) {
  auto isShared = llvm::map_to_vector(
      kernels, [](KernelOp kernel) { return workOf(kernel).nanoseconds() < kShared; });
  SmallVector<TargetedKernel> all;
  for (const Target *target : targets)
    for (auto [kernel, shared] : llvm::zip(kernels, isShared))
      all.push_back({kernel, shared ? targets.back() : target});
  return all;
}

/// Takes over the objects of one path.
static void addPath(const Target &target, ArrayRef<TargetedKernel> kernels,
                    ArrayRef<KernelObject> objects, CompiledKernels &compiled, EmitReport &report) {
  HostPath &path = compiled.paths.emplace_back();
  path.name = target.name.str();
  path.required = requiredFeatures(target.level);
  for (auto [kernel, object] : llvm::zip(kernels, objects)) {
    path.kernels[kernel.kernel] = {object.symbol, llvm::to_vector(object.arguments), object.tasks};
    if (compiled.bySymbol.try_emplace(object.symbol, object).second)
      report.schedules.push_back(object.symbol + " " + kernel.target->name.str() + "\n" +
                                 object.schedule);
  }
}

static FailureOr<CompiledKernels> compileAll(ModuleOp module, ArrayRef<const Target *> targets,
                                             const EmitOptions &options, EmitReport &report) {
  TimingScope time = step(options, "compile kernels");
  Unthreaded scope(module.getContext());
  auto ordered = llvm::to_vector(targets);
  llvm::stable_sort(ordered, [](auto *a, auto *b) { return a->level > b->level; });
  SmallVector<KernelOp> kernels = kernelsOf(module);
  SmallVector<TargetedKernel> all = kernelsOfPaths(kernels, ordered);
  FailureOr<std::vector<KernelObject>> objects =
      compileKernels(all, {options.jobs, options.cacheDirectory,
                           options.byReference ? KernelSource::Reference : KernelSource::Emitter,
                           options.progress});
  if (failed(objects))
    return failure();
  CompiledKernels compiled;
  for (auto [number, target] : llvm::enumerate(ordered)) {
    size_t start = number * kernels.size();
    addPath(*target, ArrayRef(all).slice(start, kernels.size()),
            ArrayRef(*objects).slice(start, kernels.size()), compiled, report);
  }
  report.kernels = compiled.bySymbol.size();
  return compiled;
}

// ---- Description --------------------------------------------------------------------------------

/// The values that a forward keeps for its backward, in the order of computing: of which primitive,
/// and where in the internals of a block; and which primitive gives each output.
static llvm::json::Object describeInternals(func::FuncOp forward) {
  llvm::json::Array values, outputs;
  for (auto [number, type] : llvm::enumerate(forward.getResultTypes())) {
    auto of = forward.getResultAttrOfType<StringAttr>(number, kOfAttr);
    auto offset = forward.getResultAttrOfType<IntegerAttr>(number, kOffsetAttr);
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!offset)
      outputs.push_back(of ? of.getValue() : "");
    else if (of && tensor && tensor.getElementType().isF32())
      values.push_back(llvm::json::Object{{"of", of.getValue()},
                                          {"offset", offset.getInt()},
                                          {"elements", tensor.getNumElements()}});
  }
  return llvm::json::Object{{"samples", blockOf(forward)},
                            {"bytes", int64_t(bytesAttribute(forward, kInternalBytes))},
                            {"values", std::move(values)},
                            {"outputs", std::move(outputs)}};
}

FailureOr<std::string> describeArtifact(ModuleOp module, ArrayRef<const Target *> targets,
                                        const EmitOptions &options, size_t kernels) {
  llvm::json::Object description;
  if (auto given = module->getAttrOfType<StringAttr>("ccm.describe")) {
    llvm::Expected<llvm::json::Value> value = llvm::json::parse(given.getValue());
    if (!value || !value->getAsObject()) {
      llvm::consumeError(value.takeError());
      return module.emitError() << "expects a JSON object in `ccm.describe`";
    }
    description = std::move(*value->getAsObject());
  }
  llvm::json::Array names, blocks, internals;
  for (const Target *target : targets)
    names.push_back(target->name);
  for (ModelOp model : module.getOps<ModelOp>()) {
    description["name"] = model.getSymName();
    description["source_hash"] = model.getSource().value_or("");
    if (auto sizes = model.getBlocks())
      blocks = llvm::json::Array(*sizes);
    else
      blocks.push_back(1);
  }
  for (auto function : module.getOps<func::FuncOp>())
    if (entryOf(function) == EntryKind::Forward)
      internals.push_back(describeInternals(function));
  description["abi"] = llvm::json::Array{CCM_ABI_MAJOR, CCM_ABI_MINOR};
  description["compiler"] = options.compiler;
  description["targets"] = std::move(names);
  description["kernels"] = static_cast<int64_t>(kernels);
  auto entries = module->getAttrOfType<StringAttr>(kEntriesAttr);
  description["entries"] = entries ? entries.getValue() : entriesWord(Entries::All);
  description["blocks"] = std::move(blocks);
  description["internals"] = std::move(internals);
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(description));
  return text;
}

// ---- Stages -------------------------------------------------------------------------------------

/// The host code in that form.
static FailureOr<std::string> hostCode(ModuleOp module, ArrayRef<const Target *> targets,
                                       HostForm form, const EmitOptions &options,
                                       const CompiledKernels &compiled, EmitReport &report) {
  TimingScope time = step(options, "make host code");
  FailureOr<std::string> description =
      describeArtifact(module, targets, options, compiled.bySymbol.size());
  if (failed(description))
    return failure();
  FailureOr<HostModule> host = buildHostModule(module, compiled.paths, {*description, options.ir});
  if (failed(host))
    return failure();
  report.memory = host->memory;
  llvm::Expected<std::string> code = emitHostObject(*host->module, form);
  if (!code)
    return module.emitError() << "internal error: " << llvm::toString(code.takeError());
  return std::move(*code);
}

LogicalResult emitHostText(ModuleOp module, ArrayRef<const Target *> targets, HostForm form,
                           const EmitOptions &options, std::string &text, EmitReport &report) {
  FailureOr<CompiledKernels> compiled = compileAll(module, targets, options, report);
  if (failed(compiled))
    return failure();
  FailureOr<std::string> code = hostCode(module, targets, form, options, *compiled, report);
  if (failed(code))
    return failure();
  text = std::move(*code);
  return success();
}

static llvm::Expected<std::string> link(StringRef name, ArrayRef<LinkObject> objects,
                                        ArtifactKind kind, const EmitOptions &options) {
  std::string symbol = ("ccm_model_" + name).str();
  if (kind == ArtifactKind::SharedLibrary)
    return linkLibrary(objects, symbol,
                       options.soname.empty() ? (name + ".so").str() : options.soname);
  llvm::Expected<std::string> object = linkObject(objects, symbol);
  if (!object || kind == ArtifactKind::Object)
    return object;
  return archiveObject(*object, (name + ".o").str());
}

/// Tells why a link failed.
static LogicalResult refuse(ModuleOp module, llvm::Error error) {
  bool aboutFile = false;
  std::string message;
  llvm::handleAllErrors(std::move(error), [&](const llvm::ErrorInfoBase &info) {
    aboutFile |= info.convertToErrorCode() == std::errc::io_error;
    message += (message.empty() ? "" : "\n") + info.message();
  });
  return aboutFile ? emitFileError(module, message) : module.emitError(message);
}

/// Links everything, kernels in the order of their symbols.
static LogicalResult link(ModuleOp module, StringRef hostObject, const CompiledKernels &compiled,
                          ArtifactKind kind, const EmitOptions &options, std::string &artifact) {
  auto models = module.getOps<ModelOp>();
  std::vector<LinkObject> objects{{"artifact.o", artifactObject()}, {"host.o", hostObject}};
  for (const auto &[symbol, kernel] : compiled.bySymbol)
    objects.push_back({symbol + ".o", kernel.bytes});
  llvm::Expected<std::string> linked = link((*models.begin()).getSymName(), objects, kind, options);
  if (!linked)
    return refuse(module, linked.takeError());
  artifact = std::move(*linked);
  return success();
}

LogicalResult emitArtifact(ModuleOp module, ArrayRef<const Target *> targets, ArtifactKind kind,
                           const EmitOptions &options, std::string &artifact, EmitReport &report) {
  FailureOr<CompiledKernels> compiled = compileAll(module, targets, options, report);
  if (failed(compiled))
    return failure();
  FailureOr<std::string> object =
      hostCode(module, targets, HostForm::Object, options, *compiled, report);
  if (failed(object))
    return failure();
  TimingScope time = step(options, "link");
  if (failed(link(module, *object, *compiled, kind, options, artifact)))
    return failure();
  report.bytes = artifact.size();
  return success();
}

} // namespace ccm
