//===- AttentionGPU.h - softmax attention of a block ------------*- C++ -*-===//
//
// The two kernels that softmax attention on GPUs consists of: tiles of rows,
// and single tokens.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_ATTENTIONGPU_H
#define MINIMAX_LIB_CODEGEN_GPU_ATTENTIONGPU_H

#include "RopeGPUKernels.h"

namespace mlir::minimax {

/// What attention to a share of the keys needs. Pools are [S * C, G, D]:
/// position p of slot s is row s * `capacity` + p.
struct AttentionGPUOperands {
  Value query, cuSeqlens, positions, slots, keys, values, capacity;
  /// `lse` may be null.
  Value output, lse;
  double scale, theta;
  int64_t rotary, split, splits;

  int64_t dim() const { return dimOf(query, 2); }
  int64_t groups() const { return dimOf(keys, 1); }
  /// Query heads that share one head of keys.
  int64_t groupHeads() const { return dimOf(query, 1) / groups(); }
};

/// Stands for minus infinity where differences are taken.
constexpr double kNoScore = -1e30;

/// Query heads of one group in equal parts: a block has one part.
struct HeadParts {
  int64_t groupHeads, parts, heads;

  HeadParts(int64_t groupHeads, int64_t most)
      : groupHeads(groupHeads), parts(llvm::divideCeil(groupHeads, most)),
        heads(llvm::divideCeil(groupHeads, parts)) {}

  /// Head `member` of part `part` among the group's heads.
  Value memberOf(LoopBuilder &kb, Value part, Value member) const {
    return kb.add(kb.mul(part, kb.index(heads)), member);
  }
};

/// Keys that a row or a block sees: `begin` .. `end` of the slot.
struct KeyRange {
  Value begin, end;
};

/// The keys of this share in a sequence of `total` positions, of which those up
/// to `causal` are seen.
KeyRange findShare(GPUKernelBuilder &kb, const AttentionGPUOperands &operands,
                   Value total, Value causal);

/// 2^x with a relative error of 2^-22; 0 for very small x.
Value emitExp2(GPUKernelBuilder &kb, Value x);

/// The end of a row: its output is the weighted sum of values over `norm`, its
/// log-sum-exp follows from the maximum (in base 2) and the norm.
struct RowEnd {
  Value factor, lse;
  RowEnd(GPUKernelBuilder &kb, Value maximum, Value norm);
};

/// Launches attention of all sequences of two tokens and more.
void emitAttentionPrefill(GPUKernelBuilder &kb,
                          const AttentionGPUOperands &operands);

/// Launches attention of all sequences of one token.
void emitAttentionDecode(GPUKernelBuilder &kb,
                         const AttentionGPUOperands &operands);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_ATTENTIONGPU_H
