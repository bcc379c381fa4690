//===- DenseKernels.cpp - rows of activations -----------------------------===//
//
// Embedding, norms and elementwise ops: one pass over each row.
//
//===----------------------------------------------------------------------===//

#include "KernelPatterns.h"
#include "minimax/Codegen/Common/RopeFrequencies.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::minimax;

static int64_t columnsOf(Value memref) {
  return cast<MemRefType>(memref.getType()).getShape().back();
}

/// Writes output[row, c] = compute(row, c, mask) for all rows and columns.
static void emitElementwise(
    KernelBuilder &kb, Value output,
    function_ref<Value(Value row, Value column, Value mask)> compute) {
  kb.parallelRows(kb.size(output, 0), [&](Value row) {
    kb.forEachVector(columnsOf(output), [&](Value column, Value mask) {
      kb.storeVector(compute(row, column, mask), output, {row, column}, mask);
    });
  });
}

namespace {
struct LowerEmbedding : KernelPattern<EmbeddingOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(EmbeddingOp op, KernelBuilder &kb) const override {
    Value output = op.getOuts()[0];
    kb.parallelRows(kb.size(output, 0), [&](Value row) {
      Value token = kb.loadIndex(op.getTokens(), {row});
      kb.forEachVector(columnsOf(output), [&](Value column, Value mask) {
        kb.storeVector(kb.loadVector(op.getTable(), {token, column}, mask),
                       output, {row, column}, mask);
      });
    });
    return success();
  }
};

struct LowerRmsNorm : KernelPattern<RmsNormOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(RmsNormOp op, KernelBuilder &kb) const override {
    Value input = op.getInput();
    int64_t columns = columnsOf(input);
    kb.parallelRows(kb.size(input, 0), [&](Value row) {
      Value squares = kb.carryVectors(
          columns, kb.splat(0), [&](Value column, Value mask, Value sum) {
            Value x = kb.loadVector(input, {row, column}, mask);
            return kb.fma(x, x, sum);
          });
      Value mean =
          kb.create<arith::DivFOp>(kb.reduceAdd(squares), kb.f32(columns));
      Value shifted =
          kb.create<arith::AddFOp>(mean, kb.f32(op.getEps().convertToDouble()));
      Value root = kb.create<math::SqrtOp>(shifted);
      Value factor = kb.broadcast(kb.create<arith::DivFOp>(kb.f32(1), root));
      kb.forEachVector(columns, [&](Value column, Value mask) {
        Value x = kb.loadVector(input, {row, column}, mask);
        Value y = kb.create<arith::MulFOp>(x, factor);
        y = kb.create<arith::MulFOp>(
            y, kb.loadVector(op.getWeight(), {column}, mask));
        if (op.getGate())
          y = kb.create<arith::MulFOp>(
              y, kb.loadVector(op.getGate(), {row, column}, mask));
        for (Value output : op.getOuts())
          kb.storeVector(y, output, {row, column}, mask);
      });
    });
    return success();
  }
};

struct LowerActivation : KernelPattern<ActivationOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ActivationOp op, KernelBuilder &kb) const override {
    bool silu = op.getKind() == Activation::silu;
    emitElementwise(
        kb, op.getOuts()[0], [&](Value row, Value column, Value mask) {
          Value x = kb.loadVector(op.getInput(), {row, column}, mask);
          return silu ? kb.silu(x) : kb.sigmoid(x);
        });
    return success();
  }
};

struct LowerGate : KernelPattern<GateOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(GateOp op, KernelBuilder &kb) const override {
    emitElementwise(kb, op.getOuts()[0],
                    [&](Value row, Value column, Value mask) -> Value {
                      return kb.create<arith::MulFOp>(
                          kb.loadVector(op.getLhs(), {row, column}, mask),
                          kb.loadVector(op.getRhs(), {row, column}, mask));
                    });
    return success();
  }
};

struct LowerResidual : KernelPattern<ResidualOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ResidualOp op, KernelBuilder &kb) const override {
    Value alpha = kb.f32(op.getAlpha().convertToDouble());
    Value beta = kb.f32(op.getBeta().convertToDouble());
    emitElementwise(
        kb, op.getOuts()[0], [&](Value row, Value column, Value mask) -> Value {
          Value a = alpha, b = beta;
          if (op.getCoefficient()) {
            Value c = kb.load(op.getCoefficient(), {row, kb.index(0)});
            a = kb.create<arith::MulFOp>(
                a, kb.create<arith::SubFOp>(kb.f32(1), c));
            b = kb.create<arith::MulFOp>(b, c);
          }
          Value skip = kb.loadVector(op.getSkip(), {row, column}, mask);
          Value branch = kb.loadVector(op.getBranch(), {row, column}, mask);
          return kb.fma(kb.broadcast(a), skip,
                        kb.create<arith::MulFOp>(kb.broadcast(b), branch));
        });
    return success();
  }
};

struct LowerSwiglu : KernelPattern<SwigluOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(SwigluOp op, KernelBuilder &kb) const override {
    Value output = op.getOuts()[0];
    Value half = kb.index(columnsOf(output));
    emitElementwise(
        kb, output, [&](Value row, Value column, Value mask) -> Value {
          Value gate = kb.loadVector(op.getInput(), {row, column}, mask);
          Value up =
              kb.loadVector(op.getInput(), {row, kb.add(half, column)}, mask);
          return kb.create<arith::MulFOp>(kb.silu(gate), up);
        });
    return success();
  }
};

struct LowerLastRows : KernelPattern<LastRowsOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(LastRowsOp op, KernelBuilder &kb) const override {
    Value output = op.getOuts()[0], cu = op.getCuSeqlens();
    kb.parallelRows(kb.size(output, 0), [&](Value sequence) {
      Value begin = kb.loadIndex(cu, {sequence});
      Value end = kb.loadIndex(cu, {kb.add(sequence, kb.index(1))});
      Value empty = kb.equal(begin, end);
      kb.forEachVector(columnsOf(output), [&](Value column, Value mask) {
        kb.ifElse(
            empty,
            [&] {
              kb.storeVector(kb.splat(0), output, {sequence, column}, mask);
            },
            [&] {
              Value row = kb.sub(end, kb.index(1));
              kb.storeVector(kb.loadVector(op.getInput(), {row, column}, mask),
                             output, {sequence, column}, mask);
            });
      });
    });
    return success();
  }
};

struct LowerRope : KernelPattern<RopeOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(RopeOp op, KernelBuilder &kb) const override {
    Value input = op.getInput(), output = op.getOuts()[0];
    auto type = cast<MemRefType>(input.getType());
    kb.parallelRows(kb.size(output, 0), [&](Value row) {
      Value position =
          kb.create<memref::LoadOp>(op.getPositions(), ValueRange{row});
      kb.loop(kb.index(0), kb.index(type.getDimSize(1)), 1, [&](Value head) {
        emitRope(
            kb, position, type.getDimSize(2), op.getRotaryDim(),
            op.getTheta().convertToDouble(), Value(),
            [&](Value column, Value mask) {
              return kb.loadVector(input, {row, head, column}, mask);
            },
            [&](Value value, Value column, Value mask) {
              kb.storeVector(value, output, {row, head, column}, mask);
            });
      });
    });
    return success();
  }
};
} // namespace

void minimax::emitRope(KernelBuilder &kb, Value position, int64_t dim,
                       int64_t rotary, double theta, Value scale,
                       function_ref<Value(Value, Value)> read,
                       function_ref<void(Value, Value, Value)> write) {
  auto scaled = [&](Value value) -> Value {
    return scale ? kb.create<arith::MulFOp>(value, kb.broadcast(scale)) : value;
  };
  int64_t half = rotary / 2;
  if (rotary > 0) {
    Value table = getRopeFrequencies(kb, rotary, theta);
    Value place =
        kb.broadcast(kb.create<arith::SIToFPOp>(kb.getF32Type(), position));
    kb.forEachVector(half, [&](Value column, Value mask) {
      Value angle =
          kb.create<arith::MulFOp>(place, kb.loadVector(table, {column}, mask));
      auto [sine, cosine] = kb.sinCos(angle);
      Value upper = kb.add(column, kb.index(half));
      Value x = read(column, mask), y = read(upper, mask);
      // Explicit, so that every copy of this code rounds alike.
      Value minus = kb.create<arith::NegFOp>(y);
      Value first = kb.fma(x, cosine, kb.create<arith::MulFOp>(minus, sine));
      Value second = kb.fma(y, cosine, kb.create<arith::MulFOp>(x, sine));
      write(scaled(first), column, mask);
      write(scaled(second), upper, mask);
    });
  }
  Value start = kb.index(rotary);
  kb.forEachVector(dim - rotary, [&](Value column, Value mask) {
    Value shifted = kb.add(column, start);
    write(scaled(read(shifted, mask)), shifted, mask);
  });
}

void minimax::populateDenseKernels(RewritePatternSet &patterns,
                                   const CPUTarget &target) {
  patterns.add<LowerEmbedding, LowerRmsNorm, LowerActivation, LowerGate,
               LowerResidual, LowerSwiglu, LowerLastRows, LowerRope>(
      patterns.getContext(), target);
}
