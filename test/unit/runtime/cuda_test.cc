//===- cuda_test.cc - GPUs, on the fake driver ----------------------------===//
//
// Memory, copies, launches and times. Every complaint of the fake driver about
// a call of ours fails the test.
//
//===----------------------------------------------------------------------===//
#include <random>

#include "cuda_test_util.h"

namespace minimax::runtime {

using absl::StatusCode;
using ::testing::ElementsAreArray;

TEST_F(CudaTest, SaysWhatItIs) {
  EXPECT_EQ(device_->name(), "cuda:1");
  EXPECT_EQ(device_->processor().kind, Processor::Kind::kCuda);
  EXPECT_EQ(device_->processor().capability, 80);
  EXPECT_FALSE(device_->shares_host_memory());
  ExpectError(cuda::CudaDevice::Open(2).status(), StatusCode::kInvalidArgument,
              "no GPU cuda:2: this machine has 2, cuda:0 to cuda:1");
}

// Around the sizes of pieces of the staging memory, and far beyond it.
TEST_F(CudaTest, CopiesOfAnySize) {
  constexpr int64_t kPiece = 4 << 20;
  std::mt19937 random(1);
  for (const int64_t bytes : {int64_t{1}, int64_t{4099}, kPiece - 1, kPiece,
                              kPiece + 1, 4 * kPiece, 9 * kPiece + 17}) {
    auto a = DeviceBuffer::Allocate(device_, bytes, "a");
    auto b = DeviceBuffer::Allocate(device_, bytes, "b");
    ASSERT_TRUE(a.ok() && b.ok());
    std::vector<std::byte> data(bytes);
    for (std::byte& byte : data) byte = std::byte(random());
    std::vector<std::byte> source = data;
    ASSERT_TRUE(device_->CopyToDevice(a->data(), source.data(), bytes).ok());
    // The source may change once the call has returned.
    std::fill(source.begin(), source.end(), std::byte{0});
    ASSERT_TRUE(device_->CopyOnDevice(b->data(), a->data(), bytes).ok());
    std::vector<std::byte> copy(bytes);
    ASSERT_TRUE(device_->CopyToHost(copy.data(), b->data(), bytes).ok());
    EXPECT_TRUE(copy == data) << bytes;
  }
}

TEST_F(CudaTest, MemoryIsZeroed) {
  for (int i = 0; i < 3; ++i) {
    auto buffer = DeviceBuffer::Allocate(device_, 1000, "x");
    ASSERT_TRUE(buffer.ok());
    std::vector<char> copy(1000, 1);
    ASSERT_TRUE(device_->CopyToHost(copy.data(), buffer->data(), 1000).ok());
    EXPECT_EQ(std::count(copy.begin(), copy.end(), 0), 1000);
    ASSERT_TRUE(device_
                    ->CopyToDevice(buffer->data(),
                                   std::vector<char>(1000, 7).data(), 1000)
                    .ok());
  }
}

TEST_F(CudaTest, OutOfMemoryNamesWhatWasWanted) {
  auto some = DeviceBuffer::Allocate(device_, 200 << 20, "some");
  ASSERT_TRUE(some.ok()) << some.status();
  ExpectError(DeviceBuffer::Allocate(device_, 100 << 20, "weight w").status(),
              StatusCode::kResourceExhausted,
              "out of memory on cuda:1: weight w needs 104857600 bytes, "
              "58720256 of 268435456 are free");
  *some = DeviceBuffer();
  EXPECT_TRUE(DeviceBuffer::Allocate(device_, 100 << 20, "w").ok());
}

TEST_F(CudaTest, TheClockTellsTimesSinceTheFirstMark) {
  const std::unique_ptr<DeviceClock> clock = device_->MakeClock();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(clock->Mark().ok());
    const auto times = clock->TakeTimes();
    ASSERT_TRUE(times.ok()) << times.status();
    ASSERT_EQ(times->size(), 3u);
    EXPECT_EQ((*times)[0], 0);
    EXPECT_LE((*times)[1], (*times)[2]);
  }
  EXPECT_TRUE(clock->TakeTimes()->empty());
}

TEST_F(CudaSessionTest, ComputesWhatTheCpuDoes) {
  auto session = Open("fake_artifact_gpu");
  ASSERT_TRUE(session.ok()) << session.status();
  ASSERT_TRUE((*session)->AddSequence().ok());
  ASSERT_TRUE((*session)->AddSequence().ok());
  std::vector<int32_t> history;
  for (const std::vector<int32_t>& tokens :
       {std::vector<int32_t>{3, 1, 4}, {1}, {5, 9}}) {
    history.insert(history.end(), tokens.begin(), tokens.end());
    const auto logits = (*session)->Step({{0, {}}, {1, tokens}});
    ASSERT_TRUE(logits.ok()) << logits.status();
    EXPECT_THAT(logits->row(1), ElementsAreArray(ExpectedLogits(history)));
  }
  const auto state = (*session)->ReadState(1, "layers.1.kv_cache.key");
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(reinterpret_cast<const float*>(state->data.data())[10], 9);
  ASSERT_TRUE((*session)->RemoveSequence(0).ok());
  ASSERT_TRUE((*session)->AddSequence().ok());
  const auto outputs = (*session)->Score({{0, {2, 7}}});
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(absl::MakeConstSpan((*outputs)[1].floats(), 4),
              ElementsAreArray({2, 0, 7, 1}));
}

}  // namespace minimax::runtime
