//===- SwizzledTile.h - tiles that wgmma reads ------------------*- C++ -*-===//
//
// Where the elements of a tile of [rows, 64] 16-bit values are in shared memory
// if it has the 128-byte swizzle: 16-byte chunk c of row r at chunk c ^ (r % 8)
// of the 128 bytes of row r, in a tile that begins at a multiple of 1024 bytes.
// Eight rows are 1024 bytes, the "core matrices" of the PTX ISA (asynchronous
// warpgroup level matrix shared memory layout).
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_SWIZZLEDTILE_H
#define MINIMAX_LIB_CODEGEN_GPU_SWIZZLEDTILE_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::minimax {

/// Columns of a tile, values in a chunk, chunks of a row, bytes that a tile's
/// address is a multiple of.
constexpr int64_t kSwizzledColumns = 64, kSwizzledChunk = 8,
                  kSwizzledChunks = kSwizzledColumns / kSwizzledChunk,
                  kSwizzledAlignment = 1024;

/// What a wgmma descriptor says besides the address of 16 columns of a tile
/// whose rows hold consecutive values of the inner dimension: a leading offset
/// that is not used (1), 1024 bytes (64 units of 16) between groups of eight
/// rows, the 128-byte swizzle (1 in bits 62 and 63).
constexpr uint64_t kTileDescriptor =
    uint64_t{1} << 62 | uint64_t{64} << 32 | uint64_t{1} << 16;

/// The chunk (of type index) at which chunk `chunk` of row `row` lies.
Value swizzleChunk(ImplicitLocOpBuilder &builder, Value row, Value chunk);

/// The descriptor of the tile at `address`, a pointer into shared memory.
Value buildTileDescriptor(ImplicitLocOpBuilder &builder, Value address);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_SWIZZLEDTILE_H
