//===- Descriptors.cpp - memrefs and bare pointers ------------------------===//
//
// Implements the conversions with LLVM ops and casts that vanish once the memref
// dialect is converted.
//
//===----------------------------------------------------------------------===//

#include "Descriptors.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"

using namespace mlir;
using namespace mlir::minimax;

static Value cast(OpBuilder &builder, Location loc, Type type, Value value) {
  return builder.create<UnrealizedConversionCastOp>(loc, type, value)
      .getResult(0);
}

Value minimax::getBarePointer(OpBuilder &builder, Location loc,
                              const LLVMTypeConverter &converter,
                              Value memref) {
  Type type = converter.convertType(memref.getType());
  MemRefDescriptor descriptor(::cast(builder, loc, type, memref));
  return descriptor.alignedPtr(builder, loc);
}

Value minimax::buildMemRef(OpBuilder &builder, Location loc,
                           const LLVMTypeConverter &converter, MemRefType type,
                           Value pointer, ValueRange sizes) {
  auto descriptor =
      MemRefDescriptor::undef(builder, loc, converter.convertType(type));
  descriptor.setAllocatedPtr(builder, loc, pointer);
  descriptor.setAlignedPtr(builder, loc, pointer);
  descriptor.setConstantOffset(builder, loc, 0);
  Type i64 = builder.getI64Type();
  Value stride = builder.create<LLVM::ConstantOp>(loc, i64, 1);
  for (int64_t dim = type.getRank() - 1; dim >= 0; --dim) {
    Value size;
    if (type.isDynamicDim(dim))
      size = sizes[type.getDynamicDimIndex(dim)];
    else
      size = builder.create<LLVM::ConstantOp>(loc, i64, type.getDimSize(dim));
    descriptor.setSize(builder, loc, dim, size);
    descriptor.setStride(builder, loc, dim, stride);
    if (dim > 0)
      stride = builder.create<LLVM::MulOp>(loc, stride, size);
  }
  return ::cast(builder, loc, type, descriptor);
}

Value minimax::loadElement(OpBuilder &builder, Location loc, Type type,
                           Value pointer, int64_t index) {
  auto address = builder.create<LLVM::GEPOp>(
      loc, pointer.getType(), type, pointer,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
  return builder.create<LLVM::LoadOp>(loc, type, address);
}
