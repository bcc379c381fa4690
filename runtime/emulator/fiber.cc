//===- fiber.cc - stacks that take turns on one thread --------------------===//
//
// The switch in assembly, and stacks from anonymous memory.
//
//===----------------------------------------------------------------------===//
#include "emulator/fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

namespace minimax::runtime::emulator {

// The registers that a call preserves; everything else the compiler has saved
// around the call.
asm(R"(
.text
.p2align 4
.hidden mmrt_emulated_switch
.globl mmrt_emulated_switch
.type mmrt_emulated_switch, @function
mmrt_emulated_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size mmrt_emulated_switch, .-mmrt_emulated_switch
)");

static constexpr size_t kStackBytes = 256 << 10;
static constexpr size_t kGuardBytes = 4096;

StackPool::~StackPool() {
  for (char* stack : stacks_) munmap(stack, kStackBytes);
}

int StackPool::Take() {
  if (free_.empty()) {
    void* memory = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    mprotect(memory, kGuardBytes, PROT_NONE);
    stacks_.push_back(static_cast<char*>(memory));
    free_.push_back(static_cast<int>(stacks_.size()) - 1);
  }
  const int stack = free_.back();
  free_.pop_back();
  return stack;
}

void StackPool::GiveAll() {
  free_.clear();
  for (int i = static_cast<int>(stacks_.size()); i-- > 0;) free_.push_back(i);
}

bool StackPool::Contains(int stack, const void* address) const {
  const uintptr_t begin = reinterpret_cast<uintptr_t>(stacks_[stack]);
  return reinterpret_cast<uintptr_t>(address) - begin < kStackBytes;
}

StackPointer StackPool::Prepare(int stack, void (*entry)()) {
  // Tops at the same offset of their pages would share few cache sets.
  const size_t color = static_cast<size_t>(stack % 61) * 192;
  char* const top = stacks_[stack] + kStackBytes - 64 - color;
  void** pointer = reinterpret_cast<void**>(top);
  *--pointer = nullptr;  // where entry would return to
  *--pointer = reinterpret_cast<void*>(entry);
  for (int i = 0; i < 6; ++i) *--pointer = nullptr;
  return pointer;
}

}  // namespace minimax::runtime::emulator
