//===- test_util.h - what the tests of formats share -----------*- C++ -*-===//
//
// Temporary folders, small files and matchers of statuses.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TEST_UNIT_RUNTIME_TEST_UTIL_H_
#define MINIMAX_TEST_UNIT_RUNTIME_TEST_UTIL_H_

#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace minimax::runtime {

/// The status of a status or of a StatusOr.
inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

/// Matches an error of `code` whose message contains `part`.
MATCHER_P2(Fails, code, part, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code &&
         status.message().find(part) != absl::string_view::npos;
}

/// Matches success.
MATCHER(IsOk, "") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

/// A folder that lives as long as the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "minimax-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  /// Path of `name` in the folder.
  std::string operator/(const std::string& name) const {
    return absl::StrCat(path_, "/", name);
  }
  const std::string& path() const { return path_; }

  /// Number of files in the folder.
  int64_t Count() const {
    std::filesystem::directory_iterator files(path_);
    return std::distance(begin(files), end(files));
  }

 private:
  std::string path_;
};

inline void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline std::string ReadFile(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// `text` with the first `from` replaced; fails the test if there is none.
inline std::string Replaced(std::string text, const std::string& from,
                            const std::string& to) {
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// An edit that makes a good file bad, and a part of the message it causes.
struct BadEdit {
  const char* from;
  const char* to;
  const char* message;
};

inline void PrintTo(const BadEdit& edit, std::ostream* out) {
  *out << edit.from << " -> " << edit.to;
}

}  // namespace minimax::runtime

#endif  // MINIMAX_TEST_UNIT_RUNTIME_TEST_UTIL_H_
