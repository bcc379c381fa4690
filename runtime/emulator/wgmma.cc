//===- wgmma.cc - matrix products of a warpgroup --------------------------===//
//
// D[64, N] += A[64, 16] B[16, N]. A product reads shared memory from when it is
// issued until it is waited for; here it happens at once, and what it has read
// is looked at again by the wait.
//
//===----------------------------------------------------------------------===//
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "emulator/memory.h"
#include "emulator/numbers.h"
#include "emulator/worker.h"
#include "minimax/runtime/emulated_abi.h"

namespace minimax::runtime::emulator {

namespace {

/// What lowering makes of the instruction's operands.
struct ProductOperands {
  int32_t columns;
  int32_t is_half;  // f16 rather than bf16
  int32_t a_in_registers;
  int32_t scale_d;  // 0: D is not added to
  int32_t scale_a;
  int32_t scale_b;
  int32_t transpose_a;
  int32_t transpose_b;
  uint64_t a_descriptor;
  uint64_t b_descriptor;
  uint32_t a[4];
  float d[256 / 2];  // columns / 2
};

struct ThreadData {
  const ProductOperands* operands;
  float* results;
};

constexpr int kRows = 64;
constexpr int kDepth = 16;

}  // namespace

static Warpgroup& WarpgroupOf(Thread& thread) {
  return thread.block->warpgroups[thread.local / kWarpgroupThreads];
}

/// Calls `act(meeting)` on the last of the 128 threads.
template <class Act>
static void MeetWarpgroup(Thread& thread, const char* operation, int32_t site,
                          void* data, Act act) {
  Worker& worker = *thread.worker;
  WarpgroupMeeting& meeting = WarpgroupOf(thread).meeting;
  const int first = thread.local / kWarpgroupThreads * kWarpgroupThreads;
  if (first + kWarpgroupThreads > thread.block->threads) {
    worker.Fail(thread, absl::StrCat("comes to ", operation,
                                     " in a warpgroup of fewer than 128"));
  }
  if (meeting.arrived == 0) {
    meeting.operation = operation;
    meeting.site = site;
  } else if (meeting.site != site) {
    worker.Fail(thread,
                absl::StrCat("comes to ", operation, " (instruction ", site,
                             ") while others of its warpgroup ", "wait at ",
                             meeting.operation, " (instruction ", meeting.site,
                             "): the warpgroup has diverged"));
  }
  meeting.data[thread.local - first] = data;
  if (++meeting.arrived < kWarpgroupThreads) {
    worker.Suspend(thread, operation);
    return;
  }
  meeting.arrived = 0;
  act(meeting);
  ++worker.counters().collectives;
  Thread* const group = &thread - (thread.local - first);
  for (int i = kWarpgroupThreads; i-- > 0;) {
    if (&group[i] != &thread) worker.WakeNext(group[i]);
  }
}

static float Convert(uint16_t bits, bool is_half) {
  return is_half ? FromF16(bits) : FromBF16(bits);
}

/// Reads rows x 16 elements through a descriptor: the canonical layouts with
/// 128-byte swizzle of the PTX ISA. With `transposed`, rows are contiguous.
static void ReadOperand(Thread& thread, uint64_t descriptor, bool transposed,
                        bool is_half, int rows, float* elements) {
  const uint32_t start = (descriptor & 0x3fff) << 4;
  const uint32_t leading = (descriptor >> 16 & 0x3fff) << 4;
  const uint32_t stride = (descriptor >> 32 & 0x3fff) << 4;
  if (descriptor >> 62 != 1) {
    thread.worker->Fail(
        thread,
        absl::StrCat("multiplies by a descriptor of layout ", descriptor >> 62,
                     "; the emulator knows 1, the 128-byte "
                     "swizzle"));
  }
  Block& block = *thread.block;
  uint32_t low = ~0u;
  uint32_t high = 0;
  for (int row = 0; row < rows; ++row) {
    for (int k = 0; k < kDepth; ++k) {
      uint32_t offset = transposed
                            ? start + row % 64 * 2 + row / 64 * leading +
                                  k % 8 * 128 + k / 8 * stride
                            : start + row % 8 * 128 + row / 8 * stride + k * 2;
      offset ^= (offset >> 7 & 7) << 4;
      low = std::min(low, offset & ~127u);
      high = std::max(high, (offset & ~127u) + 128);
      uint16_t bits;
      std::memcpy(&bits, block.shared + offset % kArenaBytes, 2);
      elements[row * kDepth + k] = Convert(bits, is_half);
    }
  }
  if (!thread.worker->checking()) return;
  CheckAsyncRead(thread, block, block.shared + low, high - low,
                 "multiplies (wgmma)");
  WarpgroupOf(thread).open_operands.push_back({low, high});
}

/// Row and column of element `i` of a thread's part of D.
static int RowOf(int thread, int i) {
  return thread / 32 * 16 + thread % 32 / 4 + i / 2 % 2 * 8;
}
static int ColumnOf(int thread, int i) {
  return i / 4 * 8 + thread % 4 * 2 + i % 2;
}

static void ReadFragments(const WarpgroupMeeting& meeting, bool is_half,
                          float* a) {
  for (int t = 0; t < kWarpgroupThreads; ++t) {
    const auto& data = *static_cast<const ThreadData*>(meeting.data[t]);
    for (int i = 0; i < 4; ++i) {
      float* const pair = a + RowOf(t, i * 2) * kDepth + t % 4 * 2 + i / 2 * 8;
      const uint32_t bits = data.operands->a[i];
      pair[0] = Convert(static_cast<uint16_t>(bits), is_half);
      pair[1] = Convert(static_cast<uint16_t>(bits >> 16), is_half);
    }
  }
}

__attribute__((target("avx2,fma"))) static void Multiply(const float* a,
                                                         const float* b,
                                                         float* d,
                                                         int columns) {
  for (int row = 0; row < kRows; ++row) {
    for (int k = 0; k < kDepth; ++k) {
      const float factor = a[row * kDepth + k];
      const float* const b_row = b + k * columns;
      float* const sums = d + row * columns;
      for (int column = 0; column < columns; ++column) {
        sums[column] = __builtin_fmaf(factor, b_row[column], sums[column]);
      }
    }
  }
}

static void MultiplyWarpgroup(Thread& thread, const WarpgroupMeeting& meeting) {
  const ProductOperands& first =
      *static_cast<const ThreadData*>(meeting.data[0])->operands;
  const int columns = first.columns;
  const bool is_half = first.is_half != 0;
  std::vector<float> a(kRows * kDepth);
  std::vector<float> b_rows(columns * kDepth);
  std::vector<float> b(kDepth * columns);
  std::vector<float> d(kRows * columns);
  if (first.a_in_registers != 0) {
    ReadFragments(meeting, is_half, a.data());
  } else {
    ReadOperand(thread, first.a_descriptor, first.transpose_a != 0, is_half,
                kRows, a.data());
  }
  ReadOperand(thread, first.b_descriptor, first.transpose_b != 0, is_half,
              columns, b_rows.data());
  const float sign = static_cast<float>(first.scale_a * first.scale_b);
  for (int k = 0; k < kDepth; ++k) {
    for (int n = 0; n < columns; ++n) {
      b[k * columns + n] = sign * b_rows[n * kDepth + k];
    }
  }
  for (int t = 0; t < kWarpgroupThreads && first.scale_d != 0; ++t) {
    const auto& data = *static_cast<const ThreadData*>(meeting.data[t]);
    for (int i = 0; i < columns / 2; ++i) {
      d[RowOf(t, i) * columns + ColumnOf(t, i)] = data.operands->d[i];
    }
  }
  Multiply(a.data(), b.data(), d.data(), columns);
  for (int t = 0; t < kWarpgroupThreads; ++t) {
    const auto& data = *static_cast<const ThreadData*>(meeting.data[t]);
    for (int i = 0; i < columns / 2; ++i) {
      data.results[i] = d[RowOf(t, i) * columns + ColumnOf(t, i)];
    }
  }
  ++thread.worker->counters().matrix_products;
}

/// Also orders the threads of the warpgroup: any of them may then tell others
/// that the operands are free.
static void WaitForProducts(Thread& thread, size_t pending) {
  auto& groups = WarpgroupOf(thread).operand_groups;
  size_t done = 0;
  for (; groups.size() - done > pending; ++done) {
    for (const OperandRange& range : groups[done]) {
      CheckAsyncRead(thread, *thread.block, thread.block->shared + range.begin,
                     range.end - range.begin, "is still multiplying (wgmma)");
    }
  }
  groups.erase(groups.begin(), groups.begin() + done);
  const int first = thread.local / kWarpgroupThreads * kWarpgroupThreads;
  Thread* threads[kWarpgroupThreads];
  for (int i = 0; i < kWarpgroupThreads; ++i) {
    threads[i] = &thread - (thread.local - first) + i;
  }
  JoinThreads(threads, kWarpgroupThreads, nullptr);
}

}  // namespace minimax::runtime::emulator

using namespace minimax::runtime::emulator;  // NOLINT

MMRT_EMULATED_OPERATION(wgmma) {
  ThreadData data = {static_cast<const ProductOperands*>(operands),
                     static_cast<float*>(results)};
  MeetWarpgroup(*thread, "wgmma", site, &data,
                [&](const WarpgroupMeeting& meeting) {
                  MultiplyWarpgroup(*thread, meeting);
                });
}
MMRT_EMULATED_OPERATION(wgmma_commit_group) {
  MeetWarpgroup(*thread, "wgmma.commit_group", site, nullptr,
                [&](const WarpgroupMeeting&) {
                  Warpgroup& group = WarpgroupOf(*thread);
                  group.operand_groups.push_back(group.open_operands);
                  group.open_operands.clear();
                });
}
MMRT_EMULATED_OPERATION(wgmma_wait_group) {
  const size_t pending = *static_cast<const uint32_t*>(operands);
  MeetWarpgroup(
      *thread, "wgmma.wait_group", site, nullptr,
      [&](const WarpgroupMeeting&) { WaitForProducts(*thread, pending); });
}
