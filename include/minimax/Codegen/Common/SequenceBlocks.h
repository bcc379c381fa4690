//===- SequenceBlocks.h - the sequences of a step in blocks -----*- C++ -*-===//
//
// How kernels that know sequences divide their rows.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_COMMON_SEQUENCEBLOCKS_H
#define MINIMAX_CODEGEN_COMMON_SEQUENCEBLOCKS_H

#include "minimax/Codegen/Common/LoopBuilder.h"

namespace mlir::minimax {

/// Rows `first` .. `end` of sequence `sequence`, whose first row is `begin`.
struct SequenceBlock {
  Value sequence, begin, first, end;
};

/// How many sequences a step has.
Value countSequences(LoopBuilder &kb, Value cuSeqlens);

/// How many blocks of up to `size` rows the sequences of a step of `tokens`
/// rows can have at most; reads only sizes.
Value countBlocks(LoopBuilder &kb, Value cuSeqlens, Value tokens, int64_t size);

/// Block `number`, counted over all `sequences` in order; empty if there is
/// none.
SequenceBlock findBlock(LoopBuilder &kb, Value cuSeqlens, Value sequences,
                        Value size, Value number);
inline SequenceBlock findBlock(LoopBuilder &kb, Value cuSeqlens,
                               Value sequences, int64_t size, Value number) {
  return findBlock(kb, cuSeqlens, sequences, kb.index(size), number);
}

} // namespace mlir::minimax

#endif // MINIMAX_CODEGEN_COMMON_SEQUENCEBLOCKS_H
