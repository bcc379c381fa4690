//===- context.h - what a compiled program sees of the runtime --*- C++ -*-===//
//
// Defines the mmrt_context of abi.h: the workers that run parallel loops.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_CONTEXT_H
#define MINIMAX_RUNTIME_CORE_CONTEXT_H

#include <cstdint>

#include "minimax/runtime/abi.h"

namespace minimax::runtime {
class Profile;
}  // namespace minimax::runtime

/// Implemented once per kind of device. Outlives every call of the program it
/// is passed to.
struct mmrt_context {
  virtual ~mmrt_context();

  /// See mmrt_parallel_for in abi.h.
  virtual void ParallelFor(mmrt_tile_fn tile, void* captures,
                           int64_t count) = 0;

  /// Where calls of entries are recorded; null to record nothing. Not owned;
  /// changed only between calls.
  minimax::runtime::Profile* profile = nullptr;
};

namespace minimax::runtime {
using Context = ::mmrt_context;
}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_CONTEXT_H
