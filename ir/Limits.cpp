// SPDX-License-Identifier: Apache-2.0
// Limits to and from `#ccm.target`.
#include "ir/Limits.h"
#include "ir/Ccm.h"

using namespace mlir;

namespace ccm {

Limits Limits::least(const Limits &other) const {
  return {std::min(cacheBytes, other.cacheBytes), std::min(partBytes, other.partBytes),
          std::min(largestBlock, other.largestBlock), std::min(operations, other.operations),
          std::min(bandwidth, other.bandwidth)};
}

TargetAttr makeTarget(MLIRContext *context, StringRef kind, int64_t lanes, const Limits &limits) {
  return TargetAttr::get(context, kind, lanes, limits.cacheBytes, limits.partBytes,
                         limits.largestBlock, limits.operations, limits.bandwidth);
}

Limits limitsOf(Operation *op) {
  auto module = isa<ModuleOp>(op) ? cast<ModuleOp>(op) : op->getParentOfType<ModuleOp>();
  auto target = module ? module->getAttrOfType<TargetAttr>(kTargetAttr) : TargetAttr();
  if (!target)
    return {};
  return {target.getCacheBytes(), target.getPartBytes(), target.getLargestBlock(),
          target.getOperations(), target.getBandwidth()};
}

LogicalResult TargetAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringRef kind,
                                 int64_t lanes, int64_t cacheBytes, int64_t partBytes,
                                 int64_t largestBlock, int64_t operations, int64_t bandwidth) {
  if (kind != "cpu")
    return emitError() << "expects the class of targets \"cpu\", got \"" << kind << "\"";
  if (lanes < 1 || kLanes % lanes != 0)
    return emitError() << "expects lanes that divide the " << kLanes << " of packed layouts, got "
                       << lanes;
  for (int64_t number : {cacheBytes, partBytes, largestBlock, operations, bandwidth})
    if (number < 1)
      return emitError() << "expects positive limits of a target, got " << number;
  return success();
}

LogicalResult CcmDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == kTargetAttr && !isa<TargetAttr>(attribute.getValue()))
    return op->emitOpError() << "expects a #ccm.target in '" << kTargetAttr << "', got "
                             << attribute.getValue();
  return success();
}

} // namespace ccm
