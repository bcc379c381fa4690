//===- EmulatorSpeed.cpp - what emulation costs ---------------------------===//
//
// Prints the table of docs/Emulator.md: nanoseconds per step of one thread,
// on one worker, CPU time, best of 4.
//
//===----------------------------------------------------------------------===//
#include "EmulatedKernel.h"
#include <algorithm>
#include <cstdio>
#include <ctime>

using namespace minimax::test;
using minimax::runtime::emulator::Emulator;

static constexpr int kThreads = 256;
static constexpr int kBlocks = 32;

/// A loop of `n` steps around `body`, which computes %s1 from %s and %i.
static std::string loop(const std::string &body, const std::string &type,
                        const std::string &first, const std::string &last) {
  return kernelModule("ptr %a, ptr %b, i32 %n",
                      R"(
entry:
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  br label %loop
loop:
  %i = phi i32 [0, %entry], [%i1, )" +
                          last + R"(]
  %s = phi )" + type + " [" +
                          first + ", %entry], [%s1, " + last + "]" + body + R"(
  %i1 = add i32 %i, 1
  %d = icmp eq i32 %i1, %n
  br i1 %d, label %done, label %loop
done:
  %r = getelementptr i32, ptr addrspace(3) @tile, i32 %t
  store )" + type + R"( %s1, ptr addrspace(3) %r
  ret void
)",
                      "@tile = external addrspace(3) global [0 x i8]\n");
}

static const char *kDot = R"(
  %p = getelementptr float, ptr %a, i32 %i
  %x = load float, ptr %p
  %o = shl i32 %i, 8
  %j = add i32 %o, %t
  %q = getelementptr float, ptr %b, i32 %j
  %y = load float, ptr %q
  %m = fmul float %x, %y
  %s1 = fadd float %s, %m)";

static const char *kBarriers = R"(
  %p = getelementptr float, ptr addrspace(3) @tile, i32 %t
  store float %s, ptr addrspace(3) %p
  call void @llvm.nvvm.barrier0()
  br label %inner
inner:
  %j = phi i32 [0, %loop], [%j1, %inner]
  %u = phi float [%s, %loop], [%s1, %inner]
  %q = getelementptr float, ptr addrspace(3) @tile, i32 %j
  %x = load float, ptr addrspace(3) %q
  %s1 = fadd float %u, %x
  %j1 = add i32 %j, 1
  %e = icmp eq i32 %j1, 16
  br i1 %e, label %next, label %inner
next:
  call void @llvm.nvvm.barrier0())";

static const char *kShuffle = R"(
  %s1 = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %s, i32 1, i32 31))";

static void measure(const char *name, const std::string &module, int steps) {
  std::vector<float> a(steps), b(static_cast<size_t>(steps) * kThreads);
  void *pointers[] = {a.data(), b.data()};
  void *arguments[] = {&pointers[0], &pointers[1], &steps};
  llvm::Expected<EmulatedModule> compiled = EmulatedModule::compile(module);
  if (!compiled) {
    std::fprintf(stderr, "%s\n", toString(compiled.takeError()).c_str());
    return;
  }
  std::printf("%-12s", name);
  for (bool check : {false, true}) {
    Emulator emulator({check, /*workers=*/1});
    emulator.RegisterMemory(a.data(), a.size() * sizeof(float));
    emulator.RegisterMemory(b.data(), b.size() * sizeof(float));
    double best = 1e9;
    for (int run = 0; run < 4; ++run) {
      std::clock_t start = std::clock();
      emulator.Run(compiled->find("k"), name, shapeOf(kBlocks, kThreads, 4096),
                   arguments);
      double time = static_cast<double>(std::clock() - start);
      best = std::min(best, time / CLOCKS_PER_SEC);
    }
    std::printf("%10.2f", best * 1e9 / steps / kBlocks / kThreads);
  }
  std::printf("\n");
}

int main() {
  std::printf("ns per step and thread, without and with checks\n");
  measure("dot", loop(kDot, "float", "0.0", "%loop"), 512);
  measure("barriers", loop(kBarriers, "float", "0.0", "%next"), 100);
  measure("shuffle", loop(kShuffle, "i32", "0", "%loop"), 100);
}
