//===- safetensors_writer.cc - write a safetensors file -------------------===//
//
// Writes a header and then each tensor straight from its owner's memory.
//
//===----------------------------------------------------------------------===//
#include <algorithm>
#include <limits>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "formats/atomic_file.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "formats/status_macros.h"
#include "formats/utf8.h"

namespace minimax::runtime {

// Largest elements first, so that every tensor is aligned to its element.
static bool Precedes(const TensorToWrite* a, const TensorToWrite* b) {
  return std::make_tuple(-DTypeBytes(a->dtype), absl::string_view(a->name)) <
         std::make_tuple(-DTypeBytes(b->dtype), absl::string_view(b->name));
}

static int64_t BytesOf(const TensorToWrite& tensor) {
  int64_t count = ElementCount(tensor.shape);
  int64_t element = DTypeBytes(tensor.dtype);
  if (count < 0 || count > std::numeric_limits<int64_t>::max() / element)
    return -1;
  return count * element;
}

static absl::Status Invalid(const std::string& path, const std::string& name,
                            absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": tensor '", name, "': ", what));
}

static absl::Status AddToHeader(const std::string& path,
                                const TensorToWrite& tensor, int64_t* end,
                                Json* header) {
  if (!IsUtf8(tensor.name))
    return Invalid(path, tensor.name, "name is not UTF-8");
  if (tensor.name == "__metadata__" || header->contains(tensor.name))
    return Invalid(path, tensor.name, "name is reserved or used twice");
  int64_t bytes = BytesOf(tensor);
  if (bytes < 0 || bytes > std::numeric_limits<int64_t>::max() - *end)
    return Invalid(path, tensor.name, "shape is negative or too large");
  (*header)[tensor.name] = {
      {"dtype", std::string(SafetensorsDTypeName(tensor.dtype))},
      {"shape", tensor.shape},
      {"data_offsets", {*end, *end + bytes}}};
  *end += bytes;
  return absl::OkStatus();
}

// The length and the header, padded so that the data begin at a multiple of 8.
static std::string EncodeHeader(const Json& header) {
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  std::string encoded;
  for (int i = 0; i < 8; ++i)
    encoded.push_back(static_cast<char>(uint64_t{text.size()} >> (8 * i)));
  return encoded + text;
}

absl::Status WriteSafetensors(
    const std::string& path, absl::Span<const TensorToWrite> tensors,
    const std::map<std::string, std::string>& metadata) {
  std::vector<const TensorToWrite*> order;
  for (const TensorToWrite& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), Precedes);

  Json header = Json::object();
  for (const auto& [key, value] : metadata) {
    if (!IsUtf8(key) || !IsUtf8(value))
      return Invalid(path, "__metadata__", "text is not UTF-8");
    header["__metadata__"][key] = value;
  }
  int64_t end = 0;
  for (const TensorToWrite* tensor : order)
    MMRT_RETURN_IF_ERROR(AddToHeader(path, *tensor, &end, &header));

  MMRT_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  MMRT_RETURN_IF_ERROR(file.Write(EncodeHeader(header)));
  for (const TensorToWrite* tensor : order)
    MMRT_RETURN_IF_ERROR(
        file.Write(tensor->data, static_cast<size_t>(BytesOf(*tensor))));
  return file.Commit();
}

}  // namespace minimax::runtime
