//===- Cost.h - what ops cost, in terms of a step ---------------*- C++ -*-===//
//
// FLOPs and bytes as sums over quantities that are known when a step runs: its
// tokens, its sequences, the keys they see. See CostOpInterface.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAX_IR_COST_H
#define MINIMAX_DIALECT_MINIMAX_IR_COST_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <string>

namespace mlir::minimax {

/// What a step has a number of. Text forms are those of the manifest.
enum class StepQuantity {
  One,       // "1"
  Tokens,    // "T": tokens of the step
  Sequences, // "N": sequences of the step, empty ones included
  Active,    // "active": sequences that have a token
  Starting,  // "starting": sequences whose first token has position 0
  /// "keys" or "keys(split,splits)": over all tokens, the positions that a
  /// token attends to (its own position + 1), or those within one share.
  Keys,
  /// "cached" or "cached(split,splits)": over active sequences, the positions
  /// in the cache after the step, or those of one share.
  Cached,
  Pairs,   // "pairs(chunk)": over all tokens, its number within its chunk, from
           // 1; chunks start where a sequence does
  Chunks,  // "chunks(chunk)": chunks of all sequences
  Experts, // "experts(E,k)": at most min(E, k*T) experts have a token
};

/// `coefficient` times a quantity with its parameters.
struct CostTerm {
  StepQuantity quantity = StepQuantity::One;
  int64_t coefficient = 0;
  int64_t first = 0, second = 0;

  /// The quantity's text form, e.g. "pairs(64)".
  std::string name() const;
};

/// A sum of terms, at most one for each quantity.
class CostSum {
public:
  CostSum() = default;
  CostSum(int64_t constant) { add({StepQuantity::One, constant}); }
  CostSum(CostTerm term) { add(term); }

  ArrayRef<CostTerm> getTerms() const { return terms; }
  CostSum &operator+=(const CostSum &other);
  CostSum operator*(int64_t factor) const;
  /// E.g. "4096 + 512*T"; "0" for an empty sum.
  std::string str() const;

private:
  void add(CostTerm term);

  SmallVector<CostTerm, 2> terms;
};

/// What one execution of an op costs.
struct OpCost {
  CostSum flops, bytes;
};

/// A dynamic size of a tensor or memref as a sum.
using StepSizeFn = llvm::function_ref<CostSum(Value value, int64_t dim)>;

} // namespace mlir::minimax

#endif // MINIMAX_DIALECT_MINIMAX_IR_COST_H
