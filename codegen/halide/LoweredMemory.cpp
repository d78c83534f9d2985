// SPDX-License-Identifier: Apache-2.0
// Loads and stores of lowered kernels.
#include "codegen/halide/LoweredKernel.h"
#include "llvm/IR/MDBuilder.h"
#include <numeric>

using namespace Halide::Internal;
using llvm::Align;

namespace ccm {

/// The step between lanes where it is constant; 0 elsewhere.
static int64_t stepOf(const Ramp *ramp) {
  auto step = ramp ? as_const_int(ramp->stride) : std::nullopt;
  return step.value_or(0);
}

/// Where the elements of a vector that runs backwards begin, counted forwards.
static Halide::Expr lowest(const Ramp &ramp) { return ramp.base - (ramp.lanes - 1); }

void LoweredKernel::bindBuffer(llvm::StringRef name, Value *start, llvm::StringRef memory) {
  llvm::MDBuilder metadata(builder.getContext());
  llvm::MDNode *type =
      metadata.createTBAAScalarTypeNode(memory, metadata.createTBAARoot("ccm buffers"));
  buffers[name] = {start, Align(1), metadata.createTBAAStructTagNode(type, type, 0)};
}

const LoweredKernel::Buffer &LoweredKernel::bufferOf(const std::string &name) {
  Buffer &buffer = buffers[name];
  if (!buffer.start) {
    refuse("a buffer " + name, Halide::Type());
    buffer.start = llvm::PoisonValue::get(builder.getPtrTy());
  }
  return buffer;
}

template <typename Access>
Access *LoweredKernel::tagged(Access *access, const Buffer &buffer) {
  if (buffer.tag)
    access->setMetadata(llvm::LLVMContext::MD_tbaa, buffer.tag);
  return access;
}

/// A vector of addresses.
llvm::Value *LoweredKernel::addresses(const Buffer &buffer, llvm::Type *element,
                                      const Expr &index) {
  Value *lanes = expr(index);
  auto *wide =
      llvm::VectorType::get(builder.getInt64Ty(), llvm::cast<llvm::VectorType>(lanes->getType()));
  return builder.CreateInBoundsGEP(element, buffer.start, builder.CreateSExt(lanes, wide));
}

/// The address of each lane by itself.
llvm::SmallVector<llvm::Value *>
LoweredKernel::laneAddresses(const Buffer &buffer, llvm::Type *element, const Expr &index) {
  llvm::SmallVector<Value *> each;
  auto *ramp = index.as<Ramp>();
  int64_t step = stepOf(ramp);
  Value *start = step ? address(buffer, element, ramp->base) : addresses(buffer, element, index);
  for (int64_t lane = 0; lane < index.type().lanes(); ++lane)
    each.push_back(step ? builder.CreateInBoundsGEP(element, start, builder.getInt64(lane * step))
                        : builder.CreateExtractElement(start, uint64_t(lane)));
  return each;
}

/// Of the first element: what is known of the index, but no more than of the buffer's start.
llvm::Align LoweredKernel::alignment(const Buffer &buffer, const ModulusRemainder &index,
                                     const Halide::Type &type) const {
  int64_t bytes = type.element_of().bytes();
  int64_t elements = std::gcd(index.modulus, index.remainder);
  Align own(uint64_t(bytes & -bytes));
  if (elements == 0)
    return std::max(buffer.align, own);
  Align known(uint64_t(bytes * (elements & -elements)));
  return std::max(std::min(buffer.align, known), own);
}

llvm::Value *LoweredKernel::reversed(Value *vector) { return builder.CreateVectorReverse(vector); }

//===--- Loads --------------------------------------------------------------------------------===//

llvm::Value *LoweredKernel::load(const Load &op) {
  // A let around an index would hide that it is a ramp.
  if (auto *let = op.index.as<Let>())
    return expr(Let::make(
        let->name, let->value,
        Load::make(op.type, op.name, let->body, op.image, op.param, op.predicate, op.alignment)));
  const Buffer buffer = bufferOf(op.name);
  Value *value;
  if (op.type.is_vector()) {
    value = loadVector(op, buffer, stored(op.type));
  } else {
    if (!is_const_one(op.predicate))
      return refuse("a predicate of a single load", op.type);
    llvm::Type *type = stored(op.type);
    value = tagged(builder.CreateAlignedLoad(type, address(buffer, type, op.index),
                                             alignment(buffer, op.alignment, op.type)),
                   buffer);
  }
  // A truth value is stored as a byte.
  return op.type.is_bool() ? builder.CreateIsNotNull(value) : value;
}

llvm::Value *LoweredKernel::loadVector(const Load &op, const Buffer &buffer, llvm::Type *type) {
  auto *ramp = op.index.as<Ramp>();
  llvm::Type *element = type->getScalarType();
  int64_t step = stepOf(ramp);
  bool isWhole = is_const_one(op.predicate);
  if (step == 1) {
    Value *at = address(buffer, element, ramp->base);
    Align align = alignment(buffer, op.alignment, op.type);
    if (isWhole)
      return tagged(builder.CreateAlignedLoad(type, at, align), buffer);
    return tagged(builder.CreateMaskedLoad(type, at, align, expr(op.predicate)), buffer);
  }
  Align single(uint64_t(op.type.element_of().bytes()));
  if (step == -1 && isWhole)
    return reversed(tagged(
        builder.CreateAlignedLoad(type, address(buffer, element, lowest(*ramp)), single), buffer));
  if (!isWhole)
    return tagged(builder.CreateMaskedGather(type, addresses(buffer, element, op.index), single,
                                             expr(op.predicate)),
                  buffer);
  Value *vector = llvm::PoisonValue::get(type);
  for (auto [lane, at] : llvm::enumerate(laneAddresses(buffer, element, op.index))) {
    Value *value = tagged(builder.CreateAlignedLoad(element, at, single), buffer);
    vector = builder.CreateInsertElement(vector, value, uint64_t(lane));
  }
  return vector;
}

//===--- Stores -------------------------------------------------------------------------------===//

void LoweredKernel::store(const Store &op) {
  if (auto *let = op.index.as<Let>())
    return stmt(LetStmt::make(
        let->name, let->value,
        Store::make(op.name, op.value, let->body, op.param, op.predicate, op.alignment)));
  Value *value = expr(op.value);
  const Buffer buffer = bufferOf(op.name);
  if (op.value.type().is_bool())
    value = builder.CreateZExt(value, stored(op.value.type()));
  if (op.value.type().is_vector())
    return storeVector(op, buffer, value);
  if (!is_const_one(op.predicate))
    refuse("a predicate of a single store", op.value.type());
  tagged(builder.CreateAlignedStore(value, address(buffer, value->getType(), op.index),
                                    alignment(buffer, op.alignment, op.value.type())),
         buffer);
}

void LoweredKernel::storeVector(const Store &op, const Buffer &buffer, Value *value) {
  auto *ramp = op.index.as<Ramp>();
  llvm::Type *element = value->getType()->getScalarType();
  int64_t step = stepOf(ramp);
  bool isWhole = is_const_one(op.predicate);
  if (step == 1) {
    Value *at = address(buffer, element, ramp->base);
    Align align = alignment(buffer, op.alignment, op.value.type());
    if (isWhole)
      tagged(builder.CreateAlignedStore(value, at, align), buffer);
    else
      tagged(builder.CreateMaskedStore(value, at, align, expr(op.predicate)), buffer);
    return;
  }
  Align single(uint64_t(op.value.type().element_of().bytes()));
  if (step == -1 && isWhole) {
    tagged(builder.CreateAlignedStore(reversed(value), address(buffer, element, lowest(*ramp)),
                                      single),
           buffer);
    return;
  }
  if (!isWhole) {
    tagged(builder.CreateMaskedScatter(value, addresses(buffer, element, op.index), single,
                                       expr(op.predicate)),
           buffer);
    return;
  }
  for (auto [lane, at] : llvm::enumerate(laneAddresses(buffer, element, op.index)))
    tagged(
        builder.CreateAlignedStore(builder.CreateExtractElement(value, uint64_t(lane)), at, single),
        buffer);
}

} // namespace ccm
