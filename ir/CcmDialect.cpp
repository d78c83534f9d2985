// SPDX-License-Identifier: Apache-2.0
// Registration of the dialect; attributes and the checks that several operations share.
#include "ir/Ccm.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

#include "ir/CcmDialect.cpp.inc"
#include "ir/CcmEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "ir/CcmAttributes.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "ir/CcmTypes.cpp.inc"

namespace ccm {

void CcmDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ir/CcmAttributes.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "ir/CcmTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/CcmOps.cpp.inc"
      >();
}

LogicalResult LayoutAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> extents, ArrayRef<int64_t> dims,
                                 ArrayRef<int64_t> steps) {
  if (extents.size() != dims.size() || extents.size() != steps.size())
    return emitError() << "expects as many dims and steps as extents, got " << extents.size()
                       << ", " << dims.size() << " and " << steps.size();
  for (auto [extent, dim, step] : llvm::zip(extents, dims, steps))
    if (extent < 1 || dim < 0 || step < 1)
      return emitError() << "expects positive extents and steps and dims from 0, got extent "
                         << extent << ", dim " << dim << ", step " << step;
  return success();
}

int64_t panelWidth(int64_t outputs) {
  int64_t vectors = llvm::divideCeil(outputs, kLanes);
  for (int64_t width : {4, 3, 2})
    if (vectors % width == 0)
      return width * kLanes;
  return kLanes;
}

RankedTensorType withBatch(Type type, int64_t batch) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  shape[0] = batch;
  return RankedTensorType::get(shape, tensor.getElementType());
}

std::optional<int64_t> elementsPerSample(RankedTensorType type) {
  int64_t product = 1;
  for (int64_t extent : type.getShape().drop_front())
    if (llvm::MulOverflow(product, extent, product) || product > INT32_MAX)
      return std::nullopt;
  return product;
}

bool isSampleType(RankedTensorType type) {
  return type.getRank() > 0 && type.isDynamicDim(0) &&
         llvm::all_of(type.getShape().drop_front(), [](int64_t extent) { return extent > 0; }) &&
         elementsPerSample(type);
}

bool isTrainedType(RankedTensorType type) {
  int64_t product = 1;
  return llvm::all_of(type.getShape(), [&](int64_t extent) {
    return extent > 0 && !llvm::MulOverflow(product, extent, product) && product <= INT32_MAX;
  });
}

LogicalResult verifySampleType(Operation *op, Type type, StringRef what) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || tensor.getRank() < 1 || !tensor.isDynamicDim(0))
    return op->emitOpError() << "expects " << what << " with a dynamic batch extent first, got "
                             << type;
  for (int64_t extent : tensor.getShape().drop_front())
    if (ShapedType::isDynamic(extent) || extent < 1)
      return op->emitOpError() << "expects " << what
                               << " with static positive extents after the batch, got " << type;
  if (!elementsPerSample(tensor))
    return op->emitOpError() << "expects " << what << " of at most 2147483647 elements, got "
                             << type;
  return success();
}

void registerDialect(DialectRegistry &registry) {
  registry.insert<CcmDialect, arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect,
                  math::MathDialect, tensor::TensorDialect>();
}

} // namespace ccm
