//===- RopeFrequencies.h - constants of rotary embeddings -------*- C++ -*-===//
//
// The frequencies that kernels of all targets rotate by.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_COMMON_ROPEFREQUENCIES_H
#define MINIMAX_CODEGEN_COMMON_ROPEFREQUENCIES_H

#include "minimax/Codegen/Common/LoopBuilder.h"

namespace mlir::minimax {

/// A constant of the module, [rotary / 2] x f32: theta^(-2j/rotary) (SPEC 2.5).
/// One constant serves all ops of one theta and width.
Value getRopeFrequencies(LoopBuilder &kb, int64_t rotary, double theta);

} // namespace mlir::minimax

#endif // MINIMAX_CODEGEN_COMMON_ROPEFREQUENCIES_H
