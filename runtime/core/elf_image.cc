//===- elf_image.cc - the manifest inside an ELF file ---------------------===//
//
// Walks headers, segments and the dynamic symbol table with every offset
// checked against the size of the file.
//
//===----------------------------------------------------------------------===//
#include "core/elf_image.h"

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

absl::StatusOr<ElfImage> ElfImage::Parse(absl::string_view bytes) {
  ElfImage image(bytes);
  MMRT_RETURN_IF_ERROR(image.CheckHeader());
  MMRT_RETURN_IF_ERROR(image.CheckSegments());
  MMRT_RETURN_IF_ERROR(image.FindSymbolTable());
  return image;
}

bool ElfImage::Contains(uint64_t offset, uint64_t size) const {
  return offset <= bytes_.size() && size <= bytes_.size() - offset;
}

template <typename T>
T ElfImage::Read(uint64_t offset) const {
  T value;
  std::memcpy(&value, bytes_.data() + offset, sizeof(T));
  return value;
}

static absl::Status Truncated(absl::string_view what) {
  return absl::DataLossError(absl::StrCat(
      "the file is truncated or damaged: its ", what, " lies outside of it"));
}

absl::Status ElfImage::CheckHeader() {
  if (!absl::StartsWith(bytes_, absl::string_view(ELFMAG, SELFMAG))) {
    return absl::InvalidArgumentError("not a compiled artifact: no ELF header");
  }
  if (!Contains(0, sizeof(header_))) return Truncated("header");
  header_ = Read<Elf64_Ehdr>(0);
  if (header_.e_ident[EI_CLASS] != ELFCLASS64 ||
      header_.e_ident[EI_DATA] != ELFDATA2LSB ||
      header_.e_machine != EM_X86_64 || header_.e_type != ET_DYN) {
    return absl::InvalidArgumentError(
        "not a compiled artifact: no shared object for x86-64");
  }
  return absl::OkStatus();
}

absl::Status ElfImage::CheckSegments() const {
  if (header_.e_phentsize != sizeof(Elf64_Phdr) ||
      !Contains(header_.e_phoff,
                uint64_t{header_.e_phnum} * sizeof(Elf64_Phdr))) {
    return Truncated("program header table");
  }
  for (uint64_t i = 0; i < header_.e_phnum; ++i) {
    const auto segment =
        Read<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr));
    if (!Contains(segment.p_offset, segment.p_filesz)) {
      return Truncated(absl::StrCat("segment ", i));
    }
  }
  return absl::OkStatus();
}

absl::Status ElfImage::FindSymbolTable() {
  if (header_.e_shentsize != sizeof(Elf64_Shdr) ||
      !Contains(header_.e_shoff,
                uint64_t{header_.e_shnum} * sizeof(Elf64_Shdr))) {
    return Truncated("section header table");
  }
  const auto section = [this](uint64_t i) {
    return Read<Elf64_Shdr>(header_.e_shoff + i * sizeof(Elf64_Shdr));
  };
  for (uint64_t i = 0; i < header_.e_shnum; ++i) {
    symbols_ = section(i);
    if (symbols_.sh_type != SHT_DYNSYM) continue;
    if (symbols_.sh_link >= header_.e_shnum ||
        !Contains(symbols_.sh_offset, symbols_.sh_size)) {
      return Truncated("symbol table");
    }
    strings_ = section(symbols_.sh_link);
    if (!Contains(strings_.sh_offset, strings_.sh_size)) {
      return Truncated("string table");
    }
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "not a compiled artifact: it exports nothing");
}

absl::StatusOr<Elf64_Sym> ElfImage::FindSymbol(absl::string_view name) const {
  const absl::string_view names =
      bytes_.substr(strings_.sh_offset, strings_.sh_size);
  for (uint64_t i = 0; i < symbols_.sh_size / sizeof(Elf64_Sym); ++i) {
    const auto symbol =
        Read<Elf64_Sym>(symbols_.sh_offset + i * sizeof(Elf64_Sym));
    if (symbol.st_shndx == SHN_UNDEF || symbol.st_name >= names.size()) {
      continue;
    }
    const absl::string_view rest = names.substr(symbol.st_name);
    if (absl::StartsWith(rest, name) && rest.size() > name.size() &&
        rest[name.size()] == '\0') {
      return symbol;
    }
  }
  return absl::NotFoundError(
      absl::StrCat("not a compiled artifact: it has no symbol ", name));
}

absl::StatusOr<absl::string_view> ElfImage::BytesAt(uint64_t address,
                                                    uint64_t size) const {
  for (uint64_t i = 0; i < header_.e_phnum; ++i) {
    const auto segment =
        Read<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr));
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
    const uint64_t offset = address - segment.p_vaddr;
    if (offset > segment.p_filesz || size > segment.p_filesz - offset) continue;
    return bytes_.substr(segment.p_offset + offset, size);
  }
  return Truncated("manifest or other data");
}

absl::StatusOr<absl::string_view> ElfImage::Manifest() const {
  MMRT_ASSIGN_OR_RETURN(const Elf64_Sym text, FindSymbol("minimax_manifest"));
  MMRT_ASSIGN_OR_RETURN(const uint64_t bytes,
                        ReadNumber("minimax_manifest_size"));
  return BytesAt(text.st_value, bytes);
}

absl::StatusOr<uint64_t> ElfImage::ReadNumber(absl::string_view symbol) const {
  MMRT_ASSIGN_OR_RETURN(const Elf64_Sym found, FindSymbol(symbol));
  uint64_t number = 0;
  MMRT_ASSIGN_OR_RETURN(const absl::string_view stored,
                        BytesAt(found.st_value, sizeof(number)));
  std::memcpy(&number, stored.data(), sizeof(number));
  return number;
}

}  // namespace minimax::runtime
