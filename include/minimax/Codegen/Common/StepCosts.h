//===- StepCosts.h - costs of the ops of a bufferized program ---*- C++ -*-===//
//
// Ties CostOpInterface to the sizes that SymbolicDims derives.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_COMMON_STEPCOSTS_H
#define MINIMAX_CODEGEN_COMMON_STEPCOSTS_H

#include "minimax/Codegen/Common/SymbolicDims.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"

namespace mlir::minimax {

/// The cost of `op`, which is in buffer form in the module that `dims`
/// describes. Sizes that are no sum of T, N and constants count as 0.
OpCost getStepCost(CostOpInterface op, const SymbolicDims &dims);

} // namespace mlir::minimax

#endif // MINIMAX_CODEGEN_COMMON_STEPCOSTS_H
