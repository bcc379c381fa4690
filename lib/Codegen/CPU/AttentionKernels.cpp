//===- AttentionKernels.cpp - softmax attention over a cache --------------===//
//
// Appends new keys and values, attends block by block, merges shares.
//
// Roofline: appending moves each new key and value once, merging its operands;
// both are bound by memory. Attention itself: AttentionTiles.cpp.
//
//===----------------------------------------------------------------------===//

#include "AttentionTiles.h"

using namespace mlir;
using namespace mlir::minimax;

/// Late blocks have most keys: they go first, so that workers end together.
static void emitAttention(KernelBuilder &kb,
                          const AttentionOperands &operands) {
  int64_t size = AttentionKernel::blockTokens(operands);
  Value groups = kb.index(dimOf(operands.keys, 2)), cu = operands.cuSeqlens;
  Value blocks = countBlocks(kb, cu, kb.size(operands.query, 0), size);
  kb.parallel(kb.mul(blocks, groups), [&](Value tile) {
    Value number = kb.sub(kb.sub(blocks, kb.index(1)), kb.div(tile, groups));
    SequenceBlock block =
        findBlock(kb, cu, countSequences(kb, cu), size, number);
    AttentionKernel kernel(kb, operands);
    kb.ifThen(kb.less(block.first, block.end),
              [&] { kernel.emit(block, kb.rem(tile, groups)); });
  });
}

/// Stores rotated keys and values of the new tokens in the pools.
static void emitAppend(KernelBuilder &kb, Value key, Value value,
                       Value cuSeqlens, Value positions, Value slots,
                       ValueRange cache, double theta, int64_t rotary) {
  int64_t groups = dimOf(key, 1), dim = dimOf(key, 2);
  forEachSequence(kb, cuSeqlens, groups, [&](Value sequence, Value group) {
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
