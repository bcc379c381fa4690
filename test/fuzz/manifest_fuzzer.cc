//===- manifest_fuzzer.cc - hostile manifests -----------------------------===//
//
// Parses arbitrary text; what is accepted must survive being written and read.
//
//===----------------------------------------------------------------------===//
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/manifest.h"

using minimax::runtime::Manifest;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view text(reinterpret_cast<const char*>(data), size);
  absl::StatusOr<Manifest> manifest = minimax::runtime::ParseManifest(text);
  if (!manifest.ok()) return 0;
  absl::StatusOr<std::string> first = SerializeManifest(*manifest);
  if (!first.ok()) return 0;  // names that hold U+FFFD
  absl::StatusOr<Manifest> again = minimax::runtime::ParseManifest(*first);
  if (!again.ok() || *SerializeManifest(*again) != *first) std::abort();
  for (const auto& entry : manifest->entries)
    for (const auto& tensor : entry.inputs)
      if (tensor.Bytes({1, 1, 1, 1}) < 0) std::abort();
  return 0;
}
