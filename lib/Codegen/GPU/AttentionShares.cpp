//===- AttentionShares.cpp - merge shares of a token's keys ---------------===//
//
// Blocks that share the keys of a single token leave a weighted sum, a maximum
// and a norm for each head; a warp merges those of a head (SPEC 4.7).
//
// Roofline: D + 2 floats of each share are read, D written, once.
//
//===----------------------------------------------------------------------===//

#include "AttentionGPU.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kWarp = GPUKernelBuilder::kWarp;
/// Threads of a block that merges.
static constexpr int64_t kMergeThreads = 256;

/// Merges what blocks have found for one head of a row.
static void mergeHead(GPUKernelBuilder &kb,
                      const AttentionGPUOperands &operands, Value firstShare,
                      Value shares, Value row, Value head) {
  int64_t dim = operands.dim();
  auto load = [&](Value share, Value column) {
    Value place = kb.add(firstShare, share);
    return kb.load(operands.workspace, {place, head, column});
  };
  auto over = [&](Value start, function_ref<Value(Value, Value)> next) {
    return kb.loopCarry(kb.index(0), shares, 1, {start},
                        [&](Value share, ValueRange old) {
                          return SmallVector<Value>{next(share, old[0])};
                        })[0];
  };
  Value maximum = over(kb.f32(kNoScore), [&](Value share, Value old) -> Value {
    return kb.create<arith::MaxNumFOp>(old, load(share, kb.index(dim)));
  });
  auto weigh = [&](Value column) {
    return over(kb.f32(0), [&](Value share, Value old) {
      Value factor = emitExp2(
          kb, kb.create<arith::SubFOp>(load(share, kb.index(dim)), maximum));
      return kb.fma(factor, load(share, column), old);
    });
  };
  RowEnd end(kb, maximum, weigh(kb.index(dim + 1)));
  kb.forEachLane(kb.index(dim), [&](Value d) {
    kb.store(kb.create<arith::MulFOp>(weigh(d), end.factor), operands.output,
             {row, head, d});
  });
  if (operands.lse)
    kb.ifThen(kb.equal(kb.lane(), kb.index(0)), [&] {
      kb.store(end.lse, operands.lse, {row, head});
    });
}

void minimax::ifSingle(GPUKernelBuilder &kb,
                       const AttentionGPUOperands &operands, Value sequence,
                       function_ref<void(Value)> body) {
  Value begin = kb.loadIndex(operands.cuSeqlens, {sequence});
  Value end = kb.loadIndex(operands.cuSeqlens, {kb.add(sequence, kb.index(1))});
  kb.ifThen(kb.equal(kb.sub(end, begin), kb.index(1)), [&] { body(begin); });
}

void minimax::launchShareMerge(GPUKernelBuilder &kb,
                               const AttentionGPUOperands &operands,
                               Value sequences, Value shares) {
  int64_t heads = dimOf(operands.query, 1), warps = kMergeThreads / kWarp;
  Value blocks = kb.index(llvm::divideCeil(heads, warps));
  kb.launch("attention_decode_merge", {sequences, blocks}, kMergeThreads, [&] {
    Value head = kb.add(kb.mul(kb.block(1), kb.index(warps)), kb.warp());
    Value firstShare = kb.mul(kb.block(), shares);
    ifSingle(kb, operands, kb.block(), [&](Value row) {
      kb.ifThen(kb.less(head, kb.index(heads)), [&] {
        mergeHead(kb, operands, firstShare, shares, row, head);
      });
    });
  });
}
