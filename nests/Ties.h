// SPDX-License-Identifier: Apache-2.0
// How nests that are computed together follow the loops of what they store.
#pragma once

#include "nests/NestClass.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <vector>

namespace ccm {

/// Everything a nest reads: operands that its body uses and tensors that it extracts from.
llvm::SmallVector<Access> readsOf(const Nest &nest);

/// Nests that are computed together, classified, in the order of their block.
struct NestList {
  std::vector<Nest> nests;
  llvm::DenseMap<mlir::Operation *, unsigned> numbers;

  unsigned numberOf(const Nest &nest) const { return unsigned(&nest - nests.data()); }
  /// The nest that computes `value`, if one of the list does (a fill is none).
  const Nest *nestOf(mlir::Value value) const;
};

/// Values of one shape that are stored by the same loops.
struct Store {
  llvm::ArrayRef<int64_t> shape;
  llvm::SmallVector<mlir::Value> values;
};

/// For each nest that a store needs: the dim of the store that each dim of the nest is indexed by,
/// or -1 where it is not one and the same for all readers.
class Ties {
public:
  /// Nests for which `isElsewhere` holds, given their number and the value read, are computed
  /// somewhere else and looked no further behind.
  Ties(const NestList &list, const Store &store,
       llvm::function_ref<bool(unsigned nest, mlir::Value value)> isElsewhere);

  /// Nests of the store, in their order.
  llvm::ArrayRef<unsigned> members() const { return cone; }
  bool contains(unsigned nest) const { return ties.contains(nest); }
  llvm::ArrayRef<int> of(unsigned nest) const { return ties.find(nest)->second; }
  /// Nests and stored values that read a nest.
  unsigned readers(unsigned nest) const { return readerCount.lookup(nest); }
  /// Whether a product reads a nest, directly.
  bool feedsProduct(unsigned nest) const { return productReads.contains(nest); }
  /// Whether every dim of a nest follows the store's dim of the same number.
  bool isPointwise(unsigned nest) const;
  /// Whether some dim of a nest follows a dim of the store, or that is of one element.
  bool follows(unsigned nest, unsigned storeDim) const;
  /// Extents of the part of a nest that one iteration of the store's loops `outside` needs.
  llvm::SmallVector<int64_t> partInside(unsigned nest, llvm::ArrayRef<unsigned> outside) const;
  /// Whether `value`, which no nest computes, is read only at the element that is stored.
  bool readsPointwise(mlir::Value value) const { return !elsewhere.contains(value); }

private:
  using IsElsewhere = llvm::function_ref<bool(unsigned, mlir::Value)>;

  void note(const Access &access, llvm::ArrayRef<int> loopTies, const Nest *reader,
            IsElsewhere isElsewhere);
  bool followsStore(const Nest &nest, llvm::ArrayRef<int> loopTies) const;
  void join(unsigned nest, llvm::ArrayRef<int> found);

  const NestList &list;
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<unsigned> cone;
  llvm::DenseMap<unsigned, llvm::SmallVector<int>> ties;
  llvm::DenseMap<unsigned, unsigned> readerCount;
  llvm::DenseSet<unsigned> productReads;
  llvm::DenseSet<mlir::Value> elsewhere;
};

/// Whether two values of one shape are stored by the same loops: they end in the same reductions,
/// through elementwise nests, or one is computed from the other element by element.
bool sharesLoops(const NestList &list, mlir::Value a, mlir::Value b);

/// Bytes of `results` buffers of 4-byte elements; INT64_MAX when they are more than can be counted.
int64_t bufferBytes(llvm::ArrayRef<int64_t> extents, int64_t results = 1);

} // namespace ccm
