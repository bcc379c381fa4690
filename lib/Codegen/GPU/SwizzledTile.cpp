//===- SwizzledTile.cpp - tiles that wgmma reads --------------------------===//
//
// The arithmetic of swizzles and descriptors.
//
//===----------------------------------------------------------------------===//

#include "SwizzledTile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::minimax;

Value minimax::swizzleChunk(ImplicitLocOpBuilder &builder, Value row,
                            Value chunk) {
  Value chunks = builder.create<arith::ConstantIndexOp>(kSwizzledChunks);
  Value key = builder.create<arith::RemUIOp>(row, chunks);
  return builder.create<arith::XOrIOp>(chunk, key);
}

Value minimax::buildTileDescriptor(ImplicitLocOpBuilder &builder,
                                   Value address) {
  auto word = [&](int64_t value) -> Value {
    return builder.create<LLVM::ConstantOp>(builder.getI32IntegerAttr(value));
  };
  // Shared memory has 18 bits of addresses; the lowest four are zero.
  Value units = builder.create<LLVM::LShrOp>(
      builder.create<LLVM::PtrToIntOp>(builder.getI32Type(), address), word(4));
  Value start = builder.create<LLVM::ZExtOp>(
      builder.getI64Type(),
      builder.create<LLVM::AndOp>(units, word((1 << 14) - 1)));
  Value layout = builder.create<LLVM::ConstantOp>(
      builder.getI64IntegerAttr(static_cast<int64_t>(kTileDescriptor)));
  return builder.create<LLVM::OrOp>(start, layout);
}
