// SPDX-License-Identifier: Apache-2.0
#include "codegen/halide/LowerKernel.h"

using namespace Halide::Internal;
using Halide::Expr;

namespace ccm {

namespace {

/// Drops what says where Halide would check buffers and skip stages.
class WithoutMarkers : public IRMutator {
  using IRMutator::visit;

  Stmt visit(const Block *op) override {
    auto *first = op->first.as<Evaluate>();
    bool isMarker = first && Call::as_intrinsic(first->value, {Call::add_image_checks_marker,
                                                               Call::skip_stages_marker});
    return isMarker ? mutate(op->rest) : IRMutator::visit(op);
  }
};

/// Shapes of buffers as constants, by the names under which statements read them.
class Shapes : public IRGraphVisitor {
public:
  /// Of the buffers that a statement reads and of all that it stores.
  Shapes(const Stmt &s, const std::vector<Function> &outputs) {
    s.accept(this);
    for (const Function &output : outputs)
      for (size_t value = 0; value < output.values().size(); ++value)
        add(output.values().size() == 1 ? output.name()
                                        : output.name() + "." + std::to_string(value),
            output.output_buffers()[value]);
  }

  Stmt constantIn(const Stmt &s) const { return substitute(constants, s); }

private:
  using IRGraphVisitor::visit;

  void visit(const Variable *op) override {
    if (op->param.defined() && op->param.is_buffer())
      add(op->param.name(), op->param);
  }
  void visit(const Call *op) override {
    IRGraphVisitor::visit(op);
    if (op->call_type == Call::Image)
      add(op->name, op->param);
  }

  void add(const std::string &name, const Halide::Parameter &buffer) {
    for (int dim = 0; dim < buffer.dimensions(); ++dim) {
      std::string end = "." + std::to_string(dim);
      constants[name + ".min" + end] = buffer.min_constraint(dim);
      constants[name + ".extent" + end] = buffer.extent_constraint(dim);
      constants[name + ".stride" + end] = buffer.stride_constraint(dim);
    }
  }

  std::map<std::string, Expr> constants;
};

/// Functions that were scheduled on their way to loops over memory.
class Lowering {
public:
  Lowering(const std::vector<Halide::Func> &stores, const Halide::Target &target) : target(target) {
    for (Halide::Func store : stores) {
      store.compute_root().store_root();
      outputs.push_back(store.function());
    }
    functions = build_environment(outputs);
    strictify_float(functions, target);
    for (auto &[name, function] : functions)
      function.lock_loop_levels();
    functions = wrap_func_calls(functions);
  }

  Stmt run() { return vectorLoops(loopsOverMemory(boundedLoops())); }

private:
  /// Loops over functions' dims.
  Stmt boundedLoops() {
    auto [order, groups] = realization_order(outputs, functions);
    bool isMemoized = false;
    Stmt s = schedule_functions(outputs, groups, functions, target, isMemoized);
    FuncValueBounds values = compute_function_value_bounds(order, functions);
    s = clamp_unsafe_accesses(s, functions, values);
    s = bounds_inference(s, outputs, order, groups, functions, values, target);
    s = simplify(uniquify_variable_names(strip_asserts(s)));
    s = allocation_bounds_inference(s, functions, values);
    return WithoutMarkers().mutate(s);
  }

  Stmt loopsOverMemory(Stmt s) {
    Shapes shapes(s, outputs);
    s = split_tuples(remove_undef(s), functions);
    s = storage_flattening(bound_small_allocations(s), outputs, functions, target);
    return simplify(shapes.constantIn(s));
  }

  Stmt vectorLoops(Stmt s) {
    s = simplify(vectorize_loops(unroll_loops(s), functions));
    s = trim_no_ops(simplify(partition_loops(s)));
    return common_subexpression_elimination(s);
  }

  const Halide::Target &target;
  std::vector<Function> outputs;
  std::map<std::string, Function> functions;
};

} // namespace

Stmt lowerKernel(const std::vector<Halide::Func> &stores, const Halide::Target &target) {
  Stmt lowered;
  run_with_large_stack([&] { lowered = Lowering(stores, target).run(); });
  return lowered;
}

} // namespace ccm
