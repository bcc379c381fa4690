//===- LowerGPUOps.h - minimax_gpu ops to instructions ----------*- C++ -*-===//
//
// Addresses of memrefs, and the ops that only Hopper has.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_LOWERGPUOPS_H
#define MINIMAX_LIB_CODEGEN_GPU_LOWERGPUOPS_H

#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPU.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::minimax {

/// Emits addresses and casts between memrefs and pointers.
struct AddressBuilder : ImplicitLocOpBuilder {
  AddressBuilder(Operation *op, const LLVMTypeConverter &converter)
      : ImplicitLocOpBuilder(op->getLoc(), op), converter(converter) {}

  const LLVMTypeConverter &converter;

  Value integer(int64_t value) {
    return create<LLVM::ConstantOp>(getI64IntegerAttr(value));
  }

  /// A memref of `type` at `pointer`. Dynamic sizes stay undefined, and a
  /// dynamic offset is zero: callers of kernels add it to the pointer.
  Value memrefAt(MemRefType type, Value pointer, ArrayRef<int64_t> strides) {
    auto descriptor =
        MemRefDescriptor::undef(*this, getLoc(), converter.convertType(type));
    descriptor.setAllocatedPtr(*this, getLoc(), pointer);
    descriptor.setAlignedPtr(*this, getLoc(), pointer);
    descriptor.setOffset(*this, getLoc(), integer(0));
    for (auto [dim, stride] : llvm::enumerate(strides)) {
      descriptor.setStride(*this, getLoc(), dim, integer(stride));
      if (!type.isDynamicDim(dim))
        descriptor.setSize(*this, getLoc(), dim, integer(type.getDimSize(dim)));
    }
    Value value = descriptor;
    return create<UnrealizedConversionCastOp>(type, value).getResult(0);
  }

  /// The address of the element of `memref` at `indices`.
  Value address(Value memref, ValueRange indices) {
    auto type = cast<MemRefType>(memref.getType());
    MemRefDescriptor descriptor(
        create<UnrealizedConversionCastOp>(converter.convertType(type), memref)
            .getResult(0));
    auto [strides, offset] = getStridesAndOffset(type);
    Value place = ShapedType::isDynamic(offset)
                      ? descriptor.offset(*this, getLoc())
                      : integer(offset);
    for (auto [dim, index] : llvm::enumerate(indices)) {
      Value wide = create<arith::IndexCastOp>(getI64Type(), index);
      Value stride = ShapedType::isDynamic(strides[dim])
                         ? descriptor.stride(*this, getLoc(), dim)
                         : integer(strides[dim]);
      place = create<LLVM::AddOp>(place, create<LLVM::MulOp>(wide, stride));
    }
    Value base = descriptor.alignedPtr(*this, getLoc());
    return create<LLVM::GEPOp>(base.getType(), type.getElementType(), base,
                               ValueRange{place});
  }
};

/// Replaces an op that needs sm_90 or sm_90a.
void lowerHopperOp(minimax_gpu::ClusterMemoryOp op,
                   const LLVMTypeConverter &converter);
void lowerHopperOp(minimax_gpu::MbarrierInitOp op,
                   const LLVMTypeConverter &converter);
void lowerHopperOp(minimax_gpu::MbarrierArriveOp op,
                   const LLVMTypeConverter &converter);
void lowerHopperOp(minimax_gpu::MbarrierWaitOp op,
                   const LLVMTypeConverter &converter);
void lowerHopperOp(minimax_gpu::BulkCopyOp op,
                   const LLVMTypeConverter &converter);
void lowerHopperOp(minimax_gpu::WgmmaOp op, const LLVMTypeConverter &converter);
void lowerHopperOp(minimax_gpu::LaunchDependentsOp op,
                   const LLVMTypeConverter &converter);
void lowerHopperOp(minimax_gpu::WaitPrerequisitesOp op,
                   const LLVMTypeConverter &converter);
void lowerHopperOp(minimax_gpu::PrefetchOp op,
                   const LLVMTypeConverter &converter);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_LOWERGPUOPS_H
