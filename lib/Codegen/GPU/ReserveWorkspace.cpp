//===- ReserveWorkspace.cpp - memory that kernels share -------------------===//
//
// What blocks of one kernel leave for the next lies in the arena, as buffers
// between ops do; so it is reserved before the arena is planned.
//
//===----------------------------------------------------------------------===//

#include "AttentionGPU.h"
#include "LightningSegments.h"
#include "minimax/Codegen/GPU/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_RESERVEWORKSPACE
#include "minimax/Codegen/GPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// What every buffer of the arena is aligned to, in bytes.
static constexpr int64_t kAlignment = 64;

/// Reserves rows of `shape` for `op`, `more` than there are offsets, which are
/// one more than sequences.
static void reserveRows(Operation *op, Value cuSeqlens, int64_t more,
                        ArrayRef<int64_t> shape) {
  ImplicitLocOpBuilder builder(op->getLoc(), op);
  SmallVector<int64_t> sizes = {ShapedType::kDynamic};
  sizes.append(shape.begin(), shape.end());
  auto type = MemRefType::get(sizes, builder.getF32Type());
  Value offsets = builder.create<memref::DimOp>(cuSeqlens, 0);
  Value rows = builder.create<affine::AffineApplyOp>(
      AffineMap::get(1, 0, builder.getAffineDimExpr(0) + more),
      ValueRange{offsets});
  Value workspace = builder.create<memref::AllocOp>(type, ValueRange{rows});
  builder.setInsertionPointAfter(op);
  auto use = builder.create<memref::AssumeAlignmentOp>(workspace, kAlignment);
  use->setAttr(kWorkspace, builder.getUnitAttr());
}

/// Room for the shares of the keys of all single tokens: no more than sequences
/// plus blocks that fill a GPU.
template <typename OpTy> static void reserveShares(OpTy op) {
  int64_t heads = dimOf(op.getQuery(), 1), dim = dimOf(op.getQuery(), 2);
  int64_t groups = dimOf(op.getCache()[0], 2);
  int64_t blocks = countKeyBlocks(groups, heads / groups);
  reserveRows(op, op.getCuSeqlens(), blocks - 1,
              {heads, countShareColumns(dim)});
}

/// Room for the states of segments of few heads' tokens: no more than segments
/// that fill a GPU plus sequences.
static void reserveSegments(LightningAttentionOp op) {
  int64_t heads = dimOf(op.getQuery(), 1), dim = dimOf(op.getQuery(), 2);
  int64_t segments = countLightningSegments(heads, dim);
  if (segments > 1)
    reserveRows(op, op.getCuSeqlens(), segments - 1, {heads, dim, dim});
}

namespace {
struct ReserveWorkspacePass
    : minimax::impl::ReserveWorkspaceBase<ReserveWorkspacePass> {
  using ReserveWorkspaceBase::ReserveWorkspaceBase;

  void runOnOperation() override {
    getOperation().walk([](AttentionOp op) { reserveShares(op); });
    getOperation().walk([](AttentionPartialOp op) { reserveShares(op); });
    getOperation().walk([](LightningAttentionOp op) { reserveSegments(op); });
  }
};
} // namespace
