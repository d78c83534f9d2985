// SPDX-License-Identifier: Apache-2.0
// The upstream lowering and its execution.
#include "tests/laws/Reference.h"
#include "codegen/reference/ReferenceLowering.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "tests/laws/Rounding.h"
#include "llvm/Support/TargetSelect.h"

using namespace mlir;

namespace ccm::laws {

Array Array::zeros(Type tensor) {
  auto type = cast<RankedTensorType>(tensor);
  Array array;
  array.shape = type.getShape();
  array.data.resize(type.getNumElements());
  array.isIndex = type.getElementType().isInteger(32);
  return array;
}

/// Every f32 of the module as f64; constants keep their values.
static void widen(ModuleOp module) {
  AttrTypeReplacer replacer;
  Type wide = Float64Type::get(module.getContext());
  replacer.addReplacement([=](Float32Type) { return wide; });
  replacer.addReplacement([=](FloatAttr attribute) -> std::optional<Attribute> {
    if (!attribute.getType().isF32())
      return std::nullopt;
    return FloatAttr::get(wide, attribute.getValueAsDouble());
  });
  replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/true, /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
}

std::unique_ptr<Reference> Reference::create(OwningOpRef<ModuleOp> module) {
  auto reference = std::make_unique<Reference>();
  widen(*module);
  for (auto function : llvm::make_early_inc_range(module->getOps<func::FuncOp>())) {
    std::string name = function.getName().str();
    reference->signatures[name].results = SmallVector<Type>(function.getResultTypes());
    function.setName(name + "_tensors");
    if (failed(withRounding(function, name)))
      return nullptr;
    function.erase();
  }
  if (failed(lowerByReference(*module, ReferenceNeeds::Libraries)))
    return nullptr;
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto engine = ExecutionEngine::create(*module);
  if (!engine) {
    module->emitError() << llvm::toString(engine.takeError());
    return nullptr;
  }
  reference->engine = std::move(*engine);
  reference->module = std::move(module);
  return reference;
}

namespace {
/// Memory in the form that a lowered memref argument has: two pointers, offset, extents, strides.
struct Descriptor {
  std::vector<int32_t> indices;
  std::vector<int64_t> words;
  void *pointer = nullptr;

  explicit Descriptor(Array &array) {
    void *data = array.data.data();
    if (array.isIndex) {
      indices.assign(array.data.begin(), array.data.end());
      data = indices.data();
    }
    words = {int64_t(data), int64_t(data), 0};
    words.insert(words.end(), array.shape.begin(), array.shape.end());
    int64_t stride = array.data.size();
    for (int64_t extent : array.shape)
      words.push_back(stride /= extent);
    pointer = words.data();
  }
};
} // namespace

std::vector<Bounded> Reference::run(StringRef function, const std::vector<Array> &arguments) const {
  std::vector<Array> inputs = arguments;
  std::vector<Bounded> results;
  for (Type type : signatures.lookup(function).results)
    results.push_back({Array::zeros(type), Array::zeros(type)});
  std::vector<std::unique_ptr<Descriptor>> descriptors;
  for (Array &input : inputs)
    descriptors.push_back(std::make_unique<Descriptor>(input));
  for (Bounded &result : results) {
    descriptors.push_back(std::make_unique<Descriptor>(result.value));
    descriptors.push_back(std::make_unique<Descriptor>(result.error));
  }
  SmallVector<void *> packed;
  for (auto &descriptor : descriptors)
    packed.push_back(&descriptor->pointer);
  llvm::cantFail(engine->invokePacked(("_mlir_ciface_" + function).str(), packed));
  return results;
}

} // namespace ccm::laws
