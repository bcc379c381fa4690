//===- RandomInputs.h - arguments for reference execution -------*- C++ -*-===//
//
// Deterministic random arguments that fit together: one step's layout for all
// arguments that describe it, states that match, small weights.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_INTERPRETER_RANDOMINPUTS_H
#define MINIMAX_INTERPRETER_RANDOMINPUTS_H

#include "minimax/Interpreter/Interpreter.h"
#include "llvm/Support/Error.h"

namespace mlir::minimax {

/// Sizes and seed of random arguments.
struct RandomInputOptions {
  /// Tokens and sequences of the step, where types leave them open.
  int64_t tokens = 7;
  int64_t sequences = 3;
  uint64_t seed = 1;

  /// Reads "T=7,N=3"; fails with a message on the first bad item.
  llvm::Expected<RandomInputOptions> withDims(StringRef dims) const;
};

/// The name of argument `index`: its `minimax.name`, otherwise `arg<index>`.
std::string getArgumentName(func::FuncOp function, unsigned index);
/// The name of result `index`: its `minimax.name`, otherwise `result<index>`.
std::string getResultName(func::FuncOp function, unsigned index);

/// Whether what argument `index` points to is left to the callee when it
/// returns: results in memory, and states typed or as pools.
bool isOutcomeArgument(func::FuncOp function, unsigned index);

/// Arguments for `function`. What an argument means is known by its name
/// (tokens, cu_seqlens, positions, slots), otherwise by its use. Numbers depend
/// on the argument's name and the seed alone, not on whether it is a tensor, a
/// memref or a typed state. An argument marked `minimax.weight` is taken from
/// `interpreter`, one marked `minimax.output` is uninitialised memory of its
/// `minimax.shape`; a function with an arena gets the step's dims and as many
/// bytes as `@<function>.arena` computes.
FailureOr<SmallVector<ReferenceValue>>
makeRandomArguments(func::FuncOp function, const RandomInputOptions &options,
                    Interpreter &interpreter);

/// Supplies random weights, small enough that activations stay near 1.
Interpreter::WeightSource makeRandomWeights(uint64_t seed);

} // namespace mlir::minimax

#endif // MINIMAX_INTERPRETER_RANDOMINPUTS_H
