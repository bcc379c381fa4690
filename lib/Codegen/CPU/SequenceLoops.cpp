//===- SequenceLoops.cpp - loops over the sequences of a step -------------===//
//
// How kernels that know sequences spread over workers.
//
//===----------------------------------------------------------------------===//

#include "KernelPatterns.h"

using namespace mlir;
using namespace mlir::minimax;

void minimax::forEachSequence(KernelBuilder &kb, Value cuSeqlens, int64_t count,
                              function_ref<void(Value, Value)> body) {
  Value sequences = kb.sub(kb.size(cuSeqlens, 0), kb.index(1));
  kb.parallel(kb.mul(sequences, kb.index(count)), [&](Value tile) {
    body(kb.div(tile, kb.index(count)), kb.rem(tile, kb.index(count)));
  });
}
