// SPDX-License-Identifier: Apache-2.0
// Reads ports, parameters and functions of a planned module.
#include "codegen/host/HostModel.h"
#include "ir/Augment.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ccm {

// What passes and artifacts agree upon.
static_assert(kAlignment == CCM_ALIGNMENT);
static_assert(kLargeChunk == CCM_LARGE_CHUNK && kSmallChunk == CCM_SMALL_CHUNK);
static_assert(int(HyperNumber::Rate) == CCM_HYPER_RATE);
static_assert(int(HyperNumber::Scale) == CCM_HYPER_SCALE);
static_assert(int(HyperNumber::Correction1) == CCM_HYPER_CORRECTION1);
static_assert(int(HyperNumber::Correction2) == CCM_HYPER_CORRECTION2);
static_assert(int(HyperNumber::Decay) == CCM_HYPER_DECAY && kHyperCount == CCM_HYPER_COUNT);

static LogicalResult tooLarge(Operation *op, const Twine &what) {
  return op->emitError() << "expects " << what << " of at most " << CCM_MAX_RANK
                         << " extents and 2147483647 elements";
}

/// Writes a shape's extents and the bytes of its elements; false beyond the limits.
static bool writeShape(ArrayRef<int64_t> shape, uint64_t elementBytes, int32_t &rank,
                       int64_t *extents, uint64_t &bytes) {
  int64_t count = 1;
  if (shape.size() > CCM_MAX_RANK)
    return false;
  for (auto [i, extent] : llvm::enumerate(shape)) {
    if (extent < 1 || llvm::MulOverflow(count, extent, count) || count > INT32_MAX)
      return false;
    extents[i] = extent;
  }
  rank = shape.size();
  bytes = count * elementBytes;
  return true;
}

// ---- Ports --------------------------------------------------------------------------------------

static_assert(int(Draw::Presence) == CCM_PRESENCE && int(Draw::Time) == CCM_TIME &&
              int(Draw::Noised) == CCM_NOISED && int(Draw::Shifted) == CCM_SHIFTED &&
              int(Draw::Weight) == CCM_WEIGHT);
static_assert(int(Scale::Standard) == CCM_STANDARD && int(Scale::Robust) == CCM_ROBUST &&
              int(Scale::Fixed) == CCM_FIXED && int(Scale::Calibrated) == CCM_CALIBRATED);
static_assert(kShortestContext == CCM_SHORTEST_CONTEXT && kMostContexts == CCM_MAX_CONTEXTS);

/// The number, from 1, of the port of that name; 0: there is none.
template <typename Port>
static int32_t numberOf(ModelOp model, StringRef name) {
  for (auto [number, port] : llvm::enumerate(opsOf<Port>(model)))
    if (port.getName() == name)
      return int32_t(number) + 1;
  return 0;
}

/// The number, from 1, of the presence of an optional input, or of what an input is drawn for.
static int32_t partnerOf(InputOp op) {
  auto model = op->getParentOfType<ModelOp>();
  if (InputOp presence = op.findPresence())
    return numberOf<InputOp>(model, presence.getName());
  if (!op.getDrawn())
    return 0;
  return *op.getDrawn() == Draw::Presence ? numberOf<InputOp>(model, *op.getDrawnOf())
                                          : numberOf<OutputOp>(model, *op.getDrawnOf());
}

/// What a port says of the table that its values come from.
template <typename Op>
static void readSource(Op op, HostPort &port) {
  if (ArrayAttr columns = op.getColumnsAttr())
    llvm::append_range(port.columns, columns.getAsValueRange<StringAttr>());
  if (ArrayAttr values = op.getValuesAttr())
    llvm::append_range(port.names, values.getAsValueRange<StringAttr>());
  port.abi.column_count = int32_t(port.columns.size());
  port.abi.name_count = int32_t(port.names.size());
  port.abi.unknown = op.getUnknown() ? port.abi.name_count + 1 : 0;
}

static ccm_augment augmentOf(InputOp op) {
  auto number = [&](StringRef name) { return augmentNumber(op.getAugmentAttr(), name); };
  return {int32_t(number("flip")), int32_t(number("shift")), number("crop"),
          number("gain"),          number("brightness"),     number("noise")};
}

static FailureOr<HostPort> readInput(InputOp op) {
  HostPort port{op.getName()};
  readSource(op, port);
  port.abi.missing = op.getMissing();
  port.abi.augment = augmentOf(op);
  if (auto window = op.getWindow()) {
    port.abi.steps = (*window)[0];
    port.abi.stride = (*window)[1];
  }
  port.abi.partner = partnerOf(op);
  port.abi.draw = op.getDrawn() ? int32_t(*op.getDrawn()) : CCM_GIVEN;
  if (op.getNumbers())
    llvm::copy(*op.getNumbers(), port.abi.numbers);
  port.abi.dtype = op.getVocabulary() ? CCM_I32 : op.getBytes() ? CCM_U8 : CCM_F32;
  port.abi.vocabulary = op.getVocabulary().value_or(0);
  ArrayRef<int64_t> shape = cast<RankedTensorType>(op.getType()).getShape().drop_front();
  if (!writeShape(shape, port.abi.dtype == CCM_U8 ? 1 : 4, port.abi.rank, port.abi.extents,
                  port.abi.bytes))
    return tooLarge(op, "an input");
  port.abi.target_dtype = port.abi.dtype;
  return port;
}

static FailureOr<HostPort> readOutput(OutputOp op) {
  HostPort port{op.getName()};
  readSource(op, port);
  port.weight = number(op.getWeight());
  port.abi.horizon = op.getHorizon().value_or(0);
  port.abi.balanced = op.getBalanced();
  port.abi.steps = op.getStepsOfTarget();
  port.abi.dtype = CCM_F32;
  port.abi.vocabulary = op.getVocabulary().value_or(0);
  port.abi.target_dtype = op.getVocabulary() ? CCM_I32 : op.getBytes() ? CCM_U8 : CCM_F32;
  ArrayRef<int64_t> shape = cast<RankedTensorType>(op.getValue().getType()).getShape();
  if (!writeShape(shape.drop_front(), 4, port.abi.rank, port.abi.extents, port.abi.bytes) ||
      !writeShape(op.getTargetType().getShape().drop_front(),
                  port.abi.target_dtype == CCM_U8 ? 1 : 4, port.abi.target_rank,
                  port.abi.target_extents, port.abi.target_bytes))
    return tooLarge(op, "an output");
  return port;
}

// ---- Parameters ---------------------------------------------------------------------------------

static void writeLayout(ParameterOp op, ccm_parameter &abi) {
  LayoutAttr layout = op.getLayoutAttr();
  for (int32_t i = 0; i < abi.packed_rank; ++i) {
    abi.packed_dims[i] = layout ? layout.getDims()[i] : i;
    abi.packed_steps[i] = layout ? layout.getSteps()[i] : 1;
  }
}

static ccm_fill fillOf(StringRef init) {
  return llvm::StringSwitch<ccm_fill>(init)
      .Case("zeros", CCM_FILL_ZEROS)
      .Case("ones", CCM_FILL_ONES)
      .Case("fourier", CCM_FILL_FOURIER)
      .Case("mel", CCM_FILL_MEL)
      .Case("constant", CCM_FILL_CONSTANT)
      .Default(CCM_FILL_NORMAL);
}

/// Where the buffer plan put a parameter: at or after `end`, where the one before it ends.
static FailureOr<uint64_t> readOffset(ParameterOp op, uint64_t end) {
  auto offset = op->getAttrOfType<IntegerAttr>(kOffsetAttr);
  if (!offset)
    return op.emitError() << "expects an offset; run ccm-plan-buffers first";
  constexpr int64_t kBeyond = int64_t(1) << 62;
  if (offset.getInt() % kAlignment != 0 || offset.getInt() < int64_t(end) ||
      offset.getInt() >= kBeyond)
    return op.emitError() << "expects an offset of whole " << kAlignment << " bytes from " << end
                          << " on, got " << offset.getInt();
  return offset.getInt();
}

static FailureOr<HostParameter> readParameter(ParameterOp op, int32_t stream, uint64_t end) {
  HostParameter parameter{op.getName(), {}, {}};
  ccm_parameter &abi = parameter.abi;
  uint64_t canonicalBytes = 0;
  ArrayRef<int64_t> packed = op.getLayoutAttr() ? op.getLayoutAttr().getExtents() : op.getShape();
  if (!writeShape(op.getShape(), 4, abi.rank, abi.shape, canonicalBytes) ||
      !writeShape(packed, 4, abi.packed_rank, abi.packed_extents, abi.bytes))
    return tooLarge(op, "a parameter");
  writeLayout(op, abi);
  FailureOr<uint64_t> offset = readOffset(op, end);
  if (failed(offset))
    return failure();
  abi.offset = *offset;
  parameter.initial.fill = fillOf(op.getInit());
  parameter.initial.decay = op.getDecay();
  parameter.initial.stream = stream;
  parameter.initial.scale = number(op.getScale());
  parameter.values = op.getValues().value_or(ArrayRef<double>());
  return parameter;
}

LogicalResult readPorts(ModelOp model, HostModel &host) {
  host.name = model.getSymName();
  host.group = model.getGroup().value_or("");
  for (InputOp op : opsOf<InputOp>(model)) {
    FailureOr<HostPort> port = readInput(op);
    if (failed(port))
      return failure();
    host.inputs.push_back(*port);
  }
  for (OutputOp op : opsOf<OutputOp>(model)) {
    FailureOr<HostPort> port = readOutput(op);
    if (failed(port))
      return failure();
    host.outputs.push_back(*port);
  }
  return success();
}

/// Reads the parameters that are frozen, or those that are not, behind what is read already.
static LogicalResult readParameters(ModelOp model, bool frozen, HostModel &host) {
  int32_t streams = 0;
  for (ParameterOp op : opsOf<ParameterOp>(model)) {
    int32_t stream = op.getInit() == "constant" ? 0 : streams++;
    if (op.getFrozen() != frozen)
      continue;
    FailureOr<HostParameter> parameter = readParameter(op, stream, host.paramsBytes);
    if (failed(parameter))
      return failure();
    host.parameters.push_back(*parameter);
    host.paramsBytes = llvm::alignTo(parameter->abi.offset + parameter->abi.bytes, kAlignment);
  }
  return success();
}

static LogicalResult readParameters(ModelOp model, HostModel &host) {
  if (failed(readParameters(model, /*frozen=*/false, host)))
    return failure();
  host.trainedCount = host.parameters.size();
  host.trainedBytes = host.paramsBytes;
  return readParameters(model, /*frozen=*/true, host);
}

// ---- Scales -------------------------------------------------------------------------------------

/// The number, from 1, of a parameter that is a value of the model.
static int32_t numberOf(const HostModel &host, Value value) {
  StringRef name = value.getDefiningOp<ParameterOp>().getName();
  auto found = llvm::find_if(host.parameters, [&](const auto &p) { return p.name == name; });
  return int32_t(found - host.parameters.begin()) + 1;
}

/// Tells ports the parameters of their scale. One that nothing scales by has none.
static void readScales(ModelOp model, HostModel &host) {
  auto set = [&](HostPort &port, Value offset, Value factor, Scale scale) {
    port.abi.scale = int32_t(scale);
    port.abi.offset = numberOf(host, offset);
    port.abi.factor = numberOf(host, factor);
  };
  for (auto [port, op] : llvm::zip(host.inputs, opsOf<InputOp>(model)))
    if (ScaleOp scale = op.findScale())
      set(port, scale.getOffset(), scale.getFactor(), *op.getScale());
  for (auto [port, op] : llvm::zip(host.outputs, opsOf<OutputOp>(model)))
    if (!op.getScaling().empty())
      set(port, op.getScaling()[0], op.getScaling()[1], *op.getScale());
}

static void readClassWeights(ModelOp model, HostModel &host) {
  for (auto [port, op] : llvm::zip(host.outputs, opsOf<OutputOp>(model)))
    if (op.getWeighing())
      port.abi.class_weights = numberOf(host, op.getWeighing());
}

// ---- Training -----------------------------------------------------------------------------------

/// A number of the optimizer, its default included; 0 where it has none of that name.
static double optimizerNumber(Operation *optimizer, StringRef name) {
  auto value = dyn_cast_or_null<FloatAttr>(optimizer->getInherentAttr(name).value_or(Attribute()));
  return value ? value.getValueAsDouble() : 0;
}

static LogicalResult readTrain(ModelOp model, HostModel &host) {
  if (auto rate = model.getTrain().getAs<FloatAttr>("learning_rate"))
    host.learningRate = static_cast<float>(rate.getValueAsDouble());
  FailureOr<OwningOpRef<Operation *>> optimizer = createOptimizer(model);
  if (failed(optimizer))
    return failure();
  if (host.entries == Entries::Infer)
    return success();
  host.stateCount = cast<OptimizerOpInterface>(**optimizer).getStateCount();
  host.beta1 = optimizerNumber(**optimizer, "beta1");
  host.beta2 = optimizerNumber(**optimizer, "beta2");
  if (host.stateCount > CCM_MAX_STATES)
    return model.emitError() << "expects an optimizer of at most " << CCM_MAX_STATES
                             << " states, got " << host.stateCount;
  return success();
}

// ---- Functions ----------------------------------------------------------------------------------

namespace {
/// The functions of a module by entry and block size.
class FunctionTable {
public:
  explicit FunctionTable(ModuleOp module) {
    for (auto function : module.getOps<func::FuncOp>())
      if (auto entry = entryOf(function))
        functions[{*entry, blockOf(function), contextOf(function)}] = function;
  }

  func::FuncOp find(EntryKind entry, int64_t block, int64_t context = 0) const {
    auto found = functions.find({entry, block, context});
    return found == functions.end() ? func::FuncOp() : found->second;
  }

  /// The function of that entry, or of the one that does more.
  func::FuncOp find(EntryKind entry, EntryKind instead, int64_t block) const {
    func::FuncOp function = find(entry, block);
    return function ? function : find(instead, block);
  }

private:
  std::map<std::tuple<EntryKind, int64_t, int64_t>, func::FuncOp> functions;
};
} // namespace

/// What the functions are for; the attribute is written where some were left out.
static Entries readEntries(ModuleOp module) {
  auto word = module->getAttrOfType<StringAttr>(kEntriesAttr);
  return word ? entriesOf(word.getValue()).value_or(Entries::All) : Entries::All;
}

static LogicalResult expectFunction(ModelOp model, func::FuncOp function, EntryKind entry,
                                    int64_t samples) {
  if (function)
    return success();
  return model.emitError() << "expects a function of entry '" << stringifyEntryKind(entry)
                           << "' for blocks of " << samples;
}

/// Positions of the sequence that a model makes; 0: it makes none.
static int64_t sequencePositions(const HostModel &host) {
  for (const HostPort &input : host.inputs)
    if (input.abi.draw == CCM_SHIFTED)
      return int64_t(input.abi.bytes / sizeof(int32_t));
  return 0;
}

/// Functions that make sequences, those of a context for each up to the whole sequence's.
static LogicalResult readDecodes(ModelOp model, const FunctionTable &table, int64_t positions,
                                 HostBlock &block) {
  if (positions == 0)
    return success();
  block.functions[CCM_PREFILL] = table.find(EntryKind::Prefill, block.samples);
  if (failed(
          expectFunction(model, block.functions[CCM_PREFILL], EntryKind::Prefill, block.samples)))
    return failure();
  int64_t context = kShortestContext, before = 0;
  for (int number = CCM_DECODE; before < positions; ++number, before = context, context *= 2) {
    func::FuncOp &function = block.functions[number];
    function = table.find(EntryKind::Decode, block.samples, std::min(context, positions));
    if (failed(expectFunction(model, function, EntryKind::Decode, block.samples)))
      return failure();
  }
  return success();
}

/// Bytes of a sample of each cache, as what fills them says.
static LogicalResult readCaches(HostModel &host) {
  func::FuncOp prefill = host.blocks.front().functions[CCM_PREFILL];
  if (!prefill)
    return success();
  for (auto [number, type] : llvm::enumerate(prefill.getResultTypes())) {
    FailureOr<Role> role = readRole(prefill, prefill.getResultAttrDict(number));
    if (failed(role))
      return failure();
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (role->region != Region::Cache || role->index != int64_t(number) || !tensor ||
        !tensor.hasStaticShape() || tensor.getDimSize(0) != 1 || !tensor.getElementType().isF32())
      return prefill.emitOpError() << "expects the caches of one sample as results, in order, got "
                                   << type << " as number " << number;
    host.caches.push_back(uint64_t(tensor.getNumElements()) * sizeof(float));
  }
  return success();
}

static LogicalResult readBlock(ModelOp model, const FunctionTable &table, Entries entries,
                               HostBlock &block) {
  int64_t samples = block.samples;
  auto find = [&](ccm_function_number number, EntryKind entry, EntryKind instead) {
    block.functions[number] = table.find(entry, instead, samples);
  };
  find(CCM_INFER, EntryKind::Infer, EntryKind::Forward);
  find(CCM_FORWARD, EntryKind::Forward, EntryKind::Forward);
  find(CCM_LOSS, EntryKind::Loss, EntryKind::Loss);
  find(CCM_BACKWARD, EntryKind::Backward, EntryKind::Backward);
  find(CCM_BACKWARD_INPUT, EntryKind::BackwardInput, EntryKind::Backward);
  find(CCM_BACKWARD_TRAIN, EntryKind::BackwardTrain, EntryKind::Backward);
  if (entries == Entries::Infer)
    return expectFunction(model, block.functions[CCM_INFER], EntryKind::Infer, samples);
  bool isAll = entries == Entries::All;
  for (auto [number, entry] : {std::pair(CCM_FORWARD, EntryKind::Forward),
                               {CCM_LOSS, EntryKind::Loss},
                               {isAll ? CCM_BACKWARD : CCM_BACKWARD_TRAIN,
                                isAll ? EntryKind::Backward : EntryKind::BackwardTrain}})
    if (failed(expectFunction(model, block.functions[number], entry, samples)))
      return failure();
  return success();
}

static LogicalResult readFunctions(ModuleOp module, ModelOp model, HostModel &host) {
  FunctionTable table(module);
  for (int64_t samples : blocksOf(model)) {
    host.blocks.emplace_back().samples = samples;
    HostBlock &block = host.blocks.back();
    if (failed(readBlock(model, table, host.entries, block)) ||
        failed(readDecodes(model, table, sequencePositions(host), block)))
      return failure();
  }
  if (failed(readCaches(host)))
    return failure();
  host.prepare = table.find(EntryKind::Prepare, 0);
  host.updateLarge = table.find(EntryKind::Update, kLargeChunk);
  host.updateSmall = table.find(EntryKind::Update, kSmallChunk);
  bool trains = host.entries != Entries::Infer && host.trainedCount > 0;
  if (trains && (!host.updateLarge || !host.updateSmall))
    return model.emitError() << "expects functions of entry 'update' for chunks of " << kLargeChunk
                             << " and " << kSmallChunk;
  return success();
}

FailureOr<HostModel> readHostModel(ModuleOp module) {
  auto models = llvm::to_vector(module.getOps<ModelOp>());
  if (models.size() != 1)
    return module.emitError() << "expects one model, got " << models.size();
  HostModel host;
  host.entries = readEntries(module);
  if (failed(readPorts(models.front(), host)) || failed(readParameters(models.front(), host)) ||
      failed(readTrain(models.front(), host)) ||
      failed(readFunctions(module, models.front(), host)))
    return failure();
  readScales(models.front(), host);
  readClassWeights(models.front(), host);
  return host;
}

} // namespace ccm
