// SPDX-License-Identifier: Apache-2.0
// Runs the importer on a text and keeps everything it says.
#pragma once

#include "frontend/ModelImporter.h"
#include "mlir/IR/MLIRContext.h"
#include <cerrno>
#include <map>
#include <memory>
#include <string>

namespace ccm::frontend {

/// One import of `text` as "model.json". Files that it uses follow it, each after a line
/// "--- its/name.json".
class ImportRun {
public:
  explicit ImportRun(const std::string &text)
      : files(filesOf(text)), source(std::make_unique<Source>("model.json", files[""])),
        diagnostics(*source), module(importModel(context, diagnostics, reader())) {}

  /// All diagnostics in a form.
  std::string said(DiagnosticFormat format = DiagnosticFormat::Text) const {
    std::string result;
    llvm::raw_string_ostream out(result);
    diagnostics.print(out, format);
    return result;
  }

  /// The IR, or "" after errors.
  std::string ir(bool withLocations = false) {
    std::string result;
    llvm::raw_string_ostream out(result);
    mlir::OpPrintingFlags flags;
    if (module)
      module->print(out, flags.enableDebugInfo(withLocations, withLocations));
    return result;
  }

  std::map<std::string, std::string> files; ///< by name; the first has none
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  std::unique_ptr<Source> source;
  Diagnostics diagnostics;
  mlir::OwningOpRef<mlir::ModuleOp> module;

private:
  static std::map<std::string, std::string> filesOf(llvm::StringRef text) {
    std::map<std::string, std::string> files;
    llvm::SmallVector<llvm::StringRef> parts;
    text.split(parts, "\n--- ");
    files[""] = parts.front().str();
    for (llvm::StringRef part : llvm::drop_begin(parts))
      files[part.split('\n').first.str()] = part.split('\n').second.str();
    return files;
  }

  ReadFile reader() const {
    return [this](const std::string &, const std::string &name, uint64_t) {
      auto found = files.find(name);
      return found == files.end()
                 ? io::Result<std::string>(io::Error{
                       ENOENT, name, "cannot open '" + name + "': No such file or directory"})
                 : io::Result<std::string>(found->second);
    };
  }
};

} // namespace ccm::frontend
