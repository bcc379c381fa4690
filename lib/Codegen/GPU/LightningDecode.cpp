//===- LightningDecode.cpp - lightning attention of a single token --------===//
//
// A token that comes alone updates the state of its sequence and reads it in
// one pass: a lane has a column, the warps of a block share the rows. A thread
// loads several rows before it stores the first, since no load passes a store.
//
// Roofline: each state is read once and written once in f32, 8 D^2 bytes a
// head, beside 16 D bytes of operands: bound by memory. 256 threads with 16
// rows under way have 16 KiB of the state in flight; 64 heads of 128 columns
// are 256 blocks a sequence.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelPatterns.h"
#include "LightningTile.h"
#include "minimax/Codegen/Common/TokenDecay.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = LightningTile::kThreads;
static constexpr int64_t kWarp = GPUKernelBuilder::kWarp;
static constexpr int64_t kWarps = kThreads / kWarp;

/// Most rows of the state whose loads are under way at once.
static constexpr int64_t kMostRowsAhead = 16;

namespace {
class LightningToken {
public:
  LightningToken(GPUKernelBuilder &kb, LightningAttentionOp op)
      : kb(kb), op(op), dim(dimOf(op.getQuery(), 2)),
        rowsAhead(
            std::min<int64_t>(kMostRowsAhead, llvm::divideCeil(dim, kWarps))) {}

  /// All threads of a block; the token is the sequence's only one, if it has
  /// one.
  void emit() {
    head = kb.block(1);
    token = kb.loadIndex(op.getCuSeqlens(), {kb.block()});
    Value end =
        kb.loadIndex(op.getCuSeqlens(), {kb.add(kb.block(), kb.index(1))});
    // Not behind the condition, which waits for memory too.
    slot = kb.loadIndex(op.getSlots(), {kb.block()});
    decay = emitTokenDecay(kb, kb.load(op.getSlope(), {head}));
    kb.ifThen(kb.equal(kb.sub(end, token), kb.index(1)), [&] {
      column = kb.add(kb.mul(kb.block(2), kb.index(kWarp)), kb.lane());
      Value partial = kb.shared({kWarps, kWarp});
      Value inside = kb.less(column, kb.index(dim));
      kb.ifThen(inside, [&] {
        kb.store(emitColumn(), partial, {kb.warp(), kb.lane()});
      });
      kb.barrier();
      Value stores =
          kb.create<arith::AndIOp>(inside, kb.equal(kb.warp(), kb.index(0)));
      kb.ifThen(stores, [&] { storeOutput(partial); });
    });
  }

private:
  /// One row of the state: where it is, if it is, and what meets it.
  struct Row {
    Value number, exists, key, query, old;
  };

  /// The column's share of the output from this warp's rows.
  Value emitColumn() {
    Value item = kb.load(op.getValue(), {token, head, column});
    return kb.loopCarry(kb.warp(), kb.index(dim), kWarps * rowsAhead,
                        {kb.f32(0)}, [&](Value first, ValueRange sum) {
                          return SmallVector<Value>{
                              emitRows(first, item, sum[0])};
                        })[0];
  }

  Value emitRows(Value first, Value item, Value sum) {
    SmallVector<Row> rows;
    for (int64_t i = 0; i < rowsAhead; ++i)
      rows.push_back(loadRow(first, i * kWarps));
    for (const Row &row : rows) {
      Value now = emitDecayed(kb, decay, row.old, row.key, item);
      auto store = [&] {
        kb.store(now, op.getState(), {slot, head, row.number, column});
      };
      if (!row.exists) {
        store();
        sum = kb.fma(row.query, now, sum);
        continue;
      }
      kb.ifThen(row.exists, store);
      sum = kb.create<arith::SelectOp>(row.exists, kb.fma(row.query, now, sum),
                                       sum);
    }
    return sum;
  }

  /// The row `distance` behind `first`, which exists.
  Row loadRow(Value first, int64_t distance) {
    Row row = {kb.add(first, kb.index(distance)), Value(), Value(), Value(),
               Value()};
    if (dim % (kWarps * rowsAhead) != 0) {
      // Beyond the last row the first is read again, and dropped. No other
      // warp writes it.
      row.exists = kb.less(row.number, kb.index(dim));
      row.number = kb.create<arith::SelectOp>(row.exists, row.number, first);
    }
    row.old = kb.load(op.getState(), {slot, head, row.number, column});
    row.key = kb.load(op.getKey(), {token, head, row.number});
    row.query = kb.load(op.getQuery(), {token, head, row.number});
    return row;
  }

  void storeOutput(Value partial) {
    Value total = kb.load(partial, {kb.index(0), kb.lane()});
    for (int64_t w = 1; w < kWarps; ++w)
      total = kb.create<arith::AddFOp>(
          total, kb.load(partial, {kb.index(w), kb.lane()}));
    kb.store(total, op.getOuts()[0], {token, head, column});
  }

  GPUKernelBuilder &kb;
  LightningAttentionOp op;
  int64_t dim, rowsAhead;
  Value head, token, slot, column;
  TokenDecay decay;
};
} // namespace

void minimax::emitLightningDecode(GPUKernelBuilder &kb,
                                  LightningAttentionOp op) {
  Value sequences = countSequences(kb, op.getCuSeqlens());
  Value heads = kb.index(dimOf(op.getQuery(), 1));
  Value slices = kb.index(llvm::divideCeil(dimOf(op.getQuery(), 2), kWarp));
  kb.launch("lightning_decode", {sequences, heads, slices}, kThreads,
            [&] { LightningToken(kb, op).emit(); });
}
