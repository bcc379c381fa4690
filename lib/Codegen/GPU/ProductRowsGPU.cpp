//===- ProductRowsGPU.cpp - products of few rows --------------------------===//
//
// A block computes half a panel for some rows, or a share of the inner
// dimension for that (ProductShares.cpp). Its 8 warps share the inner
// dimension; in a warp 8 lanes read 4 columns each of one step, which makes
// whole cache lines, and 4 groups of lanes take steps in turn; of int8 that
// meets bf16 4 lanes read 8 columns each. Sums of lanes meet by shuffles, those
// of warps in shared memory.
//
// Roofline: the bytes of the weights, each read once for up to 8 rows (4 with
// int8, of which a lane has more columns); four vectors for each lane are under
// way at a time, 16 KiB of a block. 6144 columns are 192 blocks, which keep one
// multiprocessor (of 132) busy with two and the next with one; two blocks for
// each tile make it three and three.
//
//===----------------------------------------------------------------------===//

#include "ProductRowsSums.h"
#include "SmallIntegers.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 32 * kRowsWarps;
/// Blocks that a multiprocessor can have at once: their threads take up to 128
/// of its 65536 registers each.
static constexpr int64_t kResidentBlocks = 65536 / (128 * kThreads);
/// Most sums of a lane, and how many steps it has under way.
static constexpr int64_t kMostSums = 32, kUnroll = 4;

namespace {
/// Emits one block of the product.
class ProductRows {
public:
  ProductRows(GPUKernelBuilder &kb, const GPUProduct &product)
      : kb(kb), product(product),
        number(product.integers() ? Type(kb.getI32Type()) : kb.getF32Type()),
        columns(product.quantized() && !product.integers() ? 8 : 4),
        mostRows(kMostSums / columns), stepLanes(kRowsColumns / columns),
        warpSteps(kb.kWarp / stepLanes),
        partSteps(product.integers() ? kGroupDepth / 2 : warpSteps * kUnroll),
        parts(llvm::divideCeil(product.steps(), partSteps)),
        shares(chooseShares(kb, work())) {}

  /// Blocks for each half of a panel.
  int64_t countShares() const { return shares; }

  void emit() {
    share = findShare(kb, parts, shares);
    Value matrix = kb.block(1), begin = kb.index(0);
    Value two = kb.index(2), tile = kb.div(kb.block(0), kb.index(shares));
    Value half = kb.rem(tile, two);
    panel = product.panel(kb, matrix, kb.div(tile, two));
    prefetch(half);
    end = product.rows;
    if (product.offsets) {
      begin = kb.loadIndex(product.offsets, {matrix});
      end = kb.loadIndex(product.offsets, {kb.add(matrix, kb.index(1))});
    }
    outputs.emplace(kb, product, panel, half, end, share.rank, shares,
                    mostRows);
    stepLane = kb.div(kb.lane(), kb.index(stepLanes));
    Value chunk = kb.rem(kb.lane(), kb.index(stepLanes));
    local = kb.mul(chunk, kb.index(columns));
    // Fewer rows have code of their own: weights then cost most.
    Value count = kb.sub(end, begin);
    kb.ifElse(
        kb.less(count, kb.index(2)),
        [&] { kb.ifThen(kb.less(begin, end), [&] { emitRows(begin, 1); }); },
        [&] {
          if (mostRows == 4)
            return emitAllRows(begin);
          kb.ifElse(
              kb.less(count, kb.index(5)), [&] { emitRows(begin, 4); },
              [&] { emitAllRows(begin); });
        });
  }

private:
  /// At least two experts have rows.
  ProductWork work() const {
    int64_t stepBytes = kRowsColumns * (product.quantized() ? 2 : 4);
    return {2 * product.panels * std::min<int64_t>(product.matrices, 2), parts,
            kRowsWarps, partSteps * stepBytes};
  }

  void prefetch(Value half) {
    // The last part may lack steps.
    int64_t lacking = parts * partSteps - product.steps();
    prefetchWeights(kb, product,
                    {panel.number, half,
                     kb.mul(share.begin, kb.index(partSteps)),
                     parts / shares * partSteps - lacking,
                     2 * product.panels * shares, kResidentBlocks});
  }

  void emitAllRows(Value begin) {
    kb.loop(begin, end, mostRows, [&](Value first) {
      emitRows(first, mostRows);
      kb.barrier();
    });
  }

  Value zero() { return kb.create<arith::ConstantOp>(kb.getZeroAttr(number)); }

  /// The input's rows for `count` rows of the output; the last one again for
  /// those beyond it.
  SmallVector<Value> inputRows(Value first, int64_t count) {
    SmallVector<Value> rows;
    for (int64_t r = 0; r < count; ++r)
      rows.push_back(
          product.inputRow(kb, kb.minimum(kb.add(first, kb.index(r)),
                                          kb.sub(end, kb.index(1)))));
    return rows;
  }

  /// Whether a row of the input is whole pairs of bf16.
  bool hasInputPairs() const {
    return product.pairs() && product.inputElement().isBF16() &&
           product.depth() % 2 == 0;
  }

  /// Values 2*step and the next (or just `step`) of a row; 0 beyond the row.
  SmallVector<Value> loadInputs(Value row, Value step, Value inside) {
    SmallVector<Value> values;
    int64_t width = product.pairs() ? 2 : 1;
    if (hasInputPairs()) {
      Value pair =
          kb.loadVector(product.input, {row, kb.mul(step, kb.index(2))}, width);
      for (int64_t part = 0; part < width; ++part)
        values.push_back(kb.create<arith::SelectOp>(
            inside, kb.widen(extract(pair, part)), zero()));
      return values;
    }
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

  Value extract(Value vector, int64_t at) {
    return kb.create<vector::ExtractOp>(vector, ArrayRef<int64_t>{at});
  }

  /// A lane's weights of one step, column by column.
  SmallVector<Value> widen(Value weights) {
    int64_t count = columns * (product.pairs() ? 2 : 1);
    SmallVector<Value> numbers;
    if (product.quantized() && !product.integers()) {
      auto type = VectorType::get({count / 4}, kb.getI32Type());
      Value words = kb.create<vector::BitCastOp>(type, weights);
      for (int64_t i = 0; i < count / 4; ++i)
        llvm::append_range(numbers, widenBytes(kb, extract(words, i)));
      return numbers;
    }
    for (int64_t i = 0; i < count; ++i) {
      Value value = extract(weights, i);
      numbers.push_back(product.integers()
                            ? kb.create<arith::ExtSIOp>(number, value)
                            : kb.widen(value));
    }
    return numbers;
  }

  /// Adds the products of a lane's weights of one step to `sums`.
  void addStep(MutableArrayRef<Value> sums, ArrayRef<Value> rows, Value step,
               Value inside, Value weights) {
    int64_t width = product.pairs() ? 2 : 1;
    SmallVector<SmallVector<Value>> inputs;
    for (Value row : rows)
      inputs.push_back(loadInputs(row, step, inside));
    for (auto [i, weight] : llvm::enumerate(widen(weights)))
      for (size_t r = 0; r < rows.size(); ++r) {
        Value input = inputs[r][i % width];
        Value &sum = sums[r * columns + i / width];
        sum = product.integers()
                  ? kb.create<arith::AddIOp>(
                          sum, kb.create<arith::MulIOp>(input, weight))
                        .getResult()
                  : kb.fma(input, weight, sum);
      }
  }

  /// Adds steps `begin` and on, kUnroll for each lane, none at or after `last`.
  SmallVector<Value> addSteps(ValueRange carried, ArrayRef<Value> rows,
                              Value begin, Value last) {
    SmallVector<Value> sums(carried), steps, insides, weights;
    for (int64_t u = 0; u < kUnroll; ++u) {
      Value step = kb.add(kb.add(begin, stepLane), kb.index(u * warpSteps));
      insides.push_back(kb.less(step, last));
      steps.push_back(kb.minimum(step, kb.sub(last, kb.index(1))));
      SmallVector<Value> indices = {panel.number, steps.back(),
                                    outputs->panelColumn(local)};
      if (product.pairs())
        indices.push_back(kb.index(0));
      weights.push_back(kb.loadVector(product.weight, indices,
                                      columns * (product.pairs() ? 2 : 1)));
    }
    for (int64_t u = 0; u < kUnroll; ++u)
      addStep(sums, rows, steps[u], insides[u], weights[u]);
    return sums;
  }

  /// This lane's sums over all steps of its warp.
  SmallVector<Value> sumSteps(ArrayRef<Value> rows) {
    Value steps = kb.index(partSteps);
    Value last =
        kb.minimum(kb.mul(share.end, steps), kb.index(product.steps()));
    Value begin = kb.mul(kb.add(share.begin, kb.warp()), steps);
    SmallVector<Value> inits(rows.size() * columns, zero());
    return sumLanes(kb.loopCarry(begin, last, kRowsWarps * partSteps, inits,
                                 [&](Value step, ValueRange carried) {
                                   return addSteps(carried, rows, step, last);
                                 }));
  }

  /// Sums over the lanes of a warp that have the same columns.
  SmallVector<Value> sumLanes(ArrayRef<Value> values) {
    SmallVector<Value> sums(values);
    for (Value &sum : sums)
      for (int64_t mask = stepLanes; mask < kb.kWarp; mask *= 2) {
        Value other = kb.shuffleXor(sum, mask);
        sum = product.integers()
                  ? kb.create<arith::AddIOp>(sum, other).getResult()
                  : kb.create<arith::AddFOp>(sum, other).getResult();
      }
    return sums;
  }

  /// Integers: warps take groups of inputs that share a scale in turn.
  SmallVector<Value> sumGroups(ArrayRef<Value> rows) {
    SmallVector<Value> inits(rows.size() * columns, kb.f32(0));
    return kb.loopCarry(
        kb.add(share.begin, kb.warp()), share.end, kRowsWarps, inits,
        [&](Value group, ValueRange carried) {
          Value begin = kb.mul(group, kb.index(partSteps));
          Value last = kb.minimum(kb.add(begin, kb.index(partSteps)),
                                  kb.index(product.steps()));
          SmallVector<Value> none(inits.size(), zero()), sums(carried);
          SmallVector<Value> exact =
              sumLanes(kb.loopCarry(begin, last, warpSteps * kUnroll, none,
                                    [&](Value step, ValueRange inner) {
                                      return addSteps(inner, rows, step, last);
                                    }));
          for (size_t r = 0; r < rows.size(); ++r) {
            Value scale = product.inputScale(kb, rows[r], group);
            for (size_t i = r * columns; i < (r + 1) * columns; ++i) {
              Value wide =
                  kb.create<arith::SIToFPOp>(kb.getF32Type(), exact[i]);
              sums[i] = kb.fma(scale, wide, sums[i]);
            }
          }
          return sums;
        });
  }

  void emitRows(Value first, int64_t count) {
    outputs->begin();
    SmallVector<Value> rows = inputRows(first, count);
    SmallVector<Value> sums =
        product.integers() ? sumGroups(rows) : sumSteps(rows);
    kb.ifThen(kb.equal(stepLane, kb.index(0)), [&] {
      for (auto [i, sum] : llvm::enumerate(sums))
        outputs->store(sum, kb.index(i / columns),
                       kb.add(local, kb.index(i % columns)));
    });
    outputs->finish(first, count);
  }

  GPUKernelBuilder &kb;
  const GPUProduct &product;
  Type number;
  /// Columns of a lane, most rows at a time, lanes that share a step, steps
  /// that a warp takes at once.
  int64_t columns, mostRows, stepLanes, warpSteps;
  /// What a warp takes before the next: steps under way or, of integers, a
  /// group; how many these are, and how many blocks share them.
  int64_t partSteps, parts, shares;
  DepthShare share;
  Panel panel;
  /// Where the matrix's rows end.
  Value end;
  std::optional<ProductRowsSums> outputs;
  /// Which of the steps that a warp takes at once, and which columns of the
  /// block, this lane has.
  Value stepLane, local;
};
} // namespace

void minimax::emitProductRows(GPUKernelBuilder &kb, const GPUProduct &product) {
  ProductRows rows(kb, product);
  int64_t shares = rows.countShares();
  kb.launch((product.name + "_rows").str(),
            {kb.index(2 * product.panels * shares), kb.index(product.matrices)},
            kThreads, [&] { rows.emit(); }, shares);
}
