//===- dtype.h - element types of tensors on disk --------------*- C++ -*-===//
//
// Names and sizes of the element types that checkpoints and artifacts use.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_DTYPE_H_
#define MINIMAX_RUNTIME_FORMATS_DTYPE_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace minimax::runtime {

/// Element type of a tensor.
enum class DType : uint8_t {
  kF32,
  kF16,
  kBF16,
  kF64,
  kI8,
  kU8,
  kI16,
  kU16,
  kI32,
  kU32,
  kI64,
  kU64,
  kBool,
  kF8E4M3,
  kF8E5M2,
};

/// Both spellings of one element type and its size.
struct DTypeInfo {
  DType dtype;
  /// Spelling of the manifest and of this project's flags, e.g. "bf16".
  absl::string_view name;
  /// Spelling of safetensors headers, e.g. "BF16".
  absl::string_view safetensors_name;
  /// Size of one element in bytes.
  int64_t bytes;
};

/// All element types, in the order of the enumeration.
inline constexpr DTypeInfo kDTypes[] = {
    {DType::kF32, "f32", "F32", 4},
    {DType::kF16, "f16", "F16", 2},
    {DType::kBF16, "bf16", "BF16", 2},
    {DType::kF64, "f64", "F64", 8},
    {DType::kI8, "i8", "I8", 1},
    {DType::kU8, "u8", "U8", 1},
    {DType::kI16, "i16", "I16", 2},
    {DType::kU16, "u16", "U16", 2},
    {DType::kI32, "i32", "I32", 4},
    {DType::kU32, "u32", "U32", 4},
    {DType::kI64, "i64", "I64", 8},
    {DType::kU64, "u64", "U64", 8},
    {DType::kBool, "bool", "BOOL", 1},
    {DType::kF8E4M3, "f8e4m3", "F8_E4M3", 1},
    {DType::kF8E5M2, "f8e5m2", "F8_E5M2", 1},
};

/// The table row of `dtype`.
constexpr const DTypeInfo& InfoOf(DType dtype) {
  return kDTypes[static_cast<int>(dtype)];
}

/// Size of one element in bytes.
constexpr int64_t DTypeBytes(DType dtype) { return InfoOf(dtype).bytes; }

/// This project's spelling, e.g. "bf16".
constexpr absl::string_view DTypeName(DType dtype) {
  return InfoOf(dtype).name;
}

/// The spelling of safetensors headers, e.g. "BF16".
constexpr absl::string_view SafetensorsDTypeName(DType dtype) {
  return InfoOf(dtype).safetensors_name;
}

/// The type that this project spells `name`, or nothing.
inline std::optional<DType> DTypeFromName(absl::string_view name) {
  for (const DTypeInfo& info : kDTypes)
    if (info.name == name) return info.dtype;
  return std::nullopt;
}

/// The type that safetensors headers spell `name`, or nothing.
inline std::optional<DType> DTypeFromSafetensorsName(absl::string_view name) {
  for (const DTypeInfo& info : kDTypes)
    if (info.safetensors_name == name) return info.dtype;
  return std::nullopt;
}

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_FORMATS_DTYPE_H_
