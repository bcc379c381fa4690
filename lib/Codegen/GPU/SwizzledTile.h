//===- SwizzledTile.h - tiles that wgmma reads ------------------*- C++ -*-===//
//
// Where the elements of a tile of [rows, 64] 16-bit values are in shared memory
// if it has the 128-byte swizzle: 16-byte chunk c of row r at chunk c ^ (r % 8)
// of the 128 bytes of row r, in a tile that begins at a multiple of 1024 bytes.
// Eight rows are 1024 bytes, the "core matrices" of the PTX ISA (asynchronous
// warpgroup level matrix shared memory layout). wgmma reads such a tile in both
// directions.
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

/// Bytes of a row of a tile.
constexpr int64_t kSwizzledRowBytes = kSwizzledChunks * 16;

/// The chunk (of type index) at which chunk `chunk` of row `row` lies.
Value swizzleChunk(ImplicitLocOpBuilder &builder, Value row, Value chunk);

/// The descriptor of the tile at `address`, a pointer into shared memory. If
/// rows of the tile hold consecutive values of the inner dimension (K-major),
/// wgmma reads 16 columns and knows but the distance of groups of eight rows.
/// If they are the inner dimension ("transposed", MN-major), it reads 16 rows
/// of 64 columns and then of the next 64, which are in a tile `tileBytes`
/// further.
Value buildTileDescriptor(ImplicitLocOpBuilder &builder, Value address,
                          std::optional<int64_t> tileBytes = std::nullopt);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_SWIZZLEDTILE_H
