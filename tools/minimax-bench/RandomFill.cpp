//===- RandomFill.cpp - random numbers for large buffers ------------------===//
//
// Makes one block number by number and copies it.
//
//===----------------------------------------------------------------------===//

#include "RandomFill.h"
#include "llvm/ADT/APFloat.h"
#include <algorithm>
#include <cstring>
#include <random>
#include <tuple>

using namespace mlir::minimax::bench;
using ::minimax::runtime::DType;
using ::minimax::runtime::DTypeBytes;

// A prime, so that no row of a matrix repeats another.
static constexpr int64_t kPeriod = 1000003;

bool RandomFill::Key::operator<(const Key &other) const {
  return std::tie(dtype, range.center, range.spread) <
         std::tie(other.dtype, other.range.center, other.range.spread);
}

/// The bits of `value` in `dtype`.
static uint32_t encode(float value, DType dtype) {
  if (dtype == DType::kF32)
    return llvm::bit_cast<uint32_t>(value);
  llvm::APFloat number(value);
  bool inexact;
  number.convert(dtype == DType::kBF16 ? llvm::APFloat::BFloat()
                                       : llvm::APFloat::IEEEhalf(),
                 llvm::APFloat::rmNearestTiesToEven, &inexact);
  return static_cast<uint32_t>(number.bitcastToAPInt().getZExtValue());
}

static std::vector<char> makeBlock(DType dtype, Range range) {
  std::minstd_rand random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  int64_t size = DTypeBytes(dtype);
  std::vector<char> block(kPeriod * size);
  bool isFloat =
      dtype == DType::kF32 || dtype == DType::kBF16 || dtype == DType::kF16;
  if (!isFloat && dtype != DType::kI8)
    return block;
  for (int64_t i = 0; i < kPeriod; ++i) {
    float value = uniform(random);
    uint32_t bits = isFloat ? encode(range.center + range.spread * value, dtype)
                            : static_cast<uint32_t>(int32_t(127 * value));
    std::memcpy(block.data() + i * size, &bits, size);
  }
  return block;
}

void RandomFill::fill(void *data, int64_t bytes, DType dtype, Range range) {
  std::vector<char> &block = blocks[{dtype, range}];
  if (block.empty())
    block = makeBlock(dtype, range);
  char *out = static_cast<char *>(data);
  int64_t size = block.size();
  int64_t from = ++calls * 7919 % kPeriod * DTypeBytes(dtype);
  for (int64_t done = 0; done < bytes; from = 0) {
    int64_t part = std::min(bytes - done, size - from);
    std::memcpy(out + done, block.data() + from, part);
    done += part;
  }
}
