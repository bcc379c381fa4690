//===- LightningScan.h - states between pieces of sequences -----*- C++ -*-===//
//
// What chunks and segments of lightning attention begin with.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGSCAN_H
#define MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGSCAN_H

#include "GPUKernelBuilder.h"

namespace mlir::minimax {

/// Sequences in pieces of `size` tokens, whose own states `local` become what
/// they begin with, `entry`, both [piece, H, D, D] and perhaps the same memory.
/// `state` [S, H, D, D] holds what a sequence begins with, then what it ends
/// with.
struct LightningScan {
  StringRef name;
  Value cuSeqlens, slots, state, local, entry, size;
  /// Sequences that have blocks, and the least tokens of one that is scanned.
  Value sequences;
  int64_t leastTokens;
};

/// Launches the scan; `decayOf` is the decay over a piece, from its number, its
/// head and its tokens.
void emitLightningScan(GPUKernelBuilder &kb, const LightningScan &scan,
                       function_ref<Value(Value, Value, Value)> decayOf);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGSCAN_H
