// SPDX-License-Identifier: Apache-2.0
// The border between MLIR, where errors are diagnostics, and Halide, where they are exceptions.
#include "codegen/halide/HalideEmitter.h"
#include "codegen/halide/HalideNames.h"
#include "codegen/halide/HalideNests.h"
#include "codegen/halide/KernelCode.h"
#include "codegen/halide/LowerKernel.h"
#include "codegen/halide/ScheduleCpu.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;

namespace ccm {

namespace {

/// Turns Halide's warnings into errors: without checks at run time, a warned-about kernel may read
/// or write beyond its tensors.
class StrictReporter : public Halide::CompileTimeErrorReporter {
public:
  void warning(const char *message) override {
    throw Halide::CompileError(std::string("warning: ") + message);
  }
  [[noreturn]] void error(const char *message) override { throw Halide::CompileError(message); }
};

/// Why an attempt gave no object: a diagnostic was emitted, or the text says it.
struct Rejection {
  bool isReported = false;
  std::string reason;
};

/// One attempt at compiling a kernel by a given plan.
class Attempt {
public:
  Attempt(KernelOp kernel, const Target &target, StringRef symbol)
      : kernel(kernel), target(target), symbol(symbol) {}

  /// The object, or why there is none. `rejection` is empty on success.
  KernelObject run(PlanLevel level, Rejection &rejection) {
    KernelObject object;
    auto plan = planKernel(kernel, target, level);
    if (failed(plan)) {
      rejection.isReported = true;
      return object;
    }
    object.symbol = symbol.str();
    object.schedule = describe(*plan);
    try {
      if (!compile(*plan, object))
        rejection.isReported = true;
    } catch (const Halide::Error &error) {
      rejection.reason = StringRef(error.what()).trim().str();
      return object;
    }
    if (!rejection.isReported)
      rejection.reason = findOpenSymbol(object.bytes);
    return object;
  }

private:
  bool compile(const KernelPlan &plan, KernelObject &object) {
    KernelFuncs funcs(kernel, plan);
    if (funcs.failed())
      return false;
    scheduleForCpu(funcs, plan);
    std::vector<KernelBuffer> buffers;
    if (plan.groups.front().cut)
      object.tasks = int(plan.groups.front().cut->tasks);
    for (auto &[number, param] : funcs.operands) {
      buffers.push_back({param.name(), memoryOf(number)});
      object.arguments.push_back({false, number});
    }
    for (auto [number, group] : llvm::enumerate(plan.groups)) {
      describeResults(plan, group, funcs.stores[number]);
      for (auto [position, result] : llvm::enumerate(group.results)) {
        buffers.push_back({nameOf(funcs.stores[number], position), memoryOf(plan, result)});
        object.arguments.push_back({true, result});
      }
    }
    writeObject(funcs, buffers, object.bytes);
    return true;
  }

  /// A result that is written in place lies where its operand does.
  static std::string memoryOf(unsigned operand) { return "operand " + std::to_string(operand); }
  static std::string memoryOf(const KernelPlan &plan, unsigned result) {
    auto operand = plan.sinks[result].inPlace;
    return operand ? memoryOf(*operand) : "result " + std::to_string(result);
  }

  /// The name that Halide gives the buffer of a store's result.
  static std::string nameOf(const Halide::Func &store, size_t position) {
    return store.outputs() == 1 ? store.name() : store.name() + "." + std::to_string(position);
  }

  /// Tells Halide extents and strides of whole results, whatever tasks store of them.
  static void describeResults(const KernelPlan &plan, const Group &group, Halide::Func store) {
    for (auto [position, result] : llvm::enumerate(group.results)) {
      auto buffer = store.output_buffers()[position];
      size_t rank = group.shape.size();
      for (size_t dim = 0; dim < rank; ++dim) {
        auto dimension = buffer.dim(int(rank - 1 - dim));
        dimension.set_bounds(0, int(group.shape[dim]));
        dimension.set_stride(int(plan.sinks[result].strides[dim]));
      }
    }
  }

  void writeObject(const KernelFuncs &funcs, ArrayRef<KernelBuffer> buffers, std::string &bytes) {
    auto body = lowerKernel(funcs.stores, Halide::Target(std::string(target.halide)));
    llvm::Expected<std::string> object = compileLowered(body, buffers, symbol, target);
    if (!object)
      throw Halide::CompileError(llvm::toString(object.takeError()));
    bytes = std::move(*object);
  }

  /// Why an object cannot stand alone: the first symbol it leaves to others, or "".
  static std::string findOpenSymbol(const std::string &bytes) {
    llvm::MemoryBufferRef buffer(bytes, "kernel");
    auto file = llvm::object::ObjectFile::createObjectFile(buffer);
    if (!file)
      return llvm::toString(file.takeError());
    for (const llvm::object::SymbolRef &open : (*file)->symbols()) {
      auto flags = open.getFlags();
      auto name = open.getName();
      if (!flags || !name)
        return llvm::toString(flags ? name.takeError() : flags.takeError());
      bool isUndefined = *flags & llvm::object::SymbolRef::SF_Undefined;
      bool isAllowed = llvm::is_contained({"", "memcpy", "memmove", "memset"}, *name);
      if (isUndefined && !isAllowed)
        return "the code needs '" + name->str() + "'";
    }
    return "";
  }

  KernelOp kernel;
  const Target &target;
  StringRef symbol;
};

} // namespace

FailureOr<KernelObject> emitKernel(KernelOp kernel, const Target &target, StringRef symbol,
                                   PlanLevel first) {
  static StrictReporter reporter;
  Halide::set_custom_compile_time_error_reporter(&reporter);
  if (!useOrderedNames())
    return kernel.emitError() << "internal error: Halide names what it makes by itself";
  std::string reason;
  for (PlanLevel level : {PlanLevel::Fast, PlanLevel::Plain}) {
    if (level < first)
      continue;
    Rejection rejection;
    KernelObject object = Attempt(kernel, target, symbol).run(level, rejection);
    if (rejection.isReported)
      return failure();
    if (rejection.reason.empty()) {
      if (!reason.empty())
        object.schedule += "plain, because " + reason + "\n";
      return object;
    }
    reason = rejection.reason + "\ninstead of\n" + object.schedule;
  }
  kernel.emitError() << "internal error: this kernel cannot be compiled: " << reason;
  return failure();
}

} // namespace ccm
