//===- AttentionDecodeKeys.cpp - keys and values of a single token --------===//
//
// Scores of 32 keys for a warp's heads, and the sums of their values. Scores of
// eight keys and a few heads are summed over the lanes at once: each step
// halves what a lane has, so that a score takes one shuffle, not five.
//
// Roofline: see AttentionDecode.cpp.
//
//===----------------------------------------------------------------------===//

#include "AttentionDecode.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kWarp = GPUKernelBuilder::kWarp;

/// Keys whose loads are under way at once.
static constexpr int64_t kKeysAhead = 8;

SmallVector<Value> DecodeBlock::loadRow(Value pool, Value key) {
  Value place = kb.add(firstPlace, kb.minimum(key, kb.sub(end, kb.index(1))));
  if (readsRuns)
    return kb.loadRun(pool, {place, group, columnOf(0)}, laneColumns);
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

/// Sums of each of `values`, a power of two of them, over the lanes: lane `l`
/// gets that of `values[l * values / 32]`.
Value DecodeBlock::sumLanes(SmallVector<Value> values) {
  auto add = [&](Value own, Value given, int64_t mask) -> Value {
    return kb.create<arith::AddFOp>(own, kb.shuffleXor(given, mask));
  };
  int64_t mask = kWarp / 2;
  for (; values.size() > 1; mask /= 2) {
    // Lanes keep one half of the values and give the other.
    Value keepsLast = kb.equal(
        kb.rem(kb.div(kb.lane(), kb.index(mask)), kb.index(2)), kb.index(1));
    size_t half = values.size() / 2;
    for (size_t i = 0; i < half; ++i) {
      Value first = values[i], last = values[i + half];
      values[i] = add(kb.create<arith::SelectOp>(keepsLast, last, first),
                      kb.create<arith::SelectOp>(keepsLast, first, last), mask);
    }
    values.truncate(half);
  }
  for (; mask >= 1; mask /= 2)
    values[0] = add(values[0], values[0], mask);
  return values[0];
}

/// The lanes of the keys from `j` on take their scores for each head; `total`
/// is what sumLanes returned of `width` scores for each key.
void DecodeBlock::takeScores(Value j, Value total, int64_t width,
                             MutableArrayRef<Value> scores) {
  Value key = kb.rem(kb.lane(), kb.index(kKeysAhead));
  Value chosen = kb.equal(kb.sub(kb.lane(), key), j);
  Value lanes = kb.create<arith::ConstantIntOp>(kWarp, 32);
  for (auto [h, score] : llvm::enumerate(scores)) {
    Value number = kb.add(kb.mul(key, kb.index(width)), kb.index(h));
    Value from = kb.create<arith::IndexCastOp>(
        kb.getI32Type(),
        kb.mul(number, kb.index(kWarp / (kKeysAhead * width))));
    Value taken =
        kb.create<gpu::ShuffleOp>(total, from, lanes, gpu::ShuffleMode::IDX)
            .getShuffleResult();
    score = kb.create<arith::SelectOp>(chosen, taken, score);
  }
}

/// Scores of 32 keys from `key`, a lane has that of one key, for each head.
SmallVector<Value> DecodeBlock::emitScores(Value key) {
  SmallVector<Value> start(parts.heads, kb.f32(kNoScore));
  // Heads that are not there score 0.
  int64_t width = llvm::PowerOf2Ceil(parts.heads);
  auto step = [&](Value j, ValueRange old) -> SmallVector<Value> {
    SmallVector<Value> scores(old), sums(kKeysAhead * width, kb.f32(0));
    SmallVector<SmallVector<Value>> rows;
    for (int64_t u = 0; u < kKeysAhead; ++u)
      rows.push_back(loadRow(ops.keys, kb.add(key, kb.add(j, kb.index(u)))));
    for (int64_t u = 0; u < kKeysAhead; ++u)
      for (int64_t h = 0; h < parts.heads; ++h)
        for (int64_t i = 0; i < laneColumns; ++i) {
          Value &sum = sums[u * width + h];
          sum = kb.fma(mine[h * laneColumns + i], rows[u][i], sum);
        }
    takeScores(j, sumLanes(sums), width, scores);
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
