// SPDX-License-Identifier: Apache-2.0
// Builds constants member by member; the translation to LLVM IR folds them.
#include "codegen/host/HostTables.h"
#include "llvm/Support/ErrorHandling.h"

using namespace mlir;

namespace ccm {

TableBuilder::TableBuilder(ModuleOp host)
    : builder(host.getContext()), loc(host.getLoc()), host(host) {}

/// Creates a hidden constant at the end of the module.
static LLVM::GlobalOp createGlobal(ModuleOp host, Type type, StringRef name, Attribute value) {
  auto builder = OpBuilder::atBlockEnd(host.getBody());
  auto global = LLVM::GlobalOp::create(builder, host.getLoc(), type, /*isConstant=*/true,
                                       LLVM::Linkage::External, name, value,
                                       /*alignment=*/CCM_ALIGNMENT);
  global.setVisibility_(LLVM::Visibility::Hidden);
  return global;
}

void TableBuilder::define(StringRef name, function_ref<Value()> value) {
  OpBuilder::InsertionGuard guard(builder);
  // The type is that of the value: build in a global of any type, then set it.
  LLVM::GlobalOp global = createGlobal(host, builder.getI32Type(), name, Attribute());
  builder.createBlock(&global.getInitializerRegion());
  Value made = value();
  LLVM::ReturnOp::create(builder, loc, made);
  global.setGlobalType(made.getType());
}

void TableBuilder::defineBytes(StringRef name, StringRef bytes, StringRef section) {
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
  LLVM::GlobalOp global = createGlobal(host, type, name, builder.getStringAttr(bytes));
  if (section.empty())
    return;
  global.setSection(section);
  OpBuilder::InsertionGuard guard(builder);
  auto list = LLVM::LLVMArrayType::get(LLVM::LLVMPointerType::get(builder.getContext()), 1);
  auto atEnd = OpBuilder::atBlockEnd(host.getBody());
  auto used = LLVM::GlobalOp::create(atEnd, loc, list, /*isConstant=*/false,
                                     LLVM::Linkage::Appending, "llvm.used", Attribute());
  used.setSection("llvm.metadata");
  builder.createBlock(&used.getInitializerRegion());
  LLVM::ReturnOp::create(builder, loc, array({address(name)}));
}

void TableBuilder::defineNote(StringRef name, StringRef bytes, StringRef section) {
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
  LLVM::GlobalOp global = createGlobal(host, type, name, builder.getStringAttr(bytes));
  global.setSection(section);
  global.setAlignment(4); // of notes
}

Value TableBuilder::i32(int64_t value) {
  return LLVM::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(value));
}
Value TableBuilder::i64(uint64_t value) {
  return LLVM::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value));
}
Value TableBuilder::f32(float value) {
  return LLVM::ConstantOp::create(builder, loc, builder.getF32FloatAttr(value));
}
Value TableBuilder::f64(double value) {
  return LLVM::ConstantOp::create(builder, loc, builder.getF64FloatAttr(value));
}
Value TableBuilder::null() {
  return LLVM::ZeroOp::create(builder, loc, LLVM::LLVMPointerType::get(builder.getContext()));
}

Value TableBuilder::address(StringRef symbol) {
  if (symbol.empty())
    return null();
  return LLVM::AddressOfOp::create(builder, loc, LLVM::LLVMPointerType::get(builder.getContext()),
                                   symbol);
}

Value TableBuilder::text(StringRef text) {
  std::string &name = texts[text];
  if (name.empty()) {
    name = "ccm_text_" + std::to_string(texts.size());
    defineBytes(name, text.str() + '\0');
  }
  return address(name);
}

Value TableBuilder::aggregate(Type type, ArrayRef<Value> members) {
  Value result = LLVM::ZeroOp::create(builder, loc, type);
  for (auto [i, member] : llvm::enumerate(members))
    result = LLVM::InsertValueOp::create(builder, loc, result, member, int64_t(i));
  return result;
}

/// Long arrays are made of shorter ones, which lie in memory the same: a constant is copied for
/// each element that is put into it.
Value TableBuilder::array(ArrayRef<Value> elements) {
  constexpr size_t kLongest = 64;
  Type element = elements.empty() ? builder.getI64Type() : elements.front().getType();
  if (elements.size() <= kLongest)
    return aggregate(LLVM::LLVMArrayType::get(element, elements.size()), elements);
  SmallVector<Value> parts;
  for (; elements.size() >= kLongest; elements = elements.drop_front(kLongest))
    parts.push_back(array(elements.take_front(kLongest)));
  Value whole = array(parts);
  return elements.empty() ? whole : packed({whole, array(elements)});
}

Value TableBuilder::extents(const int64_t *values, int32_t rank) {
  SmallVector<Value> elements;
  for (int32_t i = 0; i < CCM_MAX_RANK; ++i)
    elements.push_back(i64(i < rank ? values[i] : 0));
  return array(elements);
}

Value TableBuilder::dims(const int32_t *values, int32_t rank) {
  SmallVector<Value> elements;
  for (int32_t i = 0; i < CCM_MAX_RANK; ++i)
    elements.push_back(i32(i < rank ? values[i] : 0));
  return array(elements);
}

Value TableBuilder::packed(ArrayRef<Value> members) {
  auto types = llvm::map_to_vector(members, [](Value member) { return member.getType(); });
  return aggregate(LLVM::LLVMStructType::getLiteral(builder.getContext(), types, /*isPacked=*/true),
                   members);
}

static size_t bytesOf(Type type) {
  if (auto array = dyn_cast<LLVM::LLVMArrayType>(type))
    return array.getNumElements() * bytesOf(array.getElementType());
  if (auto record = dyn_cast<LLVM::LLVMStructType>(type)) {
    size_t bytes = 0;
    for (Type member : record.getBody())
      bytes += bytesOf(member);
    return bytes;
  }
  return isa<LLVM::LLVMPointerType>(type) ? sizeof(void *) : type.getIntOrFloatBitWidth() / 8;
}

Value TableBuilder::record(size_t bytes, ArrayRef<Member> members) {
  auto sorted = llvm::to_vector(members);
  llvm::sort(sorted, [](const Member &a, const Member &b) { return a.offset < b.offset; });
  SmallVector<Value> values;
  size_t end = 0;
  auto fillTo = [&](size_t offset) {
    if (offset < end)
      llvm::reportFatalInternalError("members of a record overlap");
    if (offset > end)
      values.push_back(LLVM::ZeroOp::create(
          builder, loc, LLVM::LLVMArrayType::get(builder.getI8Type(), offset - end)));
  };
  for (const Member &member : sorted) {
    fillTo(member.offset);
    if (bytesOf(member.value.getType()) != member.bytes)
      llvm::reportFatalInternalError("a value is not as wide as its member");
    values.push_back(member.value);
    end = member.offset + member.bytes;
  }
  fillTo(bytes);
  return packed(values);
}

std::string TableBuilder::newName(StringRef what) {
  return ("ccm_" + what + "_" + Twine(names++)).str();
}

LLVM::LLVMFuncOp TableBuilder::declare(StringRef name, Type result, ArrayRef<Type> arguments) {
  LLVM::LLVMFuncOp &function = declared[name];
  auto end = OpBuilder::atBlockEnd(host.getBody());
  if (!function)
    function =
        LLVM::LLVMFuncOp::create(end, loc, name, LLVM::LLVMFunctionType::get(result, arguments));
  return function;
}

// ---- Tables of the model ------------------------------------------------------------------------

static Value portRecord(TableBuilder &t, const HostPort &port) {
  const ccm_port &abi = port.abi;
  return t.record(
      sizeof(ccm_port),
      {CCM_MEMBER(ccm_port, name, t.text(port.name)), CCM_MEMBER(ccm_port, dtype, t.i32(abi.dtype)),
       CCM_MEMBER(ccm_port, rank, t.i32(abi.rank)),
       CCM_MEMBER(ccm_port, extents, t.extents(abi.extents, abi.rank)),
       CCM_MEMBER(ccm_port, bytes, t.i64(abi.bytes)),
       CCM_MEMBER(ccm_port, vocabulary, t.i64(abi.vocabulary)),
       CCM_MEMBER(ccm_port, target_dtype, t.i32(abi.target_dtype)),
       CCM_MEMBER(ccm_port, target_rank, t.i32(abi.target_rank)),
       CCM_MEMBER(ccm_port, target_extents, t.extents(abi.target_extents, abi.target_rank)),
       CCM_MEMBER(ccm_port, target_bytes, t.i64(abi.target_bytes))});
}

static Value parameterRecord(TableBuilder &t, const HostParameter &parameter) {
  const ccm_parameter &abi = parameter.abi;
  return t.record(
      sizeof(ccm_parameter),
      {CCM_MEMBER(ccm_parameter, name, t.text(parameter.name)),
       CCM_MEMBER(ccm_parameter, rank, t.i32(abi.rank)),
       CCM_MEMBER(ccm_parameter, packed_rank, t.i32(abi.packed_rank)),
       CCM_MEMBER(ccm_parameter, shape, t.extents(abi.shape, abi.rank)),
       CCM_MEMBER(ccm_parameter, packed_extents, t.extents(abi.packed_extents, abi.packed_rank)),
       CCM_MEMBER(ccm_parameter, packed_dims, t.dims(abi.packed_dims, abi.packed_rank)),
       CCM_MEMBER(ccm_parameter, packed_steps, t.extents(abi.packed_steps, abi.packed_rank)),
       CCM_MEMBER(ccm_parameter, offset, t.i64(abi.offset)),
       CCM_MEMBER(ccm_parameter, bytes, t.i64(abi.bytes))});
}

static Value initialRecord(TableBuilder &t, const HostParameter &parameter) {
  const ccm_initial &initial = parameter.initial;
  return t.record(sizeof(ccm_initial), {CCM_MEMBER(ccm_initial, fill, t.i32(initial.fill)),
                                        CCM_MEMBER(ccm_initial, decay, t.i32(initial.decay)),
                                        CCM_MEMBER(ccm_initial, scale, t.f64(initial.scale))});
}

template <typename Items, typename Make>
static void defineList(TableBuilder &tables, StringRef name, const Items &items, Make make) {
  tables.define(name, [&] {
    SmallVector<Value> values;
    for (const auto &item : items)
      values.push_back(make(tables, item));
    return tables.array(values);
  });
}

void defineModelTables(TableBuilder &tables, const HostModel &model) {
  defineList(tables, "ccm_inputs", model.inputs, portRecord);
  defineList(tables, "ccm_outputs", model.outputs, portRecord);
  defineList(tables, "ccm_parameters", model.parameters, parameterRecord);
  defineList(tables, "ccm_initials", model.parameters, initialRecord);
  defineList(tables, "ccm_weights", model.outputs,
             [](TableBuilder &t, const HostPort &port) { return t.f64(port.weight); });
}

} // namespace ccm
