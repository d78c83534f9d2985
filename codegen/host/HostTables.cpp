// SPDX-License-Identifier: Apache-2.0
#include "codegen/host/HostTables.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace ccm {

/// Creates a hidden constant, in the place of what was only referred to.
GlobalVariable *TableBuilder::createGlobal(StringRef name, Constant *value) {
  GlobalValue *referred = host.getNamedValue(name);
  auto *global = new GlobalVariable(host, value->getType(), /*isConstant=*/true,
                                    GlobalValue::ExternalLinkage, value);
  global->setVisibility(GlobalValue::HiddenVisibility);
  global->setAlignment(Align(CCM_ALIGNMENT));
  if (referred) {
    global->takeName(referred);
    referred->replaceAllUsesWith(global);
    referred->eraseFromParent();
  } else {
    global->setName(name);
  }
  return global;
}

void TableBuilder::define(StringRef name, Constant *value) { createGlobal(name, value); }

std::string TableBuilder::share(StringRef what, Constant *value) {
  std::string &name = shared[value];
  if (name.empty()) {
    name = ("ccm_" + what + "_" + Twine(shared.size())).str();
    createGlobal(name, value);
  }
  return name;
}

void TableBuilder::defineBytes(StringRef name, StringRef bytes, StringRef section) {
  GlobalVariable *global =
      createGlobal(name, ConstantDataArray::getString(context, bytes, /*AddNull=*/false));
  if (section.empty())
    return;
  global->setSection(section);
  appendToUsed(host, global);
}

void TableBuilder::defineNote(StringRef name, StringRef bytes, StringRef section) {
  GlobalVariable *global =
      createGlobal(name, ConstantDataArray::getString(context, bytes, /*AddNull=*/false));
  global->setSection(section);
  global->setAlignment(Align(4)); // of notes
}

Constant *TableBuilder::i32(int64_t value) {
  return ConstantInt::getSigned(Type::getInt32Ty(context), value);
}
Constant *TableBuilder::i64(uint64_t value) {
  return ConstantInt::get(Type::getInt64Ty(context), value);
}
Constant *TableBuilder::f32(float value) {
  return ConstantFP::get(Type::getFloatTy(context), value);
}
Constant *TableBuilder::f64(double value) {
  return ConstantFP::get(Type::getDoubleTy(context), value);
}
Constant *TableBuilder::f64s(ArrayRef<double> values) {
  return ConstantDataArray::get(context, values);
}
Constant *TableBuilder::null() { return ConstantPointerNull::get(PointerType::getUnqual(context)); }

Constant *TableBuilder::address(StringRef symbol) {
  if (symbol.empty())
    return null();
  if (GlobalValue *known = host.getNamedValue(symbol))
    return known;
  return new GlobalVariable(host, Type::getInt8Ty(context), /*isConstant=*/true,
                            GlobalValue::ExternalLinkage, nullptr, symbol);
}

Constant *TableBuilder::text(StringRef text) {
  return address(share("text", ConstantDataArray::getString(context, text)));
}

Constant *TableBuilder::array(ArrayRef<Constant *> elements) {
  Type *element = elements.empty() ? Type::getInt64Ty(context) : elements.front()->getType();
  return ConstantArray::get(ArrayType::get(element, elements.size()), elements);
}

Constant *TableBuilder::extents(const int64_t *values, int32_t rank) {
  SmallVector<Constant *> elements;
  for (int32_t i = 0; i < CCM_MAX_RANK; ++i)
    elements.push_back(i64(i < rank ? values[i] : 0));
  return array(elements);
}

Constant *TableBuilder::dims(const int32_t *values, int32_t rank) {
  SmallVector<Constant *> elements;
  for (int32_t i = 0; i < CCM_MAX_RANK; ++i)
    elements.push_back(i32(i < rank ? values[i] : 0));
  return array(elements);
}

Constant *TableBuilder::record(size_t bytes, ArrayRef<Member> members) {
  auto sorted = to_vector(members);
  llvm::sort(sorted, [](const Member &a, const Member &b) { return a.offset < b.offset; });
  SmallVector<Constant *> values;
  size_t end = 0;
  auto fillTo = [&](size_t offset) {
    if (offset < end)
      reportFatalInternalError("members of a record overlap");
    if (offset > end)
      values.push_back(
          ConstantAggregateZero::get(ArrayType::get(Type::getInt8Ty(context), offset - end)));
  };
  for (const Member &member : sorted) {
    fillTo(member.offset);
    if (host.getDataLayout().getTypeAllocSize(member.value->getType()) != member.bytes)
      reportFatalInternalError("a value is not as wide as its member");
    values.push_back(member.value);
    end = member.offset + member.bytes;
  }
  fillTo(bytes);
  return ConstantStruct::getAnon(context, values, /*Packed=*/true);
}

// ---- Tables of the model ------------------------------------------------------------------------

/// The address of a list of texts, or null for none.
static Constant *texts(TableBuilder &t, StringRef what, ArrayRef<StringRef> list) {
  if (list.empty())
    return t.null();
  auto addresses = llvm::map_to_vector(list, [&](StringRef text) { return t.text(text); });
  return t.address(t.share(what, t.array(addresses)));
}

static Constant *augmentRecord(TableBuilder &t, const ccm_augment &augment) {
  return t.record(sizeof(ccm_augment),
                  {CCM_MEMBER(ccm_augment, flip, t.i32(augment.flip)),
                   CCM_MEMBER(ccm_augment, shift, t.i32(augment.shift)),
                   CCM_MEMBER(ccm_augment, crop, t.f64(augment.crop)),
                   CCM_MEMBER(ccm_augment, gain, t.f64(augment.gain)),
                   CCM_MEMBER(ccm_augment, brightness, t.f64(augment.brightness)),
                   CCM_MEMBER(ccm_augment, noise, t.f64(augment.noise))});
}

static Constant *portRecord(TableBuilder &t, const HostPort &port) {
  const ccm_port &abi = port.abi;
  return t.record(
      sizeof(ccm_port),
      {CCM_MEMBER(ccm_port, name, t.text(port.name)),
       CCM_MEMBER(ccm_port, dtype, t.i32(abi.dtype)),
       CCM_MEMBER(ccm_port, rank, t.i32(abi.rank)),
       CCM_MEMBER(ccm_port, extents, t.extents(abi.extents, abi.rank)),
       CCM_MEMBER(ccm_port, bytes, t.i64(abi.bytes)),
       CCM_MEMBER(ccm_port, vocabulary, t.i64(abi.vocabulary)),
       CCM_MEMBER(ccm_port, target_dtype, t.i32(abi.target_dtype)),
       CCM_MEMBER(ccm_port, target_rank, t.i32(abi.target_rank)),
       CCM_MEMBER(ccm_port, target_extents, t.extents(abi.target_extents, abi.target_rank)),
       CCM_MEMBER(ccm_port, target_bytes, t.i64(abi.target_bytes)),
       CCM_MEMBER(ccm_port, partner, t.i32(abi.partner)),
       CCM_MEMBER(ccm_port, draw, t.i32(abi.draw)),
       CCM_MEMBER(ccm_port, numbers, t.f64s(abi.numbers)),
       CCM_MEMBER(ccm_port, scale, t.i32(abi.scale)),
       CCM_MEMBER(ccm_port, offset, t.i32(abi.offset)),
       CCM_MEMBER(ccm_port, factor, t.i32(abi.factor)),
       CCM_MEMBER(ccm_port, missing, t.i32(abi.missing)),
       CCM_MEMBER(ccm_port, unknown, t.i32(abi.unknown)),
       CCM_MEMBER(ccm_port, name_count, t.i32(abi.name_count)),
       CCM_MEMBER(ccm_port, column_count, t.i32(abi.column_count)),
       CCM_MEMBER(ccm_port, names, texts(t, "names", port.names)),
       CCM_MEMBER(ccm_port, columns, texts(t, "columns", port.columns)),
       CCM_MEMBER(ccm_port, steps, t.i64(abi.steps)),
       CCM_MEMBER(ccm_port, stride, t.i64(abi.stride)),
       CCM_MEMBER(ccm_port, horizon, t.i64(abi.horizon)),
       CCM_MEMBER(ccm_port, class_weights, t.i32(abi.class_weights)),
       CCM_MEMBER(ccm_port, balanced, t.i32(abi.balanced)),
       CCM_MEMBER(ccm_port, augment, augmentRecord(t, abi.augment))});
}

static Constant *parameterRecord(TableBuilder &t, const HostParameter &parameter) {
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

/// Null where a parameter has no values of its own.
static Constant *valuesOf(TableBuilder &t, const HostParameter &parameter) {
  if (parameter.values.empty())
    return t.null();
  return t.address(t.share("values", t.f64s(parameter.values)));
}

static Constant *initialRecord(TableBuilder &t, const HostParameter &parameter) {
  const ccm_initial &initial = parameter.initial;
  return t.record(sizeof(ccm_initial), {CCM_MEMBER(ccm_initial, fill, t.i32(initial.fill)),
                                        CCM_MEMBER(ccm_initial, decay, t.i32(initial.decay)),
                                        CCM_MEMBER(ccm_initial, stream, t.i32(initial.stream)),
                                        CCM_MEMBER(ccm_initial, scale, t.f64(initial.scale)),
                                        CCM_MEMBER(ccm_initial, values, valuesOf(t, parameter))});
}

template <typename Items, typename Make>
static void defineList(TableBuilder &tables, StringRef name, const Items &items, Make make) {
  SmallVector<Constant *> values;
  for (const auto &item : items)
    values.push_back(make(tables, item));
  tables.define(name, tables.array(values));
}

void defineModelTables(TableBuilder &tables, const HostModel &model) {
  defineList(tables, "ccm_inputs", model.inputs, portRecord);
  defineList(tables, "ccm_outputs", model.outputs, portRecord);
  defineList(tables, "ccm_parameters", model.parameters, parameterRecord);
  defineList(tables, "ccm_initials", model.parameters, initialRecord);
  defineList(tables, "ccm_caches", model.caches,
             [](TableBuilder &t, uint64_t bytes) { return t.i64(bytes); });
  defineList(tables, "ccm_weights", model.outputs,
             [](TableBuilder &t, const HostPort &port) { return t.f64(port.weight); });
}

} // namespace ccm
