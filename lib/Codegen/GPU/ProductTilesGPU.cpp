//===- ProductTilesGPU.cpp - products of tiles without matrix units -------===//
//
// A block computes 64 rows by the 64 columns of a panel, a thread 4 by 4 of
// them. Tiles of both operands, 32 deep, go through shared memory, widened to
// f32 or, if both are integers, to i32: sums of a group are exact then.
//
// Roofline: 2*M*N*K flops at the rate of f32 units; 16 of them for 2 vectors
// read from shared memory.
//
//===----------------------------------------------------------------------===//

#include "ProductGPU.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 256, kTileRows = 64, kTileDepth = 32;
/// What a thread sums: rows by columns, half of these in each half of a panel.
static constexpr int64_t kRows = 4, kColumns = 4;
/// Rows of the tiles in shared memory, padded so that neither writing nor
/// reading them meets a bank twice.
static constexpr int64_t kInputStride = kTileDepth + 4,
                         kWeightStride = kPanelWidth + 16;

namespace {
/// Emits one block of the product.
class ProductTile {
public:
  ProductTile(GPUKernelBuilder &kb, const GPUProduct &product)
      : kb(kb), product(product),
        number(product.integers() ? Type(kb.getI32Type()) : kb.getF32Type()) {}

  void emit() {
    rows = product.tile(kb, kb.block(0), kTileRows);
    panel = product.panel(kb, rows.matrix, kb.block(1));
    kb.ifThen(kb.less(rows.first, rows.end), [&] {
      inputs = kb.shared({kTileRows, kInputStride}, number);
      weights = kb.shared({kTileDepth, kWeightStride}, number);
      Value groups = kb.index(kPanelWidth / kColumns);
      column = kb.mul(kb.rem(kb.thread(), groups), kb.index(kColumns / 2));
      row = kb.mul(kb.div(kb.thread(), groups), kb.index(kRows));
      finish(product.integers() ? sumGroups()
                                : sumDepth(kb.index(0), kb.index(depth())));
    });
  }

private:
  /// Values of the inner dimension that the weight holds.
  int64_t depth() const { return product.steps() * (product.pairs() ? 2 : 1); }

  Value zero() { return kb.create<arith::ConstantOp>(kb.getZeroAttr(number)); }

  /// An element of the input or weight in the type of sums.
  Value loadNumber(Value memref, ValueRange indices) {
    Value narrow = kb.create<memref::LoadOp>(memref, indices);
    if (product.integers())
      return kb.create<arith::ExtSIOp>(number, narrow);
    if (narrow.getType().isInteger(8))
      return kb.create<arith::SIToFPOp>(number, narrow);
    return kb.widen(narrow);
  }

  /// Element `k` of a tile that ends before `limit`, else 0.
  Value loadInside(Value memref, Value k, int64_t limit,
                   function_ref<SmallVector<Value>(Value)> indicesAt) {
    Value inside = kb.less(k, kb.index(limit));
    Value here = kb.minimum(k, kb.index(limit - 1));
    return kb.create<arith::SelectOp>(
        inside, loadNumber(memref, indicesAt(here)), zero());
  }

  /// A warp for each row; rows beyond the tile repeat its last.
  void copyInputs(Value first) {
    Value k = kb.add(first, kb.lane()), warp = kb.warp();
    Value last = kb.sub(rows.end, kb.index(1));
    for (int64_t i = 0; i < kTileRows; i += kThreads / kb.kWarp) {
      Value local = kb.add(warp, kb.index(i));
      Value from =
          product.inputRow(kb, kb.minimum(kb.add(rows.first, local), last));
      Value value = loadInside(product.input, k, product.depth(),
                               [&](Value here) -> SmallVector<Value> {
                                 return {from, here};
                               });
      kb.create<memref::StoreOp>(value, inputs, ValueRange{local, kb.lane()});
    }
  }

  /// In the order of memory.
  void copyWeights(Value first) {
    int64_t width = product.pairs() ? 2 : 1;
    for (int64_t i = 0; i < kTileDepth * kPanelWidth; i += kThreads) {
      Value place = kb.add(kb.thread(), kb.index(i));
      Value part = kb.rem(place, kb.index(width));
      Value step = kb.div(place, kb.index(width * kPanelWidth));
      Value at = kb.rem(kb.div(place, kb.index(width)), kb.index(kPanelWidth));
      Value k = kb.add(kb.mul(step, kb.index(width)), part);
      Value value = loadInside(product.weight, kb.add(first, k), depth(),
                               [&](Value here) -> SmallVector<Value> {
                                 Value row = kb.div(here, kb.index(width));
                                 if (width == 1)
                                   return {panel.number, row, at};
                                 return {panel.number, row, at, part};
                               });
      kb.create<memref::StoreOp>(value, weights, ValueRange{k, at});
    }
  }

  Value multiplyAdd(Value a, Value b, Value sum) {
    if (!product.integers())
      return kb.fma(a, b, sum);
    return kb.create<arith::AddIOp>(sum, kb.create<arith::MulIOp>(a, b));
  }

  Value extract(Value vector, int64_t at) {
    return kb.create<vector::ExtractOp>(vector, ArrayRef<int64_t>{at});
  }

  /// Adds four steps of the tiles in shared memory to `sums`.
  SmallVector<Value> addSteps(Value k, ValueRange carried) {
    constexpr int64_t steps = 4, half = kColumns / 2;
    SmallVector<Value> sums(carried), values;
    for (int64_t r = 0; r < kRows; ++r)
      values.push_back(
          kb.loadVector(inputs, {kb.add(row, kb.index(r)), k}, steps));
    for (int64_t step = 0; step < steps; ++step) {
      Value at = kb.add(k, kb.index(step));
      Value low = kb.loadVector(weights, {at, column}, half);
      Value partner = kb.add(column, kb.index(kPanelWidth / 2));
      Value high = kb.loadVector(weights, {at, partner}, half);
      for (int64_t i = 0; i < kRows * kColumns; ++i) {
        int64_t c = i % kColumns;
        sums[i] =
            multiplyAdd(extract(values[i / kColumns], step),
                        extract(c < half ? low : high, c % half), sums[i]);
      }
    }
    return sums;
  }

  /// The products of values `begin` .. `end` of the inner dimension.
  SmallVector<Value> sumDepth(Value begin, Value end) {
    SmallVector<Value> inits(kRows * kColumns, zero());
    return kb.loopCarry(
        begin, end, kTileDepth, inits, [&](Value k, ValueRange sums) {
          kb.barrier();
          copyInputs(k);
          copyWeights(k);
          kb.barrier();
          return kb.loopCarry(kb.index(0), kb.index(kTileDepth), 4,
                              SmallVector<Value>(sums),
                              [&](Value step, ValueRange carried) {
                                return addSteps(step, carried);
                              });
        });
  }

  /// Integers: exact sums of each group of inputs that share a scale.
  SmallVector<Value> sumGroups() {
    SmallVector<Value> inits(kRows * kColumns, kb.f32(0));
    int64_t groups = llvm::divideCeil(depth(), kGroupDepth);
    return kb.loopCarry(
        kb.index(0), kb.index(groups), 1, inits,
        [&](Value group, ValueRange carried) {
          SmallVector<Value> sums(carried), scales;
          Value begin = kb.mul(group, kb.index(kGroupDepth));
          Value end = kb.minimum(kb.add(begin, kb.index(kGroupDepth)),
                                 kb.index(depth()));
          SmallVector<Value> exact = sumDepth(begin, end);
          Value last = kb.sub(rows.end, kb.index(1));
          for (int64_t r = 0; r < kRows; ++r)
            scales.push_back(product.inputScale(
                kb, product.inputRow(kb, kb.minimum(globalRow(r), last)),
                group));
          for (auto [i, sum] : llvm::enumerate(sums)) {
            Value wide = kb.create<arith::SIToFPOp>(kb.getF32Type(), exact[i]);
            sum = kb.fma(scales[i / kColumns], wide, sum);
          }
          return sums;
        });
  }

  Value globalRow(int64_t r) {
    return kb.add(rows.first, kb.add(row, kb.index(r)));
  }

  void finish(ArrayRef<Value> sums) {
    constexpr int64_t half = kColumns / 2;
    for (int64_t r = 0; r < kRows; ++r)
      kb.ifThen(kb.less(globalRow(r), rows.end), [&] {
        for (int64_t c = 0; c < (product.swiglu() ? half : kColumns); ++c) {
          int64_t offset = c < half ? c : kPanelWidth / 2 + c - half;
          Value up = product.swiglu() ? sums[r * kColumns + half + c] : Value();
          product.finish(kb, panel, globalRow(r),
                         kb.add(column, kb.index(offset)),
                         sums[r * kColumns + c], up);
        }
      });
  }

  GPUKernelBuilder &kb;
  const GPUProduct &product;
  Type number;
  RowTile rows;
  Panel panel;
  Value inputs, weights;
  /// This thread's first row in the tile and first column in the panel.
  Value row, column;
};
} // namespace

void minimax::emitProductTiles(GPUKernelBuilder &kb,
                               const GPUProduct &product) {
  kb.launch(product.name,
            {product.countTiles(kb, kTileRows), kb.index(product.panels)},
            kThreads, [&] { ProductTile(kb, product).emit(); });
}
