// SPDX-License-Identifier: Apache-2.0
// Statements of lowered kernels.
#include "codegen/halide/LoweredKernel.h"

using namespace Halide::Internal;
using llvm::BasicBlock;

namespace ccm {

/// A cache line; the widest vector.
static const llvm::Align kStackAlign(64);
/// Bytes of one buffer that a kernel keeps on its thread's stack at most.
constexpr int64_t kMostStack = int64_t(1) << 20;

void LoweredKernel::stmt(const Stmt &s) {
  switch (s.node_type()) {
  case IRNodeType::LetStmt: {
    auto &let = *s.as<LetStmt>();
    return within(let, [&] { stmt(let.body); });
  }
  case IRNodeType::Block:
    stmt(s.as<Block>()->first);
    return stmt(s.as<Block>()->rest);
  case IRNodeType::ProducerConsumer:
    return stmt(s.as<ProducerConsumer>()->body);
  case IRNodeType::For:
    return loop(*s.as<For>());
  case IRNodeType::IfThenElse:
    return branch(*s.as<IfThenElse>());
  case IRNodeType::Allocate:
    return allocate(*s.as<Allocate>());
  case IRNodeType::Store:
    return store(*s.as<Store>());
  case IRNodeType::Free:
    return; // the end of the scope that allocated
  case IRNodeType::Evaluate:
    expr(s.as<Evaluate>()->value);
    return;
  default:
    refuse("a statement " + std::to_string(int(s.node_type())), Halide::Type());
  }
}

/// Translates a loop turn by turn if it is one of those and has a constant number of turns.
bool LoweredKernel::unrolled(const For &op) {
  auto extent = as_const_int(op.extent);
  if (!extent || !llvm::StringRef(op.name).ends_with(kUnrolled))
    return false;
  const Index min = index(op.min);
  for (int64_t turn = 0; turn < *extent; ++turn) {
    indices[op.name] = plus(min, {{}, turn}, 1);
    stmt(op.body);
  }
  return true;
}

/// Tested after each turn, as LLVM's passes like loops.
void LoweredKernel::loop(const For &op) {
  if (unrolled(op))
    return;
  if (op.for_type != ForType::Serial) {
    refuse("a loop that is not serial", Halide::Type());
    return;
  }
  const Index first = index(op.min);
  Value *min = valueOf(first), *end = valueOf(plus(first, index(op.extent), 1));
  BasicBlock *before = builder.GetInsertBlock();
  llvm::Function *function = before->getParent();
  BasicBlock *body = BasicBlock::Create(builder.getContext(), "", function);
  BasicBlock *after = BasicBlock::Create(builder.getContext(), "", function);
  builder.CreateCondBr(builder.CreateICmpSLT(min, end), body, after);
  builder.SetInsertPoint(body);
  llvm::PHINode *counter = builder.CreatePHI(builder.getInt64Ty(), 2);
  counter->addIncoming(min, before);
  indices[op.name] = newIndex(counter);
  stmt(op.body);
  Value *next = builder.CreateNSWAdd(counter, builder.getInt64(1));
  counter->addIncoming(next, builder.GetInsertBlock());
  builder.CreateCondBr(builder.CreateICmpNE(next, end), body, after);
  builder.SetInsertPoint(after);
}

void LoweredKernel::branch(const IfThenElse &op) {
  if (op.condition.type().is_vector()) {
    refuse("a branch of a vector", Halide::Type());
    return;
  }
  Value *condition = expr(op.condition);
  llvm::Function *function = builder.GetInsertBlock()->getParent();
  BasicBlock *taken = BasicBlock::Create(builder.getContext(), "", function);
  BasicBlock *other = BasicBlock::Create(builder.getContext(), "", function);
  BasicBlock *after = BasicBlock::Create(builder.getContext(), "", function);
  builder.CreateCondBr(condition, taken, other);
  builder.SetInsertPoint(taken);
  stmt(op.then_case);
  builder.CreateBr(after);
  builder.SetInsertPoint(other);
  if (op.else_case.defined())
    stmt(op.else_case);
  builder.CreateBr(after);
  builder.SetInsertPoint(after);
}

/// On the stack, at the function's start, so that passes can keep it in registers.
void LoweredKernel::allocate(const Allocate &op) {
  int64_t count = int64_t(op.constant_allocation_size()) * op.type.lanes() + op.padding;
  llvm::Type *element = stored(op.type.element_of());
  if (count <= 0 || op.memory_type == Halide::MemoryType::Heap ||
      count > kMostStack / op.type.element_of().bytes()) {
    refuse("memory of its own", Halide::Type());
    return;
  }
  BasicBlock &entry = builder.GetInsertBlock()->getParent()->getEntryBlock();
  llvm::IRBuilder<> start(&entry, entry.begin());
  llvm::AllocaInst *memory = start.CreateAlloca(llvm::ArrayType::get(element, uint64_t(count)));
  memory->setAlignment(kStackAlign);
  Buffer outer = buffers.lookup(op.name);
  bindBuffer(op.name, memory, op.name);
  buffers[op.name].align = kStackAlign;
  builder.CreateLifetimeStart(memory);
  stmt(op.body);
  builder.CreateLifetimeEnd(memory);
  buffers[op.name] = outer;
}

} // namespace ccm
