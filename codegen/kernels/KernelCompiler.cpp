// SPDX-License-Identifier: Apache-2.0
// Compiles kernels in child processes and keeps the results in a cache.
#include "codegen/kernels/KernelCompiler.h"
#include "codegen/kernels/ChildProcess.h"
#include "codegen/kernels/CompilerIdentity.h"
#include "codegen/reference/ReferenceKernel.h"
#include "mlir/IR/Diagnostics.h"
#include "runtime/io/Io.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/Threading.h"

using namespace mlir;

namespace ccm {

/// The kernel's text without what does not change its code.
static std::string canonicalText(KernelOp kernel) {
  KernelOp copy = cast<KernelOp>(kernel->clone());
  copy->setDiscardableAttrs(ArrayRef<NamedAttribute>());
  copy.removeOperandPlacesAttr();
  copy.removeResultPlacesAttr();
  std::string text;
  llvm::raw_string_ostream os(text);
  copy->print(os, OpPrintingFlags().printGenericOpForm().useLocalScope().enableDebugInfo(false));
  copy->erase();
  return text;
}

/// The symbol of a kernel with that text.
static std::string symbolOf(std::string content, const Target &target, KernelSource source) {
  content += '\0';
  content += describe(target);
  if (source == KernelSource::Reference)
    content += " reference";
  auto digest = llvm::BLAKE3::hash<8>(llvm::arrayRefFromStringRef(content));
  return "ccm_k_" + llvm::toHex(digest, /*LowerCase=*/true);
}

std::string kernelSymbol(KernelOp kernel, const Target &target, KernelSource source) {
  return symbolOf(canonicalText(kernel), target, source);
}

namespace {

/// First byte of what a child reports.
enum ReportKind : char { Compiled = 'c', Refused = 'r' };

/// Runs in a child: compiles the kernel and reports the object or the diagnostics.
std::string compileInChild(KernelOp kernel, const Target &target, KernelSource source,
                           StringRef symbol) {
  std::string messages;
  ScopedDiagnosticHandler handler(kernel.getContext(), [&](Diagnostic &diagnostic) {
    messages += (messages.empty() ? "" : "\n") + diagnostic.str();
    return success();
  });
  auto object = source == KernelSource::Reference ? emitReferenceKernel(kernel, target, symbol)
                                                  : emitKernel(kernel, target, symbol);
  if (failed(object))
    return std::string(1, Refused) + messages;
  return std::string(1, Compiled) + packKernel(*object);
}

/// The kernels of one call, by content.
class Compiler {
public:
  Compiler(ArrayRef<TargetedKernel> kernels, const KernelOptions &options) : options(options) {
    llvm::DenseMap<Operation *, std::string> texts; // of kernels that several targets have
    for (auto [kernel, target] : kernels) {
      std::string &text = texts[kernel];
      if (text.empty())
        text = canonicalText(kernel);
      std::string symbol = symbolOf(text, *target, options.source);
      order.push_back(symbol);
      if (distinct.try_emplace(symbol).second)
        firsts.push_back({kernel, target, symbol, text.size()});
    }
  }

  FailureOr<std::vector<KernelObject>> run() {
    if (!options.cacheDirectory.empty() && !firsts.empty())
      isCached = keeps(firsts.front().kernel, io::makeDirectories(options.cacheDirectory));
    if (failed(compileMissing()))
      return failure();
    std::vector<KernelObject> objects;
    for (const std::string &symbol : order)
      objects.push_back(distinct[symbol]);
    return objects;
  }

private:
  /// A kernel that stands for all of its content.
  struct First {
    KernelOp kernel;
    const Target *target;
    std::string symbol;
    size_t size; ///< of its text
  };

  std::string cachePath(StringRef symbol) const {
    return options.cacheDirectory + "/" + symbol.str() + "-" + identity + ".kernel";
  }

  /// What the cache holds, unless it is damaged.
  bool findInCache(const std::string &symbol) {
    if (!isCached)
      return false;
    auto contents = io::readFile(cachePath(symbol));
    auto object = contents ? unpackKernel(*contents, symbol) : std::nullopt;
    if (object)
      distinct[symbol] = std::move(*object);
    return object.has_value();
  }

  LogicalResult compileMissing() {
    std::vector<First> missing;
    llvm::copy_if(firsts, std::back_inserter(missing),
                  [&](const First &first) { return !findInCache(first.symbol); });
    // The largest first: while the last ones are compiled some processors idle.
    llvm::stable_sort(missing, [](const First &a, const First &b) { return a.size > b.size; });
    std::vector<std::function<std::string()>> tasks;
    for (const First &first : missing)
      tasks.push_back([this, &first] {
        return compileInChild(first.kernel, *first.target, options.source, first.symbol);
      });
    unsigned jobs =
        options.jobs ? options.jobs : llvm::hardware_concurrency().compute_thread_count();
    size_t done = 0;
    auto finished = [&] {
      if (options.progress)
        options.progress(++done, tasks.size());
    };
    std::vector<ChildResult> results = runInChildren(tasks, jobs, finished);
    LogicalResult all = success();
    for (auto [first, result] : llvm::zip(missing, results))
      if (failed(take(first.kernel, first.symbol, result)))
        all = failure();
    return all;
  }

  /// Takes over what a child reported for a kernel.
  LogicalResult take(KernelOp kernel, const std::string &symbol, const ChildResult &result) {
    StringRef report = result.output;
    if (!result.failure.empty())
      return kernel->emitError() << "internal error: compiling this kernel " << result.failure;
    if (report.consume_front(StringRef(std::string(1, Refused))))
      return kernel->emitError() << report;
    auto object = unpackKernel(report.drop_front(1), symbol);
    if (!object)
      return kernel->emitError() << "internal error: compiling this kernel gave a damaged report";
    if (isCached)
      isCached = keeps(kernel, io::writeFileAtomically(cachePath(symbol), report.drop_front(1)));
    distinct[symbol] = std::move(*object);
    return success();
  }

  /// Whether the cache takes kernels; a library can be made without, so more than a warning is not
  /// due.
  static bool keeps(KernelOp kernel, const io::Status &status) {
    if (!status)
      kernel->emitWarning() << "compiled kernels are not kept: " << status.error().message;
    return static_cast<bool>(status);
  }

  const KernelOptions &options;
  const std::string identity = compilerIdentity();
  bool isCached = false;
  std::vector<std::string> order;
  std::vector<First> firsts;
  std::map<std::string, KernelObject> distinct;
};

} // namespace

FailureOr<std::vector<KernelObject>> compileKernels(ArrayRef<TargetedKernel> kernels,
                                                    const KernelOptions &options) {
  return Compiler(kernels, options).run();
}

} // namespace ccm
