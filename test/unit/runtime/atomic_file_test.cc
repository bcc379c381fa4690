//===- atomic_file_test.cc - tests of writing and mapping files -----------===//
//
// A file appears whole or not at all, also when the disk is full.
//
//===----------------------------------------------------------------------===//
#include "formats/atomic_file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "formats/mapped_file.h"
#include "test_util.h"

namespace minimax::runtime {
namespace {

using absl::StatusCode;

// Makes writes beyond `bytes` fail as a full disk does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler_ = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit = old_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_;
  sighandler_t handler_;
};

TEST(AtomicFileTest, AppearsOnCommit) {
  TemporaryFolder folder;
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(folder / "a");
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT(file->Write("hello "), IsOk());
  ASSERT_THAT(file->Write("world"), IsOk());
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
  EXPECT_TRUE(std::filesystem::exists(file->temporary_path()));
  ASSERT_THAT(file->Commit(), IsOk());
  EXPECT_EQ(ReadFile(folder / "a"), "hello world");
  EXPECT_EQ(folder.Count(), 1);
}

TEST(AtomicFileTest, ReplacesAndKeepsOldUntilCommit) {
  TemporaryFolder folder;
  WriteFile(folder / "a", "old");
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(folder / "a");
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT(file->Write("new"), IsOk());
  EXPECT_EQ(ReadFile(folder / "a"), "old");
  ASSERT_THAT(file->Commit(), IsOk());
  EXPECT_EQ(ReadFile(folder / "a"), "new");
}

TEST(AtomicFileTest, DestructionDiscards) {
  TemporaryFolder folder;
  {
    absl::StatusOr<AtomicFile> file = AtomicFile::Create(folder / "a");
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT(file->Write("x"), IsOk());
    AtomicFile moved = *std::move(file);
    EXPECT_EQ(folder.Count(), 1);
  }
  EXPECT_EQ(folder.Count(), 0);
}

TEST(AtomicFileTest, ClosedFileFails) {
  TemporaryFolder folder;
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(folder / "a");
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT(file->Commit(), IsOk());
  EXPECT_THAT(file->Write("x"), Fails(StatusCode::kFailedPrecondition, "a:"));
  EXPECT_THAT(file->Commit(), Fails(StatusCode::kFailedPrecondition, "a:"));
}

TEST(AtomicFileTest, FullDiskLeavesNothing) {
  TemporaryFolder folder;
  WriteFile(folder / "a", "old");
  {
    FileSizeLimit limit(10);
    EXPECT_THAT(WriteFileAtomically(folder / "a", std::string(100, 'x')),
                Fails(StatusCode::kResourceExhausted, folder / "a"));
  }
  EXPECT_EQ(ReadFile(folder / "a"), "old");
  EXPECT_EQ(folder.Count(), 1);
}

TEST(AtomicFileTest, FailedRenameLeavesNothing) {
  TemporaryFolder folder;
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(folder / "a");
  ASSERT_THAT(file, IsOk());
  std::filesystem::create_directory(folder / "a");
  EXPECT_EQ(StatusOf(file->Commit()).ok(), false);
  EXPECT_EQ(folder.Count(), 1);
}

TEST(AtomicFileTest, RefusesDevicesAndMissingFolders) {
  EXPECT_THAT(AtomicFile::Create("/dev/full"),
              Fails(StatusCode::kInvalidArgument, "/dev/full"));
  EXPECT_THAT(AtomicFile::Create("/no/such/folder/a"),
              Fails(StatusCode::kNotFound, "/no/such/folder/a"));
}

TEST(AtomicFileTest, HonoursModeAndUmask) {
  TemporaryFolder folder;
  mode_t old = umask(022);
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(folder / "a", 0777);
  umask(old);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT(file->Commit(), IsOk());
  struct stat info;
  ASSERT_EQ(stat((folder / "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0755u);
}

TEST(MappedFileTest, MapsAndMoves) {
  TemporaryFolder folder;
  WriteFile(folder / "a", "hello");
  absl::StatusOr<MappedFile> file = MappedFile::Open(folder / "a");
  ASSERT_THAT(file, IsOk());
  const char* data = file->data();
  MappedFile moved = *std::move(file);
  EXPECT_EQ(moved.data(), data);
  EXPECT_EQ(moved.contents(), "hello");
}

TEST(MappedFileTest, MapsEmptyFile) {
  TemporaryFolder folder;
  WriteFile(folder / "a", "");
  absl::StatusOr<MappedFile> file = MappedFile::Open(folder / "a");
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(file->size(), 0u);
}

TEST(MappedFileTest, RejectsWhatIsNoFile) {
  TemporaryFolder folder;
  EXPECT_THAT(MappedFile::Open(folder / "none"),
              Fails(StatusCode::kNotFound, "none: cannot open"));
  EXPECT_THAT(MappedFile::Open(folder.path()),
              Fails(StatusCode::kInvalidArgument, "regular file"));
}

TEST(MappedFileTest, ReadTextFileHasALimit) {
  TemporaryFolder folder;
  WriteFile(folder / "a", "hello");
  EXPECT_EQ(*ReadTextFile(folder / "a", 5), "hello");
  EXPECT_THAT(ReadTextFile(folder / "a", 4),
              Fails(StatusCode::kResourceExhausted, "but got 5"));
}

}  // namespace
}  // namespace minimax::runtime
