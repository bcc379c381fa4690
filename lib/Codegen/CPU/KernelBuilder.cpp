//===- KernelBuilder.cpp - emit loops over vectors ------------------------===//
//
// Vectors, parallel loops and register tiles of the CPU kernels.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::minimax;

/// Rows of one tile of a loop over rows: enough work to outweigh its dispatch.
static constexpr int64_t kRowsPerTile = 8;

FailureOr<CPUTarget> CPUTarget::get(StringRef name) {
  if (name == "x86-64-v3")
    return CPUTarget{"x86-64-v3", 8, 6, 2, false, false};
  if (name == "x86-64-v4")
    return CPUTarget{"x86-64-v4", 16, 6, 4, false, false};
  if (name == "znver4")
    return CPUTarget{"znver4", 16, 6, 4, true, true};
  return failure();
}

//===----------------------------------------------------------------------===//
// Elements and vectors
//===----------------------------------------------------------------------===//

VectorType KernelBuilder::vectorType(Type element) {
  return VectorType::get({target.lanes}, element ? element : getF32Type());
}

Value KernelBuilder::loadVector(Value memref, ValueRange indices, Value mask) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  VectorType type = vectorType(element);
  Value vector;
  if (mask) {
    Value zero = create<arith::ConstantOp>(getZeroAttr(type));
    vector = create<vector::MaskedLoadOp>(type, memref, indices, mask, zero);
  } else {
    vector = create<vector::LoadOp>(type, memref, indices);
  }
  if (element.isF32())
    return vector;
  if (element.isF16())
    return create<arith::ExtFOp>(vectorType(), vector);
  Value bits = create<vector::BitCastOp>(vectorType(getI16Type()), vector);
  Value wide = create<arith::ExtUIOp>(vectorType(getI32Type()), bits);
  Value shift = create<arith::ConstantOp>(
      DenseElementsAttr::get(vectorType(getI32Type()), APInt(32, 16)));
  return create<arith::BitcastOp>(vectorType(),
                                  create<arith::ShLIOp>(wide, shift));
}

Value KernelBuilder::roundToBF16(Value value) {
  if (target.bf16Dot && value.getType() == vectorType()) {
    auto round = create<LLVM::CallIntrinsicOp>(
        TypeRange{vectorType(getBF16Type())},
        getStringAttr("llvm.x86.avx512bf16.cvtneps2bf16.512"),
        ValueRange{value}, LLVM::FastmathFlagsAttr());
    return create<vector::BitCastOp>(vectorType(getI16Type()),
                                     round.getResult(0));
  }
  bool isVector = isa<VectorType>(value.getType());
  auto typed = [&](Type element) -> Type {
    return isVector ? cast<VectorType>(value.getType()).clone(element)
                    : element;
  };
  Type words = typed(getI32Type()), halves = typed(getI16Type());
  auto constant = [&](uint32_t bits) -> Value {
    Attribute word = getI32IntegerAttr(bits);
    if (isVector)
      word = DenseElementsAttr::get(cast<VectorType>(words), word);
    return create<arith::ConstantOp>(cast<TypedAttr>(word));
  };
  Value bits = create<arith::BitcastOp>(words, value);
  Value odd = create<arith::AndIOp>(create<arith::ShRUIOp>(bits, constant(16)),
                                    constant(1));
  Value rounded =
      create<arith::AddIOp>(bits, create<arith::AddIOp>(odd, constant(0x7fff)));
  // Rounding could carry a NaN into infinity: keep it quiet instead.
  Value isNan = create<arith::CmpFOp>(arith::CmpFPredicate::UNO, value, value);
  Value quiet = create<arith::OrIOp>(bits, constant(0x400000));
  Value chosen = create<arith::SelectOp>(isNan, quiet, rounded);
  return create<arith::TruncIOp>(halves,
                                 create<arith::ShRUIOp>(chosen, constant(16)));
}

void KernelBuilder::storeVector(Value value, Value memref, ValueRange indices,
                                Value mask) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  if (element.isBF16())
    value = create<vector::BitCastOp>(vectorType(element), roundToBF16(value));
  if (mask)
    create<vector::MaskedStoreOp>(memref, indices, mask, value);
  else
    create<vector::StoreOp>(value, memref, indices);
}

Value KernelBuilder::splat(double value) {
  return fpConstant(vectorType(), value);
}

Value KernelBuilder::broadcast(Value scalar) {
  return create<vector::BroadcastOp>(vectorType(scalar.getType()), scalar);
}

Value KernelBuilder::mask(int64_t count) {
  return create<vector::ConstantMaskOp>(vectorType(getI1Type()),
                                        getI64ArrayAttr({count}));
}

Value KernelBuilder::mask(Value count) {
  return create<vector::CreateMaskOp>(vectorType(getI1Type()), count);
}

Value KernelBuilder::reduceAdd(Value vector) {
  return create<vector::ReductionOp>(vector::CombiningKind::ADD, vector,
                                     arith::FastMathFlags::reassoc);
}

Value KernelBuilder::reduceMax(Value vector) {
  return create<vector::ReductionOp>(vector::CombiningKind::MAXIMUMF, vector);
}

Value KernelBuilder::scratch(ArrayRef<int64_t> shape, Type element) {
  auto type = MemRefType::get(shape, element ? element : getF32Type());
  return create<memref::AllocaOp>(type, getI64IntegerAttr(64));
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

void KernelBuilder::parallel(Value count, Body body) {
  auto op = create<scf::ForallOp>(ArrayRef<OpFoldResult>{count}, ValueRange{},
                                  std::nullopt);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.getBody());
  body(op.getInductionVars()[0]);
}

void KernelBuilder::parallelRows(Value rows, Body body) {
  parallel(ceilDiv(rows, kRowsPerTile), [&](Value tile) {
    Value first = mul(tile, index(kRowsPerTile));
    loop(first, minimum(add(first, index(kRowsPerTile)), rows), 1, body);
  });
}

//===----------------------------------------------------------------------===//
// Columns and tiles
//===----------------------------------------------------------------------===//

void KernelBuilder::forEachVector(int64_t columns,
                                  function_ref<void(Value, Value)> body) {
  int64_t whole = columns / target.lanes * target.lanes;
  if (whole)
    loop(index(0), index(whole), target.lanes,
         [&](Value column) { body(column, {}); });
  if (whole != columns)
    body(index(whole), mask(columns - whole));
}

Value KernelBuilder::carryVectors(
    int64_t columns, Value init,
    function_ref<Value(Value, Value, Value)> body) {
  int64_t whole = columns / target.lanes * target.lanes;
  if (whole)
    init =
        loopCarry(index(0), index(whole), target.lanes, {init},
                  [&](Value column, ValueRange carried) -> SmallVector<Value> {
                    return {body(column, {}, carried[0])};
                  })[0];
  if (whole != columns)
    init = body(index(whole), mask(columns - whole), init);
  return init;
}

void KernelBuilder::forEachColumnBlock(
    int64_t columns, function_ref<void(Value, ArrayRef<Value>)> body) {
  int64_t width = target.lanes * target.tileVectors;
  int64_t whole = columns / width * width;
  if (whole)
    loop(index(0), index(whole), width, [&](Value column) {
      body(column, SmallVector<Value>(target.tileVectors));
    });
  if (whole == columns)
    return;
  SmallVector<Value> masks((columns - whole) / target.lanes);
  if (int64_t rest = (columns - whole) % target.lanes)
    masks.push_back(mask(rest));
  body(index(whole), masks);
}

void KernelBuilder::forEachRowBlock(Value lower, Value upper,
                                    function_ref<void(Value, int64_t)> body) {
  int64_t rows = target.tileRows;
  Value blocks = div(sub(upper, lower), index(rows));
  Value middle = add(lower, mul(blocks, index(rows)));
  loop(lower, middle, rows, [&](Value row) { body(row, rows); });
  loop(middle, upper, 1, [&](Value row) { body(row, 1); });
}

SmallVector<Value>
KernelBuilder::contract(Value lower, Value upper, ArrayRef<Value> acc,
                        int64_t rows, int64_t vectors,
                        function_ref<Value(Value, int64_t)> a,
                        function_ref<Value(Value, int64_t)> b) {
  return loopCarry(lower, upper, 1, acc, [&](Value k, ValueRange carried) {
    SmallVector<Value> columns, next;
    for (int64_t t = 0; t < vectors; ++t)
      columns.push_back(b(k, t));
    for (int64_t r = 0; r < rows; ++r) {
      Value row = broadcast(a(k, r));
      for (int64_t t = 0; t < vectors; ++t)
        next.push_back(fma(row, columns[t], carried[r * vectors + t]));
    }
    return next;
  });
}
