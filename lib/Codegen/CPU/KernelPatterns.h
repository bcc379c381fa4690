//===- KernelPatterns.h - lowerings of ops to kernels -----------*- C++ -*-===//
//
// One pattern per op in buffer form; a new op adds its own.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_CPU_KERNELPATTERNS_H
#define MINIMAX_LIB_CODEGEN_CPU_KERNELPATTERNS_H

#include "KernelBuilder.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"

namespace mlir::minimax {

/// Base of the patterns: `lower` emits the op's code before it.
template <typename OpTy> struct KernelPattern : OpRewritePattern<OpTy> {
  KernelPattern(MLIRContext *context, const CPUTarget &target)
      : OpRewritePattern<OpTy>(context), target(target) {}

  virtual LogicalResult lower(OpTy op, KernelBuilder &kb) const = 0;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const final {
    if (op->getNumResults() != 0)
      return rewriter.notifyMatchFailure(op, "op is in value form");
    KernelBuilder kb(op.getLoc(), rewriter, target);
    if (failed(lower(op, kb)))
      return failure();
    rewriter.eraseOp(op);
    return success();
  }

  CPUTarget target;
};

void populateAttentionKernels(RewritePatternSet &patterns,
                              const CPUTarget &target);
void populateCastKernels(RewritePatternSet &patterns, const CPUTarget &target);
void populateDenseKernels(RewritePatternSet &patterns, const CPUTarget &target);
void populateLightningKernels(RewritePatternSet &patterns,
                              const CPUTarget &target);
void populateMatmulKernels(RewritePatternSet &patterns,
                           const CPUTarget &target);
void populateMoEKernels(RewritePatternSet &patterns, const CPUTarget &target);

/// Size `dim` of a memref that is known.
int64_t dimOf(Value memref, unsigned dim);

/// Calls `body(sequence, item)` for all sequences and items 0 .. count-1 (heads
/// or groups of heads), in parallel.
void forEachSequence(KernelBuilder &kb, Value cuSeqlens, int64_t count,
                     function_ref<void(Value, Value)> body);

/// Rows `first` .. `end` of sequence `sequence`, whose first row is `begin`.
struct SequenceBlock {
  Value sequence, begin, first, end;
};

/// How many blocks of up to `size` rows the sequences of a step of `tokens`
/// rows can have at most.
Value countBlocks(KernelBuilder &kb, Value cuSeqlens, Value tokens,
                  int64_t size);

/// Block `number`, counted over all sequences in order; empty if there is none.
SequenceBlock findBlock(KernelBuilder &kb, Value cuSeqlens, int64_t size,
                        Value number);

/// Emits the rotation of one head's row: `dim` values of `input` at
/// `inputIndices` (their last index is added) to `output`, at `position`.
void emitRope(KernelBuilder &kb, Value position, int64_t dim, int64_t rotary,
              double theta, Value scale,
              function_ref<Value(Value column, Value mask)> read,
              function_ref<void(Value value, Value column, Value mask)> write);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_CPU_KERNELPATTERNS_H
