// SPDX-License-Identifier: Apache-2.0
// A kernel's nests as Halide functions, before any scheduling.
#pragma once

#include "Halide.h"
#include "codegen/halide/KernelCode.h"
#include "codegen/plan/KernelPlan.h"
#include <map>

namespace ccm {

/// One nest as Halide functions. Readers call `full`; for reductions that are cut into tiles it
/// copies from `sums`, so that these live in registers. Otherwise the two are the same.
struct NestFunc {
  Halide::Func sums, full;
  std::vector<Halide::RVar> loops; ///< per loop of the nest; only reduced ones are defined
  /// Partial sums, if any: the function of one run of terms, what joins its results pairwise down
  /// to one, and the loops that add runs, innermost first. `lane` numbers the partial results.
  Halide::Func partial;
  std::vector<Halide::Func> halves;
  std::vector<Halide::RVar> runs;
  Halide::RVar step;
  Halide::Var lane;
};

/// The functions of one kernel. A nest that several groups compute has a copy for each.
class KernelFuncs {
public:
  /// Translates everything that the plan's results need. Fails with a diagnostic at the operation
  /// that has no translation.
  KernelFuncs(KernelOp kernel, const KernelPlan &plan);
  bool failed() const { return hasFailed; }

  /// The copy of a nest that a group uses; `kShared` for what is computed for all groups.
  NestFunc &nest(unsigned number, int group) { return nests.at({number, group}); }
  bool has(unsigned number, int group) const { return nests.count({number, group}) != 0; }
  static constexpr int kShared = -1;

  std::vector<Halide::Func> stores; ///< per group; a tuple when it has several results
  /// The kernel's operands that are read, by number.
  std::map<unsigned, Halide::ImageParam> operands;
  /// Kernels that are cut: the first task to do, and how many.
  Halide::Param<int32_t> firstTask{kFirstTask}, taskCount{kTaskCount};

private:
  using Exprs = std::vector<Halide::Expr>;
  using Environment = llvm::DenseMap<mlir::Value, Halide::Expr>;

  /// What the body of one nest is translated with.
  struct Body {
    const Nest &nest;
    int group;
    Exprs loops;
    Environment values;
  };

  void addOperand(unsigned number);
  void storeGroup(unsigned number);
  void storeScatter(unsigned number, const Nest &nest);
  NestFunc &define(const Nest &nest, int group);
  void defineSums(NestFunc &func, Body &body, const std::vector<Halide::Var> &vars);
  void addTerms(NestFunc &func, Body &body, const Exprs &at);
  void fuseProducts(Body &body);
  void addPartial(NestFunc &func, Body &body, const Exprs &at);
  void definePartial(NestFunc &func, const Body &outer, const std::vector<Halide::Var> &dims,
                     const std::vector<Halide::Var> &runs);
  void addChain(NestFunc &func, Body &body, const Exprs &at, int64_t start);
  Body begin(const Nest &nest, int group, const std::vector<Halide::Var> &vars) const;
  std::vector<Halide::RVar> bindSums(Body &body, const std::string &name, int64_t start,
                                     int64_t extent);
  void bindInputs(Body &body);
  Halide::Expr evaluate(mlir::Value value, Body &body);
  Halide::Expr extract(mlir::tensor::ExtractOp op, Body &body);
  Halide::Expr read(mlir::Value value, Exprs at, int group);
  Halide::Expr readPadded(mlir::tensor::PadOp op, const Exprs &at, int group);
  Halide::Expr readNest(mlir::Value value, const Exprs &at, int group);
  Halide::Expr fail(mlir::Operation *op);
  const Stage *stageOf(unsigned number, int group) const;

  KernelOp kernel;
  const KernelPlan &plan;
  std::map<std::pair<unsigned, int>, NestFunc> nests;
  bool hasFailed = false;
};

} // namespace ccm
