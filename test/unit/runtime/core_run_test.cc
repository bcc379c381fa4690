//===- core_run_test.cc - the tool and the C interface, as processes ------===//
//
// Runs minimax-run and the C program on the fake artifact.
//
//===----------------------------------------------------------------------===//
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "formats/json.h"
#include "run_test_util.h"

namespace minimax::runtime {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(RunTest, TheCProgramPasses) {
  const Result result = RunShell(absl::StrCat(
      MINIMAX_C_API_TEST, " ", FakeArtifact(), " ", dir_.path(), " cpu"));
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST_F(RunTest, GeneratesBatchesAsJson) {
  const Result result = Run(
      "generate",
      "--tokens '1 2 3' --tokens=5,6 --max-new-tokens 3 --ignore-eos --json");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out,
              StartsWith(absl::StrCat(
                  "{\"sequences\":[{\"prompt_tokens\":[1,2,3],\"tokens\":[",
                  Continuation({1, 2, 3}, 3),
                  "],\"text\":null},{\"prompt_tokens\":[5,6],\"tokens\":[",
                  Continuation({5, 6}, 3), "],\"text\":null}],\"timing\":{")));
  EXPECT_THAT(result.out, HasSubstr("\"prefill_tokens\":5,"));
  EXPECT_THAT(result.out, HasSubstr("\"decode_tokens\":4,"));
}

TEST_F(RunTest, ReadsTokensFilesAndStreams) {
  WriteFile(dir_.File("ids"), "1 2 3\n5 6\n");
  const Result batch =
      Run("generate", "--max-new-tokens=1 --tokens-file=" + dir_.File("ids"));
  EXPECT_EQ(batch.out, absl::StrCat("[0] ", Continuation({1, 2, 3}, 1),
                                    "\n[1] ", Continuation({5, 6}, 1), "\n"));
  const Result stream =
      Run("generate", "--max-new-tokens=1 --tokens='1 2 3' --chunk=1");
  EXPECT_EQ(stream.out, absl::StrCat(Continuation({1, 2, 3}, 1), " \n"));
}

// A byte-level tokenizer of 12 letters and the two halves of U+00E9. Of the
// fake model's 16 ids, 14 and 15 are not in it.
static std::string TinyTokenizer() {
  std::string vocab;
  for (int i = 0; i < 12; ++i) {
    absl::StrAppend(&vocab, "\"", std::string(1, static_cast<char>('a' + i)),
                    "\":", i, ",");
  }
  return absl::StrCat(
      R"({"normalizer":null,"pre_tokenizer":{"type":"ByteLevel",)",
      R"("add_prefix_space":false,"use_regex":true},"post_processor":null,)",
      R"("decoder":{"type":"ByteLevel"},"added_tokens":[],"model":)",
      R"({"type":"BPE","dropout":null,"unk_token":null,"vocab":{)", vocab,
      R"("\u00c3":12,"\u00a9":13},"merges":[]}})");
}

// Text of ids in TinyTokenizer's vocabulary up to (without) the stop token 0.
static std::string TextOf(const std::vector<int32_t> &tokens) {
  std::string text;
  for (const int32_t token : tokens) {
    if (token == 0) break;
    if (token < 12) text += static_cast<char>('a' + token);
    if (token == 12 || token > 13) text += "\uFFFD";
  }
  return text;
}

TEST_F(RunTest, GeneratesText) {
  WriteFile(dir_.File("tokenizer.json"), TinyTokenizer());
  std::vector<int32_t> history = {1, 2, 3};
  std::vector<int32_t> tokens;
  while (tokens.size() < 4 && (tokens.empty() || tokens.back() != 0)) {
    tokens.push_back(ExpectedNext(history));
    history.push_back(tokens.back());
  }
  const std::string text = TextOf(tokens);
  Result result = Run("generate", "--prompt bcd --max-new-tokens=4");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, text + "\n");
  WriteFile(dir_.File("prompt.txt"), "bcd");
  result = Run("generate", "--prompt-file=" + dir_.File("prompt.txt") +
                               " --max-new-tokens=4 --json --no-stream");
  EXPECT_THAT(result.out,
              StartsWith(absl::StrCat(
                  "{\"sequences\":[{\"prompt_tokens\":[1,2,3],\"tokens\":[",
                  absl::StrJoin(tokens, ","), "],\"text\":\"", text, "\"}]")));
  result = Run("generate", "--prompt bcd --prompt b --max-new-tokens=1");
  EXPECT_THAT(result.out, StartsWith("[0] "));
  EXPECT_THAT(result.out, HasSubstr("\n[1] "));
  result = Run("score", "--text bcd --json");
  EXPECT_THAT(result.out, StartsWith("{\"sequences\":[{\"tokens\":3,"));
  result = Run("generate", "--prompt b --tokenizer=/nowhere.json");
  ExpectFailure(result, 1, "/nowhere.json");
}

TEST_F(RunTest, ScoresInAnyChunksAndBatches) {
  const std::string flags =
      "--tokens='1 2 3 4 5' --tokens='7' --tokens='' "
      "--tokens='2 9' --json ";
  const std::string whole = Run("score", flags).out;
  const std::string expected = whole.substr(0, whole.find("\"timing\""));
  EXPECT_THAT(expected, HasSubstr("{\"tokens\":1,\"mean_nll\":null,"
                                  "\"perplexity\":null}"));
  double nll = 0;
  std::vector<int32_t> history = {2};
  const std::vector<float> logits = ExpectedLogits(history);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - logits[9]);
  nll = std::log(sum);
  const size_t last = expected.rfind("\"mean_nll\":") + 11;
  EXPECT_NEAR(std::stod(expected.substr(last)), nll, 1e-9);
  for (const char *more : {"--chunk=1", "--chunk=2 --batch", "--batch",
                           "--batch --max-batch=2", "--threads=3"}) {
    const Result result = Run("score", flags + more);
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.out.substr(0, result.out.find("\"timing\"")), expected);
  }
}

TEST_F(RunTest, WritesLogitsHiddenAndStates) {
  const Result result =
      Run("score", absl::StrCat("--tokens='1 2 3' --tokens='4 5' --chunk=2 ",
                                "--logits=", dir_.File("l.safetensors"),
                                " --hidden=", dir_.File("h.safetensors"),
                                " --states=", dir_.File("s.safetensors")));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("sequence 0: 3 tokens, mean NLL "));
  const auto logits = SafetensorsFile::Open(dir_.File("l.safetensors"));
  ASSERT_TRUE(logits.ok()) << logits.status();
  const TensorView *second = logits->Find("logits.1");
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->shape, (std::vector<int64_t>{2, 16}));
  const auto *values = static_cast<const float *>(second->data);
  EXPECT_THAT(absl::MakeConstSpan(values + 16, 16),
              ::testing::ElementsAreArray(ExpectedLogits({4, 5})));
  const auto hidden = SafetensorsFile::Open(dir_.File("h.safetensors"));
  ASSERT_TRUE(hidden.ok());
  EXPECT_NE(hidden->Find("hidden.embed.0"), nullptr);
  EXPECT_EQ(hidden->Find("router_topk_idx.layer_00.1")->dtype, DType::kI32);
  EXPECT_EQ(hidden->Find("logits.0"), nullptr);
  const auto states = SafetensorsFile::Open(dir_.File("s.safetensors"));
  ASSERT_TRUE(states.ok());
  EXPECT_EQ(states->Find("layers.1.kv_cache.key.0")->shape,
            (std::vector<int64_t>{3, 1, 2}));
}

TEST_F(RunTest, PrintsWhatAnArtifactHolds) {
  Result result = RunShell(absl::StrCat(MINIMAX_RUN, " info ", FakeArtifact()));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("future-cpu (not on this CPU), x86-64"));
  EXPECT_THAT(result.out, HasSubstr("takes 16 bytes and 8 for each token"));
  result = RunShell(absl::StrCat(MINIMAX_RUN, " info --json ",
                                 FakeArtifact("fake_artifact_future")));
  EXPECT_THAT(result.out, HasSubstr("\"content_hash\""));
}

TEST_F(RunTest, AnExecutableWithAnArtifactInside) {
  const std::string elf = ReadFile(FakeArtifact());
  const uint64_t length = elf.size();
  const std::string exe = dir_.File("model");
  WriteFile(exe, ReadFile(MINIMAX_RUN) + elf +
                     std::string(reinterpret_cast<const char *>(&length), 8) +
                     "MMXEXE01");
  std::filesystem::permissions(exe, std::filesystem::perms::owner_all);
  // The checkpoint lies beside the executable.
  Result result = RunShell(
      exe +
      " generate --tokens='1 2 3' --max-new-tokens=1 --weights-cache=off");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, absl::StrCat(Continuation({1, 2, 3}, 1), " \n"));
  result = RunShell(exe + " generate " + FakeArtifact() + " --tokens=1");
  ExpectFailure(result, 2, "unexpected argument");
}

TEST_F(RunTest, WrongUsageExitsWithTwo) {
  const std::string tool = MINIMAX_RUN;
  ExpectFailure(RunShell(tool), 2, "expected a command");
  ExpectFailure(RunShell(tool + " dance"), 2, "unknown command 'dance'");
  ExpectFailure(RunShell(tool + " generate --tokens=1"), 2,
                "expected an artifact");
  ExpectFailure(Run("generate", ""), 2, "nothing to run");
  ExpectFailure(Run("generate", "--tokens=1 --speed=9"), 2,
                "unknown flag --speed");
  ExpectFailure(Run("generate", "--tokens"), 2, "flag --tokens needs a value");
  ExpectFailure(Run("generate", "--tokens=1 --batch"), 2,
                "flag --batch does not belong to this command");
  ExpectFailure(Run("generate", "--tokens=1 --chunk=0"), 2,
                "flag --chunk: expected an integer of at least 1, got '0'");
  ExpectFailure(Run("generate", "--tokens=1 --top-p=2"), 2,
                "flag --top-p: top-p must be in (0, 1], got 2");
  ExpectFailure(Run("generate", "--tokens=1 --json=maybe"), 2,
                "flag --json: expected true or false");
  EXPECT_THAT(RunShell(tool + " generate --help").out,
              HasSubstr("--max-new-tokens=N"));
  EXPECT_THAT(RunShell(tool + " --version").out, StartsWith("minimax-run "));
}

TEST_F(RunTest, ProfilesEveryOp) {
  const std::string trace = dir_.File("trace.json");
  const Result result = Run("generate",
                            "--tokens='1 2 3' --max-new-tokens=2 --threads=2 "
                            "--profile-summary --profile-peaks=f32=1,dram=2 "
                            "--profile=" +
                                trace);
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(
      result.out,
      absl::StrReplaceAll(Continuation({1, 2, 3}, 2), {{",", " "}}) + " \n");
  EXPECT_THAT(result.err, HasSubstr("prompt: 1 steps, 3 tokens"));
  EXPECT_THAT(result.err, HasSubstr("layer_op panel"));
  EXPECT_THAT(result.err, HasSubstr("bound"));
  const absl::StatusOr<Json> json = ParseJson(ReadFile(trace), "trace");
  ASSERT_TRUE(json.ok()) << json.status();
  std::vector<std::string> ops;
  for (const Json &event : (*json)["traceEvents"]) {
    if (event.value("cat", "") != "op") continue;
    const Json &args = event["args"];
    ops.push_back(absl::StrCat(
        event["name"].get<std::string>(), " ", args["step"].get<int>(), " ",
        args["layer"].get<int>(), " ", args["flops"].get<int>(), " ",
        args["bytes"].get<int>()));
  }
  // Keys: 1 + 2 + 3, then 4.
  EXPECT_THAT(ops, testing::ElementsAre(
                       "layer_op panel 0 0 6 112", "layer_op panel 0 1 6 112",
                       "head 0 -1 0 0", "layer_op panel 1 0 2 96",
                       "layer_op panel 1 1 2 96", "head 1 -1 0 0"));
}

TEST_F(RunTest, ProfileFlags) {
  const Result table =
      Run("generate", "--tokens=1 --max-new-tokens=1 --profile");
  EXPECT_EQ(table.code, 0);
  EXPECT_THAT(table.err, HasSubstr("all ops"));
  ExpectFailure(Run("generate", "--tokens=1 --profile=/nowhere/x"), 1,
                "/nowhere/x");
  ExpectFailure(Run("generate", "--tokens=1 --profile-peaks=f64=1"), 2,
                "flag --profile-peaks: expected f32=GFLOPS");
  ExpectFailure(Run("generate", "--tokens=1 --profile-peaks=dram=0"), 2,
                "got 'dram=0'");
}

TEST_F(RunTest, FailuresExitWithOneLine) {
  ExpectFailure(Run("generate", "--prompt=hello"), 1,
                "text needs a tokenizer and the checkpoint folder has no");
  ExpectFailure(Run("generate", "--tokens='1 x'"), 1,
                "--tokens: expected a token id, got 'x'");
  ExpectFailure(Run("generate", "--tokens=16"), 1,
                "token 16 is not in the vocabulary of 16");
  ExpectFailure(Run("generate", "--tokens=''"), 1, "prompt 0 is empty");
  ExpectFailure(Run("generate", "--tokens='1 2' --capacity=3"), 1,
                "does not fit the capacity of 3");
  ExpectFailure(Run("generate", "--tokens=1 --max-memory=10"), 1,
                "more than the limit of 10");
  ExpectFailure(Run("generate", "--tokens=1 --threads=5000"), 1,
                "expected 0 to 4096 threads, got 5000");
  ExpectFailure(Run("generate", "--tokens=1 --target=z80"), 1,
                "no code for target z80");
  ExpectFailure(Run("score", "--tokens=13"), 1,
                "entry score failed with code 7");
  ExpectFailure(Run("score", "--tokens='1 2' --logits=/nowhere/x"), 1,
                "/nowhere/x");
  ExpectFailure(Run("generate", "--tokens-file=/nowhere"), 1, "/nowhere");
  ExpectFailure(
      Run("generate", "--tokens=1 --max-new-tokens=9223372036854775807"), 1,
      "expected a capacity of");
}

}  // namespace minimax::runtime
