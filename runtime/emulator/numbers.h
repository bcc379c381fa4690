//===- numbers.h - formats of matrix elements -------------------*- C++ -*-===//
//
// From bf16, f16 and tf32 to f32. Exact.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_NUMBERS_H
#define MINIMAX_RUNTIME_EMULATOR_NUMBERS_H

#include <bit>
#include <cstdint>

namespace minimax::runtime::emulator {

inline float FromBF16(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

inline float FromF16(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t magnitude = bits & 0x7fff;
  if (magnitude >= 0x7c00) {  // infinities and NaNs
    return std::bit_cast<float>(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
  }
  // As an f32 the exponent is 112 too small, also of denormal numbers.
  const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(scaled));
}

/// The low 13 bits are ignored.
inline float FromTF32(uint32_t bits) {
  return std::bit_cast<float>(bits & ~0x1fffu);
}

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_NUMBERS_H
