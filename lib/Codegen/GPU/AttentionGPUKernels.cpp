//===- AttentionGPUKernels.cpp - softmax attention over a cache -----------===//
//
// Appends new keys and values, attends, merges shares.
//
// Roofline: appending moves each new key and value once, merging its operands;
// both are bound by memory. Attention itself: AttentionMatrix.cpp,
// AttentionPrefill.cpp, AttentionDecode.cpp.
//
//===----------------------------------------------------------------------===//

#include "AttentionGPU.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <numbers>

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 256;

/// Tokens that a block appends.
static constexpr int64_t kAppendTokens = 8;

static const double kInfinity = std::numeric_limits<double>::infinity();

Value minimax::emitExp2(GPUKernelBuilder &kb, Value x) {
  auto call = kb.create<LLVM::CallIntrinsicOp>(
      TypeRange{kb.getF32Type()},
      kb.getStringAttr("llvm.nvvm.ex2.approx.ftz.f"), ValueRange{x},
      LLVM::FastmathFlagsAttr());
  return call.getResult(0);
}

RowEnd::RowEnd(GPUKernelBuilder &kb, Value maximum, Value norm) {
  Value empty =
      kb.create<arith::CmpFOp>(arith::CmpFPredicate::OEQ, norm, kb.f32(0));
  Value divisor = kb.create<arith::SelectOp>(empty, kb.f32(1), norm);
  factor = kb.create<arith::DivFOp>(kb.f32(1), divisor);
  lse = kb.fma(maximum, kb.f32(std::numbers::ln2), kb.log(divisor));
  lse = kb.create<arith::SelectOp>(empty, kb.f32(-kInfinity), lse);
}

KeyRange minimax::findShare(GPUKernelBuilder &kb,
                            const AttentionGPUOperands &operands, Value total,
                            Value causal) {
  Value share = kb.ceilDiv(total, operands.splits);
  Value begin = kb.mul(share, kb.index(operands.split));
  return {begin, kb.minimum(kb.add(begin, share), causal)};
}

/// A pool [S, C, G, D] as [S * C, G, D], whose strides are known.
static Value collapsePool(GPUKernelBuilder &kb, Value pool) {
  SmallVector<ReassociationIndices> groups = {{0, 1}, {2}, {3}};
  return kb.create<memref::CollapseShapeOp>(pool, groups);
}

/// Stores rotated keys and values of the new tokens in the pools.
template <typename OpTy> static void emitAppend(GPUKernelBuilder &kb, OpTy op) {
  Value key = op.getKey(), value = op.getValue(), cu = op.getCuSeqlens();
  int64_t groups = dimOf(key, 1), dim = dimOf(key, 2);
  Value keys = collapsePool(kb, op.getCache()[0]);
  Value values = collapsePool(kb, op.getCache()[1]);
  Value capacity = kb.size(op.getCache()[0], 1);
  Rotation rotation(kb, dim, op.getRotaryDim(),
                    op.getTheta().convertToDouble());
  Value sequences = countSequences(kb, cu);
  Value blocks = countBlocks(kb, cu, kb.size(key, 0), kAppendTokens);
  kb.launch("cache_append", {blocks}, kThreads, [&] {
    SequenceBlock rows =
        findBlock(kb, cu, sequences, kAppendTokens, kb.block());
    Value count = kb.sub(rows.end, rows.first);
    auto forEach = [&](int64_t items,
                       function_ref<void(Value, Value, Value, Value)> body) {
      Value slot = kb.loadIndex(op.getSlots(), {rows.sequence});
      kb.forEachThread(kb.mul(count, kb.index(groups * items)), [&](Value at) {
        Value item = kb.rem(at, kb.index(items));
        Value rest = kb.div(at, kb.index(items));
        Value group = kb.rem(rest, kb.index(groups));
        Value row = kb.add(rows.first, kb.div(rest, kb.index(groups)));
        Value position = kb.loadIndex(op.getPositions(), {row});
        body(row, kb.add(kb.mul(slot, capacity), position), group, item);
      });
    };
    kb.ifThen(kb.less(kb.index(0), count), [&] {
      forEach(rotation.items(),
              [&](Value row, Value place, Value group, Value item) {
                Value position = kb.create<memref::LoadOp>(op.getPositions(),
                                                           ValueRange{row});
                rotation.emit(
                    item, position,
                    [&](Value column) {
                      return kb.load(key, {row, group, column});
                    },
                    [&](Value rotated, Value column) {
                      kb.store(rotated, keys, {place, group, column});
                    });
              });
      forEach(dim, [&](Value row, Value place, Value group, Value column) {
        kb.store(kb.load(value, {row, group, column}), values,
                 {place, group, column});
      });
    });
  });
}

Value minimax::findWorkspace(Operation *op) {
  auto use = dyn_cast_or_null<memref::AssumeAlignmentOp>(op->getNextNode());
  return use && use->hasAttr(kWorkspace) ? use.getMemref() : Value();
}

/// Attention to one share of the keys in `op`'s cache.
template <typename OpTy>
static void emitAttention(GPUKernelBuilder &kb, OpTy op, Value lse,
                          int64_t split, int64_t splits) {
  AttentionGPUOperands operands{op.getQuery(),
                                op.getCuSeqlens(),
                                op.getPositions(),
                                op.getSlots(),
                                collapsePool(kb, op.getCache()[0]),
                                collapsePool(kb, op.getCache()[1]),
                                kb.size(op.getCache()[0], 1),
                                op.getOuts()[0],
                                lse,
                                op.getScale().convertToDouble(),
                                op.getTheta().convertToDouble(),
                                static_cast<int64_t>(op.getRotaryDim()),
                                split,
                                splits,
                                op.getBf16Products(),
                                findWorkspace(op)};
  const GPUTarget &target = kb.target;
  bool onMatrixUnits = operands.bf16Products && target.tensorCores;
  if (onMatrixUnits && target.hopper && target.warpgroups &&
      fitsAttentionWarpgroups(operands))
    emitAttentionWarpgroups(kb, operands);
  else if (onMatrixUnits && fitsAttentionMatrix(operands))
    emitAttentionMatrix(kb, operands);
  else
    emitAttentionPrefill(kb, operands);
  emitAttentionDecode(kb, operands);
}

namespace {
struct LowerAttention : GPUKernelPattern<AttentionOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(AttentionOp op, GPUKernelBuilder &kb) const override {
    emitAppend(kb, op);
    emitAttention(kb, op, Value(), 0, 1);
    return success();
  }
};

struct LowerCacheAppend : GPUKernelPattern<CacheAppendOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(CacheAppendOp op, GPUKernelBuilder &kb) const override {
    emitAppend(kb, op);
    return success();
  }
};

struct LowerAttentionPartial : GPUKernelPattern<AttentionPartialOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(AttentionPartialOp op,
                      GPUKernelBuilder &kb) const override {
    emitAttention(kb, op, op.getOuts()[1], op.getSplit(), op.getSplits());
    return success();
  }
};

struct LowerAttentionMerge : GPUKernelPattern<AttentionMergeOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(AttentionMergeOp op,
                      GPUKernelBuilder &kb) const override {
    Value output = op.getOuts()[0];
    int64_t heads = dimOf(output, 1), warps = kThreads / kb.kWarp;
    Value count = kb.mul(kb.size(output, 0), kb.index(heads));
    // A warp has one head of one row.
    kb.launch("attention_merge", {kb.ceilDiv(count, warps)}, kThreads, [&] {
      Value place = kb.add(kb.mul(kb.block(), kb.index(warps)), kb.warp());
      kb.ifThen(kb.less(place, count), [&] {
        emitHead(op, kb, kb.div(place, kb.index(heads)),
                 kb.rem(place, kb.index(heads)));
      });
    });
    return success();
  }

  void emitHead(AttentionMergeOp op, GPUKernelBuilder &kb, Value row,
                Value head) const {
    Value none = kb.f32(-kInfinity);
    auto isNone = [&](Value x) -> Value {
      return kb.create<arith::CmpFOp>(arith::CmpFPredicate::OEQ, x, none);
    };
    Value a = kb.load(op.getLse1(), {row, head}),
          b = kb.load(op.getLse2(), {row, head});
    Value largest = kb.create<arith::MaxNumFOp>(a, b), empty = isNone(largest);
    Value shift = kb.create<arith::SelectOp>(empty, kb.f32(0), largest);
    // exp clamps its argument, so that a side without keys needs care.
    auto weight = [&](Value side) -> Value {
      Value e = kb.exp(kb.create<arith::SubFOp>(side, shift));
      return kb.create<arith::SelectOp>(isNone(side), kb.f32(0), e);
    };
    Value wa = weight(a), wb = weight(b);
    Value sum = kb.create<arith::AddFOp>(wa, wb);
    Value divisor = kb.create<arith::SelectOp>(empty, kb.f32(1), sum);
    Value fa = kb.create<arith::DivFOp>(wa, divisor);
    Value fb = kb.create<arith::DivFOp>(wb, divisor);
    kb.forEachLane(kb.index(dimOf(op.getOuts()[0], 2)), [&](Value column) {
      Value x = kb.load(op.getOutput1(), {row, head, column});
      Value y = kb.load(op.getOutput2(), {row, head, column});
      kb.store(kb.fma(fa, x, kb.create<arith::MulFOp>(fb, y)), op.getOuts()[0],
               {row, head, column});
    });
    kb.ifThen(kb.equal(kb.lane(), kb.index(0)), [&] {
      Value merged = kb.create<arith::AddFOp>(shift, kb.log(divisor));
      kb.store(kb.create<arith::SelectOp>(empty, none, merged), op.getOuts()[1],
               {row, head});
    });
  }
};
} // namespace

void minimax::populateAttentionGPUKernels(RewritePatternSet &patterns,
                                          const GPUTarget &target) {
  patterns.add<LowerAttention, LowerCacheAppend, LowerAttentionPartial,
               LowerAttentionMerge>(patterns.getContext(), target);
}
