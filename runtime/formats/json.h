//===- json.h - checked access to JSON -------------------------*- C++ -*-===//
//
// Parses untrusted JSON without exceptions and reads typed fields from it.
// Internal to formats: no public header includes this one.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_JSON_H_
#define MINIMAX_RUNTIME_FORMATS_JSON_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace minimax::runtime {

using Json = nlohmann::json;

/// Deepest nesting of arrays and objects that ParseJson accepts.
inline constexpr int kMaxJsonDepth = 64;

/// Parses `text`. InvalidArgument, naming `file`, for a syntax error, text
/// that is not UTF-8, a number out of range, a repeated key or nesting deeper
/// than kMaxJsonDepth.
absl::StatusOr<Json> ParseJson(absl::string_view text, const std::string& file);

/// A short text of `value` for messages: the value, or the kind and size of an
/// array or object.
std::string DescribeJson(const Json& value);

/// Converts `value`; returns null, or what was expected if it is not of the
/// type.
const char* ReadJson(const Json& value, int64_t* out);
const char* ReadJson(const Json& value, double* out);
const char* ReadJson(const Json& value, bool* out);
const char* ReadJson(const Json& value, std::string* out);
const char* ReadJson(const Json& value, std::vector<int64_t>* out);
const char* ReadJson(const Json& value, std::vector<std::string>* out);

/// Reads the fields of one object and keeps the first error, so that callers
/// read all fields and check status() once. The object must outlive it.
class JsonReader {
 public:
  /// `path` is where `value` sits in `file`, e.g. "states[2]"; empty for the
  /// top. A value that is no object is the first error.
  JsonReader(const Json& value, std::string file, std::string path = "");

  /// The field, or null if it is absent or null.
  const Json* Find(const char* name) const;

  /// Reads a field that must be there.
  template <typename T>
  void Required(const char* name, T* out) {
    if (const Json* value = FindRequired(name))
      Check(name, *value, ReadJson(*value, out));
  }

  /// Reads a field, or leaves `out` if it is absent or null.
  template <typename T>
  void Optional(const char* name, T* out) {
    if (const Json* value = Find(name))
      Check(name, *value, ReadJson(*value, out));
  }

  /// The field if it is there and an array, or an object; otherwise an error
  /// is kept and the result is null.
  const Json* RequiredArray(const char* name);
  const Json* RequiredObject(const char* name);

  /// A reader of an object inside this one; its errors are its own.
  JsonReader Child(const char* name, const Json& value) const;
  JsonReader Child(const char* name, size_t index, const Json& value) const;

  /// Keeps "field `name`: `message`" unless there already is an error.
  void Fail(const char* name, absl::string_view message);

  /// The first error.
  const absl::Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }

 private:
  const Json* FindRequired(const char* name);
  void Check(const char* name, const Json& value, const char* expected);
  std::string PathOf(absl::string_view name) const;

  const Json* object_;
  std::string file_;
  std::string path_;
  absl::Status status_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_FORMATS_JSON_H_
