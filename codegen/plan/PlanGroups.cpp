// SPDX-License-Identifier: Apache-2.0
// Which results are stored together, and in which order the groups follow.
#include "codegen/plan/PlanStages.h"
#include "llvm/ADT/SetOperations.h"

using namespace mlir;

namespace ccm {

namespace {

class GroupFormer {
public:
  GroupFormer(KernelOp kernel, KernelPlan &plan) : kernel(kernel), plan(plan) {}

  LogicalResult run() {
    form(/*merge=*/true);
    if (!order()) {
      form(/*merge=*/false);
      order();
    }
    return checkInPlace();
  }

private:
  bool isScatter(Value value) {
    const Nest *nest = plan.nestOf(value);
    return nest && nest->kind == NestClass::Scatter;
  }

  /// Results of one shape belong together when they end in the same reductions or one is computed
  /// from the other element by element.
  bool belong(const Sink &a, const Sink &b) {
    return a.shape == b.shape && !isScatter(a.value) && !isScatter(b.value) &&
           sharesLoops(plan, a.value, b.value);
  }

  void form(bool merge) {
    plan.groups.clear();
    for (auto [number, sink] : llvm::enumerate(plan.sinks)) {
      auto joins = [&, &sink = sink](const Group &group) {
        return merge && belong(plan.sinks[group.results.front()], sink);
      };
      auto at = llvm::find_if(plan.groups, joins);
      if (at == plan.groups.end()) {
        plan.groups.push_back({});
        at = std::prev(plan.groups.end());
        at->shape = sink.shape;
        if (isScatter(sink.value))
          at->scatter = plan.numberOf(*plan.nestOf(sink.value));
      }
      at->results.push_back(number);
      at->once |= sink.inPlace.has_value();
    }
  }

  /// Groups whose results `value` is computed from, not looking behind other groups' results.
  void collectNeeded(Value value, unsigned of, llvm::DenseSet<unsigned> &needed,
                     llvm::DenseSet<const Nest *> &seen) {
    if (auto group = plan.groupOf(value); group && *group != of) {
      needed.insert(*group);
      return;
    }
    const Nest *nest = plan.nestOf(value);
    if (nest && seen.insert(nest).second)
      for (const Access &access : readsOf(*nest))
        collectNeeded(access.source, of, needed, seen);
  }

  /// Sorts the groups so that each follows those it reads. False when they read each other.
  bool order() {
    std::vector<llvm::DenseSet<unsigned>> needed(plan.groups.size());
    for (auto [number, group] : llvm::enumerate(plan.groups)) {
      llvm::DenseSet<const Nest *> seen;
      for (unsigned result : group.results)
        collectNeeded(plan.sinks[result].value, number, needed[number], seen);
    }
    std::vector<Group> sorted;
    llvm::DenseSet<unsigned> done;
    for (bool moved = true; moved;) {
      moved = false;
      for (unsigned number = 0; number < plan.groups.size(); ++number)
        if (!done.contains(number) && llvm::set_is_subset(needed[number], done)) {
          sorted.push_back(plan.groups[number]);
          done.insert(number);
          moved = true;
        }
    }
    if (sorted.size() != plan.groups.size())
      return false;
    plan.groups = std::move(sorted);
    return true;
  }

  /// A buffer that a result is written into is read at the stored element only, by its own group.
  LogicalResult checkInPlace() {
    for (const Group &writer : plan.groups)
      for (unsigned result : writer.results)
        if (auto operand = plan.sinks[result].inPlace)
          for (const Group &reader : plan.groups)
            if (failed(checkReads(reader, &reader == &writer, *operand, result)))
              return failure();
    return success();
  }

  LogicalResult checkReads(const Group &reader, bool own, unsigned operand, unsigned result) {
    Value argument = kernel.getBody().front().getArgument(operand);
    Ties ties = tiesOf(plan, reader);
    bool reads = llvm::any_of(ties.members(), [&](unsigned nest) {
      return llvm::any_of(readsOf(plan.nests[nest]),
                          [&](const Access &access) { return access.source == argument; });
    });
    if (!reads || (own && ties.readsPointwise(argument)))
      return success();
    return kernel.emitOpError() << "expects operand " << operand << ", which result " << result
                                << " overwrites, to be read only at the element that is written";
  }

  KernelOp kernel;
  KernelPlan &plan;
};

} // namespace

Ties tiesOf(const KernelPlan &plan, const Group &group, ArrayRef<unsigned> shared) {
  Store store{group.shape, {}};
  for (unsigned result : group.results)
    store.values.push_back(plan.sinks[result].value);
  return Ties(plan, store, [&](unsigned number, Value value) {
    auto owner = plan.groupOf(value);
    return llvm::is_contained(shared, number) || (owner && &plan.groups[*owner] != &group);
  });
}

LogicalResult formGroups(KernelOp kernel, KernelPlan &plan) {
  return GroupFormer(kernel, plan).run();
}

} // namespace ccm
