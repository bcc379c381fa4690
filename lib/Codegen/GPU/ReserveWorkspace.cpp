//===- ReserveWorkspace.cpp - memory that kernels share -------------------===//
//
// What blocks of one kernel leave for the next lies in the arena, as buffers
// between ops do; so it is reserved before the arena is planned.
//
//===----------------------------------------------------------------------===//

#include "AttentionGPU.h"
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

/// Room for the shares of the keys of all single tokens: no more than sequences
/// plus blocks that fill a GPU.
template <typename OpTy> static void reserveShares(OpTy op) {
  ImplicitLocOpBuilder builder(op.getLoc(), op);
  int64_t heads = dimOf(op.getQuery(), 1), dim = dimOf(op.getQuery(), 2);
  int64_t groups = dimOf(op.getCache()[0], 2);
  int64_t blocks = countKeyBlocks(groups, heads / groups);
  auto type =
      MemRefType::get({ShapedType::kDynamic, heads, countShareColumns(dim)},
                      builder.getF32Type());
  // Offsets are one more than sequences.
  Value offsets = builder.create<memref::DimOp>(op.getCuSeqlens(), 0);
  Value shares = builder.create<affine::AffineApplyOp>(
      AffineMap::get(1, 0, builder.getAffineDimExpr(0) + (blocks - 1)),
      ValueRange{offsets});
  Value workspace = builder.create<memref::AllocOp>(type, ValueRange{shares});
  builder.setInsertionPointAfter(op);
  auto use = builder.create<memref::AssumeAlignmentOp>(workspace, kAlignment);
  use->setAttr(kWorkspace, builder.getUnitAttr());
}

namespace {
struct ReserveWorkspacePass
    : minimax::impl::ReserveWorkspaceBase<ReserveWorkspacePass> {
  using ReserveWorkspaceBase::ReserveWorkspaceBase;

  void runOnOperation() override {
    getOperation().walk([](AttentionOp op) { reserveShares(op); });
    getOperation().walk([](AttentionPartialOp op) { reserveShares(op); });
  }
};
} // namespace
