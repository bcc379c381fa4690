//===- ProductGPU.cpp - products with packed weights on GPUs --------------===//
//
// Tiles of rows, scales of integers, activations and residuals of products.
//
//===----------------------------------------------------------------------===//

#include "ProductGPU.h"
#include "minimax/Codegen/Common/SequenceBlocks.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

static Type elementOf(Value memref) {
  return cast<MemRefType>(memref.getType()).getElementType();
}

Type GPUProduct::inputElement() const { return elementOf(input); }
Type GPUProduct::weightElement() const { return elementOf(weight); }

int64_t GPUProduct::steps() const {
  return dimOf(weight, 1) - (quantized() ? kScaleRows : 0);
}
int64_t GPUProduct::depth() const {
  return integers() ? 2 * steps() : dimOf(input, 1);
}

Value GPUProduct::countTiles(GPUKernelBuilder &kb, int64_t size) const {
  return offsets ? countBlocks(kb, offsets, rows, size)
                 : kb.ceilDiv(rows, size);
}

RowTile GPUProduct::tile(GPUKernelBuilder &kb, Value number,
                         int64_t size) const {
  if (offsets) {
    SequenceBlock block =
        findBlock(kb, offsets, kb.index(matrices), size, number);
    return {block.sequence, block.first, block.end};
  }
  Value first = kb.mul(number, kb.index(size));
  return {kb.index(0), first, kb.minimum(kb.add(first, kb.index(size)), rows)};
}

Panel GPUProduct::panel(GPUKernelBuilder &kb, Value matrix,
                        Value inMatrix) const {
  return {inMatrix, kb.add(kb.mul(matrix, kb.index(panels)), inMatrix)};
}

/// The f32 whose bytes are elements of `memref` from `indices` on.
static Value loadScale(GPUKernelBuilder &kb, Value memref, ValueRange indices) {
  Type element = elementOf(memref);
  auto bytes = VectorType::get({32 / element.getIntOrFloatBitWidth()}, element);
  Value bits = kb.create<vector::LoadOp>(bytes, memref, indices);
  Value scale =
      kb.create<vector::BitCastOp>(VectorType::get({1}, kb.getF32Type()), bits);
  return kb.create<vector::ExtractOp>(scale, ArrayRef<int64_t>{0});
}

Value GPUProduct::inputRow(GPUKernelBuilder &kb, Value row) const {
  return inputRows ? kb.loadIndex(inputRows, {row}) : row;
}

Value GPUProduct::inputScale(GPUKernelBuilder &kb, Value row,
                             Value group) const {
  Value place = kb.add(kb.index(depth()), kb.mul(group, kb.index(2)));
  return loadScale(kb, input, {row, place});
}

Value GPUProduct::scaled(GPUKernelBuilder &kb, const Panel &panel, Value column,
                         Value sum) const {
  if (!quantized())
    return sum;
  // A row of the panel holds the scales of half of its columns.
  Value half = kb.index(kPanelWidth / kScaleRows);
  Value row = kb.add(kb.index(steps()), kb.div(column, half));
  Value place = kb.mul(kb.rem(column, half), kb.index(2));
  return kb.create<arith::MulFOp>(
      sum, loadScale(kb, weight, {panel.number, row, place, kb.index(0)}));
}

void GPUProduct::finish(GPUKernelBuilder &kb, const Panel &panel, Value row,
                        Value column, Value sum, Value up) const {
  Value target =
      kb.add(kb.mul(panel.inMatrix, kb.index(panelColumns())), column);
  kb.ifThen(kb.less(target, kb.index(dimOf(output, 1))), [&] {
    Value value = scaled(kb, panel, column, sum);
    if (activation == Activation::swiglu) {
      Value partner = kb.add(column, kb.index(kPanelWidth / 2));
      value = kb.create<arith::MulFOp>(kb.silu(value),
                                       scaled(kb, panel, partner, up));
    } else if (activation == Activation::silu) {
      value = kb.silu(value);
    } else if (activation == Activation::sigmoid) {
      value = kb.sigmoid(value);
    }
    if (residual)
      value = kb.fma(kb.f32(alpha), kb.load(residual, {row, target}),
                     kb.create<arith::MulFOp>(value, kb.f32(beta)));
    kb.store(value, output, {row, target});
  });
}
