//===- status_macros.h - early return for absl::Status ---------*- C++ -*-===//
//
// The runtime's one pair of macros that hand an error to the caller.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_STATUS_MACROS_H_
#define MINIMAX_RUNTIME_FORMATS_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define MMRT_CONCAT_INNER(a, b) a##b
#define MMRT_CONCAT(a, b) MMRT_CONCAT_INNER(a, b)

/// Returns from the enclosing function if `expression`, an absl::Status, is an
/// error.
#define MMRT_RETURN_IF_ERROR(expression)       \
  do {                                         \
    absl::Status mmrt_status = (expression);   \
    if (!mmrt_status.ok()) return mmrt_status; \
  } while (false)

/// Assigns the value of `expression`, an absl::StatusOr, to `target` (which may
/// be a declaration), or returns its error from the enclosing function.
#define MMRT_ASSIGN_OR_RETURN(target, expression)                      \
  MMRT_ASSIGN_OR_RETURN_INNER(MMRT_CONCAT(mmrt_or_, __LINE__), target, \
                              expression)

#define MMRT_ASSIGN_OR_RETURN_INNER(temporary, target, expression) \
  auto temporary = (expression);                                   \
  if (!temporary.ok()) return std::move(temporary).status();       \
  target = *std::move(temporary)

#endif  // MINIMAX_RUNTIME_FORMATS_STATUS_MACROS_H_
