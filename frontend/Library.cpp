// SPDX-License-Identifier: Apache-2.0
// Finds and parses the IR that a library carries.
#include "frontend/Library.h"
#include "frontend/TextDepth.h"
#include "ir/Ccm.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Object/ObjectFile.h"

using llvm::StringRef;

namespace ccm::frontend {

static constexpr StringRef kSection = ".ccm.ir";
static constexpr StringRef kVersionAttr = "ccm.version";

llvm::Expected<StringRef> irOf(StringRef library) {
  auto file = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(library, ""));
  if (!file)
    return file.takeError();
  for (const llvm::object::SectionRef &section : (*file)->sections()) {
    llvm::Expected<StringRef> name = section.getName();
    if (!name)
      return name.takeError();
    if (*name == kSection)
      return section.getContents();
  }
  return llvm::createStringError("it carries no IR, which is in the section " + kSection);
}

void setVersion(mlir::ModuleOp module) {
  module->setAttr(kVersionAttr, mlir::StringAttr::get(module.getContext(), CCM_VERSION));
}

mlir::OwningOpRef<mlir::ModuleOp> parseLibrary(mlir::MLIRContext &context, StringRef ir,
                                               StringRef path) {
  auto start = mlir::FileLineColLoc::get(&context, path, /*line=*/1, /*column=*/1);
  if (std::optional<TextProblem> problem = findTextProblem(ir)) {
    mlir::emitError(start) << problem->message;
    return nullptr;
  }
  auto module = mlir::parseSourceString<mlir::ModuleOp>(ir, mlir::ParserConfig(&context), path);
  if (!module)
    return nullptr;
  auto version = (*module)->getAttrOfType<mlir::StringAttr>(kVersionAttr);
  if (!version || version.getValue() != CCM_VERSION) {
    mlir::emitError(start) << "expects a library of version " << CCM_VERSION << ", got "
                           << (version ? version.getValue() : "none that is told")
                           << "; compile it again";
    return nullptr;
  }
  auto models = llvm::to_vector(module->getOps<ModelOp>());
  if (models.size() == 1 && models.front().getBody().getOps<PartOpInterface>().empty())
    return module;
  mlir::emitError(start) << "expects IR of one model of primitives";
  return nullptr;
}

} // namespace ccm::frontend
