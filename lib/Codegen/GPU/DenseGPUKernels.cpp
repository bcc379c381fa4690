//===- DenseGPUKernels.cpp - ops that treat every token alone -------------===//
//
// Embedding and elementwise ops. Roofline: every operand is read and
// every result written once, so these are bound by memory bandwidth; threads of
// a warp access neighbouring columns.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelPatterns.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 256;

/// `output[row, column] = value(row, column)`, a thread for each element.
static void emitElementwise(GPUKernelBuilder &kb, StringRef name, Value output,
                            function_ref<Value(Value, Value)> value) {
  int64_t columns = dimOf(output, 1);
  Value count = kb.mul(kb.size(output, 0), kb.index(columns));
  kb.launch(name, {kb.ceilDiv(count, kThreads)}, kThreads, [&] {
    Value place = kb.add(kb.mul(kb.block(), kb.index(kThreads)), kb.thread());
    kb.ifThen(kb.less(place, count), [&] {
      Value row = kb.div(place, kb.index(columns));
      Value column = kb.rem(place, kb.index(columns));
      kb.store(value(row, column), output, {row, column});
    });
  });
}

namespace {
struct LowerEmbedding : GPUKernelPattern<EmbeddingOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(EmbeddingOp op, GPUKernelBuilder &kb) const override {
    emitElementwise(kb, "embedding", op.getOuts()[0],
                    [&](Value row, Value column) {
                      Value token = kb.loadIndex(op.getTokens(), {row});
                      return kb.load(op.getTable(), {token, column});
                    });
    return success();
  }
};

struct LowerActivation : GPUKernelPattern<ActivationOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(ActivationOp op, GPUKernelBuilder &kb) const override {
    bool silu = op.getKind() == Activation::silu;
    emitElementwise(kb, "activation", op.getOuts()[0],
                    [&](Value row, Value column) {
                      Value x = kb.load(op.getInput(), {row, column});
                      return silu ? kb.silu(x) : kb.sigmoid(x);
                    });
    return success();
  }
};

struct LowerGate : GPUKernelPattern<GateOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(GateOp op, GPUKernelBuilder &kb) const override {
    emitElementwise(
        kb, "gate", op.getOuts()[0], [&](Value row, Value column) -> Value {
          return kb.create<arith::MulFOp>(kb.load(op.getLhs(), {row, column}),
                                          kb.load(op.getRhs(), {row, column}));
        });
    return success();
  }
};

struct LowerResidual : GPUKernelPattern<ResidualOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(ResidualOp op, GPUKernelBuilder &kb) const override {
    emitElementwise(
        kb, "residual", op.getOuts()[0], [&](Value row, Value column) -> Value {
          Value a = kb.f32(op.getAlpha().convertToDouble());
          Value b = kb.f32(op.getBeta().convertToDouble());
          if (op.getCoefficient()) {
            Value c = kb.load(op.getCoefficient(), {row, kb.index(0)});
            a = kb.create<arith::MulFOp>(
                a, kb.create<arith::SubFOp>(kb.f32(1), c));
            b = kb.create<arith::MulFOp>(b, c);
          }
          Value branch = kb.create<arith::MulFOp>(
              b, kb.load(op.getBranch(), {row, column}));
          return kb.fma(a, kb.load(op.getSkip(), {row, column}), branch);
        });
    return success();
  }
};

struct LowerSwiglu : GPUKernelPattern<SwigluOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(SwigluOp op, GPUKernelBuilder &kb) const override {
    Value output = op.getOuts()[0];
    int64_t half = dimOf(output, 1);
    emitElementwise(kb, "swiglu", output,
                    [&](Value row, Value column) -> Value {
                      Value up = kb.add(column, kb.index(half));
                      return kb.create<arith::MulFOp>(
                          kb.silu(kb.load(op.getInput(), {row, column})),
                          kb.load(op.getInput(), {row, up}));
                    });
    return success();
  }
};

struct LowerLastRows : GPUKernelPattern<LastRowsOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(LastRowsOp op, GPUKernelBuilder &kb) const override {
    Value cu = op.getCuSeqlens();
    emitElementwise(kb, "last_rows", op.getOuts()[0],
                    [&](Value sequence, Value column) -> Value {
                      Value begin = kb.loadIndex(cu, {sequence});
                      Value end =
                          kb.loadIndex(cu, {kb.add(sequence, kb.index(1))});
                      // An empty sequence reads row 0, which exists, and drops
                      // it.
                      Value last =
                          kb.maximum(kb.sub(end, kb.index(1)), kb.index(0));
                      Value value = kb.load(op.getInput(), {last, column});
                      return kb.create<arith::SelectOp>(kb.equal(begin, end),
                                                        kb.f32(0), value);
                    });
    return success();
  }
};
} // namespace

void minimax::populateDenseGPUKernels(RewritePatternSet &patterns,
                                      const GPUTarget &target) {
  patterns.add<LowerEmbedding, LowerActivation, LowerGate, LowerResidual,
               LowerSwiglu, LowerLastRows>(patterns.getContext(), target);
}
