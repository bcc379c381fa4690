//===- SequenceLoops.cpp - loops over the sequences of a step -------------===//
//
// How kernels that know sequences spread over workers.
//
//===----------------------------------------------------------------------===//

#include "KernelPatterns.h"

using namespace mlir;
using namespace mlir::minimax;

int64_t minimax::dimOf(Value memref, unsigned dim) {
  return cast<MemRefType>(memref.getType()).getDimSize(dim);
}

void minimax::forEachSequence(KernelBuilder &kb, Value cuSeqlens, int64_t count,
                              function_ref<void(Value, Value)> body) {
  Value sequences = kb.sub(kb.size(cuSeqlens, 0), kb.index(1));
  kb.parallel(kb.mul(sequences, kb.index(count)), [&](Value tile) {
    body(kb.div(tile, kb.index(count)), kb.rem(tile, kb.index(count)));
  });
}

Value minimax::countBlocks(KernelBuilder &kb, Value cuSeqlens, Value tokens,
                           int64_t size) {
  Value sequences = kb.sub(kb.size(cuSeqlens, 0), kb.index(1));
  return kb.add(kb.div(tokens, kb.index(size)), sequences);
}

SequenceBlock minimax::findBlock(KernelBuilder &kb, Value cuSeqlens,
                                 int64_t size, Value number) {
  Value zero = kb.index(0), one = kb.index(1);
  Value sequences = kb.sub(kb.size(cuSeqlens, 0), one);
  auto step = [&](Value sequence, ValueRange carried) -> SmallVector<Value> {
    Value begin = kb.loadIndex(cuSeqlens, {sequence});
    Value end = kb.loadIndex(cuSeqlens, {kb.add(sequence, one)});
    Value passed = carried[0];
    Value next = kb.add(passed, kb.ceilDiv(kb.sub(end, begin), size));
    Value inside = kb.create<arith::AndIOp>(
        kb.less(number, next),
        kb.create<arith::CmpIOp>(arith::CmpIPredicate::sge, number, passed));
    Value first = kb.add(begin, kb.mul(kb.sub(number, passed), kb.index(size)));
    Value last = kb.minimum(kb.add(first, kb.index(size)), end);
    SmallVector<Value> result = {next}, here = {sequence, begin, first, last};
    for (auto [found, old] : llvm::zip_equal(here, carried.drop_front()))
      result.push_back(kb.create<arith::SelectOp>(inside, found, old));
    return result;
  };
  SmallVector<Value> found =
      kb.loopCarry(zero, sequences, 1, {zero, zero, zero, zero, zero}, step);
  return {found[1], found[2], found[3], found[4]};
}
