//===- module.cc - code loaded by the fake CUDA driver --------------------===//
//
// Kernels are found by their names; FAKE_CUDA_KERNELS names an artifact whose
// kernels for the emulator run in their place.
//
//===----------------------------------------------------------------------===//
#include "module.h"

#include <dlfcn.h>
#include <elf.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace fake_cuda {

static bool StartsWith(const std::string& text, const char* prefix) {
  return text.rfind(prefix, 0) == 0;
}

// Returns the word of `text` that follows `prefix`.
static std::string WordAfter(const std::string& text, const char* prefix) {
  const size_t at = text.find(prefix);
  if (at == std::string::npos) return "";
  const size_t begin = at + std::strlen(prefix);
  return text.substr(begin, text.find_first_of(" ,\n(", begin) - begin);
}

// Returns the bytes of an ELF file in memory, which ends with its section
// headers or with the last section or segment.
static size_t ElfSize(const char* image) {
  Elf64_Ehdr header;
  std::memcpy(&header, image, sizeof(header));
  size_t size = header.e_shoff + size_t{header.e_shnum} * sizeof(Elf64_Shdr);
  size = std::max(size,
                  header.e_phoff + size_t{header.e_phnum} * sizeof(Elf64_Phdr));
  for (int i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section;
    std::memcpy(&section, image + header.e_shoff + i * sizeof(section),
                sizeof(section));
    if (section.sh_type == SHT_NOBITS) continue;
    size = std::max(size, size_t{section.sh_offset + section.sh_size});
  }
  return size;
}

// Returns "sm_80" for the machine code in `image`, or nothing. ptxas has
// written the number in either byte.
static std::string TargetOfElf(const char* image, int capability) {
  constexpr int kCudaMachine = 190;
  Elf64_Ehdr header;
  std::memcpy(&header, image, sizeof(header));
  if (header.e_machine != kCudaMachine) return "";
  const int low = header.e_flags & 0xff;
  const int high = header.e_flags >> 8 & 0xff;
  const bool fits = low == capability || high == capability;
  return "sm_" + std::to_string(fits ? capability : std::max(low, high));
}

// Whether code for `target` runs: PTX on all later GPUs, machine code on those
// of the same generation, code for "sm_90a" on nothing else.
static bool Runs(const std::string& target, int capability, bool ptx) {
  const int number = std::atoi(target.c_str() + 3);
  if (target.back() == 'a') return number == capability;
  return number <= capability && (ptx || number / 10 == capability / 10);
}

CUresult Module::Load(const char* image, int capability, Module& module,
                      std::string& log) {
  if (std::memcmp(image, ELFMAG, SELFMAG) == 0) {
    module.image_.assign(image, ElfSize(image));
    module.target_ = TargetOfElf(image, capability);
  } else {
    module.image_ = image;
    module.target_ = WordAfter(module.image_, StartsWith(image, "fake cubin ")
                                                  ? "fake cubin "
                                                  : ".target ");
  }
  if (!StartsWith(module.target_, "sm_")) return kErrorInvalidImage;
  const bool ptx = module.image_.find(".version") != std::string::npos &&
                   std::memcmp(image, ELFMAG, SELFMAG) != 0;
  if (Runs(module.target_, capability, ptx)) return kSuccess;
  if (!ptx) return kErrorNoBinaryForGpu;
  log =
      "ptxas fatal   : SM version specified by .target is higher than "
      "default SM version assumed\n";
  return kErrorInvalidPtx;
}

bool Module::Has(const std::string& name) const {
  for (const std::string& form : {".entry " + name + "(", " " + name + " ",
                                  ".text." + name + std::string(1, '\0')}) {
    if (image_.find(form) != std::string::npos) return true;
  }
  return false;
}

// Reads the bytes of each parameter of the kernel `name` in PTX.
static std::vector<size_t> ParametersOf(const std::string& ptx,
                                        const std::string& name) {
  std::vector<size_t> sizes;
  const size_t begin = ptx.find(".entry " + name + "(");
  if (begin == std::string::npos) return sizes;
  const size_t end = ptx.find(')', begin);
  for (size_t at = ptx.find(".param", begin); at < end;
       at = ptx.find(".param", at + 1)) {
    const size_t stop = std::min(ptx.find(".param", at + 1), end);
    const std::string one = ptx.substr(at, stop - at);
    const size_t bits = one.find_first_of("0123456789", one.find(" ."));
    size_t size = std::strtoull(one.c_str() + bits, nullptr, 10) / 8;
    const size_t bracket = one.find('[');
    if (bracket != std::string::npos) {
      size *= std::strtoull(one.c_str() + bracket + 1, nullptr, 10);
    }
    sizes.push_back(size);
  }
  return sizes;
}

// Whether the kernel `name` in PTX waits for the kernels before it. What
// machine code does is not known: it may.
static bool Waits(const std::string& ptx, const std::string& name) {
  const size_t begin = ptx.find(".entry " + name + "(");
  if (begin == std::string::npos) return true;
  const size_t end = ptx.find(".entry", begin + 1);
  return ptx.substr(begin, end - begin).find("griddepcontrol.wait") !=
         std::string::npos;
}

// Connects a kernel with what the artifact in FAKE_CUDA_KERNELS knows of it.
static void Connect(Function& function, std::string target) {
  const char* path = std::getenv("FAKE_CUDA_KERNELS");
  void* artifact = path == nullptr ? nullptr : dlopen(path, RTLD_NOW);
  if (artifact == nullptr) return;
  for (const std::string& suffix : {target, target + "a"}) {
    const auto find = [&](const std::string& name) {
      return dlsym(artifact, (name + "__cuda_" + suffix).c_str());
    };
    void* kernel = find("mm_emulated_" + function.name);
    const void* ptx = find("mm_ptx");
    if (kernel == nullptr || ptx == nullptr) continue;
    function.emulated = reinterpret_cast<mmrt_emulated_kernel_fn>(kernel);
    const std::string text(static_cast<const char*>(ptx),
                           *static_cast<const uint64_t*>(find("mm_ptx_size")));
    function.parameters = ParametersOf(text, function.name);
    function.waits = Waits(text, function.name);
    return;
  }
}

Function* Module::Find(const std::string& name) {
  if (!Has(name)) return nullptr;
  functions_.push_back({name, {}, Waits(image_, name)});
  Connect(functions_.back(), target_);
  return &functions_.back();
}

}  // namespace fake_cuda
