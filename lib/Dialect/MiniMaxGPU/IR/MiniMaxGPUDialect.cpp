//===- MiniMaxGPUDialect.cpp - the minimax_gpu dialect --------------------===//
//
// Registration and verifiers.
//
//===----------------------------------------------------------------------===//

#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPU.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::minimax_gpu;

#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPUDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPUAttributes.cpp.inc"

#define GET_OP_CLASSES
#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPUOps.cpp.inc"

void MiniMaxGPUDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPUAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPUOps.cpp.inc"
      >();
}

LogicalResult
MiniMaxGPUDialect::verifyOperationAttribute(Operation *op,
                                            NamedAttribute attribute) {
  if (attribute.getName() == kScheduleName &&
      !isa<ScheduleAttr>(attribute.getValue()))
    return op->emitOpError() << "expected '" << kScheduleName
                             << "' to be a #minimax_gpu.schedule, but got "
                             << attribute.getValue();
  return success();
}

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t fewRows,
                                   ArrayRef<int64_t> tileRows) {
  if (fewRows < 0)
    return emitError() << "expected 'few_rows' not to be negative, but got "
                       << fewRows;
  int64_t last = 0;
  for (int64_t rows : tileRows) {
    if (!llvm::is_contained({16, 64, 128, 256}, rows) || rows <= last)
      return emitError() << "expected 'tile_rows' to rise and each to be 16, "
                            "64, 128 or 256, but got "
                         << rows << " after " << last;
    last = rows;
  }
  if (tileRows.empty())
    return emitError() << "expected 'tile_rows' not to be empty";
  return success();
}

bool minimax_gpu::isShared(MemRefType type) {
  return gpu::GPUDialect::hasWorkgroupMemoryAddressSpace(type);
}

/// One index for each dimension of `memref`.
static LogicalResult verifyIndices(Operation *op, MemRefType memref,
                                   ValueRange indices, StringRef name) {
  if (memref.getRank() == static_cast<int64_t>(indices.size()))
    return success();
  return op->emitOpError() << "expected " << memref.getRank() << " indices of "
                           << name << ", but got " << indices.size();
}

LogicalResult SharedMemoryOp::verify() {
  auto type = cast<MemRefType>(getResult().getType());
  if (!type.hasStaticShape() || !isShared(type))
    return emitOpError() << "expected a static shape in the workgroup address "
                            "space, but got "
                         << type;
  if (!llvm::isPowerOf2_64(getAlignment()) || getAlignment() > 1024)
    return emitOpError() << "expected 'alignment' to be a power of two up to "
                            "1024, but got "
                         << getAlignment();
  return success();
}

LogicalResult ClusterMemoryOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  if (!isShared(source) || !source.hasStaticShape() ||
      !source.getLayout().isIdentity())
    return emitOpError() << "expected contiguous workgroup memory of static "
                            "shape, but got "
                         << source;
  auto expected = MemRefType::get(source.getShape(), source.getElementType());
  if (getResult().getType() != expected)
    return emitOpError() << "expected a result of type " << expected
                         << ", but got " << getResult().getType();
  return success();
}

LogicalResult CopyAsyncOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  auto destination = cast<MemRefType>(getDestination().getType());
  if (isShared(source) || !isShared(destination))
    return emitOpError() << "expected to copy from global to workgroup memory, "
                            "but got "
                         << source << " and " << destination;
  Type element = source.getElementType();
  if (element != destination.getElementType() || !element.isIntOrFloat() ||
      128 % element.getIntOrFloatBitWidth() != 0)
    return emitOpError() << "expected one element type that divides 16 bytes, "
                            "but got "
                         << element << " and " << destination.getElementType();
  if (failed(verifyIndices(*this, source, getSourceIndices(), "the source")))
    return failure();
  return verifyIndices(*this, destination, getDestinationIndices(),
                       "the destination");
}

LogicalResult LoadMatrixOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  if (!isShared(source) || !source.getElementType().isIntOrFloat() ||
      source.getElementTypeBitWidth() != 16)
    return emitOpError() << "expected 16-bit elements in workgroup memory, but "
                            "got "
                         << source;
  return verifyIndices(*this, source, getIndices(), "the source");
}

/// Barriers are words of shared memory.
static LogicalResult verifyBarrier(Operation *op, Value barrier) {
  auto type = cast<MemRefType>(barrier.getType());
  if (isShared(type))
    return success();
  return op->emitOpError() << "expected a barrier in workgroup memory, but got "
                           << type;
}

LogicalResult MbarrierInitOp::verify() {
  if (static_cast<int64_t>(getCount()) < 1)
    return emitOpError() << "expected a positive 'count', but got "
                         << static_cast<int64_t>(getCount());
  return verifyBarrier(*this, getBarrier());
}

LogicalResult MbarrierArriveOp::verify() {
  if (getBytes() && static_cast<int64_t>(*getBytes()) < 1)
    return emitOpError() << "expected positive 'bytes', but got "
                         << static_cast<int64_t>(*getBytes());
  return verifyBarrier(*this, getBarrier());
}

LogicalResult MbarrierWaitOp::verify() {
  return verifyBarrier(*this, getBarrier());
}

/// Bulk operations move whole units of 16 bytes.
static LogicalResult verifyBytes(Operation *op, int64_t bytes) {
  if (bytes >= 1 && bytes % 16 == 0)
    return success();
  return op->emitOpError()
         << "expected 'bytes' to be a positive multiple of 16, but got "
         << bytes;
}

LogicalResult PrefetchOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  if (isShared(source))
    return emitOpError() << "expected global memory, but got " << source;
  if (failed(verifyBytes(*this, getBytes())))
    return failure();
  return verifyIndices(*this, source, getIndices(), "the source");
}

LogicalResult BulkCopyOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  auto destination = cast<MemRefType>(getDestination().getType());
  if (isShared(source) || !isShared(destination))
    return emitOpError() << "expected to copy from global to workgroup memory, "
                            "but got "
                         << source << " and " << destination;
  if (failed(verifyBytes(*this, getBytes())) ||
      failed(verifyIndices(*this, source, getSourceIndices(), "the source")) ||
      failed(verifyIndices(*this, destination, getDestinationIndices(),
                           "the destination")))
    return failure();
  return verifyBarrier(*this, getBarrier());
}

/// Columns beyond those of one tile are in the tiles that follow.
static LogicalResult verifyTiles(WgmmaOp op, MemRefType tile, int64_t columns) {
  constexpr int64_t wide = 64, group = 8;
  if (columns <= wide)
    return success();
  int64_t rank = tile.getRank();
  if (columns % wide != 0 || rank < 3 ||
      tile.getDimSize(rank - 3) < columns / wide ||
      tile.getDimSize(rank - 2) % group != 0 || !tile.getLayout().isIdentity())
    return op.emitOpError() << "expected sums of a multiple of 64 columns and "
                               "tiles for them, of "
                               "whole groups of 8 rows, but got "
                            << columns << " columns and " << tile;
  return success();
}

LogicalResult WgmmaOp::verify() {
  auto tile = cast<MemRefType>(getTile().getType());
  if (!isShared(tile) || tile.getRank() < 2 || tile.getShape().back() != 64)
    return emitOpError() << "expected a tile in workgroup memory with rows of "
                            "64, but got "
                         << tile;
  int64_t columns = getColumns();
  if (columns % 8 != 0 || columns > 256)
    return emitOpError() << "expected sums of a multiple of 8 columns, at most "
                            "256, but got "
                         << columns;
  if (getTranspose() && failed(verifyTiles(*this, tile, columns)))
    return failure();
  return verifyIndices(*this, tile, getIndices(), "the tile");
}
