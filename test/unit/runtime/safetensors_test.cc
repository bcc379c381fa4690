//===- safetensors_test.cc - tests of safetensors files -------------------===//
//
// Every way in which a file or a checkpoint can be wrong, and round trips.
//
//===----------------------------------------------------------------------===//
#include "formats/safetensors.h"

#include <sys/resource.h>

#include <csignal>
#include <cstring>
#include <limits>

#include "test_util.h"

namespace minimax::runtime {
namespace {

using absl::StatusCode;
using testing::ElementsAre;

// A file of this header and `size` bytes of data.
std::string MakeFile(const std::string& header, size_t size) {
  std::string file;
  for (int i = 0; i < 8; ++i)
    file.push_back(static_cast<char>(header.size() >> (8 * i)));
  return file + header + std::string(size, '\1');
}

// A header of one tensor `a` with these fields.
std::string OneTensor(const std::string& dtype, const std::string& shape,
                      const std::string& offsets) {
  return absl::StrCat(R"({"a":{"dtype":)", dtype, R"(,"shape":)", shape,
                      R"(,"data_offsets":)", offsets, "}}");
}

// A header of tensors of bytes at these offsets.
std::string ByteTensors(
    const std::vector<std::pair<int64_t, int64_t>>& offsets) {
  std::string header = "{";
  for (size_t i = 0; i < offsets.size(); ++i)
    absl::StrAppend(
        &header, i == 0 ? "" : ",", R"("t)", i, R"(":{"dtype":"U8","shape":[)",
        offsets[i].second - offsets[i].first, R"(],"data_offsets":[)",
        offsets[i].first, ",", offsets[i].second, "]}");
  return header + "}";
}

absl::Status ParseStatus(const std::string& bytes) {
  return SafetensorsFile::Parse(bytes, "f.st").status();
}

void ExpectDamaged(const std::string& header, size_t size,
                   const std::string& message) {
  EXPECT_THAT(ParseStatus(MakeFile(header, size)),
              Fails(StatusCode::kDataLoss, message))
      << header;
  EXPECT_THAT(ParseStatus(MakeFile(header, size)),
              Fails(StatusCode::kDataLoss, "f.st: "));
}

TEST(SafetensorsTest, ReadsTensors) {
  std::string bytes = MakeFile(
      R"({"__metadata__":{"format":"pt"},)"
      R"("b":{"dtype":"BF16","shape":[],"data_offsets":[8,10]},)"
      R"("a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
      R"("c":{"dtype":"I64","shape":[0,3],"data_offsets":[10,10]}}   )",
      10);
  absl::StatusOr<SafetensorsFile> file = SafetensorsFile::Parse(bytes, "f.st");
  ASSERT_THAT(file, IsOk());
  const TensorView* a = file->Find("a");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->dtype, DType::kF32);
  EXPECT_THAT(a->shape, ElementsAre(2, 1));
  EXPECT_EQ(a->bytes, 8);
  EXPECT_EQ(a->path, "f.st");
  EXPECT_EQ(static_cast<const char*>(a->data),
            bytes.data() + bytes.size() - 10);
  EXPECT_EQ(file->Find("b")->bytes, 2);
  EXPECT_EQ(file->Find("c")->bytes, 0);
  EXPECT_EQ(file->Find("d"), nullptr);
  EXPECT_EQ(file->metadata().at("format"), "pt");
}

TEST(SafetensorsTest, RejectsBadLengths) {
  EXPECT_THAT(ParseStatus(""), Fails(StatusCode::kDataLoss, "got 0"));
  EXPECT_THAT(ParseStatus("1234567"), Fails(StatusCode::kDataLoss, "got 7"));
  EXPECT_THAT(ParseStatus(std::string(8, '\0')),
              Fails(StatusCode::kDataLoss, "begins with '{'"));
  EXPECT_THAT(ParseStatus(std::string("\x03\0\0\0\0\0\0\0{}", 10)),
              Fails(StatusCode::kDataLoss, "longer than the file"));
  EXPECT_THAT(ParseStatus(std::string(8, '\xFF') + "{}"),
              Fails(StatusCode::kDataLoss, "at most 100000000"));
}

TEST(SafetensorsTest, RejectsBadHeaders) {
  ExpectDamaged("[]", 0, "begins with '{'");
  ExpectDamaged("{", 0, "malformed JSON");
  ExpectDamaged(R"({"a":NaN})", 0, "malformed JSON");
  ExpectDamaged("{\"\xFF\":1}", 0, "malformed JSON");
  ExpectDamaged(R"({"a":1})", 0, "expected an object, but got 1");
  ExpectDamaged(R"({"a":{}})", 0, "missing field 'a.dtype'");
  ExpectDamaged(R"({"__metadata__":1})", 0, "__metadata__ is no object");
  ExpectDamaged(R"({"__metadata__":{"k":1}})", 0, "'k': expected a string");
  std::string tensor = R"({"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  ExpectDamaged(absl::StrCat(R"({"a":)", tensor, R"(,"a":)", tensor, "}"), 0,
                "repeated key 'a'");
}

TEST(SafetensorsTest, RejectsBadTensors) {
  ExpectDamaged(OneTensor("\"F31\"", "[1]", "[0,4]"), 4, "unknown dtype 'F31'");
  ExpectDamaged(OneTensor("7", "[1]", "[0,4]"), 4, "field 'a.dtype'");
  ExpectDamaged(OneTensor("\"U8\"", "[-1]", "[0,4]"), 4, "negative");
  ExpectDamaged(OneTensor("\"U8\"", "[1.0]", "[0,1]"), 1, "field 'a.shape'");
  ExpectDamaged(OneTensor("\"U8\"", "[4294967296,4294967296]", "[0,0]"), 0,
                "too large");
  ExpectDamaged(OneTensor("\"F64\"", "[2305843009213693952]", "[0,0]"), 0,
                "too large");
  ExpectDamaged(OneTensor("\"U8\"", "[4294967296,4294967296,0]", "[0,0]"), 0,
                "too large");
  ExpectDamaged(OneTensor("\"U8\"", "[4]", "[4,0]"), 4, "are no range");
  ExpectDamaged(OneTensor("\"U8\"", "[4]", "[-4,0]"), 4, "are no range");
  ExpectDamaged(OneTensor("\"U8\"", "[4]", "[0]"), 4, "two data_offsets");
  ExpectDamaged(OneTensor("\"U8\"", "[4]", "[0,4,4]"), 4, "two data_offsets");
  ExpectDamaged(OneTensor("\"U8\"", "[4]", "[0,4.0]"), 4, "data_offsets");
  ExpectDamaged(OneTensor("\"F32\"", "[1]", "[0,3]"), 3,
                "expected 4 bytes by its dtype and shape");
  ExpectDamaged(OneTensor("\"U8\"", "[4]", "[0,4]"), 3, "end at 4");
  ExpectDamaged(
      OneTensor("\"U8\"", "[1]", "[9223372036854775807,9223372036854775808]"),
      1, "data_offsets");
}

TEST(SafetensorsTest, RejectsWhatDoesNotTile) {
  ExpectDamaged(ByteTensors({{0, 4}, {2, 6}}), 6, "'t1': overlaps");
  ExpectDamaged(ByteTensors({{0, 4}, {0, 4}}), 4, "overlaps");
  ExpectDamaged(ByteTensors({{0, 4}, {5, 6}}), 6, "'t1': leaves a gap");
  ExpectDamaged(ByteTensors({{1, 4}}), 4, "leaves a gap");
  ExpectDamaged(ByteTensors({{0, 4}}), 5, "tensors end at 4");
  EXPECT_THAT(ParseStatus(MakeFile(ByteTensors({{3, 3}, {0, 3}, {3, 5}}), 5)),
              IsOk());
}

TEST(SafetensorsTest, ElementCountChecksOverflow) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(ElementCount({}), 1);
  EXPECT_EQ(ElementCount({2, 3}), 6);
  EXPECT_EQ(ElementCount({kMax}), kMax);
  EXPECT_EQ(ElementCount({kMax, 2}), -1);
  EXPECT_EQ(ElementCount({0, kMax, 2}), -1);
  EXPECT_EQ(ElementCount({-1}), -1);
}

// One float and two bytes, which are written after it.
class WriterTest : public testing::Test {
 protected:
  float value_ = 1.5f;
  char bytes_[2] = {7, 8};
  std::vector<TensorToWrite> tensors_ = {{"bytes", DType::kU8, {2}, bytes_},
                                         {"value", DType::kF32, {}, &value_}};
  TemporaryFolder folder_;
};

TEST_F(WriterTest, RoundTrips) {
  ASSERT_THAT(WriteSafetensors(folder_ / "a.st", tensors_, {{"k", "v"}}),
              IsOk());
  absl::StatusOr<SafetensorsFile> file =
      SafetensorsFile::Open(folder_ / "a.st");
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(file->metadata().at("k"), "v");
  EXPECT_EQ(file->tensors()[0].name, "value");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(file->tensors()[0].data) % 4, 0u);
  SafetensorsFile moved = *std::move(file);
  EXPECT_EQ(std::memcmp(moved.Find("value")->data, &value_, 4), 0);
  EXPECT_EQ(std::memcmp(moved.Find("bytes")->data, bytes_, 2), 0);
}

TEST_F(WriterTest, WritesNothing) {
  ASSERT_THAT(WriteSafetensors(folder_ / "a.st", {}), IsOk());
  absl::StatusOr<SafetensorsFile> file =
      SafetensorsFile::Open(folder_ / "a.st");
  ASSERT_THAT(file, IsOk());
  EXPECT_TRUE(file->tensors().empty());
}

TEST_F(WriterTest, RejectsBadTensors) {
  auto write = [&](TensorToWrite tensor) {
    std::vector<TensorToWrite> tensors = tensors_;
    tensors.push_back(std::move(tensor));
    return WriteSafetensors(folder_ / "a.st", tensors);
  };
  constexpr StatusCode kCode = StatusCode::kInvalidArgument;
  EXPECT_THAT(write({"value", DType::kU8, {2}, bytes_}),
              Fails(kCode, "'value': name is reserved or used twice"));
  EXPECT_THAT(write({"__metadata__", DType::kU8, {2}, bytes_}),
              Fails(kCode, "reserved"));
  EXPECT_THAT(write({"\xFF", DType::kU8, {2}, bytes_}), Fails(kCode, "UTF-8"));
  EXPECT_THAT(write({"x", DType::kU8, {-1}, bytes_}), Fails(kCode, "negative"));
  EXPECT_THAT(WriteSafetensors(folder_ / "a.st", tensors_, {{"k", "\xFF"}}),
              Fails(kCode, "UTF-8"));
  EXPECT_EQ(folder_.Count(), 0);
}

TEST_F(WriterTest, FullDiskLeavesNothing) {
  auto handler = signal(SIGXFSZ, SIG_IGN);
  rlimit old;
  getrlimit(RLIMIT_FSIZE, &old);
  rlimit small = old;
  std::vector<char> large(100'000);
  tensors_.push_back({"large", DType::kU8, {100'000}, large.data()});
  // Fails in the header, in the data and only at the last byte.
  for (rlim_t limit : {10, 1000, 100'000}) {
    small.rlim_cur = limit;
    setrlimit(RLIMIT_FSIZE, &small);
    absl::Status status = WriteSafetensors(folder_ / "a.st", tensors_);
    setrlimit(RLIMIT_FSIZE, &old);
    EXPECT_THAT(status,
                Fails(StatusCode::kResourceExhausted, folder_ / "a.st"));
    EXPECT_EQ(folder_.Count(), 0);
  }
  signal(SIGXFSZ, handler);
}

// A folder of shards `1.safetensors` with tensor a and `2.safetensors` with b.
class CheckpointTest : public testing::Test {
 protected:
  void SetUp() override {
    WriteShard("1.safetensors", {"a"});
    WriteShard("2.safetensors", {"b"});
  }

  void WriteShard(const std::string& file,
                  const std::vector<std::string>& names) {
    std::vector<TensorToWrite> tensors;
    for (const std::string& name : names)
      tensors.push_back({name, DType::kF32, {1}, &value_});
    ASSERT_THAT(WriteSafetensors(folder_ / file, tensors), IsOk());
  }

  void WriteIndex(const std::string& text) {
    WriteFile(folder_ / "model.safetensors.index.json", text);
  }

  void ExpectError(StatusCode code, const std::string& message) {
    EXPECT_THAT(Checkpoint::Open(folder_.path()), Fails(code, message));
  }

  float value_ = 2;
  TemporaryFolder folder_;
};

constexpr char kIndex[] =
    R"({"metadata":{"total_size":8},)"
    R"("weight_map":{"a":"1.safetensors","b":"2.safetensors"}})";

TEST_F(CheckpointTest, OpensShards) {
  WriteIndex(kIndex);
  absl::StatusOr<Checkpoint> opened = Checkpoint::Open(folder_.path());
  ASSERT_THAT(opened, IsOk());
  Checkpoint checkpoint = *std::move(opened);
  EXPECT_THAT(checkpoint.Names(), ElementsAre("a", "b"));
  ASSERT_THAT(checkpoint.Get("b"), IsOk());
  EXPECT_EQ((*checkpoint.Get("b"))->path, folder_ / "2.safetensors");
  EXPECT_THAT(checkpoint.Get("c"),
              Fails(StatusCode::kNotFound, "missing tensor 'c'"));
  EXPECT_EQ(checkpoint.files().size(), 2u);
}

TEST_F(CheckpointTest, OpensSingleFile) {
  ExpectError(StatusCode::kInvalidArgument,
              "several .safetensors files but no model.safetensors.index.json");
  WriteShard("model.safetensors", {"c"});
  absl::StatusOr<Checkpoint> checkpoint = Checkpoint::Open(folder_.path());
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_THAT(checkpoint->Names(), ElementsAre("c"));
}

TEST_F(CheckpointTest, OpensTheOnlyFile) {
  std::filesystem::remove(folder_ / "2.safetensors");
  absl::StatusOr<Checkpoint> checkpoint = Checkpoint::Open(folder_.path());
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_THAT(checkpoint->Names(), ElementsAre("a"));
  std::filesystem::remove(folder_ / "1.safetensors");
  ExpectError(StatusCode::kNotFound, "holds no .safetensors file");
}

TEST_F(CheckpointTest, RejectsMissingFolder) {
  EXPECT_THAT(Checkpoint::Open("/no/such"),
              Fails(StatusCode::kNotFound, "/no/such"));
}

TEST_F(CheckpointTest, RejectsBadIndex) {
  WriteIndex("{");
  ExpectError(StatusCode::kInvalidArgument, "malformed JSON");
  WriteIndex("{}");
  ExpectError(StatusCode::kInvalidArgument, "missing field 'weight_map'");
  WriteIndex(R"({"weight_map":[]})");
  ExpectError(StatusCode::kInvalidArgument, "expected an object");
  for (const char* shard : {"1", "\"../1.safetensors\"", "\"/etc/passwd\"",
                            "\"\"", "\"..\"", "\"a\\\\b\"", "\"a\\u0000b\""}) {
    WriteIndex(absl::StrCat(R"({"weight_map":{"a":)", shard, "}}"));
    ExpectError(StatusCode::kInvalidArgument,
                "tensor 'a': expected the name of a file in the same folder");
  }
}

TEST_F(CheckpointTest, RejectsIndexThatDiffersFromShards) {
  WriteIndex(Replaced(kIndex, "2.safe", "3.safe"));
  ExpectError(StatusCode::kNotFound, "3.safetensors: cannot open");
  WriteIndex(Replaced(kIndex, R"("b":)", R"("c":"2.safetensors","b":)"));
  ExpectError(StatusCode::kInvalidArgument,
              "2.safetensors: tensor 'c' is missing");
  WriteIndex(kIndex);
  WriteShard("2.safetensors", {"b", "d"});
  ExpectError(StatusCode::kInvalidArgument,
              "2.safetensors: tensor 'd' is not assigned to this file");
  WriteShard("2.safetensors", {"a", "b"});
  ExpectError(StatusCode::kInvalidArgument,
              "2.safetensors: tensor 'a' is not assigned to this file");
  WriteFile(folder_ / "2.safetensors", "short");
  ExpectError(StatusCode::kDataLoss, "2.safetensors");
}

}  // namespace
}  // namespace minimax::runtime
