// SPDX-License-Identifier: Apache-2.0
// Checks that a buffer plan stays within the memories that its functions are handed.
#include "codegen/host/Places.h"
#include "llvm/Support/MathExtras.h"
#include <map>

using namespace mlir;

namespace ccm {

/// Bits of the regions that an entry's functions may use.
static unsigned allowedRegions(EntryKind entry) {
  auto bits = [](std::initializer_list<Region> regions) {
    unsigned set = 0;
    for (Region region : regions)
      set |= 1u << static_cast<unsigned>(region);
    return set;
  };
  using enum Region;
  switch (entry) {
  case EntryKind::Infer:
  case EntryKind::Forward:
    return bits({Params, Prepared, Input, Output, Internal, Scratch});
  case EntryKind::Loss:
    return bits({Params, Input, Output, Target, OutputDelta, Loss, Scratch});
  case EntryKind::Backward:
  case EntryKind::BackwardInput:
  case EntryKind::BackwardTrain:
    return bits({Params, Prepared, Input, Internal, OutputDelta, Delta, InputDelta, Scratch});
  case EntryKind::Prefill:
    return bits({Params, Prepared, Input, Cache, Scratch});
  case EntryKind::Decode:
    return bits({Params, Prepared, Before, Position, Cache, Scores, Scratch});
  case EntryKind::Prepare:
    return bits({Params, Prepared, Scratch});
  case EntryKind::Update:
    return bits({Params, Delta, State, Hyper, Scratch});
  }
  return 0;
}

namespace {
/// Sizes of the memories of one function's calls.
class Memories {
public:
  Memories(func::FuncOp function, const HostModel &model)
      : function(function), model(model), isUpdate(entryOf(function) == EntryKind::Update),
        isLoss(entryOf(function) == EntryKind::Loss), samples(blockOf(function)) {}

  /// Bytes of a region's array `index`; 0 where there is none.
  uint64_t bytes(Region region, int64_t index) const {
    switch (region) {
    case Region::Params:
      return isUpdate ? samples * 4 : model.paramsBytes;
    case Region::Delta:
      return isUpdate ? samples * 4 : model.trainedBytes;
    case Region::State:
      return index < model.stateCount ? samples * 4 : 0;
    case Region::Hyper:
      return CCM_HYPER_COUNT * 4;
    case Region::Internal:
      return bytesAttribute(function, kInternalBytes);
    case Region::Scratch:
      return bytesAttribute(function, kScratchBytes);
    case Region::Prepared:
      return bytesAttribute(function, kPreparedBytes);
    case Region::Cache:
      return index >= 0 && index < int64_t(model.caches.size()) ? samples * model.caches[index] : 0;
    case Region::Position:
    case Region::Before:
      return samples * sizeof(int32_t);
    case Region::Scores:
      return samples * model.outputs.front().abi.vocabulary * sizeof(float);
    default:
      return portBytes(region, index);
    }
  }

private:
  uint64_t portBytes(Region region, int64_t index) const {
    bool isInput = region == Region::Input || region == Region::InputDelta;
    ArrayRef<HostPort> ports = isInput ? model.inputs : model.outputs;
    if (index < 0 || index >= int64_t(ports.size()))
      return 0;
    const ccm_port &port = ports[index].abi;
    if (isLoss && isInput && port.draw != CCM_WEIGHT) // it may be called without inputs
      return 0;
    if (region == Region::Target)
      return samples * port.target_bytes;
    if (region == Region::Loss)
      return samples * 4;
    if (region == Region::InputDelta && port.dtype == CCM_U8)
      return samples * port.bytes * 4;
    return samples * port.bytes;
  }

  func::FuncOp function;
  const HostModel &model;
  bool isUpdate, isLoss;
  uint64_t samples;
};
} // namespace

/// The end, in bytes from its region's start, of the last element at a place; none on overflow or
/// where strides and extents do not fit together. Absent strides are dense row-major.
static std::optional<int64_t> endOf(PlaceAttr place, ArrayRef<int64_t> extents,
                                    int64_t elementBytes) {
  ArrayRef<int64_t> strides = place.getStrides();
  if (place.getOffset() < 0 || (!strides.empty() && strides.size() != extents.size()))
    return std::nullopt;
  int64_t elements = 1, dense = 1, reach, end;
  for (size_t i = extents.size(); i-- > 0;) {
    int64_t stride = strides.empty() ? dense : strides[i];
    if (stride < 0 || llvm::MulOverflow(stride, extents[i] - 1, reach) ||
        llvm::AddOverflow(elements, reach, elements) || llvm::MulOverflow(dense, extents[i], dense))
      return std::nullopt;
  }
  if (llvm::MulOverflow(elements, elementBytes, end) ||
      llvm::AddOverflow(end, place.getOffset(), end))
    return std::nullopt;
  return end;
}

static LogicalResult checkPlace(Operation *op, PlaceAttr place, ArrayRef<int64_t> extents,
                                int64_t elementBytes, unsigned allowed, const Memories &memories) {
  if (!place)
    return op->emitError() << "expects a place for every operand and result";
  Region region = place.getRegion();
  if (!(allowed >> static_cast<unsigned>(region) & 1))
    return op->emitError() << "expects a place that its entry is handed, got " << place;
  uint64_t bytes = memories.bytes(region, place.getIndex());
  std::optional<int64_t> end = endOf(place, extents, elementBytes);
  if (!end || uint64_t(*end) > bytes)
    return op->emitError() << "expects a place within " << bytes << " bytes, got " << place;
  return success();
}

/// Checks the places of a kernel's operands or results.
template <typename Values>
static LogicalResult checkValues(KernelOp kernel, ArrayAttr places, Values values, unsigned allowed,
                                 const Memories &memories) {
  if (!places && !values.empty())
    return kernel.emitError() << "expects places; run ccm-plan-buffers first";
  for (auto [i, value] : llvm::enumerate(values)) {
    auto type = cast<RankedTensorType>(value.getType());
    if (failed(checkPlace(kernel, dyn_cast<PlaceAttr>(places[i]), type.getShape(),
                          type.getElementTypeBitWidth() / 8, allowed, memories)))
      return failure();
  }
  return success();
}

LogicalResult checkPlaces(func::FuncOp function, const HostModel &model) {
  unsigned allowed = allowedRegions(*entryOf(function));
  Memories memories(function, model);
  for (Operation &op : function.getBody().front()) {
    LogicalResult checked = success();
    if (auto kernel = dyn_cast<KernelOp>(op)) {
      checked = success(succeeded(checkValues(kernel, kernel.getOperandPlacesAttr(),
                                              kernel.getInputs(), allowed, memories)) &&
                        succeeded(checkValues(kernel, kernel.getResultPlacesAttr(),
                                              kernel.getOutputs(), allowed, memories)));
    } else if (auto border = dyn_cast<ZeroBorderOp>(op)) {
      checked = checkPlace(border, border.getPlace(), border.getExtents(), sizeof(float), allowed,
                           memories);
    } else if (!isa<func::ReturnOp>(op) &&
               !isa<tensor::TensorDialect, arith::ArithDialect>(op.getDialect())) {
      checked = op.emitError() << "expects kernels; run ccm-form-kernels first";
    }
    if (failed(checked))
      return failure();
  }
  return success();
}

SmallVector<Operation *> plannedOps(func::FuncOp function) {
  SmallVector<Operation *> ops;
  if (function)
    for (Operation &op : function.getBody().front())
      if (isa<KernelOp, ZeroBorderOp>(op))
        ops.push_back(&op);
  return ops;
}

static bool readsParametersAlone(Operation *op) {
  auto kernel = dyn_cast<KernelOp>(op);
  if (!kernel || !kernel.getOperandPlacesAttr())
    return true;
  return llvm::all_of(kernel.getOperandPlacesAttr().getAsRange<PlaceAttr>(),
                      [](PlaceAttr place) { return place.getRegion() == Region::Params; });
}

std::vector<SmallVector<Operation *>> independentParts(func::FuncOp function) {
  SmallVector<Operation *> ops = plannedOps(function);
  if (ops.empty())
    return {};
  if (!llvm::all_of(ops, readsParametersAlone))
    return {ops};
  std::vector<SmallVector<Operation *>> parts;
  bool complete = true;
  for (Operation *op : ops) {
    if (complete)
      parts.emplace_back();
    parts.back().push_back(op);
    complete = isa<KernelOp>(op);
  }
  return parts;
}

static constexpr size_t offsetOf(Region region) {
  switch (region) {
  case Region::Params:
    return offsetof(ccm_regions, params);
  case Region::Delta:
    return offsetof(ccm_regions, delta);
  case Region::Input:
    return offsetof(ccm_regions, inputs);
  case Region::Target:
    return offsetof(ccm_regions, targets);
  case Region::Output:
    return offsetof(ccm_regions, outputs);
  case Region::OutputDelta:
    return offsetof(ccm_regions, output_deltas);
  case Region::InputDelta:
    return offsetof(ccm_regions, input_deltas);
  case Region::Internal:
    return offsetof(ccm_regions, internal);
  case Region::Scratch:
    return offsetof(ccm_regions, scratch);
  case Region::Prepared:
    return offsetof(ccm_regions, prepared);
  case Region::State:
    return offsetof(ccm_regions, states);
  case Region::Loss:
    return offsetof(ccm_regions, losses);
  case Region::Hyper:
    return offsetof(ccm_regions, hyper);
  case Region::Cache:
    return offsetof(ccm_regions, caches);
  case Region::Position:
    return offsetof(ccm_regions, positions);
  case Region::Before:
    return offsetof(ccm_regions, before);
  case Region::Scores:
    return offsetof(ccm_regions, scores);
  }
  return 0;
}

unsigned memberOf(Region region) { return offsetOf(region) / sizeof(void *); }

/// Calls `take` for every place of a launch.
static void forEachPlace(Operation *op, function_ref<void(PlaceAttr)> take) {
  if (auto border = dyn_cast<ZeroBorderOp>(op))
    take(border.getPlace());
  auto takeAll = [&](ArrayAttr places) {
    if (places)
      llvm::for_each(places.getAsRange<PlaceAttr>(), take);
  };
  if (auto kernel = dyn_cast<KernelOp>(op)) {
    takeAll(kernel.getOperandPlacesAttr());
    takeAll(kernel.getResultPlacesAttr());
  }
}

uint32_t regionsOf(ArrayRef<Operation *> ops) {
  uint32_t regions = 0;
  for (Operation *op : ops)
    forEachPlace(op, [&](PlaceAttr place) { regions |= 1u << memberOf(place.getRegion()); });
  return regions;
}

std::vector<uint32_t> readersOf(ArrayRef<SmallVector<Operation *>> parts, const HostModel &model) {
  std::map<int64_t, size_t> starts; // of prepared values, and the part that fills them
  for (auto [number, part] : llvm::enumerate(parts))
    for (Operation *op : part)
      forEachPlace(op, [&](PlaceAttr place) {
        if (place.getRegion() == Region::Prepared)
          starts[place.getOffset()] = number;
      });
  std::vector<uint32_t> readers(parts.size());
  auto addReads = [&](func::FuncOp function, uint32_t reader) {
    for (Operation *op : plannedOps(function))
      forEachPlace(op, [&](PlaceAttr place) {
        if (place.getRegion() == Region::Prepared)
          readers[std::prev(starts.upper_bound(place.getOffset()))->second] |= reader;
      });
  };
  for (const HostBlock &block : model.blocks)
    for (auto [number, function] : llvm::enumerate(block.functions))
      addReads(function, 1u << number);
  return readers;
}

} // namespace ccm
