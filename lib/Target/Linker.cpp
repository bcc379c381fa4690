//===- Linker.cpp - objects to artifacts ----------------------------------===//
//
// Runs lld on files in a temporary folder and checks what the result imports.
//
//===----------------------------------------------------------------------===//

#include "minimax/Target/Linker.h"
#include "lld/Common/Driver.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

LLD_HAS_DRIVER(elf)

using namespace mlir;
using namespace mlir::minimax;
using llvm::SmallString;

/// What abi.h lets generated code call.
static constexpr StringRef kImports[] = {
    "mmrt_parallel_for", "mmrt_begin_op", "mmrt_launch", "mmrt_copy",
    "mmrt_constant",     "memcpy",        "memmove",     "memset"};

/// What kernels for the emulator call, besides.
static constexpr StringRef kEmulatedImports = "mmrt_emulated_";

static llvm::Error fileError(StringRef path, std::error_code error) {
  return llvm::createStringError(error, Twine(path) + ": " + error.message());
}

static llvm::Error writeFile(StringRef path, StringRef contents) {
  std::error_code error;
  llvm::raw_fd_ostream stream(path, error);
  if (error)
    return fileError(path, error);
  stream << contents;
  stream.close();
  if (!stream.has_error())
    return llvm::Error::success();
  error = stream.error();
  stream.clear_error();
  return fileError(path, error);
}

/// Undefined names of a shared object that nothing will define.
static llvm::Error checkImports(StringRef sharedObject) {
  auto file = llvm::object::ObjectFile::createELFObjectFile(
      llvm::MemoryBufferRef(sharedObject, "artifact"));
  if (!file)
    return file.takeError();
  auto *elf = cast<llvm::object::ELFObjectFileBase>(file->get());
  for (const llvm::object::ELFSymbolRef symbol :
       elf->getDynamicSymbolIterators()) {
    llvm::Expected<uint32_t> flags = symbol.getFlags();
    llvm::Expected<StringRef> name = symbol.getName();
    if (!flags || !name)
      return llvm::joinErrors(flags.takeError(), name.takeError());
    bool isUndefined = *flags & llvm::object::SymbolRef::SF_Undefined;
    if (isUndefined && !name->empty() && !llvm::is_contained(kImports, *name) &&
        !name->starts_with(kEmulatedImports))
      return llvm::createStringError(
          "expected compiled code to import nothing but block copies and "
          "what abi.h declares, but got '" +
          *name + "'");
  }
  return llvm::Error::success();
}

/// Runs lld; its messages become the error.
static llvm::Error runLinker(ArrayRef<const char *> arguments) {
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  lld::Result result =
      lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode == 0)
    return llvm::Error::success();
  StringRef first = StringRef(stream.str()).split('\n').first;
  return llvm::createStringError("cannot link: " + first);
}

static llvm::Expected<std::string>
linkIn(StringRef folder, ArrayRef<std::string> objects, LinkKind kind) {
  SmallVector<std::string> paths;
  for (auto [index, object] : llvm::enumerate(objects)) {
    paths.push_back((folder + "/" + Twine(index) + ".o").str());
    if (llvm::Error error = writeFile(paths.back(), object))
      return error;
  }
  std::string output = (folder + "/out").str();
  // One thread and no build id: equal inputs give equal bytes anywhere.
  SmallVector<const char *> arguments = {
      "ld.lld", "--threads=1", "--build-id=none", "-o", output.c_str()};
  if (kind == LinkKind::Relocatable)
    arguments.push_back("-r");
  else
    arguments.append({"-shared", "-z", "relro", "-z", "now", "--hash-style=gnu",
                      "-z", "noexecstack"});
  for (const std::string &path : paths)
    arguments.push_back(path.c_str());
  if (llvm::Error error = runLinker(arguments))
    return error;
  auto linked = llvm::MemoryBuffer::getFile(output);
  if (!linked)
    return fileError(output, linked.getError());
  return (*linked)->getBuffer().str();
}

llvm::Expected<std::string> minimax::linkObjects(ArrayRef<std::string> objects,
                                                 LinkKind kind) {
  SmallString<128> folder;
  if (std::error_code error =
          llvm::sys::fs::createUniqueDirectory("minimax-link", folder))
    return llvm::createStringError(error, "cannot create a temporary folder: " +
                                              error.message());
  auto cleanup =
      llvm::make_scope_exit([&] { llvm::sys::fs::remove_directories(folder); });
  llvm::Expected<std::string> linked = linkIn(folder, objects, kind);
  if (!linked || kind == LinkKind::Relocatable)
    return linked;
  if (llvm::Error error = checkImports(*linked))
    return error;
  return linked;
}
