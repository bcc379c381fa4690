//===- LightningWarpgroups.h - lightning attention on Hopper ----*- C++ -*-===//
//
// What the warpgroups of a block share: two stages of tokens, copies of the
// state, barriers.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGWARPGROUPS_H
#define MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGWARPGROUPS_H

#include "LightningTile.h"
#include "SwizzledTile.h"

namespace mlir::minimax {

/// The block; warpgroup 0 copies, the others compute 64 tokens each.
struct LightningBlock {
  static constexpr int64_t kWarpgroup = 128, kConsumers = 2,
                           kThreads = (1 + kConsumers) * kWarpgroup;
  /// Tokens of a warpgroup and of a stage, and stages.
  static constexpr int64_t kTokens = 64, kStageTokens = kConsumers * kTokens,
                           kStages = 2;

  GPUKernelBuilder &kb;
  const LightningWork &work;
  int64_t dim;
  Value firstColumn;
  /// [stage, half, panel, token, column], swizzled; values have one panel.
  Value queries, keys, values;
  /// [number % 2, half, row, column], swizzled: the state in bf16 as it is
  /// before each half of a stage.
  Value copies;
  /// e^(-s n) and e^(-s (n - 1)) for n = -64 .. 64, zero for negative
  /// exponents.
  Value decays;
  /// Barriers of each stage: its tokens have landed, they are used.
  Value full, empty;

  /// 64 columns each of queries and keys.
  int64_t panels() const { return dim / kSwizzledColumns; }
  Value countStages() const {
    return kb.ceilDiv(kb.sub(work.end, work.begin), kStageTokens);
  }
  Value stageOf(Value number) const {
    return kb.rem(number, kb.index(kStages));
  }
  /// The parity of the phase of `full` that ends when stage `number` is there.
  Value parityOf(Value number) const {
    return kb.rem(kb.div(number, kb.index(kStages)), kb.index(2));
  }
  /// First token of stage `number`.
  Value firstToken(Value number) const {
    return kb.add(work.begin, kb.mul(number, kb.index(kStageTokens)));
  }
  /// Lets wgmma read what this thread has written to shared memory, behind a
  /// barrier.
  void fenceWrites() const;
};

/// What the first warpgroup does, and what the others do.
void emitLightningCopies(const LightningBlock &block);
void emitLightningProducts(const LightningBlock &block);

/// Whether warpgroups can compute on bf16 `operands`, each [.., H, D]: D is 64
/// or 128.
bool fitsLightningWarpgroups(const GPUTarget &target, ArrayRef<Value> operands);
/// All threads of a block of LightningBlock::kThreads.
void emitLightningWarpgroups(GPUKernelBuilder &kb, const LightningWork &work);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGWARPGROUPS_H
