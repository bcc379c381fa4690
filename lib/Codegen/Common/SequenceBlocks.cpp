//===- SequenceBlocks.cpp - the sequences of a step in blocks -------------===//
//
// Numbers blocks of rows over all sequences.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/SequenceBlocks.h"

using namespace mlir;
using namespace mlir::minimax;

Value minimax::countSequences(LoopBuilder &kb, Value cuSeqlens) {
  return kb.sub(kb.size(cuSeqlens, 0), kb.index(1));
}

Value minimax::countBlocks(LoopBuilder &kb, Value cuSeqlens, Value tokens,
                           int64_t size) {
  return kb.add(kb.div(tokens, kb.index(size)), countSequences(kb, cuSeqlens));
}

SequenceBlock minimax::findBlock(LoopBuilder &kb, Value cuSeqlens,
                                 Value sequences, Value size, Value number) {
  Value zero = kb.index(0), one = kb.index(1), most = kb.sub(size, one);
  auto step = [&](Value sequence, ValueRange carried) -> SmallVector<Value> {
    Value begin = kb.loadIndex(cuSeqlens, {sequence});
    Value end = kb.loadIndex(cuSeqlens, {kb.add(sequence, one)});
    Value passed = carried[0];
    Value next = kb.add(passed, kb.div(kb.add(kb.sub(end, begin), most), size));
    Value inside = kb.create<arith::AndIOp>(
        kb.less(number, next),
        kb.create<arith::CmpIOp>(arith::CmpIPredicate::sge, number, passed));
    Value first = kb.add(begin, kb.mul(kb.sub(number, passed), size));
    Value last = kb.minimum(kb.add(first, size), end);
    SmallVector<Value> result = {next}, here = {sequence, begin, first, last};
    for (auto [found, old] : llvm::zip_equal(here, carried.drop_front()))
      result.push_back(kb.create<arith::SelectOp>(inside, found, old));
    return result;
  };
  SmallVector<Value> found =
      kb.loopCarry(zero, sequences, 1, {zero, zero, zero, zero, zero}, step);
  return {found[1], found[2], found[3], found[4]};
}
