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

/// What a descriptor says besides the address: the leading offset in bits 16
/// and up, here the distance of tiles of 64 columns (1, not used, if there is
/// none); the stride in bits 32 and up, 1024 bytes between groups of eight
/// rows; the 128-byte swizzle, 1 in bits 62 and 63. Offsets count 16 bytes.
static uint64_t getTileLayout(std::optional<int64_t> tileBytes) {
  uint64_t leading = tileBytes ? *tileBytes / 16 : 1;
  assert(leading < 1 << 14 && "expected an offset within shared memory");
  return uint64_t{1} << 62 | uint64_t{8 * kSwizzledRowBytes / 16} << 32 |
         leading << 16;
}

Value minimax::buildTileDescriptor(ImplicitLocOpBuilder &builder, Value address,
                                   std::optional<int64_t> tileBytes) {
  auto word = [&](int64_t value) -> Value {
    return builder.create<LLVM::ConstantOp>(builder.getI32IntegerAttr(value));
  };
  // Shared memory has 18 bits of addresses; the lowest four are zero.
  Value units = builder.create<LLVM::LShrOp>(
      builder.create<LLVM::PtrToIntOp>(builder.getI32Type(), address), word(4));
  Value start = builder.create<LLVM::ZExtOp>(
      builder.getI64Type(),
      builder.create<LLVM::AndOp>(units, word((1 << 14) - 1)));
  Value layout = builder.create<LLVM::ConstantOp>(builder.getI64IntegerAttr(
      static_cast<int64_t>(getTileLayout(tileBytes))));
  return builder.create<LLVM::OrOp>(start, layout);
}
