//===- RandomFill.h - random numbers for large buffers ----------*- C++ -*-===//
//
// Valid values of any element type at the speed of memory.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_RANDOMFILL_H
#define MINIMAX_TOOLS_BENCH_RANDOMFILL_H

#include "formats/dtype.h"
#include <cstddef>
#include <map>
#include <vector>

namespace mlir::minimax::bench {

/// The values `center - spread .. center + spread`.
struct Range {
  float center = 0;
  float spread = 1;
};

/// Copies random numbers from blocks that it makes once for each type and
/// range: filling gigabytes takes as long as copying them.
class RandomFill {
public:
  /// Fills `bytes` of memory with elements of `dtype`, uniform in `range`; i8
  /// with any value but -128, wider integers with zeros. Values repeat after
  /// about a million elements; each call starts at another one.
  void fill(void *data, int64_t bytes, ::minimax::runtime::DType dtype,
            Range range);

private:
  struct Key {
    ::minimax::runtime::DType dtype;
    Range range;
    bool operator<(const Key &other) const;
  };

  std::map<Key, std::vector<char>> blocks;
  int64_t calls = 0;
};

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_RANDOMFILL_H
