//===- json.cc - checked access to JSON -----------------------------------===//
//
// A SAX handler that builds values within limits, and typed field access.
//
//===----------------------------------------------------------------------===//
#include "formats/json.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace minimax::runtime {
namespace {

// Builds a Json; stops at the first syntax error, repeated key or level beyond
// kMaxJsonDepth.
class TreeBuilder : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return Add(nullptr); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(number_integer_t value) override { return Add(value); }
  bool number_unsigned(number_unsigned_t value) override { return Add(value); }
  bool number_float(number_float_t value, const string_t&) override {
    return Add(value);
  }
  bool string(string_t& value) override { return Add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Open(Json::object()); }
  bool start_array(std::size_t) override { return Open(Json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(string_t& value) override {
    if (open_.back()->contains(value))
      return Stop(absl::StrCat("repeated key '", value, "'"));
    key_ = std::move(value);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return Stop(absl::StrCat("malformed JSON near byte ", position));
  }

  Json& root() { return root_; }
  const std::string& error() const { return error_; }

 private:
  Json* Place(Json value) {
    if (open_.empty()) return &(root_ = std::move(value));
    Json& parent = *open_.back();
    if (parent.is_object()) return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }

  bool Add(Json value) {
    Place(std::move(value));
    return true;
  }

  bool Open(Json value) {
    if (open_.size() >= kMaxJsonDepth)
      return Stop(absl::StrCat("JSON is nested deeper than ", kMaxJsonDepth));
    open_.push_back(Place(std::move(value)));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  bool Stop(std::string message) {
    if (error_.empty()) error_ = std::move(message);
    return false;
  }

  Json root_;
  std::vector<Json*> open_;
  std::string key_;
  std::string error_;
};

template <typename T>
const char* ReadArray(const Json& value, std::vector<T>* out,
                      const char* expected) {
  if (!value.is_array()) return expected;
  std::vector<T> elements(value.size());
  for (size_t i = 0; i < value.size(); ++i)
    if (ReadJson(value[i], &elements[i]) != nullptr) return expected;
  *out = std::move(elements);
  return nullptr;
}

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text,
                               const std::string& file) {
  TreeBuilder builder;
  if (!Json::sax_parse(text.begin(), text.end(), &builder))
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": ", builder.error()));
  return std::move(builder.root());
}

std::string DescribeJson(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return absl::StrCat("an array of ", value.size());
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  constexpr size_t kLongest = 60;
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

const char* ReadJson(const Json& value, int64_t* out) {
  constexpr const char* kExpected = "an integer";
  if (!value.is_number_integer()) return kExpected;
  if (value.is_number_unsigned() &&
      value.get<uint64_t>() >
          static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    return kExpected;
  *out = value.get<int64_t>();
  return nullptr;
}

const char* ReadJson(const Json& value, double* out) {
  if (!value.is_number()) return "a number";
  *out = value.get<double>();
  return nullptr;
}

const char* ReadJson(const Json& value, bool* out) {
  if (!value.is_boolean()) return "true or false";
  *out = value.get<bool>();
  return nullptr;
}

const char* ReadJson(const Json& value, std::string* out) {
  if (!value.is_string()) return "a string";
  *out = value.get_ref<const std::string&>();
  return nullptr;
}

const char* ReadJson(const Json& value, std::vector<int64_t>* out) {
  return ReadArray(value, out, "an array of integers");
}

const char* ReadJson(const Json& value, std::vector<std::string>* out) {
  return ReadArray(value, out, "an array of strings");
}

JsonReader::JsonReader(const Json& value, std::string file, std::string path)
    : object_(&value), file_(std::move(file)), path_(std::move(path)) {
  if (value.is_object()) return;
  std::string where =
      path_.empty() ? file_ : absl::StrCat(file_, ": field '", path_, "'");
  status_ = absl::InvalidArgumentError(absl::StrCat(
      where, ": expected an object, but got ", DescribeJson(value)));
}

const Json* JsonReader::Find(const char* name) const {
  if (!object_->is_object()) return nullptr;
  auto found = object_->find(name);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

const Json* JsonReader::FindRequired(const char* name) {
  const Json* value = Find(name);
  if (value == nullptr && ok())
    status_ = absl::InvalidArgumentError(
        absl::StrCat(file_, ": missing field '", PathOf(name), "'"));
  return value;
}

const Json* JsonReader::RequiredArray(const char* name) {
  const Json* value = FindRequired(name);
  if (value == nullptr || value->is_array()) return value;
  Check(name, *value, "an array");
  return nullptr;
}

const Json* JsonReader::RequiredObject(const char* name) {
  const Json* value = FindRequired(name);
  if (value == nullptr || value->is_object()) return value;
  Check(name, *value, "an object");
  return nullptr;
}

JsonReader JsonReader::Child(const char* name, const Json& value) const {
  return JsonReader(value, file_, PathOf(name));
}

JsonReader JsonReader::Child(const char* name, size_t index,
                             const Json& value) const {
  return JsonReader(value, file_, absl::StrCat(PathOf(name), "[", index, "]"));
}

void JsonReader::Fail(const char* name, absl::string_view message) {
  if (ok())
    status_ = absl::InvalidArgumentError(
        absl::StrCat(file_, ": field '", PathOf(name), "': ", message));
}

void JsonReader::Check(const char* name, const Json& value,
                       const char* expected) {
  if (expected != nullptr)
    Fail(name, absl::StrCat("expected ", expected, ", but got ",
                            DescribeJson(value)));
}

std::string JsonReader::PathOf(absl::string_view name) const {
  return path_.empty() ? std::string(name) : absl::StrCat(path_, ".", name);
}

}  // namespace minimax::runtime
