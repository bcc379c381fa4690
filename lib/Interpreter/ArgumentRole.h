//===- ArgumentRole.h - what an argument means ------------------*- C++ -*-===//
//
// Finds out from names and uses which part of a step an argument describes.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_INTERPRETER_ARGUMENTROLE_H
#define MINIMAX_LIB_INTERPRETER_ARGUMENTROLE_H

#include "minimax/Interpreter/Interpreter.h"

namespace mlir::minimax {

/// What an argument means to the ops that read it.
enum class ArgumentKind {
  Numbers,   // activations and everything else
  Tokens,    // token ids below `bound`
  CuSeqlens, // row boundaries of sequences
  Positions, // absolute positions of rows
  Slots,     // state slots of sequences
  Experts,   // experts below `bound`
  Offsets,   // rows of `bound` experts
  Rows,      // a permutation of token copies
  Copies,    // one row a token copy, `bound` copies a token
  Sampling,  // one value of [0, 1) a sequence, or its logits
  Chunks,    // one row a chunk of `bound` tokens
  Decay,     // positive and below 1
  State,     // a typed state or a pool in memory
  Weight,    // the weight that the argument's name declares
  Output,    // memory for a result
  StepDim,   // T, N, S or C: number `bound`
  Arena,     // memory for temporary buffers
};

struct ArgumentRole {
  ArgumentKind kind = ArgumentKind::Numbers;
  int64_t bound = 0;
};

/// The role of argument `index` of `function`.
ArgumentRole findArgumentRole(func::FuncOp function, unsigned index);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_INTERPRETER_ARGUMENTROLE_H
