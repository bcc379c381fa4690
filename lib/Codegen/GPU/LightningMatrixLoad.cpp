//===- LightningMatrixLoad.cpp - tokens on their way to matrix units ------===//
//
// Tiles of queries, keys and values in shared memory. What is bf16 is copied to
// where it is multiplied, into the oldest of several stages; what is f32 passes
// through a stage of its own, where each thread rounds what it has copied.
//
// Roofline: 4 D + 2 N bytes a token for D columns of a head and N of a slice in
// bf16, twice as many in f32, 16 a lane and instruction; the tiles that are
// ahead are the bytes in flight of a processor.
//
//===----------------------------------------------------------------------===//

#include "LightningMatrix.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kTokens = LightningMatrix::kTokens;
/// Values in 16 bytes of f32.
static constexpr int64_t kChunk = 4;

SmallVector<LightningMatrix::Operand>
LightningMatrix::operandsOf(const LightningView &head) const {
  Value zero = kb.index(0);
  SmallVector<Operand> operands = {
      {head.key, keys, stagedKeys, zero, dim},
      {head.value, values, stagedValues, firstColumn, columns}};
  if (head.query)
    operands.push_back({head.query, queries, stagedQueries, zero, dim});
  return operands;
}

/// Starts copying the tokens from `first` on, if there are any, as a group of
/// this thread's copies.
void LightningMatrix::copyTile(const LightningView &head, Value first,
                               Value end, Value into) {
  auto copy = [&](const Operand &operand, int64_t piece, Value row,
                  Value column) {
    Value token = kb.add(first, row);
    Value from = kb.add(operand.firstColumn, column);
    Value inside = kb.create<arith::AndIOp>(kb.less(token, end),
                                            kb.less(from, kb.index(dim)));
    SmallVector<Value> place = {into, row, column};
    if (operand.staged)
      place = {kb.add(kb.thread(), kb.index(piece * kThreads)), kb.index(0)};
    kb.create<minimax_gpu::CopyAsyncOp>(
        operand.from, ValueRange{token, head.head, from},
        operand.staged ? operand.staged : operand.tile, place, inside);
  };
  kb.ifThen(kb.less(first, end), [&] {
    for (const Operand &operand : operandsOf(head)) {
      int64_t width = operand.staged ? kChunk : 2 * kChunk;
      tiles.forEachPiece(kTokens, operand.width, width,
                         [&](int64_t piece, Value row, Value column) {
                           copy(operand, piece, row, column);
                         });
    }
  });
  kb.create<NVVM::CpAsyncCommitGroupOp>();
}

/// Rounds what this thread has copied.
void LightningMatrix::roundTile(const LightningView &head) {
  for (const Operand &operand : operandsOf(head))
    tiles.forEachPiece(
        kTokens, operand.width, kChunk,
        [&](int64_t piece, Value row, Value column) {
          Value place = kb.add(kb.thread(), kb.index(piece * kThreads));
          Value four =
              kb.loadVector(operand.staged, {place, kb.index(0)}, kChunk);
          SmallVector<Value> elements;
          for (int64_t i = 0; i < kChunk; ++i)
            elements.push_back(tiles.extract(four, i));
          tiles.storeFour(elements, {operand.tile, row, column, stage});
        });
}

Value LightningMatrix::nextStage() const {
  if (stages == 1)
    return stage;
  Value next = kb.add(stage, kb.index(1));
  return kb.create<arith::SelectOp>(kb.equal(next, kb.index(stages)),
                                    kb.index(0), next);
}

void LightningMatrix::startLoads(const LightningView &head, Value begin,
                                 Value end) {
  for (int64_t ahead = 0; ahead < std::max<int64_t>(stages - 1, 1); ++ahead)
    copyTile(head, kb.add(begin, kb.index(ahead * kTokens)), end,
             kb.index(ahead));
}

void LightningMatrix::finishLoad(const LightningView &head, Value first,
                                 Value end) {
  kb.create<NVVM::CpAsyncWaitGroupOp>(std::max<int64_t>(stages - 2, 0));
  // Until here the tile before is read.
  kb.barrier();
  if (stages == 1) {
    roundTile(head);
    kb.barrier();
    return copyTile(head, kb.add(first, kb.index(kTokens)), end, stage);
  }
  Value before = kb.sub(stage, kb.index(1));
  before = kb.create<arith::SelectOp>(kb.less(before, kb.index(0)),
                                      kb.index(stages - 1), before);
  copyTile(head, kb.add(first, kb.index((stages - 1) * kTokens)), end, before);
}
