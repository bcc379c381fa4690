//===- LoopBuilder.cpp - emit scalar code and loops -----------------------===//
//
// Index arithmetic, elements and control flow in arith, memref and scf.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/LoopBuilder.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::minimax;

int64_t minimax::dimOf(Value memref, unsigned dim) {
  return cast<MemRefType>(memref.getType()).getDimSize(dim);
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

Value LoopBuilder::index(int64_t value) {
  return create<arith::ConstantIndexOp>(value);
}
Value LoopBuilder::number(Value index) {
  Value word = create<arith::IndexCastOp>(getI32Type(), index);
  return create<arith::SIToFPOp>(getF32Type(), word);
}
Value LoopBuilder::f32(double value) {
  return create<arith::ConstantFloatOp>(APFloat(float(value)), getF32Type());
}
Value LoopBuilder::add(Value a, Value b) {
  return createOrFold<arith::AddIOp>(a, b);
}
Value LoopBuilder::sub(Value a, Value b) {
  return createOrFold<arith::SubIOp>(a, b);
}
Value LoopBuilder::mul(Value a, Value b) {
  return createOrFold<arith::MulIOp>(a, b);
}
Value LoopBuilder::div(Value a, Value b) {
  return createOrFold<arith::DivUIOp>(a, b);
}
Value LoopBuilder::rem(Value a, Value b) {
  return createOrFold<arith::RemUIOp>(a, b);
}
Value LoopBuilder::ceilDiv(Value a, int64_t b) {
  return div(add(a, index(b - 1)), index(b));
}
Value LoopBuilder::minimum(Value a, Value b) {
  return create<arith::MinSIOp>(a, b);
}
Value LoopBuilder::maximum(Value a, Value b) {
  return create<arith::MaxSIOp>(a, b);
}
Value LoopBuilder::less(Value a, Value b) {
  return create<arith::CmpIOp>(arith::CmpIPredicate::slt, a, b);
}
Value LoopBuilder::equal(Value a, Value b) {
  return create<arith::CmpIOp>(arith::CmpIPredicate::eq, a, b);
}
Value LoopBuilder::loadIndex(Value memref, ValueRange indices) {
  return create<arith::IndexCastOp>(getIndexType(),
                                    create<memref::LoadOp>(memref, indices));
}
void LoopBuilder::storeIndex(Value value, Value memref, ValueRange indices) {
  Value narrow = create<arith::IndexCastOp>(getI32Type(), value);
  create<memref::StoreOp>(narrow, memref, indices);
}
Value LoopBuilder::size(Value memref, int64_t dim) {
  auto type = cast<MemRefType>(memref.getType());
  return type.isDynamicDim(dim) ? create<memref::DimOp>(memref, dim).getResult()
                                : index(type.getDimSize(dim));
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

Value LoopBuilder::load(Value memref, ValueRange indices) {
  return widen(create<memref::LoadOp>(memref, indices));
}

Value LoopBuilder::widen(Value value) {
  if (value.getType().isF32())
    return value;
  if (value.getType().isF16())
    return create<arith::ExtFOp>(getF32Type(), value);
  // bf16 is the upper half of f32; going through integers avoids library calls.
  Value bits = create<arith::BitcastOp>(getI16Type(), value);
  Value wide = create<arith::ExtUIOp>(getI32Type(), bits);
  Value shift = create<arith::ConstantIntOp>(16, 32);
  return create<arith::BitcastOp>(getF32Type(),
                                  create<arith::ShLIOp>(wide, shift));
}

void LoopBuilder::store(Value value, Value memref, ValueRange indices) {
  create<memref::StoreOp>(value, memref, indices);
}

Value LoopBuilder::fpConstant(Type type, double value) {
  if (auto vector = dyn_cast<VectorType>(type)) {
    APFloat number(value);
    bool loses;
    number.convert(cast<FloatType>(vector.getElementType()).getFloatSemantics(),
                   APFloat::rmNearestTiesToEven, &loses);
    return create<arith::ConstantOp>(DenseElementsAttr::get(vector, number));
  }
  return create<arith::ConstantOp>(getFloatAttr(type, value));
}

Value LoopBuilder::intConstant(Type type, int64_t value) {
  if (auto vector = dyn_cast<VectorType>(type))
    return create<arith::ConstantOp>(DenseElementsAttr::get(
        vector, APInt(vector.getElementTypeBitWidth(), value)));
  return create<arith::ConstantOp>(getIntegerAttr(type, value));
}

Value LoopBuilder::fma(Value a, Value b, Value c) {
  return create<math::FmaOp>(a, b, c);
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

void LoopBuilder::loop(Value lower, Value upper, int64_t step, Body body) {
  auto op = create<scf::ForOp>(lower, upper, index(step));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.getBody());
  body(op.getInductionVar());
}

SmallVector<Value> LoopBuilder::loopCarry(Value lower, Value upper,
                                          int64_t step, ArrayRef<Value> inits,
                                          CarryBody body) {
  if (inits.empty()) {
    loop(lower, upper, step, [&](Value k) { body(k, {}); });
    return {};
  }
  auto op = create<scf::ForOp>(lower, upper, index(step), inits);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.getBody());
  create<scf::YieldOp>(body(op.getInductionVar(), op.getRegionIterArgs()));
  return SmallVector<Value>(op.getResults());
}

void LoopBuilder::ifThen(Value condition, function_ref<void()> body) {
  auto op = create<scf::IfOp>(condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.thenBlock());
  body();
}

void LoopBuilder::ifElse(Value condition, function_ref<void()> then,
                         function_ref<void()> otherwise) {
  auto op = create<scf::IfOp>(condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.thenBlock());
  then();
  setInsertionPointToStart(op.elseBlock());
  otherwise();
}
