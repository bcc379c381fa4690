//===- AttentionDecode.cpp - softmax attention of a single token ----------===//
//
// A token that comes alone: the warps of a block share the keys, the lanes of a
// warp the columns, so that the cache is read as it lies, once for a few query
// heads. What the warps found is merged in shared memory (SPEC 4.7).
//
// Where there is a workspace, the keys of a token are shared by several blocks:
// as many as fill a GPU with the step's sequences, but each for 64 keys of a
// full slot at least. How many follows from sizes alone, so that a step is the
// same launches whatever it holds. Each block leaves sums, maximum and norm; a
// second kernel, a warp for each head, merges them.
//
// Roofline: 2 D elements of the cache for each key, group and part of its heads
// (parts of a group run together, so that DRAM is read once and L2 again),
// bound by memory; D + 2 floats for each head and block besides. For 8 keys, 4
// heads and D = 128 a warp spends 256 fused multiply-adds and 67 shuffles on
// 4 KiB of bf16.
//
//===----------------------------------------------------------------------===//

#include "AttentionDecode.h"

using namespace mlir;
using namespace mlir::minimax;

/// Query heads of a block: as many as registers hold queries and outputs of.
static constexpr int64_t kHeads = 4;

static constexpr int64_t kWarp = GPUKernelBuilder::kWarp;

/// Fewer keys of a slot are not worth a block.
static constexpr int64_t kLeastKeys = 64;

DecodeBlock::DecodeBlock(GPUKernelBuilder &kb,
                         const AttentionGPUOperands &operands,
                         const HeadParts &parts, const Rotation &rotation)
    : kb(kb), ops(operands), parts(parts), rotation(rotation),
      dim(operands.dim()), laneColumns(llvm::divideCeil(dim, kWarp)),
      readsRuns(dim == laneColumns * kWarp &&
                llvm::isPowerOf2_64(laneColumns) &&
                kb.hasRuns(ops.keys, laneColumns) &&
                kb.hasRuns(ops.values, laneColumns)) {
  query = kb.shared({parts.heads, dim});
  maxima = kb.shared({kDecodeWarps, parts.heads});
  norms = kb.shared({kDecodeWarps, parts.heads});
  outputs = kb.shared({kDecodeWarps, parts.heads, laneColumns * kWarp});
}

void DecodeBlock::takeShare(Value share, Value shares, Value place) {
  this->share = share;
  this->shares = shares;
  sharePlace = place;
}

/// The block's keys: whole tiles of a warp.
KeyRange DecodeBlock::findKeys() {
  Value total = kb.add(kb.loadIndex(ops.positions, {row}), kb.index(1));
  KeyRange range = findShare(kb, ops, total, total);
  if (!share)
    return range;
  Value keys = kb.maximum(kb.sub(range.end, range.begin), kb.index(0));
  Value each = kb.div(kb.add(keys, kb.sub(shares, kb.index(1))), shares);
  each = kb.mul(kb.ceilDiv(each, kWarp), kb.index(kWarp));
  Value begin = kb.add(range.begin, kb.mul(share, each));
  return {begin, kb.minimum(kb.add(begin, each), range.end)};
}

void DecodeBlock::emit(Value row, Value slot, Value groupAndPart) {
  this->row = row;
  group = kb.div(groupAndPart, kb.index(parts.parts));
  part = kb.rem(groupAndPart, kb.index(parts.parts));
  firstPlace = kb.mul(slot, ops.capacity);
  KeyRange range = findKeys();
  end = range.end;
  emitQueries(kb, ops, rotation, query, parts.heads, Team::ofBlock(kb),
              [&](Value h) { return std::pair(row, headOf(h)); });
  kb.barrier();
  for (int64_t h = 0; h < parts.heads; ++h)
    for (int64_t i = 0; i < laneColumns; ++i) {
      Value column = kb.minimum(columnOf(i), kb.index(dim - 1));
      mine.push_back(kb.load(query, {kb.index(h), column}));
    }
  SmallVector<Value> start(parts.heads, kb.f32(kNoScore));
  start.append(parts.heads * (1 + laneColumns), kb.f32(0));
  Value first = kb.add(range.begin, kb.mul(kb.warp(), kb.index(kWarp)));
  storePartial(kb.loopCarry(first, end, kDecodeThreads, start,
                            [&](Value key, ValueRange carried) {
                              return emitKeyTile(key, carried);
                            }));
  kb.barrier();
  merge();
}

void DecodeBlock::storePartial(ValueRange sums) {
  for (int64_t h = 0; h < parts.heads; ++h) {
    Value place = kb.index(h);
    Value norm = kb.warpSum(sums[parts.heads + h]);
    kb.ifThen(kb.equal(kb.lane(), kb.index(0)), [&] {
      kb.store(sums[h], maxima, {kb.warp(), place});
      kb.store(norm, norms, {kb.warp(), place});
    });
    for (int64_t i = 0; i < laneColumns; ++i)
      kb.store(sums[2 * parts.heads + h * laneColumns + i], outputs,
               {kb.warp(), place, columnOf(i)});
  }
}

/// Outputs from those of the warps. One without keys has a norm of 0.
void DecodeBlock::merge() {
  kb.forEachThread(kb.index(parts.heads * dim), [&](Value place) {
    Value h = kb.div(place, kb.index(dim)), d = kb.rem(place, kb.index(dim));
    Value maximum = kb.f32(kNoScore), norm = kb.f32(0), sum = kb.f32(0);
    for (int64_t w = 0; w < kDecodeWarps; ++w)
      maximum = kb.create<arith::MaxNumFOp>(maximum,
                                            kb.load(maxima, {kb.index(w), h}));
    for (int64_t w = 0; w < kDecodeWarps; ++w) {
      Value of = kb.index(w);
      Value factor = emitExp2(
          kb, kb.create<arith::SubFOp>(kb.load(maxima, {of, h}), maximum));
      norm = kb.fma(factor, kb.load(norms, {of, h}), norm);
      sum = kb.fma(factor, kb.load(outputs, {of, h, d}), sum);
    }
    Value exists =
        kb.less(parts.memberOf(kb, part, h), kb.index(parts.groupHeads));
    kb.ifThen(exists, [&] {
      if (share)
        return storeShare(h, d, sum, maximum, norm);
      RowEnd end(kb, maximum, norm);
      kb.store(kb.create<arith::MulFOp>(sum, end.factor), ops.output,
               {row, headOf(h), d});
      if (ops.lse)
        kb.ifThen(kb.equal(d, kb.index(0)), [&] {
          kb.store(end.lse, ops.lse, {row, headOf(h)});
        });
    });
  });
}

void DecodeBlock::storeShare(Value h, Value d, Value sum, Value maximum,
                             Value norm) {
  Value head = headOf(h);
  kb.store(sum, ops.workspace, {sharePlace, head, d});
  kb.ifThen(kb.equal(d, kb.index(0)), [&] {
    kb.store(maximum, ops.workspace, {sharePlace, head, kb.index(dim)});
    kb.store(norm, ops.workspace, {sharePlace, head, kb.index(dim + 1)});
  });
}

int64_t minimax::countKeyBlocks(int64_t groups, int64_t groupHeads) {
  HeadParts parts(groupHeads, kHeads);
  return std::max<int64_t>(1, kMultiprocessors / (groups * parts.parts));
}

void minimax::emitAttentionDecode(GPUKernelBuilder &kb,
                                  const AttentionGPUOperands &operands) {
  HeadParts parts(operands.groupHeads(), kHeads);
  Rotation rotation(kb, operands.dim(), operands.rotary, operands.theta);
  Value sequences = countSequences(kb, operands.cuSeqlens);
  Value groups = kb.index(operands.groups() * parts.parts);
  Value shares = kb.index(1);
  if (operands.workspace) {
    // Sequences times shares are no more than sequences or key blocks.
    int64_t blocks = countKeyBlocks(operands.groups(), operands.groupHeads());
    Value some = kb.maximum(sequences, kb.index(1));
    shares = kb.maximum(kb.minimum(kb.div(kb.index(blocks), some),
                                   kb.ceilDiv(operands.capacity, kLeastKeys)),
                        kb.index(1));
  }
  kb.launch("attention_decode", {sequences, groups, shares}, kDecodeThreads,
            [&] {
              Value sequence = kb.block();
              DecodeBlock kernel(kb, operands, parts, rotation);
              if (operands.workspace)
                kernel.takeShare(kb.block(2), shares,
                                 kb.add(kb.mul(sequence, shares), kb.block(2)));
              ifSingle(kb, operands, sequence, [&](Value row) {
                kernel.emit(row, kb.loadIndex(operands.slots, {sequence}),
                            kb.block(1));
              });
            });
  if (operands.workspace)
    launchShareMerge(kb, operands, sequences, shares);
}
