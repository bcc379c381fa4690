//===- MathModels.cpp - references of math, elementwise maps --------------===//
//
// Functions of the math dialect, and how elementwise ops walk their operands.
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

namespace mlir::minimax {

/// Reads all operands of `op`, calls `body` for each element index and binds
/// the result.
static LogicalResult
mapElements(Operation *op, ReferenceFrame &frame,
            llvm::function_ref<void(ArrayRef<ReferenceTensor>,
                                    const ReferenceTensor &, int64_t)>
                body) {
  SmallVector<ReferenceTensor> operands;
  for (Value operand : op->getOperands())
    operands.push_back(frame.read(operand));
  Type type = getElementTypeOrSelf(op->getResult(0).getType());
  ReferenceTensor result(type, operands[0].getShape());
  for (int64_t i = 0, e = result.getNumElements(); i < e; ++i)
    body(operands, result, i);
  frame.set(op->getResult(0), result);
  return success();
}

/// Element `index` of each of `tensors`.
static SmallVector<double, 3> floatsAt(ArrayRef<ReferenceTensor> tensors,
                                       int64_t index) {
  SmallVector<double, 3> numbers;
  for (const ReferenceTensor &tensor : tensors)
    numbers.push_back(tensor.floats()[index]);
  return numbers;
}

LogicalResult mapFloats(Operation *op, ReferenceFrame &frame,
                        llvm::function_ref<double(ArrayRef<double>)> body) {
  return mapElements(op, frame,
                     [&](ArrayRef<ReferenceTensor> operands,
                         const ReferenceTensor &result, int64_t i) {
                       result.floats()[i] =
                           roundToType(result.getElementType(),
                                       body(floatsAt(operands, i)));
                     });
}

LogicalResult mapInts(Operation *op, ReferenceFrame &frame,
                      llvm::function_ref<int64_t(ArrayRef<int64_t>)> body) {
  return mapElements(op, frame,
                     [&](ArrayRef<ReferenceTensor> operands,
                         const ReferenceTensor &result, int64_t i) {
                       SmallVector<int64_t, 3> numbers;
                       for (const ReferenceTensor &operand : operands)
                         numbers.push_back(operand.ints()[i]);
                       result.ints()[i] =
                           wrapToType(result.getElementType(), body(numbers));
                     });
}

LogicalResult mapIntsToFloats(Operation *op, ReferenceFrame &frame,
                              llvm::function_ref<double(int64_t)> body) {
  return mapElements(op, frame,
                     [&](ArrayRef<ReferenceTensor> operands,
                         const ReferenceTensor &result, int64_t i) {
                       result.floats()[i] =
                           roundToType(result.getElementType(),
                                       body(operands[0].ints()[i]));
                     });
}

LogicalResult
mapFloatsToInts(Operation *op, ReferenceFrame &frame,
                llvm::function_ref<int64_t(ArrayRef<double>)> body) {
  return mapElements(op, frame,
                     [&](ArrayRef<ReferenceTensor> operands,
                         const ReferenceTensor &result, int64_t i) {
                       result.ints()[i] =
                           wrapToType(result.getElementType(),
                                      body(floatsAt(operands, i)));
                     });
}

MINIMAX_FLOAT_MODEL(math::AbsFOp, std::fabs(x[0]))
MINIMAX_FLOAT_MODEL(math::CeilOp, std::ceil(x[0]))
MINIMAX_FLOAT_MODEL(math::CosOp, std::cos(x[0]))
MINIMAX_FLOAT_MODEL(math::ErfOp, std::erf(x[0]))
MINIMAX_FLOAT_MODEL(math::ExpOp, std::exp(x[0]))
MINIMAX_FLOAT_MODEL(math::Exp2Op, std::exp2(x[0]))
MINIMAX_FLOAT_MODEL(math::ExpM1Op, std::expm1(x[0]))
MINIMAX_FLOAT_MODEL(math::FloorOp, std::floor(x[0]))
MINIMAX_FLOAT_MODEL(math::FmaOp, std::fma(x[0], x[1], x[2]))
MINIMAX_FLOAT_MODEL(math::LogOp, std::log(x[0]))
MINIMAX_FLOAT_MODEL(math::Log1pOp, std::log1p(x[0]))
MINIMAX_FLOAT_MODEL(math::Log2Op, std::log2(x[0]))
MINIMAX_FLOAT_MODEL(math::PowFOp, std::pow(x[0], x[1]))
MINIMAX_FLOAT_MODEL(math::RsqrtOp, 1 / std::sqrt(x[0]))
MINIMAX_FLOAT_MODEL(math::SinOp, std::sin(x[0]))
MINIMAX_FLOAT_MODEL(math::SqrtOp, std::sqrt(x[0]))
MINIMAX_FLOAT_MODEL(math::TanhOp, std::tanh(x[0]))

void registerMathModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, math::MathDialect *) {
    using namespace math;
    attachReferenceModels<AbsFOp, CeilOp, CosOp, ErfOp, ExpOp, Exp2Op, ExpM1Op,
                          FloorOp, FmaOp, LogOp, Log1pOp, Log2Op, PowFOp,
                          RsqrtOp, SinOp, SqrtOp, TanhOp>(context);
  });
}

} // namespace mlir::minimax
