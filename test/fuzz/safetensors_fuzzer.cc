//===- safetensors_fuzzer.cc - hostile safetensors files ------------------===//
//
// Parses arbitrary bytes and reads every byte of every tensor that results.
//
//===----------------------------------------------------------------------===//
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/safetensors.h"

using minimax::runtime::SafetensorsFile;
using minimax::runtime::TensorView;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  absl::StatusOr<SafetensorsFile> file = SafetensorsFile::Parse(bytes, "input");
  if (!file.ok()) return 0;
  volatile uint8_t sum = 0;
  for (const TensorView& tensor : file->tensors()) {
    if (file->Find(tensor.name) != &tensor) std::abort();
    const uint8_t* first = static_cast<const uint8_t*>(tensor.data);
    for (int64_t i = 0; i < tensor.bytes; ++i) sum = sum + first[i];
  }
  return 0;
}
