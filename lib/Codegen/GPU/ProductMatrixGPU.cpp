//===- ProductMatrixGPU.cpp - products on matrix units --------------------===//
//
// bf16 inputs by bf16 or int8 weights: a block computes 128 rows by two panels,
// a warp 32 rows by one of them, with mma.sync. Tiles of both operands, 32
// deep, come through a ring of asynchronous copies.
//
// A panel already holds what an mma takes of the weight: a word is two values
// of the inner dimension for one column. Which columns make up the 8 of an mma
// is free, so a lane takes the words of 4 neighbouring columns as one vector:
// mma `4*q + i` has the columns `32*q + 4*g + i`, g = 0 .. 7. A lane then ends
// up with 8 neighbouring columns in each half of the panel, gates and their
// partners among them.
//
// Words of int8 become such words in registers, on the way to the mma.
//
// Shared memory is swizzled: 16-byte chunk c of step s of a panel lies at place
// c ^ 2*(s % 4), that of row r of the input at c ^ (r / 2 % 4); neither writing
// nor reading meets a bank twice.
//
// Roofline: 2*M*N*K flops on matrix units; for every 16 mma a warp reads 6
// vectors.
//
//===----------------------------------------------------------------------===//

#include "ProductGPU.h"
#include "SmallIntegers.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 256, kTileRows = 128, kTilePanels = 2,
                         kTileDepth = 32, kTileSteps = kTileDepth / 2,
                         kStages = 4;
/// Rows of a warp, of an mma, and columns of an mma.
static constexpr int64_t kWarpRows = 32, kMmaRows = 16, kMmaDepth = 16,
                         kMmas = kPanelWidth / 8;
/// bf16 values in 16 bytes, and columns of a lane in half a panel.
static constexpr int64_t kChunk = 8, kLaneColumns = 4;

namespace {
/// Emits one block of the product.
class MatrixTile {
public:
  MatrixTile(GPUKernelBuilder &kb, const GPUProduct &product)
      : kb(kb), product(product), chunkColumns(product.quantized() ? 8 : 4) {}

  void emit() {
    rows = product.tile(kb, kb.block(0), kTileRows);
    firstPanel = kb.mul(kb.block(1), kb.index(kTilePanels));
    kb.ifThen(kb.less(rows.first, rows.end), [&] {
      inputs = kb.shared({kStages, kTileRows, kTileDepth}, kb.getBF16Type());
      weights = kb.shared({kStages, kTilePanels, kTileSteps, kPanelWidth, 2},
                          product.weightElement());
      warpRow =
          kb.mul(kb.div(kb.warp(), kb.index(kTilePanels)), kb.index(kWarpRows));
      warpPanel = kb.rem(kb.warp(), kb.index(kTilePanels));
      group = kb.div(kb.lane(), kb.index(4));
      quarter = kb.rem(kb.lane(), kb.index(4));
      finish(sumTiles());
    });
  }

private:
  static constexpr int64_t kWarpMmas = kWarpRows / kMmaRows * kMmas;

  int64_t tiles() const {
    return llvm::divideCeil(product.steps(), kTileSteps);
  }

  Value exclusiveOr(Value a, Value b) { return kb.create<arith::XOrIOp>(a, b); }

  /// Column of the input tile at which chunk `chunk` of row `row` lies.
  Value inputPlace(Value row, Value chunk) {
    Value key = kb.rem(kb.div(row, kb.index(2)), kb.index(4));
    return kb.mul(exclusiveOr(chunk, key), kb.index(kChunk));
  }
  /// Column of a panel's tile at which chunk `chunk` of step `step` lies.
  Value weightPlace(Value step, Value chunk) {
    Value key = kb.mul(kb.rem(step, kb.index(4)), kb.index(2));
    return kb.mul(exclusiveOr(chunk, key), kb.index(chunkColumns));
  }

  /// Starts copying tile `tile` into its stage, if there is such a tile.
  void copyTile(Value tile) {
    kb.ifThen(kb.less(tile, kb.index(tiles())), [&] {
      Value stage = kb.rem(tile, kb.index(kStages));
      copyInputs(tile, stage);
      copyWeights(tile, stage);
    });
    // Without a tile the group is empty; counting groups stays simple.
    kb.create<NVVM::CpAsyncCommitGroupOp>();
  }

  void copyWeights(Value tile, Value stage) {
    Value first = kb.mul(tile, kb.index(kTileSteps));
    int64_t chunks = kPanelWidth / chunkColumns;
    for (int64_t i = 0; i < kTilePanels * kTileSteps * chunks; i += kThreads) {
      Value place = kb.add(kb.thread(), kb.index(i));
      Value chunk = kb.rem(place, kb.index(chunks));
      Value row = kb.div(place, kb.index(chunks));
      Value step = kb.rem(row, kb.index(kTileSteps));
      Value panel = kb.div(row, kb.index(kTileSteps));
      Value from = kb.add(first, step);
      Value inMatrix = kb.add(firstPanel, panel);
      Value inside =
          kb.create<arith::AndIOp>(kb.less(from, kb.index(product.steps())),
                                   kb.less(inMatrix, kb.index(product.panels)));
      SmallVector<Value> source = {
          product.panel(kb, rows.matrix, inMatrix).number, from,
          kb.mul(chunk, kb.index(chunkColumns)), kb.index(0)};
      SmallVector<Value> destination = {stage, panel, step,
                                        weightPlace(step, chunk), kb.index(0)};
      kb.create<minimax_gpu::CopyAsyncOp>(product.weight, source, weights,
                                          destination, inside);
    }
  }

  void copyInputs(Value tile, Value stage) {
    Value first = kb.mul(tile, kb.index(kTileDepth));
    // Rows of the input that are no whole chunks are not aligned to them.
    int64_t depth = product.depth();
    int64_t width = depth % kChunk == 0 ? kChunk : depth % 2 == 0 ? 2 : 1;
    int64_t places = kTileDepth / width;
    for (int64_t i = 0; i < kTileRows * places; i += kThreads) {
      Value place = kb.add(kb.thread(), kb.index(i));
      Value row = kb.div(place, kb.index(places));
      Value local = kb.mul(kb.rem(place, kb.index(places)), kb.index(width));
      Value from = kb.add(rows.first, row), k = kb.add(first, local);
      Value inside = kb.create<arith::AndIOp>(kb.less(from, rows.end),
                                              kb.less(k, kb.index(depth)));
      Value column = inputPlace(row, kb.div(local, kb.index(kChunk)));
      from =
          product.inputRow(kb, kb.minimum(from, kb.sub(rows.end, kb.index(1))));
      if (width == kChunk) {
        kb.create<minimax_gpu::CopyAsyncOp>(
            product.input, ValueRange{from, k}, inputs,
            ValueRange{stage, row, column}, inside);
        continue;
      }
      k = kb.minimum(k, kb.index(depth - width));
      Value values = kb.loadVector(product.input, {from, k}, width);
      Value zero =
          kb.create<arith::ConstantOp>(kb.getZeroAttr(values.getType()));
      column = kb.add(column, kb.rem(local, kb.index(kChunk)));
      kb.storeVector(kb.create<arith::SelectOp>(inside, values, zero), inputs,
                     {stage, row, column});
    }
  }

  /// Fragments of 16 rows of the input.
  Value inputFragment(Value stage, int64_t firstRow, int64_t depth) {
    // Lanes give the rows of four 8x8 matrices: rows 0-7 and 8-15, then the
    // same 8 values further.
    Value row = kb.add(kb.add(warpRow, kb.index(firstRow)),
                       kb.rem(kb.lane(), kb.index(16)));
    Value chunk =
        kb.add(kb.index(depth / kChunk), kb.div(kb.lane(), kb.index(16)));
    auto type = VectorType::get({4}, kb.getI32Type());
    return kb.create<minimax_gpu::LoadMatrixOp>(
        type, inputs, ValueRange{stage, row, inputPlace(row, chunk)},
        /*transpose=*/false);
  }

  /// Words of one step for the columns of mma 4*half and on.
  Value weightWords(Value stage, int64_t firstStep, int64_t half) {
    Value step = kb.add(kb.index(firstStep), quarter);
    int64_t lanes = chunkColumns / kLaneColumns;
    Value chunk = kb.add(kb.index(half * kPanelWidth / 2 / chunkColumns),
                         kb.div(group, kb.index(lanes)));
    Value inChunk =
        kb.mul(kb.rem(group, kb.index(lanes)), kb.index(kLaneColumns));
    Value column = kb.add(weightPlace(step, chunk), inChunk);
    Value pairs =
        kb.loadVector(weights, {stage, warpPanel, step, column, kb.index(0)},
                      2 * kLaneColumns);
    auto type = VectorType::get({kLaneColumns}, kb.getI32Type());
    return product.quantized() ? convertWords(type, pairs)
                               : kb.create<vector::BitCastOp>(type, pairs);
  }

  /// Pairs of int8 as words of bf16.
  Value convertWords(VectorType type, Value pairs) {
    Value bytes = kb.create<vector::BitCastOp>(
        VectorType::get({kLaneColumns / 2}, kb.getI32Type()), pairs);
    SmallVector<Value> words;
    for (int64_t i = 0; i < kLaneColumns / 2; ++i)
      llvm::append_range(words, bytesToBF16(kb, extract(bytes, i)));
    return kb.create<vector::FromElementsOp>(type, words);
  }

  /// Adds the products of the tile in `stage` to `sums`.
  SmallVector<Value> multiplyTile(Value stage, ValueRange carried) {
    SmallVector<Value> sums(carried);
    for (int64_t depth = 0; depth < kTileDepth; depth += kMmaDepth) {
      SmallVector<Value> a;
      for (int64_t row = 0; row < kWarpRows; row += kMmaRows)
        a.push_back(inputFragment(stage, row, depth));
      for (int64_t half = 0; half < 2; ++half) {
        Value low = weightWords(stage, depth / 2, half);
        Value high = weightWords(stage, depth / 2 + 4, half);
        for (int64_t i = 0; i < kLaneColumns; ++i) {
          // Lanes of low hold steps 0-3, of high 4-7.
          Value b = kb.create<vector::ShuffleOp>(
              low, high, ArrayRef<int64_t>{i, kLaneColumns + i});
          for (auto [m, fragment] : llvm::enumerate(a)) {
            Value &sum = sums[m * kMmas + half * kLaneColumns + i];
            sum =
                kb.create<minimax_gpu::MmaOp>(sum.getType(), fragment, b, sum);
          }
        }
      }
    }
    return sums;
  }

  /// The ring: while a tile is multiplied, the next are under way.
  SmallVector<Value> sumTiles() {
    kb.loop(kb.index(0), kb.index(kStages - 1), 1,
            [&](Value tile) { copyTile(tile); });
    auto type = VectorType::get({4}, kb.getF32Type());
    Value zero = kb.create<arith::ConstantOp>(kb.getZeroAttr(type));
    return kb.loopCarry(
        kb.index(0), kb.index(tiles()), 1, SmallVector<Value>(kWarpMmas, zero),
        [&](Value tile, ValueRange sums) {
          kb.create<NVVM::CpAsyncWaitGroupOp>(kStages - 2);
          // Also says that all have read the stage that is filled next.
          kb.barrier();
          copyTile(kb.add(tile, kb.index(kStages - 1)));
          return multiplyTile(kb.rem(tile, kb.index(kStages)), sums);
        });
  }

  Value extract(Value vector, int64_t at) {
    return kb.create<vector::ExtractOp>(vector, ArrayRef<int64_t>{at});
  }

  void finish(ArrayRef<Value> sums) {
    Value inMatrix = kb.add(firstPanel, warpPanel);
    Panel panel = product.panel(kb, rows.matrix, inMatrix);
    // Sums of 16 rows: a lane has those of rows g and g + 8.
    for (int64_t r = 0; r < kWarpRows; r += 8) {
      Value row =
          kb.add(kb.add(rows.first, warpRow), kb.add(group, kb.index(r)));
      auto sumAt = [&](int64_t half, int64_t c) {
        int64_t mma =
            r / kMmaRows * kMmas + half * kLaneColumns + c % kLaneColumns;
        return extract(sums[mma], r % kMmaRows / 8 * 2 + c / kLaneColumns);
      };
      kb.ifThen(kb.less(row, rows.end), [&] {
        for (int64_t half = 0; half < (product.swiglu() ? 1 : 2); ++half)
          for (int64_t c = 0; c < 2 * kLaneColumns; ++c) {
            Value column = kb.add(kb.mul(quarter, kb.index(2 * kLaneColumns)),
                                  kb.index(half * kPanelWidth / 2 + c));
            product.finish(kb, panel, row, column, sumAt(half, c),
                           product.swiglu() ? sumAt(1, c) : Value());
          }
      });
    }
  }

  GPUKernelBuilder &kb;
  const GPUProduct &product;
  /// Columns of one step in 16 bytes of the weight.
  int64_t chunkColumns;
  RowTile rows;
  /// The block's first panel in its matrix.
  Value firstPanel;
  /// [stage, row, k] and [stage, panel, step, column, part], swizzled.
  Value inputs, weights;
  /// This warp's first row in the tile and its panel.
  Value warpRow, warpPanel;
  /// lane / 4 and lane % 4.
  Value group, quarter;
};
} // namespace

void minimax::emitProductMatrix(GPUKernelBuilder &kb,
                                const GPUProduct &product) {
  Value panels = kb.index(llvm::divideCeil(product.panels, kTilePanels));
  kb.launch((product.name + "_matrix").str(),
            {product.countTiles(kb, kTileRows), panels}, kThreads,
            [&] { MatrixTile(kb, product).emit(); });
}
