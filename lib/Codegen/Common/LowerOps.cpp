//===- LowerOps.cpp - from ops in buffer form to kernels ------------------===//
//
// Drives the lowering of ops that a target's patterns describe.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/LowerOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace mlir::minimax;

/// Whether kernels of `op` may round what they write: those that
/// minimax-fuse-cast gives a bf16 result.
static bool mayRound(Operation *op) {
  return isa<AttentionMergeOp, AttentionOp, CastOp, ChunkOutputOp,
             GroupedMatmulOp, LightningAttentionOp, LinearOp, PermuteOp,
             RmsNormOp, SwigluOp>(op);
}

/// Activations that kernels compute with are f32; weights, tables and rounded
/// inputs of products may be narrower.
static LogicalResult verifyActivations(ComputeOpInterface op,
                                       StringRef device) {
  for (OpOperand &out : op.getOutsMutable()) {
    Type element = cast<MemRefType>(out.get().getType()).getElementType();
    if (!isa<FloatType>(element) || element.isF32() ||
        (element.isBF16() && mayRound(op)))
      continue;
    return op->emitOpError() << "expected f32 activations on " << device
                             << ", but got " << out.get().getType();
  }
  return success();
}

/// Calls mmrt_begin_op before every op that `minimax-number-ops` has numbered;
/// `minimax-lower-entries` adds the context.
static void markOps(ModuleOp module) {
  SmallVector<ComputeOpInterface> ops;
  module.walk([&](ComputeOpInterface op) {
    if (op->hasAttr("minimax.op"))
      ops.push_back(op);
  });
  if (ops.empty())
    return;
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto begin = builder.create<func::FuncOp>(
      module.getLoc(), kBeginOp,
      builder.getFunctionType(builder.getI64Type(), {}));
  begin.setPrivate();
  for (ComputeOpInterface op : ops) {
    builder.setInsertionPoint(op);
    Value number = builder.create<arith::ConstantOp>(
        op.getLoc(), op->getAttrOfType<IntegerAttr>("minimax.op"));
    builder.create<func::CallOp>(op.getLoc(), begin, number);
  }
}

LogicalResult minimax::verifyPacked(Operation *op, Value weight, int64_t rank) {
  auto type = cast<MemRefType>(weight.getType());
  Type element = type.getElementType();
  bool pairs = element.isBF16() || element.isInteger(8);
  if ((element.isF32() && type.getRank() == rank) ||
      (pairs && type.getRank() == rank + 1))
    return success();
  return op->emitOpError() << "expected a packed f32, bf16 or i8 weight (run "
                              "minimax-pack-weights), but got "
                           << type;
}

LogicalResult minimax::lowerOps(ModuleOp module, RewritePatternSet &&patterns,
                                StringRef device) {
  SmallVector<Operation *> ops;
  module.walk([&](ComputeOpInterface op) { ops.push_back(op); });
  for (Operation *op : ops)
    if (failed(verifyActivations(cast<ComputeOpInterface>(op), device)))
      return failure();
  markOps(module);
  FrozenRewritePatternSet frozen(std::move(patterns));
  GreedyRewriteConfig config;
  config.strictMode = GreedyRewriteStrictness::ExistingOps;
  // A pattern that gives its reason needs no second error.
  bool reported = false;
  ScopedDiagnosticHandler handler(
      module.getContext(), [&](Diagnostic &diagnostic) {
        reported |= diagnostic.getSeverity() == DiagnosticSeverity::Error;
        return failure();
      });
  if (failed(applyOpPatternsAndFold(ops, frozen, config)) || reported)
    return failure();
  auto remaining = module.walk([&](ComputeOpInterface op) {
    op->emitOpError("expected a lowering to ") << device << " kernels";
    return WalkResult::interrupt();
  });
  return failure(remaining.wasInterrupted());
}
