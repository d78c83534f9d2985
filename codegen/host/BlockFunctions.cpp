// SPDX-License-Identifier: Apache-2.0
// A block function: per kernel, addresses into the regions become buffers, and the kernel is
// called.
#include "codegen/host/BlockFunctions.h"
#include "HalideRuntime.h"

using namespace mlir;

namespace ccm {

LLVM::LLVMFuncOp declareFunction(ModuleOp host, StringRef name, Type result,
                                 ArrayRef<Type> arguments) {
  if (auto known = host.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return known;
  auto builder = OpBuilder::atBlockEnd(host.getBody());
  return LLVM::LLVMFuncOp::create(builder, host.getLoc(), name,
                                  LLVM::LLVMFunctionType::get(result, arguments));
}

namespace {

/// Regions that are one array per port, state or output: `ccm_regions` holds a list of pointers.
bool isList(Region region) {
  switch (region) {
  case Region::Input:
  case Region::Target:
  case Region::Output:
  case Region::OutputDelta:
  case Region::InputDelta:
  case Region::State:
  case Region::Loss:
    return true;
  default:
    return false;
  }
}

/// Emits one block function.
class BlockEmitter {
public:
  BlockEmitter(ModuleOp host, const HostPath &path)
      : host(host), path(path), builder(host.getContext()),
        pointer(LLVM::LLVMPointerType::get(host.getContext())) {}

  LogicalResult emit(ArrayRef<Operation *> ops, StringRef name) {
    Type nothing = LLVM::LLVMVoidType::get(host.getContext());
    LLVM::LLVMFuncOp emitted = declareFunction(host, name, nothing, {pointer});
    emitted.setLinkage(LLVM::Linkage::Internal);
    builder.setInsertionPointToStart(emitted.addEntryBlock(builder));
    regions = emitted.getArgument(0);
    loc = ops.empty() ? host.getLoc() : ops.front()->getLoc();
    makeBuffers(ops);
    for (Operation *op : ops)
      if (failed(emit(op)))
        return failure();
    LLVM::ReturnOp::create(builder, loc, ValueRange());
    return success();
  }

private:
  LogicalResult emit(Operation *op) {
    loc = op->getLoc();
    if (auto kernel = dyn_cast<KernelOp>(op))
      return emitKernel(kernel);
    emitBorder(cast<ZeroBorderOp>(op));
    return success();
  }

  Value constant(int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value));
  }

  Value offset(Value base, int64_t bytes) {
    if (bytes == 0)
      return base;
    return LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), base, constant(bytes));
  }

  Value load(Value base, int64_t index) {
    return LLVM::LoadOp::create(builder, loc, pointer, offset(base, index * sizeof(void *)));
  }

  /// Makes room for the buffers of the kernel with the most. Kernels without assertions and bounds
  /// queries read nothing but `host`; the other members are zero.
  void makeBuffers(ArrayRef<Operation *> ops) {
    size_t most = 0;
    for (Operation *op : ops)
      if (auto call = path.kernels.find(op); call != path.kernels.end())
        most = std::max(most, call->second.arguments.size());
    if (most == 0)
      return;
    Value bytes = constant(most * sizeof(halide_buffer_t));
    buffers = LLVM::AllocaOp::create(builder, loc, pointer, builder.getI8Type(), bytes,
                                     alignof(halide_buffer_t));
    Value zero = LLVM::ConstantOp::create(builder, loc, builder.getI8IntegerAttr(0));
    LLVM::MemsetOp::create(builder, loc, buffers, zero, bytes, /*isVolatile=*/false);
  }

  /// The address of a place. Starts of regions are loaded once.
  Value address(PlaceAttr place) {
    Region region = place.getRegion();
    int64_t index = isList(region) ? place.getIndex() : 0;
    Value &start = starts[{static_cast<unsigned>(region), index}];
    if (!start) {
      start = load(regions, static_cast<int64_t>(region));
      if (isList(region))
        start = load(start, index);
    }
    return offset(start, place.getOffset());
  }

  LogicalResult emitKernel(KernelOp kernel) {
    auto found = path.kernels.find(kernel);
    if (found == path.kernels.end())
      return kernel.emitError() << "has no code for target " << path.name;
    const HostCall &call = found->second;
    SmallVector<Value> arguments;
    for (auto [i, argument] : llvm::enumerate(call.arguments)) {
      ArrayAttr places =
          argument.isResult ? kernel.getResultPlacesAttr() : kernel.getOperandPlacesAttr();
      if (!places || argument.number >= places.size())
        return kernel.emitError() << "has no place for argument " << i << " of its code";
      Value buffer = offset(buffers, i * sizeof(halide_buffer_t));
      LLVM::StoreOp::create(builder, loc, address(cast<PlaceAttr>(places[argument.number])),
                            offset(buffer, offsetof(halide_buffer_t, host)));
      arguments.push_back(buffer);
    }
    SmallVector<Type> types(arguments.size(), pointer);
    auto callee = declareFunction(host, call.symbol, builder.getI32Type(), types);
    LLVM::CallOp::create(builder, loc, callee, arguments);
    return success();
  }

  void emitBorder(ZeroBorderOp border) {
    auto callee = declareFunction(host, "ccm_zero_border",
                                  LLVM::LLVMVoidType::get(host.getContext()), {pointer, pointer});
    Value constants = LLVM::AddressOfOp::create(builder, loc, pointer, borderConstant(border));
    LLVM::CallOp::create(builder, loc, callee, {address(border.getPlace()), constants});
  }

  /// Adds the `ccm_border` of a border, all of whose members are 64 bits wide; returns its name.
  std::string borderConstant(ZeroBorderOp border) {
    SmallVector<int64_t> words(sizeof(ccm_border) / sizeof(int64_t), 0);
    auto write = [&](size_t member, ArrayRef<int64_t> values) {
      llvm::copy(values, words.begin() + member / sizeof(int64_t));
    };
    words[0] = border.getExtents().size();
    write(offsetof(ccm_border, extents), border.getExtents());
    write(offsetof(ccm_border, low), border.getLow());
    write(offsetof(ccm_border, high), border.getHigh());
    write(offsetof(ccm_border, strides), stridesOf(border));
    auto atEnd = OpBuilder::atBlockEnd(host.getBody());
    std::string name = "ccm_border_" + std::to_string(host.getBody()->getOperations().size());
    auto type = LLVM::LLVMArrayType::get(builder.getI64Type(), words.size());
    LLVM::GlobalOp::create(
        atEnd, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal, name,
        DenseElementsAttr::get(RankedTensorType::get({int64_t(words.size())}, builder.getI64Type()),
                               ArrayRef<int64_t>(words)));
    return name;
  }

  static SmallVector<int64_t> stridesOf(ZeroBorderOp border) {
    if (!border.getPlace().getStrides().empty())
      return llvm::to_vector(border.getPlace().getStrides());
    SmallVector<int64_t> strides(border.getExtents().size(), 1);
    for (size_t i = strides.size(); i-- > 1;)
      strides[i - 1] = strides[i] * border.getExtents()[i];
    return strides;
  }

  ModuleOp host;
  const HostPath &path;
  OpBuilder builder;
  Type pointer;
  Location loc = builder.getUnknownLoc();
  Value regions, buffers;
  std::map<std::pair<unsigned, int64_t>, Value> starts;
};
} // namespace

LogicalResult emitBlockFunction(ModuleOp host, ArrayRef<Operation *> ops, StringRef name,
                                const HostPath &path) {
  return BlockEmitter(host, path).emit(ops, name);
}

SmallVector<Operation *> plannedOps(func::FuncOp function) {
  SmallVector<Operation *> ops;
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

} // namespace ccm
