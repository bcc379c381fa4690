//===- safetensors.cc - one safetensors file ------------------------------===//
//
// Checks a safetensors header against the file before anything uses it.
//
// A file is: 8 bytes header length (little endian), a JSON object, the bytes
// of all tensors. https://github.com/huggingface/safetensors, "Format".
//
//===----------------------------------------------------------------------===//
#include "formats/safetensors.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "formats/json.h"
#include "formats/status_macros.h"

namespace minimax::runtime {
namespace {

constexpr size_t kLengthBytes = 8;
// The reference implementation's limit.
constexpr uint64_t kLargestHeader = 100'000'000;

// A header's entry before its bytes are known to be in the file.
struct Entry {
  TensorView view;
  int64_t begin = 0;
  int64_t end = 0;
};

}  // namespace

int64_t ElementCount(absl::Span<const int64_t> shape) {
  // A size of 0 does not excuse the others: they must still fit.
  int64_t product = 1;
  bool empty = false;
  for (int64_t size : shape) {
    if (size < 0) return -1;
    if (size == 0) {
      empty = true;
    } else if (product > std::numeric_limits<int64_t>::max() / size) {
      return -1;
    } else {
      product *= size;
    }
  }
  return empty ? 0 : product;
}

static absl::Status Damaged(const std::string& path, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(path, ": ", what));
}

static absl::Status Damaged(const Entry& entry, absl::string_view what) {
  return Damaged(entry.view.path,
                 absl::StrCat("tensor '", entry.view.name, "': ", what));
}

static uint64_t ReadLength(absl::string_view bytes) {
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i)
    length |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  return length;
}

// The header's text.
static absl::StatusOr<absl::string_view> FindHeader(absl::string_view bytes,
                                                    const std::string& path) {
  if (bytes.size() < kLengthBytes)
    return Damaged(path, absl::StrCat("expected at least 8 bytes, but got ",
                                      bytes.size()));
  uint64_t length = ReadLength(bytes);
  if (length > kLargestHeader)
    return Damaged(path,
                   absl::StrCat("expected a header of at most ", kLargestHeader,
                                " bytes, but got ", length));
  if (length > bytes.size() - kLengthBytes)
    return Damaged(
        path, absl::StrCat("header of ", length,
                           " bytes is longer than the file of ", bytes.size()));
  absl::string_view header = bytes.substr(kLengthBytes, length);
  if (header.empty() || header[0] != '{')
    return Damaged(path, "expected a header that begins with '{'");
  return header;
}

// Size in bytes by dtype and shape, checked against the entry's offsets.
static absl::Status CheckSize(Entry& entry) {
  int64_t count = ElementCount(entry.view.shape);
  int64_t element = DTypeBytes(entry.view.dtype);
  if (count < 0 || count > std::numeric_limits<int64_t>::max() / element)
    return Damaged(entry, "shape is negative or too large");
  if (entry.begin < 0 || entry.end < entry.begin)
    return Damaged(entry, absl::StrCat("data_offsets [", entry.begin, ", ",
                                       entry.end, "] are no range"));
  entry.view.bytes = count * element;
  if (entry.end - entry.begin != entry.view.bytes)
    return Damaged(entry, absl::StrCat("expected ", entry.view.bytes,
                                       " bytes by its dtype and shape, but "
                                       "data_offsets hold ",
                                       entry.end - entry.begin));
  return absl::OkStatus();
}

static absl::StatusOr<Entry> ParseEntry(const std::string& name,
                                        const Json& json,
                                        const std::string& path) {
  Entry entry;
  entry.view.name = name;
  entry.view.path = path;
  JsonReader reader(json, path, name);
  std::string dtype;
  std::vector<int64_t> offsets;
  reader.Required("dtype", &dtype);
  reader.Required("shape", &entry.view.shape);
  reader.Required("data_offsets", &offsets);
  if (!reader.ok())
    return Damaged(path, reader.status().message().substr(path.size() + 2));
  std::optional<DType> parsed = DTypeFromSafetensorsName(dtype);
  if (!parsed)
    return Damaged(entry, absl::StrCat("unknown dtype '", dtype, "'"));
  if (offsets.size() != 2)
    return Damaged(entry, absl::StrCat("expected two data_offsets, but got ",
                                       offsets.size()));
  entry.view.dtype = *parsed;
  entry.begin = offsets[0];
  entry.end = offsets[1];
  MMRT_RETURN_IF_ERROR(CheckSize(entry));
  return entry;
}

static absl::Status ParseMetadata(const Json& json, const std::string& path,
                                  std::map<std::string, std::string>* out) {
  if (!json.is_object()) return Damaged(path, "__metadata__ is no object");
  for (const auto& [key, value] : json.items())
    if (ReadJson(value, &(*out)[key]) != nullptr)
      return Damaged(path, absl::StrCat("__metadata__ '", key,
                                        "': expected a string, but got ",
                                        DescribeJson(value)));
  return absl::OkStatus();
}

// The entries must tile the `size` bytes that follow the header.
static absl::Status CheckTiling(std::vector<Entry>& entries, int64_t size,
                                const std::string& path) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.view.name) <
           std::tie(b.begin, b.end, b.view.name);
  });
  int64_t end = 0;
  for (const Entry& entry : entries) {
    if (entry.end > size)
      return Damaged(
          entry, absl::StrCat("data_offsets end at ", entry.end,
                              ", but the file holds ", size, " bytes of data"));
    if (entry.begin != end)
      return Damaged(
          entry,
          absl::StrCat(
              entry.begin < end ? "overlaps the tensor" : "leaves a gap",
              " before it: begins at ", entry.begin, ", but expected ", end));
    end = entry.end;
  }
  if (end != size)
    return Damaged(path,
                   absl::StrCat("tensors end at ", end, ", but the file holds ",
                                size, " bytes of data"));
  return absl::OkStatus();
}

absl::StatusOr<SafetensorsFile> SafetensorsFile::Open(const std::string& path) {
  MMRT_ASSIGN_OR_RETURN(MappedFile mapping, MappedFile::Open(path));
  MMRT_ASSIGN_OR_RETURN(SafetensorsFile file, Parse(mapping.contents(), path));
  file.mapping_.push_back(std::move(mapping));
  return file;
}

absl::StatusOr<SafetensorsFile> SafetensorsFile::Parse(
    absl::string_view bytes, const std::string& path) {
  SafetensorsFile file;
  file.path_ = path;
  MMRT_RETURN_IF_ERROR(file.ParseHeader(bytes));
  return file;
}

absl::Status SafetensorsFile::ParseHeader(absl::string_view bytes) {
  MMRT_ASSIGN_OR_RETURN(absl::string_view header, FindHeader(bytes, path_));
  absl::StatusOr<Json> json = ParseJson(header, path_);
  if (!json.ok()) return absl::DataLossError(json.status().message());
  if (!json->is_object()) return Damaged(path_, "header is no object");

  std::vector<Entry> entries;
  for (const auto& [name, value] : json->items()) {
    if (name == "__metadata__") {
      MMRT_RETURN_IF_ERROR(ParseMetadata(value, path_, &metadata_));
      continue;
    }
    MMRT_ASSIGN_OR_RETURN(Entry entry, ParseEntry(name, value, path_));
    entries.push_back(std::move(entry));
  }

  absl::string_view data = bytes.substr(kLengthBytes + header.size());
  MMRT_RETURN_IF_ERROR(
      CheckTiling(entries, static_cast<int64_t>(data.size()), path_));
  for (Entry& entry : entries) {
    entry.view.data = data.data() + entry.begin;
    index_[entry.view.name] = static_cast<int64_t>(tensors_.size());
    tensors_.push_back(std::move(entry.view));
  }
  return absl::OkStatus();
}

const TensorView* SafetensorsFile::Find(absl::string_view name) const {
  auto found = index_.find(name);
  return found == index_.end() ? nullptr : &tensors_[found->second];
}

}  // namespace minimax::runtime
