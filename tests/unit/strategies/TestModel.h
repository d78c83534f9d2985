// SPDX-License-Identifier: Apache-2.0
// A model parsed from text, whose parts the tests measure.
#pragma once

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Parser/Parser.h"
#include "passes/strategies/Measure.h"
#include "passes/strategies/Sites.h"
#include <gtest/gtest.h>

namespace ccm::test {

/// A module parsed in a context that knows ccm's dialect afterwards.
inline mlir::OwningOpRef<mlir::ModuleOp> parseModule(const std::string &text,
                                                     mlir::MLIRContext &context) {
  mlir::DialectRegistry registry;
  registerDialect(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
  return mlir::parseSourceString<mlir::ModuleOp>(text, &context);
}

/// The type at the end of a port's operation.
inline std::string typeOfPort(const std::string &port) {
  return port.substr(port.rfind("tensor<"));
}

/// One input and one output around a core, with the same budget for every part.
class TestModel {
public:
  /// `input` and `output` are the tails of their operations: `high : tensor<?x28x28x1xf32>`.
  /// `before` is IR that stands before the model.
  TestModel(const std::string &input, const std::string &output, int64_t macs = 1000000,
            const std::string &before = "") {
    std::string budget = "budget(#ccm.budget<macs = " + std::to_string(macs) +
                         ", parameters = 0, activation_bytes = 0>)";
    std::string text = before +
                       "ccm.model @m train {} {\n"
                       "  %x = ccm.input \"in\" " +
                       input +
                       "\n"
                       "  %t = ccm.reduce \"in\" %x " +
                       budget + " : " + typeOfPort(input) +
                       "\n"
                       "  %c = ccm.core \"m\" %t " +
                       budget +
                       "\n"
                       "  %y = ccm.expand \"out\" %c " +
                       budget + " : " + typeOfPort(output) +
                       "\n"
                       "  ccm.output \"out\" %y " +
                       output + "\n}\n";
    module = parseModule(text, context);
  }

  ModelOp model() { return module->lookupSymbol<ModelOp>("m"); }
  mlir::ModuleOp get() { return *module; }
  Site reduce() { return siteOf(opsOf<ReduceOp>(model()).front()); }

  /// The core's site when its only group has `tokens` tokens of `width`.
  Site core(int64_t tokens, int64_t width) {
    llvm::SmallVector<unsigned> order;
    return siteOf(opsOf<CoreOp>(model()).front(), {tokensType(tokens, width)}, order);
  }

  /// The expand part's site when the core gives `tokens` tokens of `width`.
  Site expand(int64_t tokens, int64_t width) {
    return siteOf(opsOf<ExpandOp>(model()).front(), core(tokens, width), tokensType(tokens, width),
                  [](ReduceOp) { return llvm::SmallVector<SkipType>(); });
  }

  mlir::RankedTensorType tokensType(int64_t tokens, int64_t width) {
    return mlir::RankedTensorType::get({mlir::ShapedType::kDynamic, tokens, width},
                                       mlir::Float32Type::get(&context));
  }

  /// Cost of a strategy with the configuration in attribute syntax: `{depth = 1, width = 32}`.
  Cost cost(const Site &site, llvm::StringRef name, llvm::StringRef config) {
    PartOpInterface part = site.part;
    const Strategy *strategy = findStrategy(part.getPartKind(), name);
    auto entries = mlir::cast<mlir::DictionaryAttr>(mlir::parseAttribute(config, &context));
    return (**Measure()(*strategy, site, entries)).cost;
  }

  mlir::MLIRContext context;

private:
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace ccm::test
