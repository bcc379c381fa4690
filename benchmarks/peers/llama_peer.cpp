//===- llama_peer.cpp - minimax-bench's models on llama.cpp ---------------===//
//
// The architecture `minimax-01` of llama.cpp with the sizes of minimax-bench's
// models and random weights in memory, prompts in ubatches of 512 tokens
// (llama.cpp's default). dtype w8a16 is ggml's q8_0. Caches are f16,
// llama.cpp's default; router and norms f32.
//
//===----------------------------------------------------------------------===//
#include "GgmlTypes.h"
#include "Report.h"

#include <ggml-backend.h>
#include <ggml.h>
#include <gguf.h>
#include <llama.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

using namespace peers;

/// Tokens of a sequence before a decode step, as in minimax-bench.
static constexpr int contextTokens = 4096;

[[noreturn]] static void fail(const char *what) {
  std::fprintf(stderr, "llama_peer: %s\n", what);
  std::exit(1);
}

namespace {

/// What differs between the models of docs/SPEC.md 9.
struct Config {
  uint32_t hidden, heads, headDim, groups, rotary, experts, expertWidth, vocab;
};

struct Deleter {
  void operator()(llama_model *model) const { llama_model_free(model); }
  void operator()(llama_context *context) const { llama_free(context); }
  void operator()(gguf_context *metadata) const { gguf_free(metadata); }
};
template <typename T> using Owned = std::unique_ptr<T, Deleter>;

/// A model and one sequence of it.
struct Session {
  Owned<llama_model> model;
  Owned<llama_context> context;
  std::vector<llama_token> prompt;
  /// Of the sequence so far, the latest prompt alone.
  int tokens = 0;

  void decode(llama_token *next, int count) const {
    if (llama_decode(context.get(), llama_batch_get_one(next, count)))
      fail("a step failed");
  }
  void prefill(int count) {
    llama_memory_clear(llama_get_memory(context.get()), /*data=*/true);
    decode(prompt.data(), count);
    tokens = count;
  }
};

} // namespace

static constexpr uint32_t layers = 16, period = 8, expertsPerToken = 2;

static std::optional<Config> configOf(std::string_view name) {
  if (name == "small")
    return Config{384, 8, 64, 2, 32, 8, 576, 2048};
  if (name == "mid")
    return Config{1536, 16, 128, 4, 64, 16, 2304, 32000};
  return std::nullopt;
}

/// Says that the tensor `name` is of `type`; others are f32.
static void setType(gguf_context *metadata, const std::string &name,
                    ggml_type type) {
  ggml_tensor tensor;
  std::memset(&tensor, 0, sizeof(tensor));
  tensor.type = type;
  ggml_set_name(&tensor, name.c_str());
  gguf_add_tensor(metadata, &tensor);
}

static Owned<gguf_context> describeModel(const Config &c, ggml_type type) {
  Owned<gguf_context> metadata(gguf_init_empty());
  gguf_context *m = metadata.get();
  gguf_set_val_str(m, "general.architecture", "minimax-01");
  gguf_set_val_str(m, "tokenizer.ggml.model", "no_vocab");
  for (auto [key, value] :
       std::map<const char *, uint32_t>{{"vocab_size", c.vocab},
                                        {"context_length", 65536},
                                        {"embedding_length", c.hidden},
                                        {"block_count", layers},
                                        {"feed_forward_length", c.expertWidth},
                                        {"full_attention_interval", period},
                                        {"attention.head_count", c.heads},
                                        {"attention.head_count_kv", c.groups},
                                        {"attention.key_length", c.headDim},
                                        {"attention.value_length", c.headDim},
                                        {"rope.dimension_count", c.rotary},
                                        {"expert_count", c.experts},
                                        {"expert_used_count", expertsPerToken}})
    gguf_set_val_u32(m, (std::string("minimax-01.") + key).c_str(), value);
  gguf_set_val_f32(m, "minimax-01.attention.layer_norm_rms_epsilon", 1e-5f);
  gguf_set_val_f32(m, "minimax-01.rope.freq_base", 1e7f);
  gguf_set_val_f32(m, "minimax-01.residual_scale", 2.37841423f);
  setType(m, "token_embd.weight", type);
  setType(m, "output.weight", type);
  for (uint32_t layer = 0; layer < layers; ++layer)
    for (const char *part :
         {"attn_qkv", "attn_q", "attn_k", "attn_v", "attn_gate", "attn_output",
          "ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"})
      setType(m, "blk." + std::to_string(layer) + "." + part + ".weight", type);
  return metadata;
}

/// Ones for norms, random rows for everything else, the same in each tensor.
static void fill(ggml_tensor *tensor, void *) {
  size_t count = size_t(ggml_nelements(tensor));
  size_t bytes = ggml_nbytes(tensor);
  std::vector<float> numbers(count, 1.0f);
  if (ggml_n_dims(tensor) > 1) {
    static const std::vector<float> random = randomNumbers(1000003);
    for (size_t i = 0; i < count; ++i)
      numbers[i] = 0.1f * random[i % random.size()];
  }
  if (tensor->type == GGML_TYPE_F32) {
    ggml_backend_tensor_set(tensor, numbers.data(), 0, bytes);
    return;
  }
  std::vector<char> data(bytes);
  ggml_quantize_chunk(tensor->type, numbers.data(), data.data(), 0,
                      ggml_nrows(tensor), tensor->ne[0], nullptr);
  ggml_backend_tensor_set(tensor, data.data(), 0, bytes);
}

static std::shared_ptr<Session> makeSession(const Config &config,
                                            ggml_type type, int threads) {
  auto session = std::make_shared<Session>();
  Owned<gguf_context> metadata = describeModel(config, type);
  session->model.reset(llama_model_init_from_user(
      metadata.get(), fill, nullptr, llama_model_default_params()));
  llama_context_params parameters = llama_context_default_params();
  // Room for the steps of the decode case behind the prompt.
  parameters.n_ctx = contextTokens + 4096;
  parameters.n_batch = contextTokens;
  parameters.n_threads = parameters.n_threads_batch = threads;
  if (session->model)
    session->context.reset(
        llama_init_from_model(session->model.get(), parameters));
  if (!session->context)
    fail("cannot make the model");
  for (uint64_t i = 0; i < contextTokens; ++i)
    session->prompt.push_back(llama_token(i * 2654435761u % config.vocab));
  return session;
}

/// The session of the latest case: cases in a row share it, loading takes long.
static std::shared_ptr<Session> open(const CaseName &name, const Config &config,
                                     ggml_type type, int threads) {
  static std::shared_ptr<Session> latest;
  static std::string key;
  std::string wanted = name.name.substr(0, name.name.find('/')) + name.dtype;
  if (key != wanted) {
    latest.reset();
    latest = makeSession(config, type, threads);
    key = wanted;
  }
  return latest;
}

static std::vector<Maker> makersOf(const CaseName &name, int threads) {
  size_t slash = name.name.find('/');
  std::optional<Config> config = configOf(name.name.substr(0, slash));
  std::optional<ggml_type> type = weightType(name.dtype);
  if (name.suite != "model" || !config || !type)
    return {};
  std::string call = name.name.substr(slash + 1);
  auto prompt = numbersAfter("prefill/", call);
  if (prompt.size() == 1 && prompt[0] <= contextTokens)
    return {[=] {
      Case one;
      one.tokens = double(prompt[0]);
      one.run = [session = open(name, *config, *type, threads), prompt] {
        session->prefill(int(prompt[0]));
      };
      return one;
    }};
  if (call != "decode/batch1")
    return {};
  return {[=] {
    auto session = open(name, *config, *type, threads);
    if (session->tokens != contextTokens)
      session->prefill(contextTokens);
    Case one;
    one.tokens = 1;
    one.run = [=] { session->decode(session->prompt.data(), 1); };
    return one;
  }};
}

int main(int argc, char **argv) {
  Options options = parseOptions(argc, argv);
  llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
  Report report("llama.cpp",
                std::string(llama_version()) + ", ggml " + ggml_version() +
                    " (" + ggml_commit() + ")",
                options);
  report.run(
      [&](const CaseName &name) { return makersOf(name, options.threads); });
  report.print();
}
