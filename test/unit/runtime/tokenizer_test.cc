//===- tokenizer_test.cc - tests of the tokenizer -------------------------===//
//
// Small tokenizers with one component each and every rejected file.
// tokenizer_compare.py compares larger ones with the `tokenizers` package.
//
//===----------------------------------------------------------------------===//
#include "formats/tokenizer.h"

#include "absl/strings/str_join.h"
#include "test_util.h"

namespace minimax::runtime {
namespace {

using absl::StatusCode;
using testing::ElementsAre;

// The byte-level alphabet as a vocabulary: byte b has id b. Then "ab" 256,
// "abc" 257, "bc" 258 and " a" 259.
std::string Vocab() {
  std::string text;
  int fresh = 256;
  for (int byte = 0; byte < 256; ++byte) {
    bool printable = (byte >= '!' && byte <= '~') ||
                     (byte >= 0xA1 && byte <= 0xFF && byte != 0xAD);
    int code = printable ? byte : fresh++;
    constexpr char kHex[] = "0123456789abcdef";
    absl::StrAppend(&text, "\"\\u0", std::string(1, kHex[code >> 8]),
                    std::string(1, kHex[code >> 4 & 15]),
                    std::string(1, kHex[code & 15]), "\":", byte, ",");
  }
  return text + R"("ab":256,"abc":257,"bc":258,"\u0120a":259)";
}

// A tokenizer.json of which tests replace parts.
std::string Json(const std::string& added = "") {
  return absl::StrCat(
      R"({"normalizer":null,"pre_tokenizer":{"type":"ByteLevel",)"
      R"("add_prefix_space":false,"use_regex":true},"post_processor":null,)"
      R"("decoder":{"type":"ByteLevel"},"added_tokens":[)",
      added,
      R"(],"model":{"type":"BPE","dropout":null,"unk_token":null,"vocab":{)",
      Vocab(), R"(},"merges":["a b","\u0120 a","b c","ab c"]}})");
}

Tokenizer Make(const std::string& json) {
  absl::StatusOr<Tokenizer> tokenizer = Tokenizer::Parse(json, "t.json");
  EXPECT_THAT(tokenizer, IsOk());
  return *std::move(tokenizer);
}

// Ids of `text`, joined by spaces.
std::string Ids(const Tokenizer& tokenizer, absl::string_view text) {
  absl::StatusOr<std::vector<int32_t>> ids = tokenizer.Encode(text);
  return ids.ok() ? absl::StrJoin(*ids, " ")
                  : std::string(ids.status().message());
}

std::string IdsWith(const std::string& from, const std::string& to,
                    absl::string_view text) {
  return Ids(Make(Replaced(Json(), from, to)), text);
}

constexpr char kPreTokenizer[] =
    R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":true})";

TEST(TokenizerTest, MergesByRank) {
  Tokenizer tokenizer = Make(Json());
  EXPECT_EQ(Ids(tokenizer, ""), "");
  EXPECT_EQ(Ids(tokenizer, "abc"), "257");
  EXPECT_EQ(Ids(tokenizer, "bcab"), "258 256");
  EXPECT_EQ(Ids(tokenizer, "aab abc"), "97 256 32 257");
  EXPECT_EQ(Ids(tokenizer, "\xC3\xA9\n"), "195 169 10");
  EXPECT_EQ(tokenizer.vocab_size(), 260);
}

TEST(TokenizerTest, MergesLongWords) {
  Tokenizer tokenizer = Make(Json());
  std::string word;
  for (int i = 0; i < 200'000; ++i) word += "abc";
  absl::StatusOr<std::vector<int32_t>> ids = tokenizer.Encode(word);
  ASSERT_THAT(ids, IsOk());
  EXPECT_EQ(*ids, std::vector<int32_t>(200'000, 257));
}

TEST(TokenizerTest, ReadsBothSpellingsOfMerges) {
  EXPECT_EQ(IdsWith(R"(["a b","\u0120 a","b c","ab c"])",
                    R"([["a","b"],["\u0120","a"],["ab","c"]])", "abc a"),
            "257 259");
}

TEST(TokenizerTest, IgnoresMergesForWholeWords) {
  std::string json = Replaced(Json(), R"("a b",)", R"("b c",)");
  EXPECT_EQ(Ids(Make(json), "ab"), "97 98");
  json = Replaced(json, R"("dropout":null)", R"("ignore_merges":true)");
  EXPECT_EQ(Ids(Make(json), "ab"), "256");
}

TEST(TokenizerTest, ReplacesInvalidUtf8) {
  Tokenizer tokenizer = Make(Json());
  EXPECT_EQ(Ids(tokenizer,
                "a\xFF"
                "b"),
            Ids(tokenizer,
                "a\xEF\xBF\xBD"
                "b"));
}

TEST(TokenizerTest, AddsPrefixSpace) {
  std::string json = Replaced(Json(), R"("add_prefix_space":false)",
                              R"("add_prefix_space":true)");
  EXPECT_EQ(Ids(Make(json), "a"), "259");
  EXPECT_EQ(Ids(Make(json), " a"), "259");
  EXPECT_EQ(Ids(Make(json), ""), "");
  json = Replaced(json, R"("use_regex":true)", R"("use_regex":false)");
  EXPECT_EQ(Ids(Make(json), "a"), "259");
}

TEST(TokenizerTest, SplitsByPattern) {
  auto split = [](const std::string& pattern, const std::string& options) {
    return absl::StrCat(
        R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":)",
        pattern, ",", options,
        R"(},{"type":"ByteLevel","add_prefix_space":false,)"
        R"("use_regex":false}]})");
  };
  auto ids = [&](const std::string& pattern, const std::string& behavior) {
    return IdsWith(kPreTokenizer,
                   split(pattern, absl::StrCat(R"("behavior":")", behavior,
                                               R"(","invert":false)")),
                   "abcbab");
  };
  // Without a cut: abc b ab.
  EXPECT_EQ(ids(R"({"String":"x"})", "Isolated"), "257 98 256");
  EXPECT_EQ(ids(R"({"String":"c"})", "Isolated"), "256 99 98 256");
  EXPECT_EQ(ids(R"({"String":"c"})", "Removed"), "256 98 256");
  EXPECT_EQ(ids(R"({"String":"b"})", "MergedWithPrevious"), "256 99 98 256");
  EXPECT_EQ(ids(R"({"String":"b"})", "MergedWithNext"), "97 258 98 97 98");
  EXPECT_EQ(ids(R"({"Regex":"[ab]"})", "Contiguous"), "256 99 98 256");
  EXPECT_EQ(ids(R"({"String":""})", "Isolated"), "257 98 256");
  EXPECT_EQ(IdsWith(kPreTokenizer,
                    split(R"({"String":"c"})",
                          R"("behavior":"Removed","invert":true)"),
                    "abcbab"),
            "99");
}

TEST(TokenizerTest, SplitsDigits) {
  auto ids = [](const char* individual) {
    std::string json = Replaced(
        Replaced(
            Json(), kPreTokenizer,
            absl::StrCat(
                R"({"type":"Sequence","pretokenizers":[{"type":"Digits",)"
                R"("individual_digits":)",
                individual, R"(},{"type":"ByteLevel","use_regex":false}]})")),
        R"("ab":256)", R"("11":256,"ab":260)");
    return Ids(Make(Replaced(json, R"("a b",)", R"("1 1","a b",)")), "a111");
  };
  EXPECT_EQ(ids("true"), "97 49 49 49");
  EXPECT_EQ(ids("false"), "97 256 49");
}

TEST(TokenizerTest, Normalizes) {
  auto ids = [](const std::string& normalizer, absl::string_view text) {
    return IdsWith(R"("normalizer":null)",
                   absl::StrCat(R"("normalizer":)", normalizer), text);
  };
  EXPECT_EQ(ids(R"({"type":"NFC"})", "e\xCC\x81"), "195 169");
  EXPECT_EQ(ids(R"({"type":"NFD"})", "\xC3\xA9"), "101 204 129");
  EXPECT_EQ(ids(R"({"type":"NFKC"})", "\xEF\xBC\xA1"), "65");
  EXPECT_EQ(ids(R"({"type":"NFKD"})", "\xEF\xAC\x81"), "102 105");
  EXPECT_EQ(ids(R"({"type":"Lowercase"})", "ABC"), "257");
  EXPECT_EQ(ids(R"({"type":"Lowercase"})", "\xC4\xB0"), "105 204 135");
  EXPECT_EQ(ids(R"({"type":"Sequence","normalizers":[{"type":"NFKC"},)"
                R"({"type":"Lowercase"}]})",
                "\xEF\xBC\xA1"),
            "97");
}

// An added token with further fields.
std::string Added(int id, const std::string& content,
                  const std::string& fields = "") {
  return absl::StrCat(R"({"id":)", id, R"(,"content":")", content,
                      R"(","normalized":false)", fields, "}");
}

TEST(TokenizerTest, FindsAddedTokens) {
  Tokenizer tokenizer =
      Make(Json(absl::StrCat(Added(300, "<s>", R"(,"special":true)"), ",",
                             Added(301, "<s>x"), ",", Added(302, "a b"))));
  EXPECT_EQ(Ids(tokenizer, "<s>"), "300");
  EXPECT_EQ(Ids(tokenizer, "a<s><s>x<s"), "97 300 301 60 115");
  EXPECT_EQ(Ids(tokenizer, "aa b"), "97 302");
  EXPECT_EQ(tokenizer.IdOf("<s>"), 300);
  EXPECT_EQ(tokenizer.IdOf("abc"), 257);
  EXPECT_EQ(tokenizer.IdOf("xyz"), std::nullopt);
  EXPECT_TRUE(tokenizer.IsSpecial(300));
  EXPECT_FALSE(tokenizer.IsSpecial(301));
  EXPECT_FALSE(tokenizer.IsSpecial(97));
  EXPECT_EQ(tokenizer.vocab_size(), 303);
}

TEST(TokenizerTest, HonoursFlagsOfAddedTokens) {
  Tokenizer strip =
      Make(Json(absl::StrCat(Added(300, "<l>", R"(,"lstrip":true)"), ",",
                             Added(301, "<r>", R"(,"rstrip":true)"))));
  EXPECT_EQ(Ids(strip, "b \xE3\x80\x80<l> b"), "98 300 32 98");
  EXPECT_EQ(Ids(strip, "b <r>\n\tb"), "98 32 301 98");
  EXPECT_EQ(Ids(strip, "<r>  <l>"), "301 300");
  Tokenizer word = Make(Json(Added(300, "word", R"(,"single_word":true)")));
  EXPECT_EQ(Ids(word, "word-word"), "300 45 300");
  EXPECT_EQ(Ids(word, "words").substr(0, 3), "119");
  EXPECT_EQ(Ids(word, "\xC3\xA9word").substr(0, 3), "195");
}

TEST(TokenizerTest, FindsNormalizedTokensAfterNormalization) {
  std::string json = Json(Replaced(Added(300, "YES"), R"("normalized":false)",
                                   R"("normalized":true)"));
  json = Replaced(json, R"("normalizer":null)",
                  R"("normalizer":{"type":"Lowercase"})");
  EXPECT_EQ(Ids(Make(json), "yEs"), "300");
}

TEST(TokenizerTest, Decodes) {
  Tokenizer tokenizer = Make(Json(Added(300, "<s>", R"(,"special":true)")));
  EXPECT_EQ(*tokenizer.Decode({257, 259, 300}), "abc a");
  EXPECT_EQ(*tokenizer.Decode({257, 300}, /*skip_special=*/false), "abc<s>");
  EXPECT_EQ(*tokenizer.Decode({0xC3, 0xA9}), "\xC3\xA9");
  EXPECT_EQ(*tokenizer.Decode({0xC3, 97}),
            "\xEF\xBF\xBD"
            "a");
  EXPECT_EQ(*tokenizer.TokenBytes(0xC3), "\xC3");
  EXPECT_THAT(tokenizer.Decode({5000}),
              Fails(StatusCode::kInvalidArgument, "id 5000 has no token"));
  EXPECT_THAT(tokenizer.Decode({-1}),
              Fails(StatusCode::kInvalidArgument, "id -1"));
}

TEST(StreamDecoderTest, EmitsWholeCharacters) {
  Tokenizer tokenizer = Make(Json(Added(300, "<s>", R"(,"special":true)")));
  StreamDecoder decoder(tokenizer);
  EXPECT_EQ(*decoder.Push(97), "a");
  EXPECT_EQ(*decoder.Push(0xF0), "");
  EXPECT_EQ(*decoder.Push(0x9F), "");
  EXPECT_EQ(*decoder.Push(300), "");
  EXPECT_EQ(*decoder.Push(0x98), "");
  EXPECT_EQ(*decoder.Push(0x80), "\xF0\x9F\x98\x80");
  EXPECT_EQ(*decoder.Push(0xC3), "");
  EXPECT_EQ(*decoder.Push(97),
            "\xEF\xBF\xBD"
            "a");
  EXPECT_EQ(*decoder.Push(0xE2), "");
  EXPECT_EQ(decoder.Finish(), "\xEF\xBF\xBD");
  EXPECT_EQ(decoder.Finish(), "");
  EXPECT_THAT(decoder.Push(5000), Fails(StatusCode::kInvalidArgument, "5000"));
}

TEST(TokenizerTest, TreatsBytesWithoutToken) {
  std::string json = Replaced(Json(), R"("\u0061":97,)", "");
  json = Replaced(json, R"(["a b","\u0120 a","b c","ab c"])", "[]");
  EXPECT_EQ(Ids(Make(json), "ba"),
            "the tokenizer has neither a token for byte 0x61 nor an unknown "
            "token");
  json = Replaced(json, R"("unk_token":null)", R"("unk_token":"bc")");
  EXPECT_EQ(Ids(Make(json), "baa"), "98 258 258");
  json = Replaced(json, R"("dropout":null)", R"("fuse_unk":true)");
  EXPECT_EQ(Ids(Make(json), "baab"), "98 258 98");
}

TEST(TokenizerTest, EndsPatternsThatDoNot) {
  std::string json = Replaced(
      Json(), kPreTokenizer,
      R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":)"
      R"({"Regex":"(a*)*c"},"behavior":"Isolated"},{"type":"ByteLevel"}]})");
  EXPECT_THAT(Make(json).Encode(std::string(40, 'a') + "b"),
              Fails(StatusCode::kResourceExhausted, "U_REGEX_TIME_OUT"));
}

TEST(TokenizerTest, LimitsTextLength) {
  std::string text((size_t{1} << 26) + 1, ' ');
  EXPECT_THAT(Make(Json()).Encode(text),
              Fails(StatusCode::kResourceExhausted, "at most 67108864"));
}

TEST(TokenizerTest, Loads) {
  TemporaryFolder folder;
  EXPECT_THAT(Tokenizer::Load(folder / "tokenizer.json"),
              Fails(StatusCode::kNotFound, "tokenizer.json"));
  WriteFile(folder / "tokenizer.json", Json());
  absl::StatusOr<Tokenizer> tokenizer =
      Tokenizer::Load(folder / "tokenizer.json");
  ASSERT_THAT(tokenizer, IsOk());
  EXPECT_EQ(Ids(*tokenizer, "abc"), "257");
}

void ExpectRejected(const BadEdit& bad, StatusCode code) {
  std::string json = Replaced(Json(Added(300, "<s>")), bad.from, bad.to);
  EXPECT_THAT(Tokenizer::Parse(json, "t.json"), Fails(code, bad.message));
}

class UnsupportedTest : public testing::TestWithParam<BadEdit> {};

TEST_P(UnsupportedTest, IsNamed) {
  ExpectRejected(GetParam(), StatusCode::kUnimplemented);
}

constexpr BadEdit kUnsupported[] = {
    {R"("type":"BPE")", R"("type":"Unigram")", "model 'Unigram'"},
    {R"("dropout":null)", R"("dropout":0.1)", "'dropout'"},
    {R"("dropout":null)", R"("byte_fallback":true)", "'byte_fallback'"},
    {R"("dropout":null)", R"("end_of_word_suffix":"</w>")",
     "'end_of_word_suffix'"},
    {R"("dropout":null)", R"("continuing_subword_prefix":"##")",
     "'continuing_subword_prefix'"},
    {R"("normalizer":null)", R"("normalizer":{"type":"Prepend"})",
     "t.json: normalizer 'Prepend' is not supported"},
    {R"("normalizer":null)",
     R"("normalizer":{"type":"Sequence","normalizers":[{"type":"Strip"}]})",
     "normalizer 'Strip'"},
    {R"("post_processor":null)",
     R"("post_processor":{"type":"BertProcessing"})",
     "post_processor 'BertProcessing'"},
    {R"("post_processor":null)",
     R"("post_processor":{"type":"Sequence","processors":[{"type":"X"}]})",
     "post_processor 'X'"},
    {R"("decoder":{"type":"ByteLevel"})", R"("decoder":{"type":"Metaspace"})",
     "decoder 'Metaspace'"},
    {R"("decoder":{"type":"ByteLevel"})", R"("decoder":null)",
     "decoder 'null'"},
    {kPreTokenizer, "null", "pre_tokenizer 'without ByteLevel'"},
    {kPreTokenizer, R"({"type":"Whitespace"})", "pre_tokenizer 'Whitespace'"},
    {kPreTokenizer,
     R"({"type":"Sequence","pretokenizers":[{"type":"ByteLevel"},)"
     R"({"type":"Digits"}]})",
     "pre_tokenizer after ByteLevel 'Digits'"},
    {kPreTokenizer,
     R"({"type":"Split","pattern":{"String":"a"},"behavior":"X"})",
     "split behavior 'X'"},
};

INSTANTIATE_TEST_SUITE_P(TokenizerTest, UnsupportedTest,
                         testing::ValuesIn(kUnsupported));

class MalformedTest : public testing::TestWithParam<BadEdit> {};

TEST_P(MalformedTest, IsRejected) {
  ExpectRejected(GetParam(), StatusCode::kInvalidArgument);
}

constexpr BadEdit kMalformed[] = {
    {"{", "", "malformed JSON"},
    {R"("model":)", R"("m":)", "missing field 'model'"},
    {R"("vocab":)", R"("v":)", "missing field 'model.vocab'"},
    {R"("merges":)", R"("m":)", "missing field 'model.merges'"},
    {R"("ab":256)", R"("ab":"256")", "token 'ab': expected an id"},
    {R"("ab":256)", R"("ab":-1)", "token 'ab': expected an id"},
    {R"("ab":256)", R"("ab":2147483647)", "token 'ab': expected an id"},
    {R"("ab":256)", R"("ab":257)", "id 257 has two tokens"},
    {R"("a b",)", R"("a b c",)", "merge 0 (\"a b c\"): expected two tokens"},
    {R"("a b",)", R"(7,)", "expected two tokens"},
    {R"("a b",)", R"(["a"],)", "expected two tokens"},
    {R"("a b",)", R"("a z",)", "in the vocabulary"},
    {R"("a b",)", R"("qq b",)", "in the vocabulary"},
    {R"("unk_token":null)", R"("unk_token":"<unk>")",
     "unk_token '<unk>' is not in the vocabulary"},
    {R"("id":300)", R"("id":-1)", "'added_tokens[0].id': expected 31 bits"},
    {R"("id":300)", R"("no":300)", "missing field 'added_tokens[0].id'"},
    {R"("id":300,"content":"<s>")", R"("id":300,"content":"ab")",
     "'ab' has id 256 in the vocabulary, but 300 here"},
    {R"({"id":300,)", R"({"id":300,"content":"xx"},{"id":300,)",
     "is used twice"},
    {R"("added_tokens":[)", R"("added_tokens":7,"x":[)", "expected an array"},
    {R"("normalizer":null)", R"("normalizer":{"type":"Sequence"})",
     "missing field 'normalizer.normalizers'"},
    {R"("normalizer":null)", R"("normalizer":"NFC")", "expected an object"},
    {kPreTokenizer, R"({"type":"Sequence"})",
     "missing field 'pre_tokenizer.pretokenizers'"},
    {kPreTokenizer,
     R"({"type":"Split","pattern":{"Regex":"("},"behavior":"Isolated"})",
     "cannot compile the pattern '('"},
    {kPreTokenizer,
     R"({"type":"Split","pattern":{"X":"("},"behavior":"Isolated"})",
     "missing field 'pre_tokenizer.pattern.Regex'"},
    {R"("use_regex":true)", R"("use_regex":1)", "true or false"},
    {R"("decoder":{"type":"ByteLevel"})", R"("decoder":{})",
     "missing field 'decoder.type'"},
    {R"("post_processor":null)", R"("post_processor":{"type":"Sequence"})",
     "missing field 'post_processor.processors'"},
};

INSTANTIATE_TEST_SUITE_P(TokenizerTest, MalformedTest,
                         testing::ValuesIn(kMalformed));

TEST(TokenizerTest, AcceptsPostProcessorsThatOnlyAddTokens) {
  EXPECT_EQ(IdsWith(R"("post_processor":null)",
                    R"("post_processor":{"type":"Sequence","processors":[)"
                    R"({"type":"ByteLevel"},{"type":"TemplateProcessing"}]})",
                    "ab"),
            "256");
}

}  // namespace
}  // namespace minimax::runtime
