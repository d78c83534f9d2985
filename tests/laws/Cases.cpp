// SPDX-License-Identifier: Apache-2.0
// Case files and the numbers drawn for them.
#include "tests/laws/Cases.h"
#include "codegen/reference/ReferenceLowering.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace ccm::laws {

MLIRContext &context() {
  static MLIRContext &instance = *[] {
    DialectRegistry registry;
    registerDialect(registry);
    registerReferenceLowering(registry);
    auto *created = new MLIRContext(registry, MLIRContext::Threading::DISABLED);
    created->loadAllAvailableDialects();
    return created;
  }();
  return instance;
}

std::vector<std::string> caseFiles() {
  std::vector<std::string> files;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator at(CCM_LAW_CASES, error), end; at != end && !error;
       at.increment(error))
    if (llvm::sys::path::extension(at->path()) == ".mlir")
      files.push_back(at->path());
  llvm::sort(files);
  return files;
}

OwningOpRef<ModuleOp> parseCases(const std::string &file) {
  return parseSourceFile<ModuleOp>(file, ParserConfig(&context()));
}

/// FNV-1a: the same numbers everywhere.
static uint64_t hash(StringRef text) {
  uint64_t value = 14695981039346656037u;
  for (unsigned char c : text)
    value = (value ^ c) * 1099511628211u;
  return value;
}

Numbers::Numbers(StringRef seed) : random(hash(seed)) {}

/// Indices are below the rows of a table or the classes of scores.
static int64_t indexLimit(func::FuncOp source) {
  for (Operation &op : source.getBody().front())
    if (auto embedding = dyn_cast<EmbeddingOp>(op))
      return embedding.getTable().getType().getDimSize(0);
  return cast<RankedTensorType>(source.getArgumentTypes().front()).getShape().back();
}

Array Numbers::argument(func::FuncOp source, unsigned number, int64_t batch) {
  Type type = source.getArgumentTypes()[number];
  Array array =
      Array::zeros(cast<RankedTensorType>(type).isDynamicDim(0) ? withBatch(type, batch) : type);
  Operation *primitive = primitiveOf(source);
  bool isTarget = primitive && isa<LossOpInterface>(primitive) && number == 1;
  int64_t limit = array.isIndex ? indexLimit(source) : 0;
  for (double &element : array.data)
    element = array.isIndex ? double(random() % limit) : isTarget ? target() : value();
  return array;
}

Array Numbers::values(const Array &like) {
  Array array = like;
  for (double &element : array.data)
    element = value();
  return array;
}

Array Numbers::signs(const Array &like) {
  Array array = like;
  for (double &element : array.data)
    element = random() % 2 ? 1.0 : -1.0;
  return array;
}

} // namespace ccm::laws
