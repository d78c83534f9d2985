// SPDX-License-Identifier: Apache-2.0
// Parse, read, build, verify; the same first for every declaration that is used.
#include "frontend/ModelImporter.h"
#include "frontend/Library.h"
#include "frontend/ModelBuilder.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Path.h"

using llvm::StringRef;

namespace ccm::frontend {

/// Largest library that may be used, in bytes.
static constexpr uint64_t kLibraryLimit = uint64_t(1) << 30;

/// Most declarations that one may use, with those that these use.
static constexpr size_t kUseLimit = 100;

namespace {
class Importer {
public:
  Importer(mlir::MLIRContext &context, Diagnostics &diagnostics, const ReadFile &read)
      : context(context), diagnostics(diagnostics), language(context), read(read),
        folder(llvm::sys::path::parent_path(diagnostics.source().path())) {}

  mlir::OwningOpRef<mlir::ModuleOp> import();

private:
  /// A declaration that is being read, and where it is used.
  struct Open {
    std::string name; ///< from the folder of the first
    Place place;
  };

  ModelOp importFrom(const Source &source, StringRef symbol);
  ModelOp use(const JsonValue &value);
  ModelOp importUsed(const JsonValue &value, const std::string &name);
  ModelOp importLibrary(const JsonValue &value, const std::string &name, StringRef bytes);
  std::string pathOf(StringRef name) const;
  void reportCircle(llvm::ArrayRef<Open> circle, const JsonValue &value);
  std::string nameFrom(StringRef user, StringRef path) const;

  mlir::MLIRContext &context;
  Diagnostics &diagnostics;
  Language language;
  const ReadFile &read;
  std::string folder;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<Open> open;
  llvm::StringMap<ModelOp> known; ///< those that are used; null after an error
};
} // namespace

mlir::OwningOpRef<mlir::ModuleOp> Importer::import() {
  const Source &source = diagnostics.source();
  module = mlir::ModuleOp::create(
      mlir::FileLineColLoc::get(&context, source.path(), /*line=*/1, /*column=*/1));
  open.push_back({llvm::sys::path::filename(source.path()).str(), {}});
  if (!importFrom(source, "") || mlir::failed(mlir::verify(*module)))
    return nullptr;
  return std::move(module);
}

/// Of the first declaration the symbol is its name, which others cannot have: those are paths.
ModelOp Importer::importFrom(const Source &source, StringRef symbol) {
  const size_t errorsBefore = diagnostics.errorCount(); // of those that use it
  std::unique_ptr<JsonDocument> document = parseJson(diagnostics, source);
  if (!document)
    return nullptr;
  auto useOf = [this](const JsonValue &value) { return use(value); };
  Scope scope{context, language, diagnostics, useOf};
  Declaration declaration = readDeclaration(scope, document->root);
  if (diagnostics.errorCount() > errorsBefore)
    return nullptr;
  return buildModel(scope, declaration, *module, symbol.empty() ? declaration.name : symbol);
}

/// A path in `user` as one from the folder of the first declaration.
std::string Importer::nameFrom(StringRef user, StringRef path) const {
  llvm::SmallString<128> name(llvm::sys::path::parent_path(user));
  if (llvm::sys::path::is_absolute(path))
    name.clear();
  llvm::sys::path::append(name, path);
  llvm::sys::path::remove_dots(name, /*remove_dot_dot=*/true);
  return name.str().str();
}

ModelOp Importer::use(const JsonValue &value) {
  std::string name = nameFrom(open.back().name, value.text);
  auto again = llvm::find_if(open, [&](const Open &o) { return o.name == name; });
  if (again != open.end()) {
    reportCircle(llvm::ArrayRef(open).drop_front(again - open.begin()), value);
    return nullptr;
  }
  if (auto found = known.find(name); found != known.end())
    return found->second;
  ModelOp model = importUsed(value, name);
  known[name] = model;
  return model;
}

ModelOp Importer::importUsed(const JsonValue &value, const std::string &name) {
  if (diagnostics.files().size() > kUseLimit) {
    diagnostics.error(value.place, Message::UseTooMany, kUseLimit);
    return nullptr;
  }
  const bool isLibrary = StringRef(name).ends_with(".so");
  auto bytes = read(folder.empty() ? "." : folder, name, isLibrary ? kLibraryLimit : kFileLimit);
  if (!bytes) {
    diagnostics.error(value.place, Message::UseUnread, bytes.error().message);
    return nullptr;
  }
  open.push_back({name, value.place});
  ModelOp model = isLibrary
                      ? importLibrary(value, name, *bytes)
                      : importFrom(diagnostics.addFile(pathOf(name), std::move(*bytes)), name);
  open.pop_back();
  if (model)
    model.setPrivate();
  return model;
}

std::string Importer::pathOf(StringRef name) const {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, name);
  return path.str().str();
}

/// The model that a library was compiled from, as it was built there.
ModelOp Importer::importLibrary(const JsonValue &value, const std::string &name, StringRef bytes) {
  llvm::Expected<StringRef> ir = irOf(bytes);
  if (!ir || ir->size() > kFileLimit) {
    std::string reason = ir ? "its IR is too large" : llvm::toString(ir.takeError());
    diagnostics.error(value.place, Message::UseUnread, "'" + name + "': " + reason);
    return nullptr;
  }
  const Source &source = diagnostics.addFile(pathOf(name), ir->str());
  mlir::OwningOpRef<mlir::ModuleOp> library = parseLibrary(context, source.text(), source.path());
  if (!library)
    return nullptr;
  ModelOp model = *library->getOps<ModelOp>().begin();
  model->remove();
  module->push_back(model);
  model.setSymName(name);
  return model;
}

void Importer::reportCircle(llvm::ArrayRef<Open> circle, const JsonValue &value) {
  Report report = diagnostics.error(value.place, Message::UseCircle, circle.front().name);
  for (const Open &next : circle.drop_front())
    report.noteAt(next.place, Message::UsedHere, next.name);
}

mlir::OwningOpRef<mlir::ModuleOp> importModel(mlir::MLIRContext &context, Diagnostics &diagnostics,
                                              const ReadFile &read) {
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    diagnostics.add(diagnostic);
    return mlir::success();
  });
  return Importer(context, diagnostics, read).import();
}

} // namespace ccm::frontend
