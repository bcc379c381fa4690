//===- core_thread_pool_test.cc - parallel loops --------------------------===//
//
// Every tile runs once, whatever the counts, threads and gaps; run under TSan.
//
//===----------------------------------------------------------------------===//
#include <unistd.h>

#include <vector>

#include "cpu/thread_pool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace minimax::runtime {

// Runs a loop of `count` tiles that increment plain integers.
static std::vector<int> RunOnce(ThreadPool& pool, int64_t count) {
  std::vector<int> hits(count);
  mmrt_parallel_for(
      &pool,
      [](void* captures, int64_t i) { ++static_cast<int*>(captures)[i]; },
      hits.data(), count);
  return hits;
}

class ThreadPoolTest : public ::testing::TestWithParam<int> {};

TEST_P(ThreadPoolTest, RunsEveryTileOnce) {
  auto pool = ThreadPool::Create(GetParam());
  ASSERT_TRUE(pool.ok()) << pool.status();
  EXPECT_EQ((*pool)->threads(), GetParam());
  for (int round = 0; round < 200; ++round) {
    for (const int64_t count : {0, 1, 2, 3, 7, 64}) {
      EXPECT_THAT(RunOnce(**pool, count), ::testing::Each(1));
    }
  }
}

TEST_P(ThreadPoolTest, WorkersWakeAfterALongPause) {
  auto pool = ThreadPool::Create(GetParam());
  ASSERT_TRUE(pool.ok());
  for (int round = 0; round < 20; ++round) {
    usleep(3000);
    EXPECT_THAT(RunOnce(**pool, 50), ::testing::Each(1));
  }
}

// Each loop reads what the one before it wrote in other tiles.
TEST_P(ThreadPoolTest, LoopsAreOrdered) {
  auto pool = ThreadPool::Create(GetParam());
  ASSERT_TRUE(pool.ok());
  struct Rows {
    std::vector<int64_t> from, to;
  } rows{std::vector<int64_t>(33, 1), std::vector<int64_t>(33)};
  for (int round = 0; round < 500; ++round) {
    (*pool)->ParallelFor(
        [](void* captures, int64_t i) {
          Rows& rows = *static_cast<Rows*>(captures);
          rows.to[i] = (rows.from[i] + rows.from[(i + 1) % 33]) % 1000003;
        },
        &rows, 33);
    std::swap(rows.from, rows.to);
  }
  EXPECT_THAT(rows.from, ::testing::Each(rows.from[0]));
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolTest,
                         ::testing::Values(1, 2, 3, 8));

TEST(ThreadPoolCreateTest, ZeroMeansAllCores) {
  auto pool = ThreadPool::Create(0);
  ASSERT_TRUE(pool.ok());
  EXPECT_EQ((*pool)->threads(), AvailableCores());
}

TEST(ThreadPoolCreateTest, RejectsImpossibleCounts) {
  EXPECT_EQ(ThreadPool::Create(-1).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ThreadPool::Create(100000).status().message(),
            "expected 0 to 4096 threads, got 100000");
}

TEST(ThreadPoolCreateTest, PoolsThatNeverRanEnd) {
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(ThreadPool::Create(4).ok());
}

}  // namespace minimax::runtime
