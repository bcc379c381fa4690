//===- StepCosts.cpp - costs of the ops of a bufferized program -----------===//
//
// Sizes as affine expressions become sums over a step's quantities.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/StepCosts.h"

using namespace mlir;
using namespace mlir::minimax;

static CostSum toSum(AffineExpr size) {
  if (!size)
    return {};
  if (auto constant = dyn_cast<AffineConstantExpr>(size))
    return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(size)) {
    if (dim.getPosition() > 1)
      return {};
    return CostTerm{dim.getPosition() == 0 ? StepQuantity::Tokens
                                           : StepQuantity::Sequences,
                    1};
  }
  auto binary = cast<AffineBinaryOpExpr>(size);
  if (size.getKind() == AffineExprKind::Add) {
    CostSum sum = toSum(binary.getLHS());
    sum += toSum(binary.getRHS());
    return sum;
  }
  auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (size.getKind() == AffineExprKind::Mul && factor)
    return toSum(binary.getLHS()) * factor.getValue();
  return {};
}

OpCost minimax::getStepCost(CostOpInterface op, const SymbolicDims &dims) {
  return op.getCost([&](Value value, int64_t dim) {
    return toSum(dims.shapeOf(value)[dim]);
  });
}
