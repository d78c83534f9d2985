// SPDX-License-Identifier: Apache-2.0
// Puts the host code together: launches, the plan and table of every path, and the entries.
#include "codegen/host/HostEmitter.h"
#include "codegen/host/LaunchTables.h"
#include "codegen/host/Manifest.h"
#include "codegen/host/Places.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Verifier.h"

using namespace mlir;

namespace ccm {

namespace {

/// An entry of `ccm_model`, the types of its arguments (l and i for 64 and 32 bits, f for a float,
/// p for a pointer) and where its member lies.
struct Entry {
  const char *name;
  const char *arguments;
  size_t offset;
  Entries least; ///< that a library with it is compiled for
};

#define CCM_ENTRY(name, arguments, least)                                                          \
  {#name, arguments, offsetof(ccm_model, name), Entries::least}
constexpr Entry kEntries[] = {
    CCM_ENTRY(sizes, "lipp", Infer),         CCM_ENTRY(init, "pplp", Infer),
    CCM_ENTRY(infer, "ppppp", Infer),        CCM_ENTRY(forward, "ppppp", Train),
    CCM_ENTRY(loss, "ppppppp", Train),       CCM_ENTRY(backward, "pppppp", All),
    CCM_ENTRY(backward_input, "ppppp", All), CCM_ENTRY(backward_train, "pppppp", Train),
    CCM_ENTRY(delta_zero, "pp", Train),      CCM_ENTRY(delta_add, "ppp", Train),
    CCM_ENTRY(delta_scale, "pfp", Train),    CCM_ENTRY(train, "ppp", Train),
    CCM_ENTRY(step, "pppppppp", Train),      CCM_ENTRY(shard_begin, "lipp", Train),
    CCM_ENTRY(shards, "pppppp", Train),      CCM_ENTRY(update, "ppplpppp", Train),
    CCM_ENTRY(draw, "pllpp", Infer),         CCM_ENTRY(gather, "ppp", Train),
    CCM_ENTRY(set_statistics, "ppp", Train), CCM_ENTRY(prefill, "pppppp", Infer),
    CCM_ENTRY(decode, "ppppp", Infer)};
#undef CCM_ENTRY

/// The path of processors that no other suits.
constexpr llvm::StringLiteral kNoPath = "none";

/// Emits the host code of one model.
class HostEmitter {
public:
  HostEmitter(llvm::Module &host, const HostModel &model)
      : host(host), model(model), tables(host), builder(host.getContext()) {}

  LogicalResult emit(ModuleOp planned, ArrayRef<HostPath> paths, const HostTexts &texts) {
    defineModelTables(tables, model);
    tables.defineBytes("ccm_model_name", model.name.str() + '\0');
    tables.defineBytes("ccm_describe", texts.describe + '\0');
    tables.defineNote("ccm_manifest", manifestNote(model.name, paths), kManifestSection);
    if (!texts.ir.empty())
      tables.defineBytes("ccm_ir", texts.ir, ".ccm.ir");
    for (const HostPath &path : paths)
      if (failed(emitPath(planned, path)))
        return failure();
    HostPath none;
    none.name = kNoPath.str();
    definePlan(none, nullptr);
    defineTable(kNoPath);
    definePaths(paths);
    emitModelFunction(paths.size() + 1);
    return success();
  }

private:
  static std::string symbol(StringRef what, StringRef path) {
    std::string name = ("ccm_" + what + "_" + path).str();
    llvm::replace(name, '-', '_');
    return name;
  }

  LogicalResult emitPath(ModuleOp planned, const HostPath &path) {
    LaunchTables launches(tables, works, path);
    for (auto function : planned.getOps<func::FuncOp>())
      if (entryOf(function) && function != model.prepare)
        if (failed(launches.define(functionName(function, path.name), plannedOps(function))))
          return failure();
    if (failed(emitPrepare(launches, path)))
      return failure();
    auto blocks = llvm::map_to_vector(model.blocks, [&](const HostBlock &block) {
      return blockRecord(launches, block, path.name);
    });
    tables.define(symbol("blocks", path.name), tables.array(blocks));
    definePlan(path, &launches);
    defineTable(path.name);
    return success();
  }

  /// Emits the parts of `prepare` and the list of them.
  LogicalResult emitPrepare(LaunchTables &launches, const HostPath &path) {
    std::vector<SmallVector<Operation *>> parts = prepareParts();
    auto name = [&](size_t number) {
      return symbol("prepare_" + std::to_string(number), path.name);
    };
    for (auto [number, part] : llvm::enumerate(parts))
      if (failed(launches.define(name(number), part)))
        return failure();
    SmallVector<llvm::Constant *> records;
    std::vector<uint32_t> readers = readersOf(parts, model);
    for (auto [number, part] : llvm::enumerate(parts))
      records.push_back(
          launches.functionRecord(name(number), part, model.prepare, readers[number]));
    tables.define(symbol("prepares", path.name), tables.array(records));
    return success();
  }

  std::vector<SmallVector<Operation *>> prepareParts() { return independentParts(model.prepare); }

  static std::string functionName(func::FuncOp function, StringRef path) {
    return function ? symbol(function.getSymName(), path) : "";
  }

  // ---- Tables -----------------------------------------------------------------------------------

  llvm::Constant *functionRecord(LaunchTables &launches, func::FuncOp function, StringRef path) {
    return launches.functionRecord(functionName(function, path), plannedOps(function), function);
  }

  llvm::Constant *blockRecord(LaunchTables &launches, const HostBlock &block, StringRef path) {
    auto functions = llvm::map_to_vector(block.functions, [&](func::FuncOp function) {
      return functionRecord(launches, function, path);
    });
    func::FuncOp infer = block.functions[CCM_INFER], forward = block.functions[CCM_FORWARD];
    auto &t = tables;
    return t.record(
        sizeof(ccm_block),
        {CCM_MEMBER(ccm_block, samples, t.i64(block.samples)),
         CCM_MEMBER(ccm_block, internal_bytes, t.i64(bytesAttribute(forward, kInternalBytes))),
         CCM_MEMBER(ccm_block, infer_internal_bytes, t.i64(inferInternalBytes(infer))),
         CCM_MEMBER(ccm_block, functions, t.array(functions))});
  }

  /// The plan of a path; that of the path without functions has no launches.
  void definePlan(const HostPath &path, LaunchTables *launches) {
    auto &t = tables;
    SmallVector<Member> members{
        CCM_MEMBER(ccm_plan, inputs, t.address("ccm_inputs")),
        CCM_MEMBER(ccm_plan, outputs, t.address("ccm_outputs")),
        CCM_MEMBER(ccm_plan, parameters, t.address("ccm_parameters")),
        CCM_MEMBER(ccm_plan, initials, t.address("ccm_initials")),
        CCM_MEMBER(ccm_plan, weights, t.address("ccm_weights")),
        CCM_MEMBER(ccm_plan, input_count, t.i32(model.inputs.size())),
        CCM_MEMBER(ccm_plan, output_count, t.i32(model.outputs.size())),
        CCM_MEMBER(ccm_plan, parameter_count, t.i32(model.parameters.size())),
        CCM_MEMBER(ccm_plan, trained_count, t.i32(model.trainedCount)),
        CCM_MEMBER(ccm_plan, state_count, t.i32(model.stateCount)),
        CCM_MEMBER(ccm_plan, cache_count, t.i32(model.caches.size())),
        CCM_MEMBER(ccm_plan, caches, t.address("ccm_caches")),
        CCM_MEMBER(ccm_plan, params_bytes, t.i64(model.paramsBytes)),
        CCM_MEMBER(ccm_plan, trained_bytes, t.i64(model.trainedBytes)),
        CCM_MEMBER(ccm_plan, prepared_bytes, t.i64(bytesAttribute(model.prepare, kPreparedBytes))),
        CCM_MEMBER(ccm_plan, beta1, t.f64(model.beta1)),
        CCM_MEMBER(ccm_plan, beta2, t.f64(model.beta2))};
    if (launches)
      addFunctions(members, *launches, path.name);
    t.define(symbol("plan", path.name), t.record(sizeof(ccm_plan), members));
  }

  void addFunctions(SmallVectorImpl<Member> &members, LaunchTables &launches, StringRef path) {
    auto &t = tables;
    llvm::append_range(
        members,
        ArrayRef<Member>{
            CCM_MEMBER(ccm_plan, update_large, functionRecord(launches, model.updateLarge, path)),
            CCM_MEMBER(ccm_plan, update_small, functionRecord(launches, model.updateSmall, path)),
            CCM_MEMBER(ccm_plan, prepares, t.address(symbol("prepares", path))),
            CCM_MEMBER(ccm_plan, prepare_count, t.i32(prepareParts().size())),
            CCM_MEMBER(ccm_plan, block_count, t.i32(model.blocks.size())),
            CCM_MEMBER(ccm_plan, blocks, t.address(symbol("blocks", path)))});
  }

  /// `ccm_model`, with entries that pass the path's plan.
  void defineTable(StringRef path) {
    for (const Entry &entry : kEntries)
      if (has(entry))
        emitEntry(entry, path);
    auto &t = tables;
    SmallVector<Member> members{
        CCM_MEMBER(ccm_model, abi_major, t.i32(CCM_ABI_MAJOR)),
        CCM_MEMBER(ccm_model, abi_minor, t.i32(CCM_ABI_MINOR)),
        CCM_MEMBER(ccm_model, name, t.address("ccm_model_name")),
        CCM_MEMBER(ccm_model, describe, t.address("ccm_describe")),
        CCM_MEMBER(ccm_model, target, t.text(path)),
        CCM_MEMBER(ccm_model, input_count, t.i32(model.inputs.size())),
        CCM_MEMBER(ccm_model, output_count, t.i32(model.outputs.size())),
        CCM_MEMBER(ccm_model, parameter_count, t.i32(model.parameters.size())),
        CCM_MEMBER(ccm_model, trained_count, t.i32(model.trainedCount)),
        CCM_MEMBER(ccm_model, inputs, t.address("ccm_inputs")),
        CCM_MEMBER(ccm_model, outputs, t.address("ccm_outputs")),
        CCM_MEMBER(ccm_model, parameters, t.address("ccm_parameters")),
        CCM_MEMBER(ccm_model, learning_rate, t.f32(model.learningRate)),
        CCM_MEMBER(ccm_model, group, model.group.empty() ? t.null() : t.text(model.group))};
    for (const Entry &entry : kEntries)
      members.push_back(
          {entry.offset, sizeof(void *), t.address(has(entry) ? entrySymbol(entry, path) : "")});
    t.define(symbol("table", path), t.record(sizeof(ccm_model), members));
  }

  /// The list of `ccm_path`, the one that always fits last.
  void definePaths(ArrayRef<HostPath> paths) {
    auto record = [&](StringRef name, ArrayRef<uint32_t> required) {
      auto words = llvm::map_to_vector(required, [&](uint32_t word) { return tables.i32(word); });
      return tables.record(sizeof(ccm_path),
                           {CCM_MEMBER(ccm_path, required, tables.array(words)),
                            CCM_MEMBER(ccm_path, table, tables.address(symbol("table", name)))});
    };
    SmallVector<llvm::Constant *> records;
    for (const HostPath &path : paths)
      records.push_back(record(path.name, path.required));
    records.push_back(record(kNoPath, HostPath().required));
    tables.define("ccm_paths", tables.array(records));
  }

  // ---- Functions --------------------------------------------------------------------------------

  bool has(const Entry &entry) const {
    bool ofSequences =
        entry.offset == offsetof(ccm_model, prefill) || entry.offset == offsetof(ccm_model, decode);
    return entry.least <= model.entries && (!ofSequences || !model.caches.empty());
  }

  static std::string entrySymbol(const Entry &entry, StringRef path) {
    return symbol(std::string("entry_") + entry.name, path);
  }

  llvm::Type *typeOf(char letter) {
    return letter == 'l'   ? builder.getInt64Ty()
           : letter == 'i' ? builder.getInt32Ty()
           : letter == 'f' ? builder.getFloatTy()
                           : builder.getPtrTy();
  }

  /// A function that returns what `callee`, of another object, returns for `first` and its own
  /// arguments.
  llvm::Function *defineCall(StringRef name, StringRef callee, llvm::Type *result,
                             ArrayRef<llvm::Constant *> first, ArrayRef<llvm::Type *> own) {
    SmallVector<llvm::Type *> all;
    for (llvm::Constant *value : first)
      all.push_back(value->getType());
    llvm::append_range(all, own);
    auto called =
        host.getOrInsertFunction(callee, llvm::FunctionType::get(result, all, /*isVarArg=*/false));
    auto *function =
        llvm::Function::Create(llvm::FunctionType::get(result, own, /*isVarArg=*/false),
                               llvm::Function::ExternalLinkage, name, host);
    builder.SetInsertPoint(llvm::BasicBlock::Create(host.getContext(), "", function));
    SmallVector<llvm::Value *> arguments(first.begin(), first.end());
    for (llvm::Argument &argument : function->args())
      arguments.push_back(&argument);
    builder.CreateRet(builder.CreateCall(called, arguments));
    return function;
  }

  /// A function of an entry's type that calls the generic one with the path's plan.
  void emitEntry(const Entry &entry, StringRef path) {
    SmallVector<llvm::Type *> types;
    for (char letter : StringRef(entry.arguments))
      types.push_back(typeOf(letter));
    defineCall(entrySymbol(entry, path), std::string("ccm_run_") + entry.name, builder.getInt32Ty(),
               tables.address(symbol("plan", path)), types)
        ->setLinkage(llvm::Function::InternalLinkage);
  }

  /// The exported function: the table of the first path that this processor can run.
  void emitModelFunction(int64_t pathCount) {
    defineCall(("ccm_model_" + model.name).str(), "ccm_choose_path", typeOf('p'),
               {tables.address("ccm_paths"), tables.i64(uint64_t(pathCount))}, {});
  }

  llvm::Module &host;
  const HostModel &model;
  TableBuilder tables;
  WorkTable works;
  llvm::IRBuilder<> builder;
};
} // namespace

FailureOr<HostModule> buildHostModule(ModuleOp planned, ArrayRef<HostPath> paths,
                                      const HostTexts &texts) {
  FailureOr<HostModel> model = readHostModel(planned);
  if (failed(model) || failed(checkManifest(planned, model->name, paths)))
    return failure();
  for (auto function : planned.getOps<func::FuncOp>())
    if (entryOf(function) && failed(checkPlaces(function, *model)))
      return failure();
  HostModule host{std::make_unique<llvm::LLVMContext>(), nullptr, memoryNeeds(*model)};
  host.module = std::make_unique<llvm::Module>(model->name, *host.context);
  if (failed(HostEmitter(*host.module, *model).emit(planned, paths, texts)))
    return failure();
  std::string broken;
  llvm::raw_string_ostream stream(broken);
  if (llvm::verifyModule(*host.module, &stream))
    return planned.emitError() << "internal error: the host code is broken: " << broken;
  return host;
}

} // namespace ccm
