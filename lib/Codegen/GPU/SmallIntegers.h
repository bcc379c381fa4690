//===- SmallIntegers.h - numbers of 8 bits as floats ------------*- C++ -*-===//
//
// Exact conversions of int8 that cost fewer and faster instructions than those
// a GPU has for the purpose.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_SMALLINTEGERS_H
#define MINIMAX_LIB_CODEGEN_GPU_SMALLINTEGERS_H

#include "GPUKernelBuilder.h"
#include <array>

namespace mlir::minimax {

/// The four int8 of an i32, the lowest first, in f32: 2 1/4 instructions each.
std::array<Value, 4> widenBytes(GPUKernelBuilder &kb, Value word);

/// The same as two pairs of bf16, each in an i32: 2 instructions a number.
/// Not for -128.
std::array<Value, 2> bytesToBF16(GPUKernelBuilder &kb, Value word);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_SMALLINTEGERS_H
