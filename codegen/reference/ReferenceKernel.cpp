// SPDX-License-Identifier: Apache-2.0
// Wraps a kernel's nests in a function of memrefs and lowers it.
#include "codegen/reference/ReferenceKernel.h"
#include "codegen/host/HostEmitter.h"
#include "codegen/plan/PlanStages.h"
#include "codegen/reference/ReferenceLowering.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"

using namespace mlir;

namespace ccm {

namespace {

/// The function of memrefs of one kernel: its operands, then the results that have buffers of their
/// own.
class TensorFunction {
public:
  TensorFunction(ModuleOp module, KernelOp kernel, KernelObject &object)
      : kernel(kernel), object(object), builder(module.getBodyRegion()), loc(kernel.getLoc()) {}

  func::FuncOp build() {
    func::FuncOp function =
        func::FuncOp::create(builder, loc, "tensors", builder.getFunctionType(arguments(), {}));
    Block *entry = function.addEntryBlock();
    builder.setInsertionPointToStart(entry);
    IRMapping mapping;
    for (auto [number, argument] : llvm::enumerate(kernel.getBody().getArguments()))
      mapping.map(Value(argument),
                  tensorOf(entry->getArgument(number), argument.getType(), isWritten(number)));
    for (Operation &op : kernel.getBody().front().without_terminator())
      builder.clone(op, mapping);
    Operation *yield = kernel.getBody().front().getTerminator();
    for (auto [number, value] : llvm::enumerate(yield->getOperands()))
      bufferization::MaterializeInDestinationOp::create(builder, loc, Type(), mapping.lookup(value),
                                                        entry->getArgument(destinations[number]),
                                                        /*restrict=*/true, /*writable=*/true);
    func::ReturnOp::create(builder, loc);
    return function;
  }

private:
  SmallVector<Type> arguments() {
    SmallVector<Type> types;
    for (auto [number, type] : llvm::enumerate(kernel.getOperandTypes())) {
      types.push_back(memref(type, stridesOf(kernel.getOperandStridesAttr(), number, type)));
      object.arguments.push_back({false, unsigned(number)});
    }
    for (auto [number, type] : llvm::enumerate(kernel.getResultTypes())) {
      if (auto operand = kernel.getInPlaceOperand(number)) {
        destinations.push_back(*operand);
        continue;
      }
      destinations.push_back(types.size());
      types.push_back(memref(type, stridesOf(kernel.getResultStridesAttr(), number, type)));
      object.arguments.push_back({true, unsigned(number)});
    }
    return types;
  }

  Value tensorOf(Value buffer, Type type, bool isWritten) {
    return bufferization::ToTensorOp::create(builder, loc, type, buffer, /*restrict=*/true,
                                             isWritten)
        .getResult();
  }

  static MemRefType memref(Type type, ArrayRef<int64_t> strides) {
    auto tensor = cast<RankedTensorType>(type);
    return MemRefType::get(tensor.getShape(), tensor.getElementType(),
                           StridedLayoutAttr::get(type.getContext(), 0, strides));
  }

  bool isWritten(unsigned operand) const {
    for (unsigned result = 0; result < kernel->getNumResults(); ++result)
      if (auto at = KernelOp(kernel).getInPlaceOperand(result); at && *at == operand)
        return true;
    return false;
  }

  KernelOp kernel;
  KernelObject &object;
  OpBuilder builder;
  Location loc;
  SmallVector<unsigned> destinations; ///< argument that each result is written to
};

} // namespace

/// `void symbol(void *const *buffers, int32_t, int32_t)`, which calls the lowered function.
static void buildEntry(ModuleOp module, StringRef symbol, unsigned arguments) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  Location loc = module.getLoc();
  Type pointer = LLVM::LLVMPointerType::get(module.getContext()), word = builder.getI32Type();
  Type none = LLVM::LLVMVoidType::get(module.getContext());
  auto inner = module.lookupSymbol<LLVM::LLVMFuncOp>("tensors");
  inner.setLinkage(LLVM::Linkage::Internal);
  auto entry = LLVM::LLVMFuncOp::create(builder, loc, symbol,
                                        LLVM::LLVMFunctionType::get(none, {pointer, word, word}));
  Block *block = entry.addEntryBlock(builder);
  builder.setInsertionPointToStart(block);
  SmallVector<Value> buffers;
  for (unsigned number = 0; number < arguments; ++number) {
    Value place = LLVM::GEPOp::create(builder, loc, pointer, pointer, block->getArgument(0),
                                      LLVM::GEPArg(int32_t(number)));
    buffers.push_back(LLVM::LoadOp::create(builder, loc, pointer, place));
  }
  LLVM::CallOp::create(builder, loc, inner, buffers);
  LLVM::ReturnOp::create(builder, loc, ValueRange());
}

FailureOr<KernelObject> emitReferenceKernel(KernelOp kernel, const Target &target,
                                            StringRef symbol) {
  MLIRContext *context = kernel.getContext();
  DialectRegistry registry;
  registerReferenceLowering(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  context->appendDialectRegistry(registry);
  context->loadAllAvailableDialects();
  KernelObject object;
  object.symbol = symbol.str();
  object.schedule = "reference\n";
  OwningOpRef<ModuleOp> module = ModuleOp::create(kernel.getLoc());
  TensorFunction(*module, kernel, object).build();
  if (failed(lowerByReference(*module, ReferenceNeeds::Nothing)))
    return failure();
  buildEntry(*module, symbol, object.arguments.size());
  llvm::LLVMContext own;
  std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(*module, own);
  if (!code)
    return failure();
  llvm::Expected<std::string> bytes = emitHostObject(*code, HostForm::Object, target.cpu);
  if (!bytes)
    return kernel.emitError() << "internal error: " << llvm::toString(bytes.takeError());
  object.bytes = std::move(*bytes);
  return object;
}

} // namespace ccm
