//===- ArithModels.cpp - references of arith ------------------------------===//
//
// Constants, integers, comparisons and casts, on scalars and elementwise.
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

namespace mlir::minimax {

ReferenceTensor fromAttribute(Type type, TypedAttr attribute) {
  Type element = getElementTypeOrSelf(type);
  if (auto number = dyn_cast<FloatAttr>(attribute)) {
    APFloat value = number.getValue();
    bool losesInfo;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
    return ReferenceTensor::scalar(element, value.convertToDouble());
  }
  if (auto number = dyn_cast<IntegerAttr>(attribute))
    return ReferenceTensor::scalar(element, number.getValue().getSExtValue());
  auto dense = cast<DenseElementsAttr>(attribute);
  ReferenceTensor result(element, cast<ShapedType>(type).getShape());
  if (isa<FloatType>(element)) {
    for (auto [i, value] : llvm::enumerate(dense.getValues<APFloat>()))
      result.floats()[i] =
          fromAttribute(element, FloatAttr::get(element, value)).floatValue();
    return result;
  }
  for (auto [i, value] : llvm::enumerate(dense.getValues<APInt>()))
    result.ints()[i] = wrapToType(element, value.getSExtValue());
  return result;
}

static LogicalResult evaluateOp(arith::ConstantOp op, ReferenceFrame &frame) {
  if (!isa<FloatAttr, IntegerAttr, DenseElementsAttr>(op.getValue()))
    return op.emitError() << "the interpreter expects a number or dense "
                             "elements";
  frame.set(op.getResult(), fromAttribute(op.getType(), op.getValue()));
  return success();
}

/// `value` of an integer of `op`'s operand type as an unsigned number.
static uint64_t asUnsigned(Operation *op, int64_t value) {
  Type type = getElementTypeOrSelf(op->getOperand(0).getType());
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  return width >= 64 ? value
                     : static_cast<uint64_t>(value) & ((1ull << width) - 1);
}

MINIMAX_FLOAT_MODEL(arith::AddFOp, x[0] + x[1])
MINIMAX_FLOAT_MODEL(arith::SubFOp, x[0] - x[1])
MINIMAX_FLOAT_MODEL(arith::MulFOp, x[0] * x[1])
MINIMAX_FLOAT_MODEL(arith::DivFOp, x[0] / x[1])
MINIMAX_FLOAT_MODEL(arith::RemFOp, std::fmod(x[0], x[1]))
MINIMAX_FLOAT_MODEL(arith::NegFOp, -x[0])
MINIMAX_FLOAT_MODEL(arith::MaxNumFOp, std::fmax(x[0], x[1]))
MINIMAX_FLOAT_MODEL(arith::MinNumFOp, std::fmin(x[0], x[1]))
MINIMAX_FLOAT_MODEL(arith::MaximumFOp,
                    x[0] != x[0] || x[0] > x[1] ? x[0] : x[1])
MINIMAX_FLOAT_MODEL(arith::MinimumFOp,
                    x[0] != x[0] || x[0] < x[1] ? x[0] : x[1])
MINIMAX_FLOAT_MODEL(arith::ExtFOp, x[0])
MINIMAX_FLOAT_MODEL(arith::TruncFOp, x[0])

MINIMAX_INT_MODEL(arith::AddIOp, x[0] + x[1])
MINIMAX_INT_MODEL(arith::SubIOp, x[0] - x[1])
MINIMAX_INT_MODEL(arith::MulIOp, x[0] * x[1])
MINIMAX_INT_MODEL(arith::AndIOp, x[0] & x[1])
MINIMAX_INT_MODEL(arith::OrIOp, x[0] | x[1])
MINIMAX_INT_MODEL(arith::XOrIOp, x[0] ^ x[1])
MINIMAX_INT_MODEL(arith::MaxSIOp, std::max(x[0], x[1]))
MINIMAX_INT_MODEL(arith::MinSIOp, std::min(x[0], x[1]))
MINIMAX_INT_MODEL(arith::ShLIOp, x[1] > 63 ? 0 : x[0] << x[1])
MINIMAX_INT_MODEL(arith::ShRSIOp, x[0] >> std::min<int64_t>(x[1], 63))
MINIMAX_INT_MODEL(arith::ShRUIOp, asUnsigned(op, x[0]) >> x[1])
// A division by zero is undefined; it yields 0 here.
MINIMAX_INT_MODEL(arith::DivSIOp, x[1] ? x[0] / x[1] : 0)
MINIMAX_INT_MODEL(arith::RemSIOp, x[1] ? x[0] % x[1] : 0)
MINIMAX_INT_MODEL(arith::DivUIOp,
                  x[1] ? asUnsigned(op, x[0]) / asUnsigned(op, x[1]) : 0)
MINIMAX_INT_MODEL(arith::RemUIOp,
                  x[1] ? asUnsigned(op, x[0]) % asUnsigned(op, x[1]) : 0)
MINIMAX_INT_MODEL(arith::CeilDivSIOp,
                  x[1] ? llvm::divideCeilSigned(x[0], x[1]) : 0)
MINIMAX_INT_MODEL(arith::FloorDivSIOp,
                  x[1] ? llvm::divideFloorSigned(x[0], x[1]) : 0)
MINIMAX_INT_MODEL(arith::IndexCastOp, x[0])
MINIMAX_INT_MODEL(arith::IndexCastUIOp, asUnsigned(op, x[0]))
MINIMAX_INT_MODEL(arith::ExtSIOp,
                  getElementTypeOrSelf(op.getIn().getType()).isInteger(1)
                      ? -x[0]
                      : x[0])
MINIMAX_INT_MODEL(arith::ExtUIOp, asUnsigned(op, x[0]))
MINIMAX_INT_MODEL(arith::TruncIOp, x[0])
MINIMAX_INT_MODEL(arith::CmpIOp,
                  arith::applyCmpPredicate(op.getPredicate(),
                                           APInt(64, x[0], true),
                                           APInt(64, x[1], true)))

static LogicalResult evaluateOp(arith::SIToFPOp op, ReferenceFrame &frame) {
  return mapIntsToFloats(op, frame, [](int64_t x) { return double(x); });
}

static LogicalResult evaluateOp(arith::UIToFPOp op, ReferenceFrame &frame) {
  return mapIntsToFloats(op, frame,
                         [&](int64_t x) { return double(asUnsigned(op, x)); });
}

static LogicalResult evaluateOp(arith::FPToSIOp op, ReferenceFrame &frame) {
  return mapFloatsToInts(op, frame,
                         [](ArrayRef<double> x) { return int64_t(x[0]); });
}

static LogicalResult evaluateOp(arith::CmpFOp op, ReferenceFrame &frame) {
  return mapFloatsToInts(op, frame, [&](ArrayRef<double> x) {
    return int64_t(arith::applyCmpPredicate(op.getPredicate(), APFloat(x[0]),
                                            APFloat(x[1])));
  });
}

static LogicalResult evaluateOp(arith::SelectOp op, ReferenceFrame &frame) {
  ReferenceTensor condition = frame.read(op.getCondition());
  if (condition.getRank() == 0) {
    Value chosen =
        condition.intValue() ? op.getTrueValue() : op.getFalseValue();
    frame.set(op.getResult(), ReferenceValue(frame.get(chosen)));
    return success();
  }
  ReferenceTensor lhs = frame.read(op.getTrueValue());
  ReferenceTensor rhs = frame.read(op.getFalseValue());
  ReferenceTensor result(lhs.getElementType(), lhs.getShape());
  for (int64_t i = 0, e = lhs.getNumElements(); i < e; ++i) {
    const ReferenceTensor &from = condition.ints()[i] ? lhs : rhs;
    if (lhs.isFloat())
      result.floats()[i] = from.floats()[i];
    else
      result.ints()[i] = from.ints()[i];
  }
  frame.set(op.getResult(), result);
  return success();
}

/// The value of an affine expression, recursively.
static int64_t evaluateExpr(AffineExpr expr, ArrayRef<int64_t> dims,
                            ArrayRef<int64_t> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  int64_t lhs = evaluateExpr(binary.getLHS(), dims, symbols);
  int64_t rhs = evaluateExpr(binary.getRHS(), dims, symbols);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return lhs + rhs;
  case AffineExprKind::Mul:
    return lhs * rhs;
  case AffineExprKind::Mod:
    return llvm::mod(lhs, rhs);
  case AffineExprKind::FloorDiv:
    return llvm::divideFloorSigned(lhs, rhs);
  default:
    return llvm::divideCeilSigned(lhs, rhs);
  }
}

/// The results of the map of an affine op on its operands.
template <typename OpTy>
static SmallVector<int64_t> applyMap(OpTy op, ReferenceFrame &frame) {
  SmallVector<int64_t> operands, results;
  for (Value operand : op.getMapOperands())
    operands.push_back(frame.readInt(operand));
  ArrayRef<int64_t> all(operands);
  AffineMap map = op.getAffineMap();
  for (AffineExpr expr : map.getResults())
    results.push_back(evaluateExpr(expr, all.take_front(map.getNumDims()),
                                   all.drop_front(map.getNumDims())));
  return results;
}

static LogicalResult setIndex(Value result, ReferenceFrame &frame,
                              int64_t number) {
  frame.set(result, ReferenceTensor::scalar(result.getType(), number));
  return success();
}

static LogicalResult evaluateOp(affine::AffineApplyOp op,
                                ReferenceFrame &frame) {
  return setIndex(op.getResult(), frame, applyMap(op, frame)[0]);
}

static LogicalResult evaluateOp(affine::AffineMinOp op, ReferenceFrame &frame) {
  return setIndex(op.getResult(), frame,
                  *llvm::min_element(applyMap(op, frame)));
}

static LogicalResult evaluateOp(affine::AffineMaxOp op, ReferenceFrame &frame) {
  return setIndex(op.getResult(), frame,
                  *llvm::max_element(applyMap(op, frame)));
}

void registerArithModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, arith::ArithDialect *) {
    using namespace arith;
    attachReferenceModels<
        AddFOp, SubFOp, MulFOp, DivFOp, RemFOp, NegFOp, MaxNumFOp, MinNumFOp,
        MaximumFOp, MinimumFOp, ExtFOp, TruncFOp, AddIOp, SubIOp, MulIOp,
        AndIOp, OrIOp, XOrIOp, MaxSIOp, MinSIOp, ShLIOp, ShRSIOp, ShRUIOp,
        DivSIOp, RemSIOp, DivUIOp, RemUIOp, CeilDivSIOp, FloorDivSIOp,
        IndexCastOp, IndexCastUIOp, ExtSIOp, ExtUIOp, TruncIOp, CmpIOp,
        SIToFPOp, UIToFPOp, FPToSIOp, CmpFOp, SelectOp, arith::ConstantOp>(
        context);
  });
  registry.addExtension(+[](MLIRContext *context, affine::AffineDialect *) {
    attachReferenceModels<affine::AffineApplyOp, affine::AffineMaxOp,
                          affine::AffineMinOp>(context);
  });
}

} // namespace mlir::minimax
