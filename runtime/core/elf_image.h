//===- elf_image.h - the manifest inside an ELF file ------------*- C++ -*-===//
//
// Finds manifest and symbols of a shared object without loading it.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_ELF_IMAGE_H
#define MINIMAX_RUNTIME_CORE_ELF_IMAGE_H

#include <elf.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace minimax::runtime {

/// A checked view of the bytes of a shared object for this machine. The loader
/// of libc trusts its input, so what could make it crash is found here.
class ElfImage {
 public:
  /// Checks headers and extents. InvalidArgument if `bytes` (which outlive the
  /// image) are not a 64-bit x86-64 shared object, DataLoss if they are cut.
  static absl::StatusOr<ElfImage> Parse(absl::string_view bytes);

  /// The manifest's text: `minimax_manifest`, `minimax_manifest_size` long.
  /// NotFound if the file exports none, DataLoss if it lies outside of it.
  absl::StatusOr<absl::string_view> Manifest() const;

  /// Whether the file exports `symbol`.
  bool Exports(absl::string_view symbol) const {
    return FindSymbol(symbol).ok();
  }

  /// The value of the exported uint64_t `symbol`. NotFound if there is none,
  /// DataLoss if it lies outside of the file.
  absl::StatusOr<uint64_t> ReadNumber(absl::string_view symbol) const;

 private:
  explicit ElfImage(absl::string_view bytes) : bytes_(bytes) {}

  absl::Status CheckHeader();
  absl::Status CheckSegments() const;
  absl::Status FindSymbolTable();
  bool Contains(uint64_t offset, uint64_t size) const;
  template <typename T>
  T Read(uint64_t offset) const;
  absl::StatusOr<absl::string_view> BytesAt(uint64_t address,
                                            uint64_t size) const;
  absl::StatusOr<Elf64_Sym> FindSymbol(absl::string_view name) const;

  absl::string_view bytes_;
  Elf64_Ehdr header_{};
  Elf64_Shdr symbols_{};
  Elf64_Shdr strings_{};
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_ELF_IMAGE_H
