//===- AttentionDecode.cpp - softmax attention of a single token ----------===//
//
// A token that comes alone: the warps of a block share the keys, the lanes of a
// warp the columns, so that the cache is read as it lies, once for a few query
// heads. What the warps found is merged in shared memory (SPEC 4.7).
//
// Roofline: 2 D elements of the cache for each key and group, bound by memory,
// if there are as many groups and sequences as a GPU has processors; fewer are
// bound by what one processor reads.
//
//===----------------------------------------------------------------------===//

#include "AttentionGPU.h"
#include <numbers>

using namespace mlir;
using namespace mlir::minimax;

/// Query heads of a block: as many as registers hold queries and outputs of.
static constexpr int64_t kHeads = 4;

static constexpr int64_t kThreads = 512;
static constexpr int64_t kWarp = GPUKernelBuilder::kWarp;
static constexpr int64_t kWarps = kThreads / kWarp;

/// Keys whose loads are under way at once.
static constexpr int64_t kKeysAhead = 4;

namespace {
class DecodeBlock {
public:
  DecodeBlock(GPUKernelBuilder &kb, const AttentionGPUOperands &operands,
              const HeadParts &parts, const Rotation &rotation);
  void emit(Value row, Value slot, Value groupAndPart);

private:
  void loadQuery();
  SmallVector<Value> emitKeyTile(Value key, ValueRange carried);
  SmallVector<Value> emitScores(Value key);
  void emitValues(Value key, ArrayRef<Value> weights,
                  MutableArrayRef<Value> outputs);
  void storePartial(ValueRange sums);
  void merge();
  /// The lane's elements of a row of a pool; others than the row's are 0.
  SmallVector<Value> loadRow(Value pool, Value key);
  Value columnOf(int64_t i) { return kb.add(kb.lane(), kb.index(i * kWarp)); }
  Value headOf(Value h) {
    Value member =
        kb.minimum(parts.memberOf(kb, part, h), kb.index(parts.groupHeads - 1));
    return kb.add(kb.mul(group, kb.index(parts.groupHeads)), member);
  }

  GPUKernelBuilder &kb;
  const AttentionGPUOperands &ops;
  const HeadParts &parts;
  const Rotation &rotation;
  /// Columns of a head, and those of them that a lane has.
  int64_t dim, laneColumns;
  Value query, maxima, norms, outputs;
  Value row, group, part, firstPlace, end;
  SmallVector<Value> mine;
};
} // namespace

DecodeBlock::DecodeBlock(GPUKernelBuilder &kb,
                         const AttentionGPUOperands &operands,
                         const HeadParts &parts, const Rotation &rotation)
    : kb(kb), ops(operands), parts(parts), rotation(rotation),
      dim(operands.dim()), laneColumns(llvm::divideCeil(dim, kWarp)) {
  query = kb.shared({parts.heads, dim});
  maxima = kb.shared({kWarps, parts.heads});
  norms = kb.shared({kWarps, parts.heads});
  outputs = kb.shared({kWarps, parts.heads, laneColumns * kWarp});
}

void DecodeBlock::emit(Value row, Value slot, Value groupAndPart) {
  this->row = row;
  group = kb.div(groupAndPart, kb.index(parts.parts));
  part = kb.rem(groupAndPart, kb.index(parts.parts));
  firstPlace = kb.mul(slot, ops.capacity);
  Value total = kb.add(kb.loadIndex(ops.positions, {row}), kb.index(1));
  KeyRange range = findShare(kb, ops, total, total);
  end = range.end;
  loadQuery();
  kb.barrier();
  for (int64_t h = 0; h < parts.heads; ++h)
    for (int64_t i = 0; i < laneColumns; ++i) {
      Value column = kb.minimum(columnOf(i), kb.index(dim - 1));
      mine.push_back(kb.load(query, {kb.index(h), column}));
    }
  SmallVector<Value> start(parts.heads, kb.f32(kNoScore));
  start.append(parts.heads * (1 + laneColumns), kb.f32(0));
  Value first = kb.add(range.begin, kb.mul(kb.warp(), kb.index(kWarp)));
  storePartial(kb.loopCarry(first, end, kThreads, start,
                            [&](Value key, ValueRange carried) {
                              return emitKeyTile(key, carried);
                            }));
  kb.barrier();
  merge();
}

/// Rotated and scaled, for exponentials of base 2.
void DecodeBlock::loadQuery() {
  Value items = kb.index(rotation.items());
  Value scale = kb.f32(ops.scale * std::numbers::log2e);
  kb.forEachThread(kb.index(parts.heads * rotation.items()), [&](Value place) {
    Value h = kb.div(place, items), head = headOf(h);
    Value position = kb.create<memref::LoadOp>(ops.positions, ValueRange{row});
    rotation.emit(
        kb.rem(place, items), position,
        [&](Value column) {
          return kb.load(ops.query, {row, head, column});
        },
        [&](Value value, Value column) {
          kb.store(kb.create<arith::MulFOp>(value, scale), query, {h, column});
        });
  });
}

SmallVector<Value> DecodeBlock::loadRow(Value pool, Value key) {
  Value place = kb.add(firstPlace, kb.minimum(key, kb.sub(end, kb.index(1))));
  SmallVector<Value> values;
  for (int64_t i = 0; i < laneColumns; ++i) {
    Value column = columnOf(i);
    if ((i + 1) * kWarp <= dim) {
      values.push_back(kb.load(pool, {place, group, column}));
      continue;
    }
    Value inside = kb.less(column, kb.index(dim));
    Value value =
        kb.load(pool, {place, group, kb.minimum(column, kb.index(dim - 1))});
    values.push_back(kb.create<arith::SelectOp>(inside, value, kb.f32(0)));
  }
  return values;
}

/// Scores of 32 keys from `key`, a lane has that of one key, for each head.
SmallVector<Value> DecodeBlock::emitScores(Value key) {
  SmallVector<Value> start(parts.heads, kb.f32(kNoScore));
  auto step = [&](Value j, ValueRange old) -> SmallVector<Value> {
    SmallVector<Value> scores(old);
    SmallVector<SmallVector<Value>> rows;
    for (int64_t u = 0; u < kKeysAhead; ++u)
      rows.push_back(loadRow(ops.keys, kb.add(key, kb.add(j, kb.index(u)))));
    for (int64_t u = 0; u < kKeysAhead; ++u) {
      Value chosen = kb.equal(kb.lane(), kb.add(j, kb.index(u)));
      for (int64_t h = 0; h < parts.heads; ++h) {
        Value sum = kb.f32(0);
        for (int64_t i = 0; i < laneColumns; ++i)
          sum = kb.fma(mine[h * laneColumns + i], rows[u][i], sum);
        scores[h] =
            kb.create<arith::SelectOp>(chosen, kb.warpSum(sum), scores[h]);
      }
    }
    return scores;
  };
  return kb.loopCarry(kb.index(0), kb.index(kWarp), kKeysAhead, start, step);
}

/// Adds the keys' values to the outputs; a lane has the weight of one key.
void DecodeBlock::emitValues(Value key, ArrayRef<Value> weights,
                             MutableArrayRef<Value> outputs) {
  Value warp = kb.create<arith::ConstantIntOp>(kWarp, 32);
  auto step = [&](Value j, ValueRange old) -> SmallVector<Value> {
    SmallVector<Value> sums(old);
    SmallVector<SmallVector<Value>> rows;
    for (int64_t u = 0; u < kKeysAhead; ++u)
      rows.push_back(loadRow(ops.values, kb.add(key, kb.add(j, kb.index(u)))));
    for (int64_t u = 0; u < kKeysAhead; ++u) {
      Value from = kb.create<arith::IndexCastOp>(kb.getI32Type(),
                                                 kb.add(j, kb.index(u)));
      for (int64_t h = 0; h < parts.heads; ++h) {
        Value weight = kb.create<gpu::ShuffleOp>(weights[h], from, warp,
                                                 gpu::ShuffleMode::IDX)
                           .getShuffleResult();
        for (int64_t i = 0; i < laneColumns; ++i) {
          Value &sum = sums[h * laneColumns + i];
          sum = kb.fma(weight, rows[u][i], sum);
        }
      }
    }
    return sums;
  };
  SmallVector<Value> sums =
      kb.loopCarry(kb.index(0), kb.index(kWarp), kKeysAhead,
                   SmallVector<Value>(outputs), step);
  llvm::copy(sums, outputs.begin());
}

/// 32 keys from `key`; carries maxima, norms and outputs of each head. A lane's
/// norm sums its own keys only.
SmallVector<Value> DecodeBlock::emitKeyTile(Value key, ValueRange carried) {
  SmallVector<Value> next(carried), weights;
  MutableArrayRef<Value> sums(next);
  MutableArrayRef<Value> maxima = sums.take_front(parts.heads);
  MutableArrayRef<Value> norms = sums.slice(parts.heads, parts.heads);
  MutableArrayRef<Value> outputs = sums.drop_front(2 * parts.heads);
  SmallVector<Value> scores = emitScores(key);
  Value seen = kb.less(kb.add(key, kb.lane()), end);
  for (int64_t h = 0; h < parts.heads; ++h) {
    Value score = kb.create<arith::SelectOp>(seen, scores[h], kb.f32(kNoScore));
    Value maximum = kb.create<arith::MaxNumFOp>(maxima[h], kb.warpMax(score));
    Value factor = emitExp2(kb, kb.create<arith::SubFOp>(maxima[h], maximum));
    Value e = emitExp2(kb, kb.create<arith::SubFOp>(score, maximum));
    e = kb.create<arith::SelectOp>(seen, e, kb.f32(0));
    weights.push_back(e);
    maxima[h] = maximum;
    norms[h] = kb.fma(norms[h], factor, e);
    for (int64_t i = 0; i < laneColumns; ++i) {
      Value &sum = outputs[h * laneColumns + i];
      sum = kb.create<arith::MulFOp>(sum, factor);
    }
  }
  emitValues(key, weights, outputs);
  return next;
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
    for (int64_t w = 0; w < kWarps; ++w)
      maximum = kb.create<arith::MaxNumFOp>(maximum,
                                            kb.load(maxima, {kb.index(w), h}));
    for (int64_t w = 0; w < kWarps; ++w) {
      Value of = kb.index(w);
      Value factor = emitExp2(
          kb, kb.create<arith::SubFOp>(kb.load(maxima, {of, h}), maximum));
      norm = kb.fma(factor, kb.load(norms, {of, h}), norm);
      sum = kb.fma(factor, kb.load(outputs, {of, h, d}), sum);
    }
    RowEnd end(kb, maximum, norm);
    Value exists =
        kb.less(parts.memberOf(kb, part, h), kb.index(parts.groupHeads));
    kb.ifThen(exists, [&] {
      kb.store(kb.create<arith::MulFOp>(sum, end.factor), ops.output,
               {row, headOf(h), d});
      if (ops.lse)
        kb.ifThen(kb.equal(d, kb.index(0)), [&] {
          kb.store(end.lse, ops.lse, {row, headOf(h)});
        });
    });
  });
}

void minimax::emitAttentionDecode(GPUKernelBuilder &kb,
                                  const AttentionGPUOperands &operands) {
  HeadParts parts(operands.groupHeads(), kHeads);
  Rotation rotation(kb, operands.dim(), operands.rotary, operands.theta);
  Value sequences = countSequences(kb, operands.cuSeqlens);
  Value groups = kb.index(operands.groups() * parts.parts);
  kb.launch("attention_decode", {sequences, groups}, kThreads, [&] {
    Value sequence = kb.block();
    Value begin = kb.loadIndex(operands.cuSeqlens, {sequence});
    Value end =
        kb.loadIndex(operands.cuSeqlens, {kb.add(sequence, kb.index(1))});
    DecodeBlock kernel(kb, operands, parts, rotation);
    kb.ifThen(kb.equal(kb.sub(end, begin), kb.index(1)), [&] {
      kernel.emit(begin, kb.loadIndex(operands.slots, {sequence}), kb.block(1));
    });
  });
}
