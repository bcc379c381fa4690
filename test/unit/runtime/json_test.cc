//===- json_test.cc - tests of checked JSON access ------------------------===//
//
// Malformed text, limits and the messages of typed access.
//
//===----------------------------------------------------------------------===//
#include "formats/json.h"

#include "test_util.h"

namespace minimax::runtime {
namespace {

using absl::StatusCode;

TEST(JsonTest, ParsesAllKinds) {
  absl::StatusOr<Json> json =
      ParseJson(R"({"a":[1,-2,3.5,true,null,"x",{}],"b":{"c":[]}})", "f");
  ASSERT_THAT(json, IsOk());
  EXPECT_EQ(json->dump(), R"({"a":[1,-2,3.5,true,null,"x",{}],"b":{"c":[]}})");
}

TEST(JsonTest, RejectsMalformedText) {
  for (const char* text : {"", "{", "[1,]", "nul", "{\"a\":1}x", "\"\xFF\"",
                           "NaN", "[Infinity]", "1e999", "// c\n1"})
    EXPECT_THAT(ParseJson(text, "f.json"),
                Fails(StatusCode::kInvalidArgument, "f.json: malformed JSON"))
        << text;
}

TEST(JsonTest, RejectsRepeatedKeys) {
  EXPECT_THAT(ParseJson(R"({"a":1,"b":{"a":2},"a":3})", "f"),
              Fails(StatusCode::kInvalidArgument, "repeated key 'a'"));
}

TEST(JsonTest, LimitsNesting) {
  auto nested = [](int depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_THAT(ParseJson(nested(kMaxJsonDepth), "f"), IsOk());
  EXPECT_THAT(ParseJson(nested(kMaxJsonDepth + 1), "f"),
              Fails(StatusCode::kInvalidArgument, "nested deeper than 64"));
  EXPECT_THAT(ParseJson(std::string(10'000'000, '['), "f"),
              Fails(StatusCode::kInvalidArgument, "nested deeper"));
}

// The status after reading field `a` of `text` as a T.
template <typename T>
absl::Status ReadA(const char* text) {
  absl::StatusOr<Json> json = ParseJson(text, "f");
  if (!json.ok()) return json.status();
  JsonReader reader(*json, "f");
  T value{};
  reader.Required("a", &value);
  return reader.status();
}

TEST(JsonTest, NamesWhatIsWrong) {
  constexpr StatusCode kCode = StatusCode::kInvalidArgument;
  EXPECT_THAT(ReadA<int64_t>("{}"), Fails(kCode, "f: missing field 'a'"));
  EXPECT_THAT(ReadA<int64_t>(R"({"a":null})"), Fails(kCode, "missing"));
  EXPECT_THAT(ReadA<int64_t>("[1]"),
              Fails(kCode, "f: expected an object, but got an array of 1"));
  EXPECT_THAT(ReadA<int64_t>(R"({"a":"x"})"),
              Fails(kCode, "f: field 'a': expected an integer, but got \"x\""));
  EXPECT_THAT(ReadA<int64_t>(R"({"a":1.5})"), Fails(kCode, "but got 1.5"));
  EXPECT_THAT(ReadA<int64_t>(R"({"a":18446744073709551615})"),
              Fails(kCode, "but got 18446744073709551615"));
  EXPECT_THAT(ReadA<double>(R"({"a":[]})"), Fails(kCode, "a number"));
  EXPECT_THAT(ReadA<bool>(R"({"a":0})"), Fails(kCode, "true or false"));
  EXPECT_THAT(ReadA<std::string>(R"({"a":{}})"),
              Fails(kCode, "expected a string, but got an object"));
  EXPECT_THAT(ReadA<std::vector<int64_t>>(R"({"a":[1,"x"]})"),
              Fails(kCode, "an array of integers"));
  EXPECT_THAT(ReadA<std::vector<std::string>>(R"({"a":["x",1]})"),
              Fails(kCode, "an array of strings"));
}

TEST(JsonTest, KeepsTheFirstErrorAndPaths) {
  absl::StatusOr<Json> json = ParseJson(R"({"l":[{"n":1}]})", "f");
  ASSERT_THAT(json, IsOk());
  JsonReader reader(*json, "f");
  JsonReader child = reader.Child("l", 0, (*json)["l"][0]);
  std::string name;
  child.Required("n", &name);
  child.Required("m", &name);
  EXPECT_THAT(child.status(),
              Fails(StatusCode::kInvalidArgument, "f: field 'l[0].n':"));
  EXPECT_EQ(reader.RequiredObject("l"), nullptr);
  EXPECT_THAT(reader.status(), Fails(StatusCode::kInvalidArgument,
                                     "expected an object, but got an array"));
}

TEST(JsonTest, ShortensLongValues) {
  EXPECT_EQ(DescribeJson(Json(std::string(1000, 'x'))).size(), 63u);
}

}  // namespace
}  // namespace minimax::runtime
