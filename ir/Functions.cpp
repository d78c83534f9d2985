// SPDX-License-Identifier: Apache-2.0
// Roles and entries as attributes.
#include "ir/Functions.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ccm {

FailureOr<Role> readRole(func::FuncOp function, DictionaryAttr attributes) {
  auto name = attributes ? attributes.getAs<StringAttr>(kRoleAttr) : StringAttr();
  auto index = attributes ? attributes.getAs<IntegerAttr>(kIndexAttr) : IntegerAttr();
  auto region = name ? symbolizeRegion(name.getValue()) : std::nullopt;
  if (!region || !index)
    return function.emitOpError() << "expects a role and an index on every argument and result";
  return Role{*region, index.getInt()};
}

DictionaryAttr writeRole(MLIRContext *context, Role role) {
  Builder builder(context);
  return builder.getDictionaryAttr(
      {builder.getNamedAttr(kIndexAttr, builder.getI64IntegerAttr(role.index)),
       builder.getNamedAttr(kRoleAttr, builder.getStringAttr(stringifyRegion(role.region)))});
}

std::optional<EntryKind> entryOf(func::FuncOp function) {
  auto entry = function->getAttrOfType<StringAttr>(kEntryAttr);
  return entry ? symbolizeEntryKind(entry.getValue()) : std::nullopt;
}

void setEntry(func::FuncOp function, EntryKind entry) {
  function->setAttr(kEntryAttr, StringAttr::get(function.getContext(), stringifyEntryKind(entry)));
}

int64_t blockOf(func::FuncOp function) {
  auto block = function->getAttrOfType<IntegerAttr>(kBlockAttr);
  return block ? block.getInt() : 0;
}

int64_t contextOf(func::FuncOp function) {
  auto context = function->getAttrOfType<IntegerAttr>(kContextAttr);
  return context ? context.getInt() : 0;
}

uint64_t bytesAttribute(func::FuncOp function, StringRef name) {
  auto bytes = function ? function->getAttrOfType<IntegerAttr>(name) : IntegerAttr();
  return bytes ? llvm::alignTo(bytes.getInt(), kAlignment) : 0;
}

SmallVector<int64_t> blocksOf(ModelOp model) {
  if (auto blocks = model.getBlocks())
    return SmallVector<int64_t>(*blocks);
  return {1};
}

} // namespace ccm
