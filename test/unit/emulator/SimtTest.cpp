//===- SimtTest.cpp - threads, barriers, shuffles and what they find ------===//
//
// One small kernel for each thing that the emulator models or reports.
//
//===----------------------------------------------------------------------===//
#include "EmulatedKernel.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>
#include <regex>

using namespace minimax::test;
using minimax::runtime::emulator::Emulator;
using testing::AllOf;
using testing::HasSubstr;

static constexpr const char *kTile =
    "@tile = external addrspace(3) global [0 x i8], align 1024\n";

/// Runs kernel `k` on a buffer of integers with checks on.
static std::string runOn(std::vector<int32_t> &buffer, const std::string &text,
                         mmrt_launch_shape shape, bool check = true) {
  Emulator emulator({check, /*workers=*/2});
  emulator.RegisterMemory(buffer.data(), buffer.size() * sizeof(int32_t));
  void *pointer = buffer.data();
  return run(text, shape, {&pointer}, emulator);
}

/// out[block * threads + thread] = thread * 3 + block.
static const char *kIndices = R"(
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %b = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %n = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
  %base = mul i32 %b, %n
  %i = add i32 %base, %t
  %triple = mul i32 %t, 3
  %value = add i32 %triple, %b
  %p = getelementptr i32, ptr %out, i32 %i
  store i32 %value, ptr %p
  ret void
)";

TEST(Simt, GivesEveryThreadItsIndices) {
  for (bool check : {false, true}) {
    std::vector<int32_t> out(5 * 70, -1);
    EXPECT_EQ(
        runOn(out, kernelModule("ptr %out", kIndices), shapeOf(5, 70), check),
        "");
    for (int i = 0; i < 350; ++i)
      ASSERT_EQ(out[i], i % 70 * 3 + i / 70);
  }
}

TEST(Simt, ReportsAccessesOutsideOfBuffers) {
  std::vector<int32_t> out(69);
  EXPECT_THAT(
      runOn(out, kernelModule("ptr %out", kIndices), shapeOf(1, 70)),
      AllOf(HasSubstr("kernel 'k', block (0, 0, 0): thread (69, 0, 0) writes 4 "
                      "bytes of global memory at"),
            HasSubstr("byte 276 of a buffer of 276")));
}

/// Reverses 64 integers through shared memory; `%sync` is filled in.
static std::string reverse(const std::string &sync) {
  return kernelModule("ptr %out", R"(
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %s = getelementptr i32, ptr addrspace(3) @tile, i32 %t
  %p = getelementptr i32, ptr %out, i32 %t
  %v = load i32, ptr %p
  store i32 %v, ptr addrspace(3) %s
  )" + sync + R"(
  %o = sub i32 63, %t
  %r = getelementptr i32, ptr addrspace(3) @tile, i32 %o
  %w = load i32, ptr addrspace(3) %r
  store i32 %w, ptr %p
  ret void
)",
                      kTile);
}

TEST(Simt, BarriersExchangeSharedMemory) {
  std::vector<int32_t> out(64);
  std::iota(out.begin(), out.end(), 0);
  EXPECT_EQ(runOn(out, reverse("call void @llvm.nvvm.barrier0()"),
                  shapeOf(1, 64, 256)),
            "");
  for (int i = 0; i < 64; ++i)
    EXPECT_EQ(out[i], 63 - i);
}

TEST(Simt, ReportsRacesOnSharedMemory) {
  std::vector<int32_t> out(64);
  EXPECT_THAT(
      runOn(out, reverse(""), shapeOf(1, 64, 256)),
      AllOf(HasSubstr("kernel 'k', block (0, 0, 0): data race on shared "
                      "memory at offset"),
            HasSubstr("by thread (32, 0, 0)"), HasSubstr("not ordered")));
  // A barrier of the warp is not one of the block.
  EXPECT_THAT(runOn(out, reverse("call void @llvm.nvvm.bar.warp.sync(i32 -1)"),
                    shapeOf(1, 64, 256)),
              HasSubstr("data race"));
}

TEST(Simt, ReportsAccessesOutsideOfSharedMemory) {
  std::vector<int32_t> out(64);
  EXPECT_THAT(runOn(out, reverse("call void @llvm.nvvm.barrier0()"),
                    shapeOf(1, 64, 252)),
              HasSubstr("thread (63, 0, 0) writes 4 bytes at offset 252 of "
                        "shared memory, which has 252 bytes"));
}

TEST(Simt, ReportsRacesBetweenBlocks) {
  std::vector<int32_t> out(4);
  std::string text = kernelModule("ptr %out", R"(
  %b = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  store i32 %b, ptr %out
  ret void
)");
  EXPECT_THAT(runOn(out, text, shapeOf(8, 1)),
              HasSubstr("data race on global memory at byte 0 of a buffer of "
                        "16 (4 bytes): write by thread (0, 0, 0)"));
}

/// A thread that does `first`, waits for the kernels before and does `then`.
static std::string waiting(const std::string &first, const std::string &then) {
  return kernelModule("ptr %out",
                      "%old = addrspacecast ptr %out to ptr addrspace(1)\n" +
                          first +
                          "\ncall void asm sideeffect "
                          "\"griddepcontrol.launch_dependents;\", "
                          "\"~{memory}\"()\n"
                          "call void asm sideeffect \"griddepcontrol.wait;\", "
                          "\"~{memory}\"()\n" +
                          then + "\nret void",
                      kTile);
}

static mmrt_launch_shape overlapped(mmrt_launch_shape shape) {
  shape.waits = 1;
  return shape;
}

TEST(Simt, ReportsAccessesBeforeTheWaitForOtherKernels) {
  const std::string accesses[][2] = {
      {"%v = load volatile i32, ptr %out", "reads"},
      {"%v = load volatile i64, ptr %out", "reads"},
      {"store i32 1, ptr %out", "writes"},
      {"%v = atomicrmw add ptr %out, i32 1 monotonic", "changes"},
      {"call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) "
       "@tile, ptr addrspace(1) %old)\n"
       "call void @llvm.nvvm.cp.async.wait.all()",
       "cp.async reads"}};
  for (const auto &[access, what] : accesses) {
    std::vector<int32_t> out(4);
    std::string early = waiting(access, ""), late = waiting("", access);
    EXPECT_EQ(runOn(out, late, overlapped(shapeOf(1, 1, 16))), "");
    EXPECT_EQ(runOn(out, early, shapeOf(1, 1, 16)), "");
    EXPECT_THAT(runOn(out, early, overlapped(shapeOf(1, 1, 16))),
                HasSubstr("thread (0, 0, 0) " + what +
                          " global memory before griddepcontrol.wait"));
  }
}

TEST(Simt, ReportsAWaitThatSomeThreadsLack) {
  std::vector<int32_t> out(4);
  std::string text = kernelModule("ptr %out", R"(
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %some = icmp ult i32 %t, 3
  br i1 %some, label %waits, label %end
waits:
  call void asm sideeffect "griddepcontrol.wait;", "~{memory}"()
  br label %end
end:
  ret void
)");
  EXPECT_EQ(runOn(out, text, overlapped(shapeOf(1, 3))), "");
  for (bool check : {false, true})
    EXPECT_THAT(runOn(out, text, overlapped(shapeOf(1, 4)), check),
                HasSubstr("thread (3, 0, 0) returns without the "
                          "griddepcontrol.wait that its launch promises"));
}

TEST(Simt, PrefetchesStayInBuffers) {
  std::vector<int32_t> memory(16 + 4);
  auto *begin = reinterpret_cast<int32_t *>(
      (reinterpret_cast<uintptr_t>(memory.data()) + 15) & ~uintptr_t(15));
  auto prefetch = [&](const char *operands) {
    Emulator emulator({/*check=*/true, /*workers=*/1});
    emulator.RegisterMemory(begin, 64);
    void *pointer = begin;
    std::string text = waiting(
        std::string("%next = getelementptr i32, ptr addrspace(1) %old, i32 1\n"
                    "call void asm sideeffect "
                    "\"cp.async.bulk.prefetch.L2.global [$0], $1;\", "
                    "\"l,r,~{memory}\"(ptr addrspace(1) ") +
            operands + ")",
        "");
    return run(text, overlapped(shapeOf(1, 1)), {&pointer}, emulator);
  };
  EXPECT_EQ(prefetch("%old, i32 64"), "");
  EXPECT_THAT(prefetch("%old, i32 80"), HasSubstr("outside of all buffers"));
  EXPECT_THAT(prefetch("%old, i32 24"), HasSubstr("no multiple of 16"));
  EXPECT_THAT(prefetch("%next, i32 16"),
              HasSubstr("is not aligned to 16 bytes"));
}

TEST(Simt, AtomicsAddUpAndDoNotRace) {
  std::vector<int32_t> out(1);
  std::string text = kernelModule("ptr %out", R"(
  %old = atomicrmw add ptr %out, i32 1 monotonic
  ret void
)");
  for (bool check : {false, true})
    EXPECT_EQ(runOn(out, text, shapeOf(16, 100), check), "");
  EXPECT_EQ(out[0], 3200);
}

TEST(Simt, ShufflesReadOtherLanes) {
  std::vector<int32_t> out(32);
  std::string text = kernelModule("ptr %out", R"(
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %a = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %t, i32 5, i32 31)
  %b = call i32 @llvm.nvvm.shfl.sync.up.i32(i32 -1, i32 %t, i32 3, i32 0)
  %c = call i32 @llvm.nvvm.shfl.sync.down.i32(i32 -1, i32 %t, i32 3, i32 31)
  %d = call i32 @llvm.nvvm.shfl.sync.idx.i32(i32 -1, i32 %t, i32 7, i32 31)
  %b1 = shl i32 %b, 8
  %c1 = shl i32 %c, 16
  %d1 = shl i32 %d, 24
  %x = or i32 %a, %b1
  %y = or i32 %c1, %d1
  %z = or i32 %x, %y
  %p = getelementptr i32, ptr %out, i32 %t
  store i32 %z, ptr %p
  ret void
)");
  EXPECT_EQ(runOn(out, text, shapeOf(1, 32)), "");
  for (int lane = 0; lane < 32; ++lane) {
    int up = lane < 3 ? lane : lane - 3;
    int down = lane > 28 ? lane : lane + 3;
    EXPECT_EQ(out[lane], (lane ^ 5) | up << 8 | down << 16 | 7 << 24) << lane;
  }
}

TEST(Simt, ReportsDivergence) {
  std::vector<int32_t> out(32);
  std::string text = kernelModule("ptr %out", R"(
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %low = icmp slt i32 %t, 16
  br i1 %low, label %first, label %second
first:
  %a = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %t, i32 1, i32 31)
  ret void
second:
  %b = call i32 @llvm.nvvm.shfl.sync.idx.i32(i32 -1, i32 %t, i32 1, i32 31)
  ret void
)");
  EXPECT_THAT(runOn(out, text, shapeOf(1, 32)),
              AllOf(HasSubstr("thread (16, 0, 0) comes to shfl.sync.idx"),
                    HasSubstr("waits for it at shfl.sync.bfly"),
                    HasSubstr("the warp has diverged")));
}

TEST(Simt, ReportsDeadlocks) {
  std::vector<int32_t> out(64);
  std::string text = kernelModule("ptr %out", R"(
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %w = lshr i32 %t, 5
  %id = add i32 %w, 1
  call void @llvm.nvvm.barrier(i32 %id, i32 64)
  ret void
)");
  EXPECT_THAT(runOn(out, text, shapeOf(1, 64)),
              HasSubstr("deadlock: 32 threads wait at bar.sync 1 (first: "
                        "thread (0, 0, 0)), 32 threads wait at bar.sync 2"));
}

/// Stores to shared memory, neighbours `stride` integers apart.
static std::string storeStrided(int stride) {
  return kernelModule("ptr %out",
                      R"(
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %i = mul i32 %t, )" + std::to_string(stride) +
                          R"(
  %s = getelementptr i32, ptr addrspace(3) @tile, i32 %i
  store i32 %t, ptr addrspace(3) %s
  ret void
)",
                      kTile);
}

TEST(Simt, CountsBankConflicts) {
  std::pair<int, int> cases[] = {{1, 0}, {2, 1}, {32, 31}, {33, 0}};
  for (auto [stride, conflicts] : cases) {
    Emulator emulator({/*check=*/true, /*workers=*/1});
    void *pointer = nullptr;
    EXPECT_EQ(run(storeStrided(stride), shapeOf(1, 32, 33 * 128), {&pointer},
                  emulator),
              "");
    EXPECT_EQ(emulator.counters().shared_accesses, 1);
    EXPECT_EQ(emulator.counters().bank_conflicts, conflicts) << stride;
  }
}

/// The blocks of a cluster write into each other's shared memory.
TEST(Simt, ClustersShareMemory) {
  std::string text = kernelModule("ptr %out", R"(
  %r = call i32 @llvm.nvvm.read.ptx.sreg.cluster.ctarank()
  %b = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %other = xor i32 %r, 1
  %p = call ptr addrspace(3) @llvm.nvvm.mapa.shared.cluster(ptr addrspace(3) @tile, i32 %other)
  call void @llvm.nvvm.barrier.cluster.arrive()
  call void @llvm.nvvm.barrier.cluster.wait()
  store i32 %b, ptr addrspace(3) %p
  call void @llvm.nvvm.barrier.cluster.arrive.aligned()
  call void @llvm.nvvm.barrier.cluster.wait.aligned()
  %v = load i32, ptr addrspace(3) @tile
  %q = getelementptr i32, ptr %out, i32 %b
  store i32 %v, ptr %q
  ret void
)",
                                  kTile);
  mmrt_launch_shape shape = shapeOf(6, 1, 4);
  shape.cluster[0] = 2;
  std::vector<int32_t> out(6);
  EXPECT_EQ(runOn(out, text, shape), "");
  EXPECT_THAT(out, testing::ElementsAre(1, 0, 3, 2, 5, 4));
  // Without the second barrier each races with the other.
  text = std::regex_replace(text, std::regex("call void .*aligned.*\n"), "\n");
  EXPECT_THAT(runOn(out, text, shape),
              HasSubstr("data race on shared memory at offset 0"));
}

TEST(Simt, NamesUnknownIntrinsics) {
  std::vector<int32_t> out(1);
  std::string text = kernelModule("ptr %out", R"(
  call void @llvm.nvvm.exit()
  ret void
)");
  EXPECT_THAT(runOn(out, text, shapeOf(1, 1)),
              HasSubstr("kernel function 'k': the emulator does not know the "
                        "intrinsic 'llvm.nvvm.exit'"));
  text = kernelModule("ptr %out", R"(
  call void asm sideeffect "trap;", ""()
  ret void
)");
  EXPECT_THAT(runOn(out, text, shapeOf(1, 1)),
              HasSubstr("does not know the inline assembly \"trap;\""));
}
