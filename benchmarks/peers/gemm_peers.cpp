//===- gemm_peers.cpp - minimax-bench's products on oneDNN or OpenBLAS ----===//
//
// y[m,n] = x[m,k] * transpose(w[n,k]) with y in f32 and x and w both in f32 or
// both in bf16. Runs oneDNN with weights as they are in a checkpoint and with
// weights packed beforehand; with --openblas=FILE that OpenBLAS instead,
// which packs within the call.
//
//===----------------------------------------------------------------------===//
#include "Report.h"

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <optional>
#include <unordered_map>

#ifdef MINIMAX_PEERS_HAVE_DNNL
#include <dnnl.hpp>
#endif

using namespace peers;

namespace {
/// Rows, columns and depth of a product.
struct Shape {
  int64_t m, n, k;
};
} // namespace

static std::vector<uint16_t> truncateToBF16(const std::vector<float> &numbers) {
  std::vector<uint16_t> result;
  result.reserve(numbers.size());
  for (float number : numbers)
    result.push_back(uint16_t(std::bit_cast<uint32_t>(number) >> 16));
  return result;
}

static Case describe(const Shape &s, double elementBytes) {
  Case one;
  one.flops = 2.0 * double(s.m) * double(s.n) * double(s.k);
  one.bytes = elementBytes * double(s.n) * double(s.k);
  one.tokens = double(s.m);
  return one;
}

/// The shape of a `gemm` or `gemv` case, whose names give m, k, n and k, n, m.
static std::optional<Shape> shapeOf(const CaseName &name) {
  if (name.suite != "kernels")
    return std::nullopt;
  if (auto d = numbersAfter("gemm/", name.name); d.size() == 3)
    return Shape{d[0], d[2], d[1]};
  if (auto d = numbersAfter("gemv/", name.name); d.size() == 3)
    return Shape{d[2], d[1], d[0]};
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// oneDNN
//===----------------------------------------------------------------------===//

#ifdef MINIMAX_PEERS_HAVE_DNNL

static dnnl::matmul::primitive_desc
describeMatmul(const dnnl::engine &engine, const dnnl::memory::desc &x,
               const dnnl::memory::desc &w, const dnnl::memory::desc &y) {
#if DNNL_VERSION_MAJOR < 3
  return {dnnl::matmul::desc(x, w, y), engine};
#else
  return {engine, x, w, y};
#endif
}

/// Memory of a format that has no gaps, with random numbers.
static dnnl::memory makeMemory(const dnnl::memory::desc &description,
                               const dnnl::engine &engine, bool isBF16) {
  dnnl::memory result(description, engine);
  size_t bytes = description.get_size();
  std::vector<float> numbers = randomNumbers(bytes / (isBF16 ? 2 : 4));
  if (isBF16)
    std::memcpy(result.get_data_handle(), truncateToBF16(numbers).data(),
                bytes);
  else
    std::memcpy(result.get_data_handle(), numbers.data(), bytes);
  return result;
}

static Case makeOneDNN(const Shape &s, bool isBF16, bool isPacked) {
  using Memory = dnnl::memory;
  using Tag = Memory::format_tag;
  auto type = isBF16 ? Memory::data_type::bf16 : Memory::data_type::f32;
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  Memory::desc x({s.m, s.k}, type, Tag::ab);
  Memory::desc w({s.k, s.n}, type, isPacked ? Tag::any : Tag::ba);
  Memory::desc y({s.m, s.n}, Memory::data_type::f32, Tag::ab);
  auto description = describeMatmul(engine, x, w, y);
  dnnl::matmul matmul(description);
  Memory weights =
      makeMemory(Memory::desc({s.k, s.n}, type, Tag::ba), engine, isBF16);
  if (isPacked) {
    Memory packed(description.weights_desc(), engine);
    dnnl::reorder(weights, packed).execute(stream, weights, packed);
    stream.wait();
    weights = packed;
  }
  std::unordered_map<int, Memory> arguments = {
      {DNNL_ARG_SRC, makeMemory(x, engine, isBF16)},
      {DNNL_ARG_WEIGHTS, weights},
      {DNNL_ARG_DST, Memory(y, engine)}};
  Case one = describe(s, isBF16 ? 2 : 4);
  one.variant = isPacked ? "packed" : "";
  one.run = [=]() mutable {
    matmul.execute(stream, arguments);
    stream.wait();
  };
  return one;
}

static int runOneDNN(const Options &options) {
  // The OpenMP library that oneDNN brought along.
  if (auto *setThreads = reinterpret_cast<void (*)(int)>(
          dlsym(RTLD_DEFAULT, "omp_set_num_threads")))
    setThreads(options.threads);
  const dnnl_version_t *version = dnnl_version();
  char text[64];
  std::snprintf(text, sizeof(text), "%d.%d.%d", version->major, version->minor,
                version->patch);
  Report report("oneDNN", text, options);
  report.run([](const CaseName &name) -> std::vector<Maker> {
    std::optional<Shape> shape = shapeOf(name);
    if (!shape || (name.dtype != "f32" && name.dtype != "bf16"))
      return {};
    bool isBF16 = name.dtype == "bf16";
    return {[=] { return makeOneDNN(*shape, isBF16, false); },
            [=] { return makeOneDNN(*shape, isBF16, true); }};
  });
  report.print();
  return 0;
}

#else

static int runOneDNN(const Options &) {
  std::fprintf(stderr, "gemm_peers: built without oneDNN\n");
  return 1;
}

#endif // MINIMAX_PEERS_HAVE_DNNL

//===----------------------------------------------------------------------===//
// OpenBLAS
//===----------------------------------------------------------------------===//

namespace {

/// The functions of an OpenBLAS with 32-bit sizes; PyPI's builds put `scipy_`
/// before each name. Products of bf16 are in some builds only.
class OpenBLAS {
public:
  explicit OpenBLAS(const std::string &path)
      : library(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!library) {
      std::fprintf(stderr, "OpenBLAS: %s\n", dlerror());
      std::exit(1);
    }
    multiplyF32 = find<MultiplyF32>("cblas_sgemm");
    multiplyBF16 = find<MultiplyBF16>("cblas_sbgemm");
    setThreads = find<void (*)(int)>("openblas_set_num_threads");
    config = find<char *(*)()>("openblas_get_config");
  }

  using MultiplyF32 = void (*)(int order, int transposeA, int transposeB, int m,
                               int n, int k, float alpha, const float *a,
                               int lda, const float *b, int ldb, float beta,
                               float *c, int ldc);
  using MultiplyBF16 = void (*)(int order, int transposeA, int transposeB,
                                int m, int n, int k, float alpha,
                                const uint16_t *a, int lda, const uint16_t *b,
                                int ldb, float beta, float *c, int ldc);
  MultiplyF32 multiplyF32;
  MultiplyBF16 multiplyBF16;
  void (*setThreads)(int);
  char *(*config)();

private:
  template <typename Function> Function find(const char *name) const {
    for (const char *prefix : {"", "scipy_"})
      if (void *symbol = dlsym(library, (prefix + std::string(name)).c_str()))
        return reinterpret_cast<Function>(symbol);
    return nullptr;
  }

  void *library;
};

} // namespace

/// `multiply` on operands of its type, w transposed as a checkpoint has it.
template <typename Multiply, typename Element>
static Case makeBLAS(Multiply multiply, std::vector<Element> x,
                     std::vector<Element> w, const Shape &s) {
  constexpr int rowMajor = 101, plain = 111, transposed = 112;
  Case one = describe(s, sizeof(Element));
  int m = int(s.m), n = int(s.n), k = int(s.k);
  one.run = [=, x = std::move(x), w = std::move(w),
             y = std::vector<float>(size_t(s.m * s.n))]() mutable {
    multiply(rowMajor, plain, transposed, m, n, k, 1, x.data(), k, w.data(), k,
             0, y.data(), n);
  };
  return one;
}

static Case makeOpenBLAS(const OpenBLAS &blas, const Shape &s, bool isBF16) {
  std::vector<float> x = randomNumbers(size_t(s.m * s.k));
  std::vector<float> w = randomNumbers(size_t(s.n * s.k));
  if (!isBF16)
    return makeBLAS(blas.multiplyF32, std::move(x), std::move(w), s);
  return makeBLAS(blas.multiplyBF16, truncateToBF16(x), truncateToBF16(w), s);
}

static int runOpenBLAS(const Options &options) {
  OpenBLAS blas(options.openblas);
  blas.setThreads(options.threads);
  Report report("OpenBLAS", blas.config(), options);
  report.run([&](const CaseName &name) -> std::vector<Maker> {
    std::optional<Shape> shape = shapeOf(name);
    bool isBF16 = name.dtype == "bf16";
    if (!shape || !(isBF16 ? bool(blas.multiplyBF16) : name.dtype == "f32"))
      return {};
    return {[=, &blas] { return makeOpenBLAS(blas, *shape, isBF16); }};
  });
  report.print();
  return 0;
}

int main(int argc, char **argv) {
  Options options = parseOptions(argc, argv);
  return options.openblas.empty() ? runOneDNN(options) : runOpenBLAS(options);
}
