//===- ggml_peer.cpp - minimax-bench's kernels on ggml --------------------===//
//
// Products with ggml_mul_mat and ggml_mul_mat_id, and lightning attention as
// the graph that llama.cpp builds for it (src/models/minimax-01.cpp, ggml's
// own operators). Weights are plain tensors in ggml's layout; activations are
// f32 and converted inside the operator, as llama.cpp runs them. dtype w8a16
// is ggml's q8_0: blocks of 32 int8 with a 16-bit scale.
//
//===----------------------------------------------------------------------===//
#include "GgmlTypes.h"
#include "Report.h"

#include <ggml-cpu.h>
#include <ggml.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

using namespace peers;

namespace {

/// Tensors in a context of their own and the graph of one result.
class Graph {
public:
  explicit Graph(size_t bytes) {
    // Room for the tensors of the graph itself beside the data.
    ggml_init_params parameters = {bytes + (size_t(64) << 20), nullptr, false};
    context = ggml_init(parameters);
  }
  ~Graph() {
    std::free(plan.work_data);
    ggml_threadpool_free(pool);
    ggml_free(context);
  }
  Graph(const Graph &) = delete;

  ggml_context *get() const { return context; }

  void expand(ggml_tensor *result) {
    if (!graph)
      graph = ggml_new_graph(context);
    ggml_build_forward_expand(graph, result);
  }

  /// A pool of its own, as llama.cpp keeps one: no thread starts in `run`.
  void prepare(int threads) {
    ggml_threadpool_params parameters = ggml_threadpool_params_default(threads);
    pool = ggml_threadpool_new(&parameters);
    plan = ggml_graph_plan(graph, threads, pool);
    size_t bytes = (plan.work_size + 63) / 64 * 64;
    plan.work_data = static_cast<uint8_t *>(std::aligned_alloc(64, bytes + 64));
  }

  void run() { ggml_graph_compute(graph, &plan); }

private:
  ggml_context *context = nullptr;
  ggml_cgraph *graph = nullptr;
  ggml_threadpool *pool = nullptr;
  ggml_cplan plan = {};
};

} // namespace

/// Fills a tensor row by row, quantising where its type asks for it.
static void fill(ggml_tensor *tensor) {
  static const std::vector<float> numbers = randomNumbers(1 << 20);
  int64_t width = tensor->ne[0];
  auto *row = static_cast<char *>(tensor->data);
  std::vector<float> values(static_cast<size_t>(width));
  size_t at = 0;
  for (int64_t i = 0; i < ggml_nrows(tensor); ++i, row += tensor->nb[1]) {
    for (float &value : values) {
      value = numbers[at];
      at = (at + 1) % numbers.size();
    }
    if (tensor->type == GGML_TYPE_F32)
      std::memcpy(row, values.data(), values.size() * sizeof(float));
    else
      ggml_quantize_chunk(tensor->type, values.data(), row, 0, 1, width,
                          nullptr);
  }
}

static Case finish(const std::shared_ptr<Graph> &graph, int threads) {
  graph->prepare(threads);
  Case one;
  one.run = [graph] { graph->run(); };
  return one;
}

/// y[m,n] = x[m,k] * transpose(w[n,k]).
static Case makeProduct(int64_t m, int64_t n, int64_t k, ggml_type type,
                        int threads) {
  auto weightBytes = ggml_row_size(type, k) * size_t(n);
  auto graph = std::make_shared<Graph>(weightBytes + size_t(m) * (n + k) * 4);
  ggml_context *context = graph->get();
  ggml_tensor *w = ggml_new_tensor_2d(context, type, k, n);
  ggml_tensor *x = ggml_new_tensor_2d(context, GGML_TYPE_F32, k, m);
  fill(w);
  fill(x);
  graph->expand(ggml_mul_mat(context, w, x));
  Case one = finish(graph, threads);
  one.flops = 2.0 * double(m) * double(n) * double(k);
  one.bytes = double(weightBytes);
  one.tokens = double(m);
  return one;
}

/// Products of `rows[e]` rows with expert e's weights, two experts a token:
/// the rows of a token are half of all rows apart and thus of two experts.
static Case makeExperts(const std::vector<int64_t> &rows, int64_t n, int64_t k,
                        ggml_type type, int threads) {
  std::vector<int32_t> expertOfRow;
  for (size_t expert = 0; expert < rows.size(); ++expert)
    expertOfRow.insert(expertOfRow.end(), size_t(rows[expert]),
                       int32_t(expert));
  auto tokens = int64_t(expertOfRow.size() / 2);
  auto experts = int64_t(rows.size());
  auto weightBytes = ggml_row_size(type, k) * size_t(n * experts);
  auto graph = std::make_shared<Graph>(
      weightBytes + size_t(tokens) * (size_t(k) * 4 + size_t(n) * 8));
  ggml_context *context = graph->get();
  ggml_tensor *w = ggml_new_tensor_3d(context, type, k, n, experts);
  ggml_tensor *x = ggml_new_tensor_3d(context, GGML_TYPE_F32, k, 1, tokens);
  ggml_tensor *ids = ggml_new_tensor_2d(context, GGML_TYPE_I32, 2, tokens);
  fill(w);
  fill(x);
  auto *id = static_cast<int32_t *>(ids->data);
  for (int64_t token = 0; token < tokens; ++token) {
    id[2 * token] = expertOfRow[size_t(token)];
    id[2 * token + 1] = expertOfRow[size_t(token + tokens)];
  }
  graph->expand(ggml_mul_mat_id(context, w, x, ids));
  Case one = finish(graph, threads);
  one.flops = 4.0 * double(tokens) * double(n) * double(k);
  one.bytes = double(weightBytes);
  one.tokens = double(tokens);
  return one;
}

/// Logarithms of the decays within a ubatch: from its start to each token, from
/// each token to its end, between all pairs of tokens [H, T, T] (not timed: the
/// graph gets them as inputs) and over all of it.
struct Decays {
  ggml_tensor *query, *key, *diagonal, *block;
};

static Decays makeDecays(ggml_context *context, int64_t tokens, int64_t heads) {
  Decays d = {ggml_new_tensor_3d(context, GGML_TYPE_F32, 1, heads, tokens),
              ggml_new_tensor_3d(context, GGML_TYPE_F32, 1, heads, tokens),
              ggml_new_tensor_3d(context, GGML_TYPE_F32, tokens, tokens, heads),
              ggml_new_tensor_3d(context, GGML_TYPE_F32, 1, 1, heads)};
  for (int64_t h = 0; h < heads; ++h) {
    auto slope = float(std::exp2(-8.0 * double(h + 1) / double(heads)));
    ggml_get_data_f32(d.block)[h] = -slope * float(tokens);
    for (int64_t i = 0; i < tokens; ++i) {
      ggml_get_data_f32(d.query)[i * heads + h] = -slope * float(i + 1);
      ggml_get_data_f32(d.key)[i * heads + h] = -slope * float(tokens - i - 1);
      float *row = ggml_get_data_f32(d.diagonal) + (h * tokens + i) * tokens;
      for (int64_t j = 0; j < tokens; ++j)
        row[j] = j <= i ? -slope * float(i - j) : -INFINITY;
    }
  }
  return d;
}

/// The output of lightning attention for one ubatch and its next state, from
/// the operators and in the order of llama.cpp's graph.
static void expandLightning(Graph &graph, int64_t tokens, int64_t heads,
                            int64_t width) {
  ggml_context *c = graph.get();
  ggml_tensor *qkv =
      ggml_new_tensor_3d(c, GGML_TYPE_F32, 3 * width, heads, tokens);
  ggml_tensor *state =
      ggml_new_tensor_3d(c, GGML_TYPE_F32, width, width, heads);
  fill(qkv);
  fill(state);
  auto part = [&](int64_t index) {
    return ggml_view_3d(c, qkv, width, heads, tokens, qkv->nb[1], qkv->nb[2],
                        size_t(index * width) * sizeof(float));
  };
  ggml_tensor *q = part(0), *k = part(1), *v = part(2);
  auto decay = [&](ggml_tensor *t) { return ggml_exp(c, ggml_scale(c, t, 1)); };
  Decays d = makeDecays(c, tokens, heads);

  ggml_tensor *scaledQuery = ggml_mul(c, q, decay(d.query));
  ggml_tensor *keyDecay = decay(d.key), *diagonal = decay(d.diagonal);
  ggml_tensor *fromState =
      ggml_mul_mat(c, state, ggml_permute(c, scaledQuery, 0, 2, 1, 3));
  ggml_tensor *scores = ggml_mul_mat(c, ggml_permute(c, k, 0, 2, 1, 3),
                                     ggml_permute(c, q, 0, 2, 1, 3));
  ggml_tensor *values = ggml_cont(c, ggml_permute(c, v, 1, 2, 0, 3));
  ggml_tensor *output = ggml_add(
      c, fromState, ggml_mul_mat(c, values, ggml_mul(c, scores, diagonal)));
  graph.expand(output);

  ggml_tensor *keys =
      ggml_cont(c, ggml_permute(c, ggml_mul(c, k, keyDecay), 1, 2, 0, 3));
  ggml_tensor *oldState = ggml_mul(c, state, decay(d.block));
  graph.expand(ggml_add(c, oldState, ggml_mul_mat(c, keys, values)));
  graph.expand(ggml_cont(c, ggml_permute(c, output, 0, 2, 1, 3)));
}

static Case makeLightning(int64_t tokens, int64_t heads, int64_t width,
                          int threads) {
  size_t square = size_t(tokens) * size_t(tokens) * size_t(heads);
  size_t linear = size_t(tokens) * size_t(heads) * size_t(width);
  auto graph = std::make_shared<Graph>(
      sizeof(float) *
      (6 * square + 16 * linear + size_t(8 * heads) * size_t(width * width)));
  expandLightning(*graph, tokens, heads, width);
  Case one = finish(graph, threads);
  one.tokens = double(tokens);
  one.variant = "ubatch " + std::to_string(tokens);
  return one;
}

/// The rows of minimax-bench's grouped products: shares fall as 1/rank, every
/// fourth expert has 1 to 6 rows, the last two have none.
static std::vector<int64_t> skewedRows(int64_t rows, int64_t experts) {
  double harmonic = 0;
  for (int64_t e = 1; e <= experts; ++e)
    harmonic += 1.0 / double(e);
  std::vector<int64_t> counts(size_t(experts), 0);
  counts[0] = rows;
  for (int64_t e = experts - 3; e > 0; --e) {
    counts[size_t(e)] =
        e % 4 == 3 ? 1 + e % 6 : int64_t(double(rows / (e + 1)) / harmonic);
    counts[0] -= counts[size_t(e)];
  }
  return counts;
}

static std::vector<Maker> makersOf(const CaseName &name, int threads) {
  std::optional<ggml_type> type = weightType(name.dtype);
  if (name.suite != "kernels" || !type)
    return {};
  if (auto d = numbersAfter("gemm/", name.name); d.size() == 3)
    return {[=] { return makeProduct(d[0], d[2], d[1], *type, threads); }};
  if (auto d = numbersAfter("gemv/", name.name); d.size() == 3)
    return {[=] { return makeProduct(d[2], d[1], d[0], *type, threads); }};
  if (auto d = numbersAfter("grouped_gemm/", name.name); d.size() == 4)
    return {[=] {
      return makeExperts(skewedRows(d[0], d[3]), d[2], d[1], *type, threads);
    }};
  auto d = numbersAfter("lightning/", name.name);
  // The graph has no bf16 form: its operands are results of other operators.
  if (d.size() != 3 || name.dtype != "f32")
    return {};
  std::vector<Maker> makers;
  for (int64_t tokens : {128, 512, 2048})
    makers.push_back(
        [=] { return makeLightning(tokens, d[0], d[1], threads); });
  return makers;
}

int main(int argc, char **argv) {
  Options options = parseOptions(argc, argv);
  ggml_cpu_init();
  Report report("ggml",
                std::string(ggml_version()) + " (" + ggml_commit() + ")",
                options);
  report.run(
      [&](const CaseName &name) { return makersOf(name, options.threads); });
  report.print();
}
