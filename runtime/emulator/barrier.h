//===- barrier.h - the barriers of a block ----------------------*- C++ -*-===//
//
// bar.sync and bar.arrive.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_BARRIER_H
#define MINIMAX_RUNTIME_EMULATOR_BARRIER_H

#include "emulator/thread.h"

namespace minimax::runtime::emulator {

void ResetBarrier(Barrier& barrier);

/// A barrier of all threads does not wait for those that have returned.
void CheckBarriersAfterExit(Block& block);

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_BARRIER_H
