//===- file_error.h - errno as a status ------------------------*- C++ -*-===//
//
// Turns a failed system call on a file into a status that names the file.
// Internal to formats.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_FILE_ERROR_H_
#define MINIMAX_RUNTIME_FORMATS_FILE_ERROR_H_

#include <cerrno>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace minimax::runtime {

/// "`path`: cannot `action`: ..." with the code that `error`, an errno, stands
/// for. A full disk, quota or file size limit is ResourceExhausted.
inline absl::Status FileError(int error, const std::string& path,
                              absl::string_view action) {
  absl::Status reason = absl::ErrnoToStatus(error, "");
  absl::StatusCode code = reason.code();
  if (error == EDQUOT || error == EFBIG || error == ENOSPC)
    code = absl::StatusCode::kResourceExhausted;
  std::string text(reason.message());
  while (!text.empty() && (text[0] == ':' || text[0] == ' ')) text.erase(0, 1);
  return absl::Status(code,
                      absl::StrCat(path, ": cannot ", action, ": ", text));
}

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_FORMATS_FILE_ERROR_H_
