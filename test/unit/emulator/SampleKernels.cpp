//===- SampleKernels.cpp - whole kernels and what they must give ----------===//
//
// Inputs, launches and references in f64 of the sample kernels.
//
//===----------------------------------------------------------------------===//
#include "SampleKernels.h"
#include "emulator/numbers.h"
#include "emulator/tensor_map.h"
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

using namespace minimax;
using namespace minimax::test;
using runtime::emulator::Emulator;
using runtime::emulator::FromBF16;
using runtime::emulator::Swizzle;
using runtime::emulator::TensorMap;

/// Numbers in [-1, 1) that bf16 holds.
static std::vector<uint16_t> randomNumbers(size_t count, uint32_t seed) {
  std::vector<uint16_t> numbers(count);
  for (uint16_t &number : numbers) {
    seed = seed * 1664525 + 1013904223;
    float value = static_cast<float>(seed >> 8 & 0xffff) / 32768.0f - 1.0f;
    number = static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16);
  }
  return numbers;
}

/// Registers buffers for one launch.
class Buffers {
public:
  explicit Buffers(Emulator &emulator) : emulator(emulator) {}
  ~Buffers() {
    for (void *pointer : pointers)
      emulator.UnregisterMemory(pointer);
  }

  template <class T> void add(std::vector<T> &buffer) {
    pointers.push_back(buffer.data());
    emulator.RegisterMemory(buffer.data(),
                            static_cast<int64_t>(buffer.size() * sizeof(T)));
  }

private:
  Emulator &emulator;
  std::vector<void *> pointers;
};

static SampleResult finish(std::string finding,
                           const std::vector<float> &results,
                           const std::vector<double> &expected) {
  double error = 0;
  double largest = 0;
  for (size_t i = 0; i < results.size(); ++i) {
    double difference = std::abs(results[i] - expected[i]);
    // A NaN is as far as can be.
    error = std::isnan(difference) ? 1e30 : std::max(error, difference);
    largest = std::max(largest, std::abs(expected[i]));
  }
  return {std::move(finding), error / largest};
}

/// C[m, n] = sum over k of A[m, k] B[k, n] or, transposed, B[n, k].
static std::vector<double> multiply(const std::vector<uint16_t> &a,
                                    const std::vector<uint16_t> &b, int rows,
                                    int columns, int depth, bool transposed) {
  std::vector<double> c(rows * columns, 0.0);
  for (int m = 0; m < rows; ++m)
    for (int k = 0; k < depth; ++k) {
      double left = FromBF16(a[m * depth + k]);
      for (int n = 0; n < columns; ++n)
        c[m * columns + n] +=
            left * FromBF16(b[transposed ? n * depth + k : k * columns + n]);
    }
  return c;
}

static SampleResult runGemmMma(mmrt_emulated_kernel_fn kernel,
                               Emulator &emulator) {
  constexpr int rows = 128, columns = 128, depth = 256;
  std::vector<uint16_t> a = randomNumbers(rows * depth, 1);
  std::vector<uint16_t> b = randomNumbers(depth * columns, 2);
  std::vector<float> c(rows * columns, NAN);
  Buffers buffers(emulator);
  buffers.add(a);
  buffers.add(b);
  buffers.add(c);
  void *pointers[] = {a.data(), b.data(), c.data()};
  void *arguments[] = {&pointers[0], &pointers[1], &pointers[2]};
  mmrt_launch_shape shape = {{2, 2, 1}, {128, 1, 1}, {1, 1, 1}, 24576};
  return finish(emulator.Run(kernel, "gemm", shape, arguments), c,
                multiply(a, b, rows, columns, depth, /*transposed=*/false));
}

/// A bf16 matrix with tiles of `rows` x 64.
static TensorMap describeMatrix(std::vector<uint16_t> &matrix, uint64_t rows,
                                uint64_t columns, uint32_t tileRows) {
  TensorMap map;
  map.rank = 2;
  map.element_bytes = 2;
  map.swizzle = Swizzle::k128;
  map.base = reinterpret_cast<char *>(matrix.data());
  map.sizes[0] = columns;
  map.sizes[1] = rows;
  map.stride_bytes[0] = columns * 2;
  map.box[0] = 64;
  map.box[1] = tileRows;
  return map;
}

static SampleResult runGemmWgmma(mmrt_emulated_kernel_fn kernel,
                                 Emulator &emulator) {
  constexpr int rows = 256, columns = 512, depth = 512;
  std::vector<uint16_t> a = randomNumbers(rows * depth, 5);
  std::vector<uint16_t> b = randomNumbers(columns * depth, 6);
  std::vector<float> c(rows * columns, NAN);
  Buffers buffers(emulator);
  buffers.add(a);
  buffers.add(b);
  buffers.add(c);
  alignas(64) TensorMap maps[2] = {describeMatrix(a, rows, depth, 128),
                                   describeMatrix(b, columns, depth, 64)};
  void *pointer = c.data();
  void *arguments[] = {&maps[0], &maps[1], &pointer};
  mmrt_launch_shape shape = {{8, 2, 1}, {384, 1, 1}, {1, 1, 1}, 98368};
  return finish(emulator.Run(kernel, "gemm", shape, arguments), c,
                multiply(a, b, rows, columns, depth, /*transposed=*/true));
}

/// `minimax_gpu.wgmma` with `transpose`: 192 columns from three tiles and 24
/// from one, an inner dimension of 48.
static SampleResult runWgmmaTransposed(mmrt_emulated_kernel_fn kernel,
                                       Emulator &emulator) {
  constexpr int rows = 64, columns = 216, depth = 48;
  std::vector<uint16_t> a = randomNumbers(rows * depth, 7);
  std::vector<uint16_t> b = randomNumbers(depth * columns, 8);
  std::vector<float> c(rows * columns, NAN);
  Buffers buffers(emulator);
  buffers.add(a);
  buffers.add(b);
  buffers.add(c);
  void *pointers[] = {b.data(), a.data(), c.data()};
  void *arguments[] = {&pointers[0], &pointers[1], &pointers[2]};
  mmrt_launch_shape shape = {{1, 1, 1}, {128, 1, 1}, {1, 1, 1}, 28672};
  return finish(emulator.Run(kernel, "product", shape, arguments), c,
                multiply(a, b, rows, columns, depth, /*transposed=*/false));
}

/// State of a head: sum over tokens of lambda^(n - 1 - t) k[t] v[t].
static std::vector<double> sumState(const uint16_t *keys,
                                    const uint16_t *values, int tokens,
                                    double lambda) {
  constexpr int size = 128;
  std::vector<double> state(size * size, 0.0);
  for (int t = 0; t < tokens; ++t)
    for (int i = 0; i < size; ++i) {
      double key = FromBF16(keys[t * size + i]);
      for (int j = 0; j < size; ++j) {
        double &sum = state[i * size + j];
        sum = lambda * sum + key * FromBF16(values[t * size + j]);
      }
    }
  return state;
}

static SampleResult runLightningState(mmrt_emulated_kernel_fn kernel,
                                      Emulator &emulator) {
  constexpr int heads = 2, tokens = 128, size = 128;
  std::vector<uint16_t> k = randomNumbers(heads * tokens * size, 3);
  std::vector<uint16_t> v = randomNumbers(heads * tokens * size, 4);
  std::vector<float> logLambda = {-0.09f, -0.006f};
  std::vector<float> initial(heads * size * size, 0.0f);
  std::vector<float> states(heads * size * size, NAN);
  Buffers buffers(emulator);
  buffers.add(k);
  buffers.add(v);
  buffers.add(logLambda);
  buffers.add(initial);
  buffers.add(states);
  void *pointers[] = {k.data(),         k.data(),       v.data(),     k.data(),
                      logLambda.data(), initial.data(), states.data()};
  int32_t count = tokens;
  int32_t chunks = 2;
  void *arguments[] = {&pointers[0], &pointers[1], &pointers[2],
                       &pointers[3], &pointers[4], &pointers[5],
                       &pointers[6], &count,       &chunks};
  mmrt_launch_shape shape = {{1, heads, 1}, {256, 1, 1}, {1, 1, 1}, 65536};
  std::string finding = emulator.Run(kernel, "lin_state", shape, arguments);
  std::vector<double> expected;
  for (int head = 0; head < heads; ++head) {
    size_t start = static_cast<size_t>(head) * tokens * size;
    std::vector<double> state =
        sumState(k.data() + start, v.data() + start, tokens,
                 std::exp2(static_cast<double>(logLambda[head])));
    expected.insert(expected.end(), state.begin(), state.end());
  }
  return finish(std::move(finding), states, expected);
}

static const Sample samples[] = {
    {"gemm-mma", "gemm", runGemmMma},
    {"lightning-state", "lin_state", runLightningState},
    {"gemm-wgmma", "gemm", runGemmWgmma},
    {"wgmma-transposed", "product", runWgmmaTransposed},
};

const Sample &test::findSample(const std::string &name) {
  for (const Sample &sample : samples)
    if (name == sample.name)
      return sample;
  std::abort();
}

std::string test::readSample(const Sample &sample) {
  std::ifstream file(std::string(MINIMAX_SAMPLES "/") + sample.name + ".ll");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}
