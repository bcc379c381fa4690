//===- tensor_map.h - tensors that copies of tiles address ------*- C++ -*-===//
//
// The emulator's form of a CUtensorMap: as large, passed as it is.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_TENSOR_MAP_H
#define MINIMAX_RUNTIME_EMULATOR_TENSOR_MAP_H

#include <cstdint>

namespace minimax::runtime::emulator {

/// How rows of a tile are spread over the banks: the 16-byte units of 128, 64
/// or 32 bytes are exchanged depending on the row.
enum class Swizzle : uint8_t { kNone, k32, k64, k128 };

/// A tensor in global memory, the fastest dimension first.
struct TensorMap {
  static constexpr uint32_t kMagic = 0x6d6d7468;

  uint32_t magic = kMagic;
  uint8_t rank = 0;           // 1 to 5
  uint8_t element_bytes = 0;  // 1, 2, 4 or 8; 16 of plain bytes
  Swizzle swizzle = Swizzle::kNone;
  char* base = nullptr;
  uint64_t sizes[5] = {};
  uint64_t stride_bytes[4] = {};  // of dimensions 1 to 4
  uint32_t box[5] = {};           // of a tile

  uint32_t RowBytes() const { return box[0] * element_bytes; }
  uint32_t Rows() const {
    uint32_t rows = 1;
    for (int i = 1; i < rank; ++i) rows *= box[i];
    return rows;
  }
};
static_assert(sizeof(TensorMap) <= 128, "a CUtensorMap has 128 bytes");

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_TENSOR_MAP_H
