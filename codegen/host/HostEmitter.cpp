// SPDX-License-Identifier: Apache-2.0
// Puts the host code together: block functions, the plan and table of every path, and the entries.
#include "codegen/host/HostEmitter.h"
#include "codegen/host/BlockFunctions.h"
#include "codegen/host/HostTables.h"
#include "codegen/host/Manifest.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace ccm {

static_assert(sizeof(ccm_regions) == (getMaxEnumValForRegion() + 1) * sizeof(void *),
              "one member per region, in the order of #ccm.place");

namespace {

/// An entry of `ccm_model` and the types of its arguments: l and i for 64 and 32 bits, f for a
/// float, p for a pointer.
struct Entry {
  const char *name;
  const char *arguments;
  Entries least; ///< that a library with it is compiled for
};

/// In the order of `ccm_model`'s members.
constexpr Entry kEntries[] = {
    {"sizes", "lipp", Entries::Infer},         {"init", "pplp", Entries::Infer},
    {"infer", "ppppp", Entries::Infer},        {"forward", "ppppp", Entries::Train},
    {"loss", "pppppp", Entries::Train},        {"backward", "pppppp", Entries::All},
    {"backward_input", "ppppp", Entries::All}, {"backward_train", "pppppp", Entries::Train},
    {"delta_zero", "pp", Entries::Train},      {"delta_add", "ppp", Entries::Train},
    {"delta_scale", "pfp", Entries::Train},    {"train", "ppp", Entries::Train},
    {"step", "pppppppp", Entries::Train},      {"shard_begin", "lipp", Entries::Train},
    {"shards", "pppppp", Entries::Train},      {"update", "ppplpppp", Entries::Train}};
static_assert(offsetof(ccm_model, update) - offsetof(ccm_model, sizes) ==
                  (std::size(kEntries) - 1) * sizeof(void *),
              "one per entry, in the order of the table");

/// The path of processors that no other suits.
constexpr llvm::StringLiteral kNoPath = "none";

/// Emits the host code of one model.
class HostEmitter {
public:
  HostEmitter(ModuleOp host, const HostModel &model)
      : host(host), model(model), tables(host), builder(host.getContext()),
        pointer(LLVM::LLVMPointerType::get(host.getContext())) {}

  LogicalResult emit(ModuleOp planned, ArrayRef<HostPath> paths, const HostTexts &texts) {
    defineModelTables(tables, model);
    tables.defineBytes("ccm_name", model.name.str() + '\0');
    tables.defineBytes("ccm_describe", texts.describe + '\0');
    tables.defineNote("ccm_manifest", manifestNote(model.name, paths), kManifestSection);
    if (!texts.ir.empty())
      tables.defineBytes("ccm_ir", texts.ir, ".ccm.ir");
    for (const HostPath &path : paths)
      if (failed(emitPath(planned, path)))
        return failure();
    definePlan(kNoPath, 0);
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
    for (auto function : planned.getOps<func::FuncOp>())
      if (entryOf(function) && function != model.prepare)
        if (failed(emitBlockFunction(host, plannedOps(function), functionName(function, path.name),
                                     path)))
          return failure();
    if (failed(emitPrepare(path)))
      return failure();
    tables.define(symbol("blocks", path.name), [&] {
      auto records = llvm::map_to_vector(
          model.blocks, [&](const HostBlock &block) { return blockRecord(block, path.name); });
      return tables.array(records);
    });
    definePlan(path.name, model.blocks.size());
    defineTable(path.name);
    return success();
  }

  /// Emits the parts of `prepare` and the list of them.
  LogicalResult emitPrepare(const HostPath &path) {
    SmallVector<std::string> names;
    for (ArrayRef<Operation *> part : prepareParts()) {
      names.push_back(symbol("prepare_" + std::to_string(names.size()), path.name));
      if (failed(emitBlockFunction(host, part, names.back(), path)))
        return failure();
    }
    tables.define(symbol("prepares", path.name), [&] {
      return tables.array(
          llvm::map_to_vector(names, [&](StringRef name) { return tables.address(name); }));
    });
    return success();
  }

  std::vector<SmallVector<Operation *>> prepareParts() {
    return model.prepare ? independentParts(model.prepare)
                         : std::vector<SmallVector<Operation *>>();
  }

  static std::string functionName(func::FuncOp function, StringRef path) {
    return function ? symbol(function.getSymName(), path) : "";
  }

  // ---- Tables -----------------------------------------------------------------------------------

  /// `ccm_block`
  Value blockRecord(const HostBlock &block, StringRef path) {
    uint64_t scratch = 0;
    SmallVector<Value> functions;
    for (func::FuncOp function : {block.infer, block.forward, block.loss, block.backward,
                                  block.backwardInput, block.backwardTrain}) {
      scratch = std::max(scratch, bytesAttribute(function, kScratchBytes));
      functions.push_back(tables.address(functionName(function, path)));
    }
    bool inferKeeps = usesRegion(block.infer, Region::Internal);
    SmallVector<Value> members{
        tables.i64(block.samples), tables.i64(bytesAttribute(block.forward, kInternalBytes)),
        tables.i64(inferKeeps ? bytesAttribute(block.infer, kInternalBytes) : 0),
        tables.i64(scratch)};
    llvm::append_range(members, functions);
    return tables.record(members);
  }

  bool readPrepared(ArrayRef<func::FuncOp HostBlock::*> functions) {
    return llvm::any_of(model.blocks, [&](const HostBlock &block) {
      return llvm::any_of(functions, [&](func::FuncOp HostBlock::*function) {
        return usesRegion(block.*function, Region::Prepared);
      });
    });
  }

  /// `ccm_plan`
  void definePlan(StringRef path, size_t blockCount) {
    bool forward = readPrepared({&HostBlock::infer, &HostBlock::forward});
    bool backward =
        readPrepared({&HostBlock::backward, &HostBlock::backwardInput, &HostBlock::backwardTrain});
    auto &t = tables;
    auto function = [&](func::FuncOp of) {
      return t.address(blockCount ? functionName(of, path) : "");
    };
    t.define(symbol("plan", path), [&] {
      return t.record({t.address("ccm_inputs"),
                       t.address("ccm_outputs"),
                       t.address("ccm_parameters"),
                       t.address("ccm_initials"),
                       t.address("ccm_weights"),
                       t.i32(model.inputs.size()),
                       t.i32(model.outputs.size()),
                       t.i32(model.parameters.size()),
                       t.i32(model.stateCount),
                       t.i64(model.paramsBytes),
                       t.i64(bytesAttribute(model.prepare, kPreparedBytes)),
                       t.i64(bytesAttribute(model.prepare, kScratchBytes)),
                       t.i32(forward),
                       t.i32(backward),
                       t.f64(model.beta1),
                       t.f64(model.beta2),
                       function(model.updateLarge),
                       function(model.updateSmall),
                       t.address(blockCount ? symbol("prepares", path) : ""),
                       t.i32(blockCount ? prepareParts().size() : 0),
                       t.i32(blockCount),
                       t.address(blockCount ? symbol("blocks", path) : "")});
    });
  }

  /// `ccm_model`, with entries that pass the path's plan.
  void defineTable(StringRef path) {
    for (const Entry &entry : kEntries)
      if (has(entry))
        emitEntry(entry, path);
    auto &t = tables;
    t.define(symbol("table", path), [&] {
      SmallVector<Value> members{t.i32(CCM_ABI_MAJOR),
                                 t.i32(CCM_ABI_MINOR),
                                 t.address("ccm_name"),
                                 t.address("ccm_describe"),
                                 t.text(path),
                                 t.i32(model.inputs.size()),
                                 t.i32(model.outputs.size()),
                                 t.i32(model.parameters.size()),
                                 t.address("ccm_inputs"),
                                 t.address("ccm_outputs"),
                                 t.address("ccm_parameters"),
                                 t.f32(model.learningRate)};
      for (const Entry &entry : kEntries)
        members.push_back(t.address(has(entry) ? entrySymbol(entry, path) : ""));
      return t.record(members);
    });
  }

  /// The list of `ccm_path`, the one that always fits last.
  void definePaths(ArrayRef<HostPath> paths) {
    auto record = [&](StringRef name, ArrayRef<uint32_t> required) {
      auto words = llvm::map_to_vector(required, [&](uint32_t word) { return tables.i32(word); });
      return tables.record({tables.array(words), tables.address(symbol("table", name))});
    };
    tables.define("ccm_paths", [&] {
      SmallVector<Value> records;
      for (const HostPath &path : paths)
        records.push_back(record(path.name, path.required));
      records.push_back(record(kNoPath, HostPath().required));
      return tables.array(records);
    });
  }

  // ---- Functions --------------------------------------------------------------------------------

  bool has(const Entry &entry) const { return entry.least <= model.entries; }

  static std::string entrySymbol(const Entry &entry, StringRef path) {
    return symbol(std::string("entry_") + entry.name, path);
  }

  Type typeOf(char letter) {
    return letter == 'l'   ? Type(builder.getI64Type())
           : letter == 'i' ? Type(builder.getI32Type())
           : letter == 'f' ? Type(builder.getF32Type())
                           : pointer;
  }

  /// A function of an entry's type that calls the generic one with the path's plan.
  void emitEntry(const Entry &entry, StringRef path) {
    SmallVector<Type> types{pointer};
    for (char letter : StringRef(entry.arguments))
      types.push_back(typeOf(letter));
    Type status = builder.getI32Type();
    auto callee = declareFunction(host, std::string("ccm_run_") + entry.name, status, types);
    auto function =
        declareFunction(host, entrySymbol(entry, path), status, ArrayRef(types).drop_front());
    function.setLinkage(LLVM::Linkage::Internal);
    builder.setInsertionPointToStart(function.addEntryBlock(builder));
    Location loc = host.getLoc();
    SmallVector<Value> arguments{
        LLVM::AddressOfOp::create(builder, loc, pointer, symbol("plan", path))};
    llvm::append_range(arguments, function.getArguments());
    auto call = LLVM::CallOp::create(builder, loc, callee, arguments);
    LLVM::ReturnOp::create(builder, loc, call.getResult());
  }

  /// The exported function: the table of the first path that this processor can run.
  void emitModelFunction(int64_t pathCount) {
    Location loc = host.getLoc();
    auto choose =
        declareFunction(host, "ccm_choose_path", pointer, {pointer, builder.getI64Type()});
    auto function = declareFunction(host, ("ccm_model_" + model.name).str(), pointer, {});
    builder.setInsertionPointToStart(function.addEntryBlock(builder));
    Value paths = LLVM::AddressOfOp::create(builder, loc, pointer, "ccm_paths");
    Value count = LLVM::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(pathCount));
    auto call = LLVM::CallOp::create(builder, loc, choose, {paths, count});
    LLVM::ReturnOp::create(builder, loc, call.getResult());
  }

  ModuleOp host;
  const HostModel &model;
  TableBuilder tables;
  OpBuilder builder;
  Type pointer;
};
} // namespace

FailureOr<OwningOpRef<ModuleOp>> buildHostModule(ModuleOp planned, ArrayRef<HostPath> paths,
                                                 const HostTexts &texts) {
  planned.getContext()->loadDialect<LLVM::LLVMDialect>();
  FailureOr<HostModel> model = readHostModel(planned);
  if (failed(model) || failed(checkManifest(planned, model->name, paths)))
    return failure();
  for (auto function : planned.getOps<func::FuncOp>())
    if (entryOf(function) && failed(checkPlaces(function, *model)))
      return failure();
  OwningOpRef<ModuleOp> host(ModuleOp::create(planned.getLoc(), model->name));
  if (failed(HostEmitter(*host, *model).emit(planned, paths, texts)) || failed(verify(*host)))
    return failure();
  return host;
}

} // namespace ccm
