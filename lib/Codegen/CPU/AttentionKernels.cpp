//===- AttentionKernels.cpp - softmax attention over a cache --------------===//
//
// Tiles of queries against tiles of keys with a running maximum and sum, so
// that no row of scores is ever held whole (SPEC 2.5, 4.7).
//
// Roofline: 4 D flops for each pair of query and key; a decode step reads the
// slot's keys and values once for each query head.
//
//===----------------------------------------------------------------------===//

#include "KernelPatterns.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::minimax;

/// Queries and keys of one tile.
static constexpr int64_t kTileQueries = 32, kTileKeys = 64;

/// Stands for minus infinity where differences are taken.
static constexpr double kNoScore = -1e30;

static int64_t dimOf(Value memref, unsigned dim) {
  return cast<MemRefType>(memref.getType()).getDimSize(dim);
}

namespace {
/// What one attention op reads and writes. `lse` is null if not wanted.
struct AttentionOperands {
  Value query, cuSeqlens, positions, slots, keys, values, output, lse;
  double scale, theta;
  int64_t rotary, split, splits;
};

/// Emits attention of one query head of one sequence.
class AttentionKernel {
public:
  AttentionKernel(KernelBuilder &kb, const AttentionOperands &operands,
                  Value sequence, Value head)
      : kb(kb), ops(operands), head(head), dim(dimOf(operands.query, 2)) {
    int64_t groupSize = dimOf(ops.query, 1) / dimOf(ops.keys, 2);
    group = kb.div(head, kb.index(groupSize));
    begin = kb.loadIndex(ops.cuSeqlens, {sequence});
    end = kb.loadIndex(ops.cuSeqlens, {kb.add(sequence, kb.index(1))});
    slot = kb.loadIndex(ops.slots, {sequence});
  }

  void emit() {
    kb.ifThen(kb.less(begin, end), [&] {
      firstPosition = kb.loadIndex(ops.positions, {begin});
      Value total = kb.add(firstPosition, kb.sub(end, begin));
      Value share = kb.ceilDiv(total, ops.splits);
      shareBegin = kb.mul(share, kb.index(ops.split));
      shareEnd = kb.minimum(kb.add(shareBegin, share), total);
      queries = kb.scratch({kTileQueries, dim});
      sums = kb.scratch({kTileQueries, dim});
      packed = kb.scratch({dim, kTileKeys});
      scores = kb.scratch({kTileQueries, kTileKeys});
      maxima = kb.scratch({kTileQueries});
      norms = kb.scratch({kTileQueries});
      kb.loop(begin, end, kTileQueries,
              [&](Value first) { emitQueries(first); });
    });
  }

private:
  void emitQueries(Value first) {
    firstRow = first;
    rows = kb.minimum(kb.index(kTileQueries), kb.sub(end, first));
    tilePosition = kb.add(firstPosition, kb.sub(first, begin));
    kb.loop(kb.index(0), rows, 1, [&](Value r) { prepareRow(r); });
    Value causalEnd = kb.add(tilePosition, rows);
    Value keyEnd = kb.minimum(shareEnd, causalEnd);
    kb.loop(shareBegin, keyEnd, kTileKeys, [&](Value key) {
      Value count = kb.minimum(kb.index(kTileKeys), kb.sub(keyEnd, key));
      kb.ifElse(
          kb.equal(rows, kb.index(1)), [&] { emitScoresOfOne(key, count); },
          [&] { emitScores(key, count); });
      kb.loop(kb.index(0), rows, 1,
              [&](Value r) { emitSoftmax(r, key, count); });
      emitValues(key, count);
    });
    kb.loop(kb.index(0), rows, 1, [&](Value r) { finishRow(r); });
  }

  /// Rotates and scales a query row; clears its sums.
  void prepareRow(Value r) {
    Value row = kb.add(firstRow, r);
    Value position = kb.create<memref::LoadOp>(ops.positions, ValueRange{row});
    emitRope(
        kb, position, dim, ops.rotary, ops.theta, kb.f32(ops.scale),
        [&](Value column, Value mask) {
          return kb.loadVector(ops.query, {row, head, column}, mask);
        },
        [&](Value value, Value column, Value mask) {
          kb.storeVector(value, queries, {r, column}, mask);
        });
    kb.forEachVector(dim, [&](Value column, Value mask) {
      kb.storeVector(kb.splat(0), sums, {r, column}, mask);
    });
    kb.store(kb.f32(kNoScore), maxima, {r});
    kb.store(kb.f32(0), norms, {r});
  }

  /// Scores of a single query: one dot product a key.
  void emitScoresOfOne(Value key, Value count) {
    kb.loop(kb.index(0), count, 1, [&](Value j) {
      Value position = kb.add(key, j);
      Value sum = kb.carryVectors(
          dim, kb.splat(0), [&](Value column, Value mask, Value acc) {
            Value q = kb.loadVector(queries, {kb.index(0), column}, mask);
            Value k =
                kb.loadVector(ops.keys, {slot, position, group, column}, mask);
            return kb.fma(q, k, acc);
          });
      kb.store(kb.reduceAdd(sum), scores, {kb.index(0), j});
    });
  }

  /// Scores of a tile: queries times transposed keys.
  void emitScores(Value key, Value count) {
    Value zero = kb.index(0);
    kb.loop(zero, count, 1, [&](Value j) {
      kb.loop(zero, kb.index(dim), 1, [&](Value d) {
        Value value = kb.load(ops.keys, {slot, kb.add(key, j), group, d});
        kb.store(value, packed, {d, j});
      });
    });
    kb.forEachRowBlock(zero, rows, [&](Value row, int64_t blockRows) {
      kb.forEachColumnBlock(
          kTileKeys, [&](Value column, ArrayRef<Value> masks) {
            int64_t vectors = masks.size();
            SmallVector<Value> acc(blockRows * vectors, kb.splat(0));
            acc = kb.contract(
                zero, kb.index(dim), acc, blockRows, vectors,
                [&](Value d, int64_t r) {
                  return kb.load(queries, {kb.add(row, kb.index(r)), d});
                },
                [&](Value d, int64_t t) {
                  return kb.loadVector(packed, {d, at(column, t)});
                });
            for (int64_t r = 0; r < blockRows; ++r)
              for (int64_t t = 0; t < vectors; ++t)
                kb.storeVector(acc[r * vectors + t], scores,
                               {kb.add(row, kb.index(r)), at(column, t)});
          });
    });
  }

  /// Turns a row of scores into exponentials and rescales what came before.
  void emitSoftmax(Value r, Value key, Value count) {
    Value position = kb.add(tilePosition, r);
    Value causal = kb.sub(kb.add(position, kb.index(1)), key);
    Value valid = kb.maximum(kb.minimum(count, causal), kb.index(0));
    auto isValid = [&](Value column) {
      return kb.mask(kb.maximum(kb.sub(valid, column), kb.index(0)));
    };
    Value largest = kb.carryVectors(
        kTileKeys, kb.splat(kNoScore),
        [&](Value column, Value, Value best) -> Value {
          Value score = kb.create<arith::SelectOp>(
              isValid(column), kb.loadVector(scores, {r, column}),
              kb.splat(kNoScore));
          return kb.create<arith::MaximumFOp>(best, score);
        });
    Value old = kb.load(maxima, {r});
    Value maximum = kb.create<arith::MaximumFOp>(old, kb.reduceMax(largest));
    Value shift = kb.broadcast(maximum);
    Value sum = kb.carryVectors(
        kTileKeys, kb.splat(0), [&](Value column, Value, Value acc) -> Value {
          Value score = kb.loadVector(scores, {r, column});
          Value e = kb.exp(kb.create<arith::SubFOp>(score, shift));
          e = kb.create<arith::SelectOp>(isValid(column), e, kb.splat(0));
          kb.storeVector(e, scores, {r, column});
          return kb.create<arith::AddFOp>(acc, e);
        });
    Value rescale = kb.exp(kb.create<arith::SubFOp>(old, maximum));
    kb.store(
        kb.create<math::FmaOp>(kb.load(norms, {r}), rescale, kb.reduceAdd(sum)),
        norms, {r});
    kb.store(maximum, maxima, {r});
    Value factor = kb.broadcast(rescale);
    kb.forEachVector(dim, [&](Value column, Value mask) {
      Value scaled = kb.create<arith::MulFOp>(
          kb.loadVector(sums, {r, column}, mask), factor);
      kb.storeVector(scaled, sums, {r, column}, mask);
    });
  }

  /// sums += exponentials * values.
  void emitValues(Value key, Value count) {
    kb.forEachRowBlock(kb.index(0), rows, [&](Value row, int64_t blockRows) {
      kb.forEachColumnBlock(dim, [&](Value column, ArrayRef<Value> masks) {
        int64_t vectors = masks.size();
        SmallVector<Value> acc;
        for (int64_t r = 0; r < blockRows; ++r)
          for (int64_t t = 0; t < vectors; ++t)
            acc.push_back(kb.loadVector(
                sums, {kb.add(row, kb.index(r)), at(column, t)}, masks[t]));
        acc = kb.contract(
            kb.index(0), count, acc, blockRows, vectors,
            [&](Value j, int64_t r) {
              return kb.load(scores, {kb.add(row, kb.index(r)), j});
            },
            [&](Value j, int64_t t) {
              return kb.loadVector(ops.values,
                                   {slot, kb.add(key, j), group, at(column, t)},
                                   masks[t]);
            });
        for (int64_t r = 0; r < blockRows; ++r)
          for (int64_t t = 0; t < vectors; ++t)
            kb.storeVector(acc[r * vectors + t], sums,
                           {kb.add(row, kb.index(r)), at(column, t)}, masks[t]);
      });
    });
  }

  void finishRow(Value r) {
    Value norm = kb.load(norms, {r}), row = kb.add(firstRow, r);
    Value empty =
        kb.create<arith::CmpFOp>(arith::CmpFPredicate::OEQ, norm, kb.f32(0));
    Value divisor = kb.create<arith::SelectOp>(empty, kb.f32(1), norm);
    Value factor = kb.broadcast(kb.create<arith::DivFOp>(kb.f32(1), divisor));
    kb.forEachVector(dim, [&](Value column, Value mask) {
      Value value = kb.create<arith::MulFOp>(
          kb.loadVector(sums, {r, column}, mask), factor);
      kb.storeVector(value, ops.output, {row, head, column}, mask);
    });
    if (!ops.lse)
      return;
    Value lse = kb.create<arith::AddFOp>(kb.load(maxima, {r}), kb.log(divisor));
    Value none = kb.f32(-std::numeric_limits<float>::infinity());
    kb.store(kb.create<arith::SelectOp>(empty, none, lse), ops.lse,
             {row, head});
  }

  Value at(Value column, int64_t vector) {
    return kb.add(column, kb.index(vector * kb.target.lanes));
  }

  KernelBuilder &kb;
  const AttentionOperands &ops;
  Value head, group, begin, end, slot;
  int64_t dim;
  Value firstPosition, shareBegin, shareEnd, firstRow, rows, tilePosition;
  Value queries, sums, packed, scores, maxima, norms;
};
} // namespace

static void emitAttention(KernelBuilder &kb,
                          const AttentionOperands &operands) {
  Value heads = kb.index(dimOf(operands.query, 1));
  Value sequences = kb.sub(kb.size(operands.cuSeqlens, 0), kb.index(1));
  kb.parallel(kb.mul(sequences, heads), [&](Value tile) {
    AttentionKernel(kb, operands, kb.div(tile, heads), kb.rem(tile, heads))
        .emit();
  });
}

/// Stores rotated keys and values of the new tokens in the pools.
static void emitAppend(KernelBuilder &kb, Value key, Value value,
                       Value cuSeqlens, Value positions, Value slots,
                       ValueRange cache, double theta, int64_t rotary) {
  Value groups = kb.index(dimOf(key, 1));
  int64_t dim = dimOf(key, 2);
  Value sequences = kb.sub(kb.size(cuSeqlens, 0), kb.index(1));
  kb.parallel(kb.mul(sequences, groups), [&](Value tile) {
    Value sequence = kb.div(tile, groups), group = kb.rem(tile, groups);
    Value slot = kb.loadIndex(slots, {sequence});
    Value end = kb.loadIndex(cuSeqlens, {kb.add(sequence, kb.index(1))});
    kb.loop(kb.loadIndex(cuSeqlens, {sequence}), end, 1, [&](Value row) {
      Value position = kb.create<memref::LoadOp>(positions, ValueRange{row});
      Value place = kb.create<arith::IndexCastOp>(kb.getIndexType(), position);
      emitRope(
          kb, position, dim, rotary, theta, Value(),
          [&](Value column, Value mask) {
            return kb.loadVector(key, {row, group, column}, mask);
          },
          [&](Value rotated, Value column, Value mask) {
            kb.storeVector(rotated, cache[0], {slot, place, group, column},
                           mask);
          });
      kb.forEachVector(dim, [&](Value column, Value mask) {
        kb.storeVector(kb.loadVector(value, {row, group, column}, mask),
                       cache[1], {slot, place, group, column}, mask);
      });
    });
  });
}

namespace {
struct LowerAttention : KernelPattern<AttentionOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(AttentionOp op, KernelBuilder &kb) const override {
    double theta = op.getTheta().convertToDouble();
    emitAppend(kb, op.getKey(), op.getValue(), op.getCuSeqlens(),
               op.getPositions(), op.getSlots(), op.getCache(), theta,
               op.getRotaryDim());
    emitAttention(kb,
                  {op.getQuery(), op.getCuSeqlens(), op.getPositions(),
                   op.getSlots(), op.getCache()[0], op.getCache()[1],
                   op.getOuts()[0], Value(), op.getScale().convertToDouble(),
                   theta, static_cast<int64_t>(op.getRotaryDim()), 0, 1});
    return success();
  }
};

struct LowerCacheAppend : KernelPattern<CacheAppendOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(CacheAppendOp op, KernelBuilder &kb) const override {
    emitAppend(kb, op.getKey(), op.getValue(), op.getCuSeqlens(),
               op.getPositions(), op.getSlots(), op.getCache(),
               op.getTheta().convertToDouble(), op.getRotaryDim());
    return success();
  }
};

struct LowerAttentionPartial : KernelPattern<AttentionPartialOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(AttentionPartialOp op, KernelBuilder &kb) const override {
    emitAttention(kb, {op.getQuery(), op.getCuSeqlens(), op.getPositions(),
                       op.getSlots(), op.getCache()[0], op.getCache()[1],
                       op.getOuts()[0], op.getOuts()[1],
                       op.getScale().convertToDouble(),
                       op.getTheta().convertToDouble(),
                       static_cast<int64_t>(op.getRotaryDim()),
                       static_cast<int64_t>(op.getSplit()),
                       static_cast<int64_t>(op.getSplits())});
    return success();
  }
};

struct LowerAttentionMerge : KernelPattern<AttentionMergeOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(AttentionMergeOp op, KernelBuilder &kb) const override {
    Value output = op.getOuts()[0], lse = op.getOuts()[1];
    int64_t heads = dimOf(output, 1), dim = dimOf(output, 2);
    Value none = kb.f32(-std::numeric_limits<float>::infinity());
    kb.parallelRows(kb.size(output, 0), [&](Value row) {
      kb.loop(kb.index(0), kb.index(heads), 1, [&](Value head) {
        Value a = kb.load(op.getLse1(), {row, head}),
              b = kb.load(op.getLse2(), {row, head});
        Value largest = kb.create<arith::MaximumFOp>(a, b);
        Value empty =
            kb.create<arith::CmpFOp>(arith::CmpFPredicate::OEQ, largest, none);
        Value shift = kb.create<arith::SelectOp>(empty, kb.f32(0), largest);
        // exp clamps its argument, so that a side without keys needs care.
        auto weight = [&](Value side) -> Value {
          Value absent =
              kb.create<arith::CmpFOp>(arith::CmpFPredicate::OEQ, side, none);
          Value e = kb.exp(kb.create<arith::SubFOp>(side, shift));
          return kb.create<arith::SelectOp>(absent, kb.f32(0), e);
        };
        Value wa = weight(a), wb = weight(b);
        Value sum = kb.create<arith::AddFOp>(wa, wb);
        Value divisor = kb.create<arith::SelectOp>(empty, kb.f32(1), sum);
        Value fa = kb.broadcast(kb.create<arith::DivFOp>(wa, divisor));
        Value fb = kb.broadcast(kb.create<arith::DivFOp>(wb, divisor));
        kb.forEachVector(dim, [&](Value column, Value mask) {
          Value x = kb.loadVector(op.getOutput1(), {row, head, column}, mask);
          Value y = kb.loadVector(op.getOutput2(), {row, head, column}, mask);
          kb.storeVector(kb.fma(fa, x, kb.create<arith::MulFOp>(fb, y)), output,
                         {row, head, column}, mask);
        });
        Value merged = kb.create<arith::AddFOp>(shift, kb.log(divisor));
        kb.store(kb.create<arith::SelectOp>(empty, none, merged), lse,
                 {row, head});
      });
    });
    return success();
  }
};
} // namespace

void minimax::populateAttentionKernels(RewritePatternSet &patterns,
                                       const CPUTarget &target) {
  patterns.add<LowerAttention, LowerCacheAppend, LowerAttentionPartial,
               LowerAttentionMerge>(patterns.getContext(), target);
}
