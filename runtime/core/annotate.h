//===- annotate.h - say where an error happened -----------------*- C++ -*-===//
//
// Puts the name of a file, sequence or entry before a status's message.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_ANNOTATE_H
#define MINIMAX_RUNTIME_CORE_ANNOTATE_H

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace minimax::runtime {

/// `status` with "<where>: " before its message; OK stays OK.
inline absl::Status Annotate(const absl::Status& status,
                             absl::string_view where) {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat(where, ": ", status.message()));
}

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_ANNOTATE_H
