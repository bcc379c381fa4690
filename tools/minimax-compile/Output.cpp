//===- Output.cpp - files that minimax-compile writes ---------------------===//
//
// Artifacts, executables and text.
//
//===----------------------------------------------------------------------===//

#include "Output.h"
#include "formats/atomic_file.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::minimax;

static llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Error Output::write(llvm::StringRef bytes) const {
  if (path == "-") {
    llvm::outs() << bytes;
    llvm::outs().flush();
    std::error_code error = llvm::outs().error();
    llvm::outs().clear_error();
    return error ? fail("stdout: " + error.message()) : llvm::Error::success();
  }
  auto file =
      ::minimax::runtime::AtomicFile::Create(path, executable ? 0777 : 0666);
  absl::Status status = file.status();
  if (status.ok())
    status = file->Write(bytes.data(), bytes.size());
  if (status.ok())
    status = file->Commit();
  return status.ok() ? llvm::Error::success()
                     : fail(std::string(status.message()));
}

std::string mlir::minimax::defaultOutputName(llvm::StringRef input,
                                             llvm::StringRef suffix) {
  llvm::StringRef stem = llvm::sys::path::stem(input.rtrim('/'));
  if (stem.empty() || stem == "." || stem == "..")
    stem = "model";
  return (stem + suffix).str();
}

llvm::Expected<std::string>
mlir::minimax::makeExecutable(llvm::StringRef artifact,
                              llvm::StringRef folder) {
  llvm::SmallString<128> runner(folder);
  llvm::sys::path::append(runner, "minimax-run");
  auto program = llvm::MemoryBuffer::getFile(runner, /*IsText=*/false,
                                             /*RequiresNullTerminator=*/false);
  if (!program)
    return fail(runner + ": " + program.getError().message() +
                " (--emit=exe needs minimax-run beside minimax-compile)");
  std::string bytes = (*program)->getBuffer().str();
  bytes += artifact;
  uint64_t size = artifact.size();
  for (int byte = 0; byte < 8; ++byte)
    bytes.push_back(static_cast<char>(size >> (8 * byte)));
  return bytes + "MMXEXE01";
}
