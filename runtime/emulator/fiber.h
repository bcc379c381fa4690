//===- fiber.h - stacks that take turns on one thread -----------*- C++ -*-===//
//
// The switch between stacks and a pool of them. x86-64 only, as is the code of
// the kernels that run on them.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_FIBER_H
#define MINIMAX_RUNTIME_EMULATOR_FIBER_H

#include <cstddef>
#include <vector>

namespace minimax::runtime::emulator {

/// Where a stack goes on: what SwitchFiber saved, or a fresh stack.
using StackPointer = void*;

/// Saves the state of the running stack to `save` and continues `to`.
extern "C" void mmrt_emulated_switch(StackPointer* save, StackPointer to);

/// Stacks, made as needed and kept. The memory of a stack that has not been
/// touched costs nothing; running off its end is a segmentation fault.
class StackPool {
 public:
  StackPool() = default;
  ~StackPool();
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  /// Number of a stack that nobody uses.
  int Take();
  /// Gives a stack back. It may still be running, if it never runs again
  /// after its next switch.
  void Give(int stack) { free_.push_back(stack); }
  /// Gives all stacks back.
  void GiveAll();
  /// Whether `address` is in the memory of `stack`.
  bool Contains(int stack, const void* address) const;
  /// What to switch to for a call of `entry`, which must not return.
  StackPointer Prepare(int stack, void (*entry)());

 private:
  std::vector<char*> stacks_;
  std::vector<int> free_;
};

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_FIBER_H
