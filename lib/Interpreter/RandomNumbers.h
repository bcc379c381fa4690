//===- RandomNumbers.h - deterministic numbers by name ----------*- C++ -*-===//
//
// Numbers that depend on a name and a seed alone.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_INTERPRETER_RANDOMNUMBERS_H
#define MINIMAX_LIB_INTERPRETER_RANDOMNUMBERS_H

#include "minimax/Interpreter/ReferenceTensor.h"

namespace mlir::minimax {

/// splitmix64, started from a name.
class Random {
public:
  Random(StringRef name, uint64_t seed) : state(seed) {
    for (unsigned char c : name)
      state = (state ^ c) * 0x100000001B3ull;
  }
  uint64_t next() {
    uint64_t z = state += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  int64_t below(int64_t bound) {
    return bound > 0 ? static_cast<int64_t>(next() % bound) : 0;
  }
  /// In (-1, 1), exact in f32.
  double number() {
    return static_cast<float>(static_cast<int64_t>(next()) >> 40) / 8388608.0f;
  }

private:
  uint64_t state;
};

/// Fills `tensor` with numbers in (-scale, scale), exact in its type, or with
/// zeros and ones.
void fillRandom(const ReferenceTensor &tensor, StringRef name, uint64_t seed,
                double scale);

/// Weights shrink a sum over `shape`'s last dimension back to the size of one
/// term.
double weightScale(ArrayRef<int64_t> shape);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_INTERPRETER_RANDOMNUMBERS_H
