//===- LowerSplitHeads.cpp - turn split_heads into slices -----------------===//
//
// A fused projection is split by views, never by a copy.
//
//===----------------------------------------------------------------------===//

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_LOWERSPLITHEADS
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// Slice `part` of `heads`, which is [T, H, 3, D] or [T, 3, H, D], along its
/// dimension of size 3.
static Value slicePart(OpBuilder &builder, Location loc, Value heads,
                       unsigned axis, int64_t part, RankedTensorType type) {
  SmallVector<OpFoldResult> offsets(4, builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(4, builder.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes;
  for (unsigned dim = 0; dim < 4; ++dim)
    sizes.push_back(minimax::detail::getDim(builder, loc, heads, dim));
  offsets[axis] = builder.getIndexAttr(part);
  sizes[axis] = builder.getIndexAttr(1);
  return builder.create<tensor::ExtractSliceOp>(loc, type, heads, offsets,
                                                sizes, strides);
}

static void lowerSplitHeads(SplitHeadsOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto input = cast<RankedTensorType>(op.getInput().getType());
  auto type = cast<RankedTensorType>(op.getQuery().getType());
  unsigned axis = op.getPacking() == HeadPacking::per_head ? 2 : 1;
  SmallVector<int64_t> shape = {input.getDimSize(0), type.getDimSize(1),
                                type.getDimSize(2)};
  shape.insert(shape.begin() + axis, 3);
  SmallVector<OpFoldResult> sizes = {
      minimax::detail::getDim(builder, loc, op.getInput(), 0)};
  for (int64_t size : ArrayRef(shape).drop_front())
    sizes.push_back(builder.getIndexAttr(size));
  Value heads = builder.create<tensor::ExpandShapeOp>(
      loc, RankedTensorType::get(shape, input.getElementType()), op.getInput(),
      ArrayRef<ReassociationIndices>{{0}, {1, 2, 3}}, sizes);
  SmallVector<Value> parts;
  for (int64_t part = 0; part < 3; ++part)
    parts.push_back(slicePart(builder, loc, heads, axis, part, type));
  op->replaceAllUsesWith(parts);
  op.erase();
}

namespace {
struct LowerSplitHeadsPass
    : minimax::impl::LowerSplitHeadsBase<LowerSplitHeadsPass> {
  using LowerSplitHeadsBase::LowerSplitHeadsBase;

  void runOnOperation() override {
    getOperation().walk([](SplitHeadsOp op) { lowerSplitHeads(op); });
  }
};
} // namespace
