//===- hand_peer.cpp - minimax-bench's lightning core by hand -------------===//
//
// Runs HandLightning on one sequence, all heads, one thread. In bf16 queries,
// keys, values and outputs are bf16 as well (minimax-bench's are f32).
//
//===----------------------------------------------------------------------===//
#include "HandLightning.h"
#include "Report.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sys/mman.h>

using namespace peers;

namespace {

/// Memory in huge pages where the system has them: by hand one would ask.
template <typename T> struct HugePages {
  using value_type = T;
  T *allocate(size_t count) {
    constexpr size_t page = size_t(2) << 20;
    size_t bytes = (count * sizeof(T) + page - 1) / page * page;
    void *memory = std::aligned_alloc(page, bytes);
    madvise(memory, bytes, MADV_HUGEPAGE);
    return static_cast<T *>(memory);
  }
  void deallocate(T *memory, size_t) { std::free(memory); }
  bool operator==(const HugePages &) const { return true; }
};

/// A sequence; rows hold all heads.
template <typename Element> struct Sequence {
  using Kernel = HandLightning<Element>;
  static constexpr int width = Kernel::width;

  Sequence(int64_t tokens, int64_t heads)
      : tokens(tokens), heads(heads),
        kernels(std::make_unique<Kernel[]>(size_t(heads))) {
    size_t count = size_t(tokens * heads * width);
    std::vector<float> numbers = randomNumbers(3 * count);
    for (size_t i = 0; i < 3; ++i) {
      operands[i].reserve(count);
      for (size_t j = 0; j < count; ++j)
        operands[i].push_back(narrow(numbers[i * count + j]));
    }
    output.resize(count);
  }

  void run() {
    int64_t stride = heads * width;
    for (int64_t head = 0; head < heads; ++head) {
      Kernel &kernel = kernels[size_t(head)];
      kernel.begin(slope(head));
      for (int64_t t = 0; t < tokens; t += Kernel::chunk) {
        int64_t at = t * stride + head * width;
        kernel.run(&operands[0][at], &operands[1][at], &operands[2][at],
                   &output[at], stride);
      }
    }
  }

  /// The largest error of a head's outputs against the recurrence in double.
  double error(int64_t head) const;

  float slope(int64_t head) const {
    return std::exp2(-8.0f * float(head + 1) / float(heads));
  }
  static Element narrow(float value) {
    if constexpr (sizeof(Element) == 2)
      return Element(std::bit_cast<uint32_t>(value) >> 16);
    else
      return value;
  }
  static double widen(Element value) {
    if constexpr (sizeof(Element) == 2)
      return std::bit_cast<float>(uint32_t(value) << 16);
    else
      return value;
  }

  int64_t tokens, heads;
  std::unique_ptr<Kernel[]> kernels;
  std::vector<Element, HugePages<Element>> operands[3], output;
};

} // namespace

template <typename Element>
double Sequence<Element>::error(int64_t head) const {
  std::vector<double> state(width * width, 0.0);
  double decay = std::exp(-double(slope(head))), largest = 0;
  for (int64_t t = 0; t < tokens; ++t) {
    size_t at = size_t((t * heads + head) * width);
    for (int a = 0; a < width; ++a)
      for (int b = 0; b < width; ++b)
        state[a * width + b] =
            decay * state[a * width + b] +
            widen(operands[1][at + a]) * widen(operands[2][at + b]);
    for (int b = 0; b < width; ++b) {
      double sum = 0;
      for (int a = 0; a < width; ++a)
        sum += widen(operands[0][at + a]) * state[a * width + b];
      largest = std::max(largest, std::abs(sum - widen(output[at + b])));
    }
  }
  return largest;
}

/// A wrong kernel would be a fast one.
template <typename Element> static void check(double tolerance) {
  Sequence<Element> sequence(256, 4);
  sequence.run();
  for (int64_t head = 0; head < sequence.heads; ++head)
    if (!(sequence.error(head) < tolerance)) {
      std::fprintf(stderr, "hand_peer: error %g of head %d is too large\n",
                   sequence.error(head), int(head));
      std::exit(1);
    }
}

template <typename Element>
static Case makeCase(int64_t tokens, int64_t heads) {
  auto sequence = std::make_shared<Sequence<Element>>(tokens, heads);
  Case one;
  one.tokens = double(tokens);
  one.run = [=] { sequence->run(); };
  return one;
}

int main(int argc, char **argv) {
  Options options = parseOptions(argc, argv);
  check<float>(1e-4);
  check<uint16_t>(1e-1);
  Report report("hand-written", "benchmarks/peers/HandLightning.h", options);
  report.run([&](const CaseName &name) -> std::vector<Maker> {
    auto d = numbersAfter("lightning/", name.name);
    if (name.suite != "kernels" || options.threads != 1 || d.size() != 3 ||
        d[1] != HandLightning<float>::width ||
        d[2] % HandLightning<float>::chunk)
      return {};
    if (name.dtype == "f32")
      return {[=] { return makeCase<float>(d[2], d[0]); }};
    if (name.dtype == "bf16")
      return {[=] { return makeCase<uint16_t>(d[2], d[0]); }};
    return {};
  });
  report.print();
}
