//===- ProductRowsGPU.cpp - products of few rows --------------------------===//
//
// A block computes half a panel for some rows. Its 8 warps share the inner
// dimension; in a warp 8 lanes read 4 columns each of one step, which makes
// whole cache lines, and 4 groups of lanes take steps in turn. Sums of lanes
// meet by shuffles, those of warps in shared memory.
//
// Roofline: the bytes of the weights, each read once for up to 8 rows; four
// vectors for each lane are under way at a time.
//
//===----------------------------------------------------------------------===//

#include "ProductGPU.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 256, kWarps = 8;
/// Columns of a lane, of a block, and most rows at a time.
static constexpr int64_t kColumns = 4, kBlockColumns = kPanelWidth / 2,
                         kMostRows = 8;
/// Lanes that share a step, steps that a warp takes at once, and how many of
/// them a lane has under way.
static constexpr int64_t kStepLanes = kBlockColumns / kColumns,
                         kWarpSteps = 32 / kStepLanes, kUnroll = 4;

namespace {
/// Emits one block of the product.
class ProductRows {
public:
  ProductRows(GPUKernelBuilder &kb, const GPUProduct &product)
      : kb(kb), product(product),
        number(product.integers() ? Type(kb.getI32Type()) : kb.getF32Type()) {}

  void emit() {
    Value matrix = kb.block(1), begin = kb.index(0);
    end = product.rows;
    if (product.offsets) {
      begin = kb.loadIndex(product.offsets, {matrix});
      end = kb.loadIndex(product.offsets, {kb.add(matrix, kb.index(1))});
    }
    Value two = kb.index(2);
    panel = product.panel(kb, matrix, kb.div(kb.block(0), two));
    half = kb.rem(kb.block(0), two);
    partial = kb.shared({kWarps, kMostRows, kBlockColumns});
    stepLane = kb.div(kb.lane(), kb.index(kStepLanes));
    Value chunk = kb.rem(kb.lane(), kb.index(kStepLanes));
    local = kb.mul(chunk, kb.index(kColumns));
    // Fewer rows have code of their own: weights then cost most.
    Value count = kb.sub(end, begin);
    kb.ifElse(
        kb.less(count, kb.index(2)),
        [&] { kb.ifThen(kb.less(begin, end), [&] { emitRows(begin, 1); }); },
        [&] {
          kb.ifElse(
              kb.less(count, kb.index(5)), [&] { emitRows(begin, 4); },
              [&] {
                kb.loop(begin, end, kMostRows, [&](Value first) {
                  emitRows(first, kMostRows);
                  kb.barrier();
                });
              });
        });
  }

private:
  /// Column in the panel of column `place` of the block.
  Value panelColumn(Value place) {
    Value width = kb.index(kBlockColumns);
    if (!product.swiglu())
      return kb.add(kb.mul(half, width), place);
    // Half of the gates and their partners.
    Value quarter = kb.index(kBlockColumns / 2);
    Value column = kb.add(kb.mul(half, quarter), kb.rem(place, quarter));
    return kb.add(column, kb.mul(kb.div(place, quarter), width));
  }

  Value zero() { return kb.create<arith::ConstantOp>(kb.getZeroAttr(number)); }

  Value rowAt(Value first, int64_t r) {
    return kb.minimum(kb.add(first, kb.index(r)), kb.sub(end, kb.index(1)));
  }

  /// Values 2*step and the next (or just `step`) of a row; 0 beyond the row.
  SmallVector<Value> loadInputs(Value row, Value step, Value inside) {
    SmallVector<Value> values;
    int64_t width = product.pairs() ? 2 : 1;
    for (int64_t part = 0; part < width; ++part) {
      Value k = kb.add(kb.mul(step, kb.index(width)), kb.index(part));
      Value here = kb.minimum(k, kb.index(product.depth() - 1));
      Value value;
      if (product.integers())
        value = kb.create<arith::ExtSIOp>(
            number,
            kb.create<memref::LoadOp>(product.input, ValueRange{row, here}));
      else
        value = kb.load(product.input, {row, here});
      values.push_back(kb.create<arith::SelectOp>(inside, value, zero()));
    }
    return values;
  }

  /// Part `part` of column `column` among a lane's weights.
  Value widen(Value weights, int64_t column, int64_t part) {
    int64_t place = product.pairs() ? 2 * column + part : column;
    Value value =
        kb.create<vector::ExtractOp>(weights, ArrayRef<int64_t>{place});
    if (product.integers())
      return kb.create<arith::ExtSIOp>(number, value);
    return kb.widen(value);
  }

  /// Adds the products of a lane's weights of one step to `sums`.
  void addStep(MutableArrayRef<Value> sums, Value first, int64_t count,
               Value step, Value inside, Value weights) {
    int64_t width = product.pairs() ? 2 : 1;
    SmallVector<SmallVector<Value>> inputs;
    for (int64_t r = 0; r < count; ++r)
      inputs.push_back(loadInputs(rowAt(first, r), step, inside));
    for (int64_t c = 0; c < kColumns; ++c)
      for (int64_t part = 0; part < width; ++part) {
        Value weight = widen(weights, c, part);
        for (int64_t r = 0; r < count; ++r) {
          Value &sum = sums[r * kColumns + c];
          sum = product.integers()
                    ? kb.create<arith::AddIOp>(
                            sum,
                            kb.create<arith::MulIOp>(inputs[r][part], weight))
                          .getResult()
                    : kb.fma(inputs[r][part], weight, sum);
        }
      }
  }

  /// Adds steps `begin` and on, kUnroll for each lane, none at or after `last`.
  SmallVector<Value> addSteps(ValueRange carried, Value first, int64_t count,
                              Value begin, Value last) {
    SmallVector<Value> sums(carried), steps, insides, weights;
    for (int64_t u = 0; u < kUnroll; ++u) {
      Value step = kb.add(kb.add(begin, stepLane), kb.index(u * kWarpSteps));
      insides.push_back(kb.less(step, last));
      steps.push_back(kb.minimum(step, kb.sub(last, kb.index(1))));
      SmallVector<Value> indices = {panel.number, steps.back(),
                                    panelColumn(local)};
      if (product.pairs())
        indices.push_back(kb.index(0));
      weights.push_back(kb.loadVector(product.weight, indices,
                                      kColumns * (product.pairs() ? 2 : 1)));
    }
    for (int64_t u = 0; u < kUnroll; ++u)
      addStep(sums, first, count, steps[u], insides[u], weights[u]);
    return sums;
  }

  /// This lane's sums over all steps of its warp.
  SmallVector<Value> sumSteps(Value first, int64_t count) {
    Value steps = kb.index(product.steps());
    constexpr int64_t taken = kWarpSteps * kUnroll;
    SmallVector<Value> inits(count * kColumns, zero());
    SmallVector<Value> sums =
        kb.loopCarry(kb.mul(kb.warp(), kb.index(taken)), steps, kWarps * taken,
                     inits, [&](Value begin, ValueRange carried) {
                       return addSteps(carried, first, count, begin, steps);
                     });
    return sumLanes(sums);
  }

  /// Sums over the lanes of a warp that have the same columns.
  SmallVector<Value> sumLanes(ArrayRef<Value> values) {
    SmallVector<Value> sums(values);
    for (Value &sum : sums)
      for (int64_t mask = kStepLanes; mask < kb.kWarp; mask *= 2) {
        Value other = kb.shuffleXor(sum, mask);
        sum = product.integers()
                  ? kb.create<arith::AddIOp>(sum, other).getResult()
                  : kb.create<arith::AddFOp>(sum, other).getResult();
      }
    return sums;
  }

  /// Integers: warps take groups of inputs that share a scale in turn.
  SmallVector<Value> sumGroups(Value first, int64_t count) {
    constexpr int64_t groupSteps = kGroupDepth / 2;
    int64_t groups = llvm::divideCeil(product.steps(), groupSteps);
    SmallVector<Value> inits(count * kColumns, kb.f32(0));
    return kb.loopCarry(
        kb.warp(), kb.index(groups), kWarps, inits,
        [&](Value group, ValueRange carried) {
          Value begin = kb.mul(group, kb.index(groupSteps));
          Value last = kb.minimum(kb.add(begin, kb.index(groupSteps)),
                                  kb.index(product.steps()));
          SmallVector<Value> none(count * kColumns, zero()), sums(carried);
          SmallVector<Value> exact = sumLanes(
              kb.loopCarry(begin, last, kWarpSteps * kUnroll, none,
                           [&](Value step, ValueRange inner) {
                             return addSteps(inner, first, count, step, last);
                           }));
          for (int64_t r = 0; r < count; ++r) {
            Value scale = product.inputScale(kb, rowAt(first, r), group);
            for (int64_t i = r * kColumns; i < (r + 1) * kColumns; ++i) {
              Value wide =
                  kb.create<arith::SIToFPOp>(kb.getF32Type(), exact[i]);
              sums[i] = kb.fma(scale, wide, sums[i]);
            }
          }
          return sums;
        });
  }

  void emitRows(Value first, int64_t count) {
    SmallVector<Value> sums =
        product.integers() ? sumGroups(first, count) : sumSteps(first, count);
    kb.ifThen(kb.equal(stepLane, kb.index(0)), [&] {
      for (auto [i, sum] : llvm::enumerate(sums))
        kb.store(sum, partial,
                 {kb.warp(), kb.index(i / kColumns),
                  kb.add(local, kb.index(i % kColumns))});
    });
    kb.barrier();
    int64_t width = product.swiglu() ? kBlockColumns / 2 : kBlockColumns;
    kb.forEachThread(kb.index(count * width), [&](Value place) {
      Value r = kb.div(place, kb.index(width));
      Value column = kb.rem(place, kb.index(width));
      Value row = kb.add(first, r);
      kb.ifThen(kb.less(row, end), [&] {
        Value up;
        if (product.swiglu())
          up = sumWarps(r, kb.add(column, kb.index(width)));
        product.finish(kb, panel, row, panelColumn(column), sumWarps(r, column),
                       up);
      });
    });
  }

  Value sumWarps(Value r, Value column) {
    Value sum = kb.f32(0);
    for (int64_t warp = 0; warp < kWarps; ++warp)
      sum = kb.create<arith::AddFOp>(
          sum, kb.load(partial, {kb.index(warp), r, column}));
    return sum;
  }

  GPUKernelBuilder &kb;
  const GPUProduct &product;
  Type number;
  Panel panel;
  /// Which half of the panel, and where its rows end.
  Value half, end;
  /// [warp, row, column of the block].
  Value partial;
  /// Which of the steps that a warp takes at once, and which columns of the
  /// block, this lane has.
  Value stepLane, local;
};
} // namespace

void minimax::emitProductRows(GPUKernelBuilder &kb, const GPUProduct &product) {
  kb.launch((product.name + "_rows").str(),
            {kb.index(2 * product.panels), kb.index(product.matrices)},
            kThreads, [&] { ProductRows(kb, product).emit(); });
}
