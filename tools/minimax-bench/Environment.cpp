//===- Environment.cpp - where results were measured ----------------------===//
//
// Asks libc and /proc.
//
//===----------------------------------------------------------------------===//

#include "Environment.h"
#include "core/state_pools.h"
#include "cpu/thread_pool.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdlib>
#include <unistd.h>

using namespace mlir::minimax::bench;
using llvm::StringRef;

static std::string readFile(const char *path) {
  auto file = llvm::MemoryBuffer::getFileAsStream(path);
  return file ? (*file)->getBuffer().str() : "";
}

static std::string cpuName() {
  std::string text = readFile("/proc/cpuinfo");
  llvm::SmallVector<StringRef> lines;
  StringRef(text).split(lines, '\n');
  for (StringRef line : lines)
    if (line.consume_front("model name"))
      return line.ltrim(" \t:").str();
  return "unknown";
}

/// Bytes of the cache for data at `level`; 0 if the system does not tell. (What
/// sysconf says is the whole package's, even on a virtual machine with a part.)
static int64_t cacheSize(int level) {
  for (int index = 0; index < 8; ++index) {
    std::string folder =
        llvm::formatv("/sys/devices/system/cpu/cpu0/cache/index{0}/", index);
    auto field = [&](const char *name) {
      return StringRef(readFile((folder + name).c_str())).trim().str();
    };
    int64_t kib = 0;
    if (field("level") != std::to_string(level) ||
        field("type") == "Instruction")
      continue;
    std::string size = field("size");
    StringRef(size).rtrim('K').getAsInteger(10, kib);
    return kib * 1024;
  }
  return 0;
}

static std::string utcNow() {
  char text[32];
  time_t now = time(nullptr);
  tm utc;
  gmtime_r(&now, &utc);
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

Environment mlir::minimax::bench::readEnvironment() {
  Environment environment;
  environment.date = utcNow();
  environment.cpu = cpuName();
  environment.cores = ::minimax::runtime::AvailableCores();
  environment.memoryBytes = ::minimax::runtime::PhysicalMemory();
  environment.l1dBytes = cacheSize(1);
  environment.l2Bytes = cacheSize(2);
  environment.l3Bytes = cacheSize(3);
  getloadavg(environment.load, 3);
  environment.compiler = "minimax-mlir " MINIMAX_VERSION;
  return environment;
}

int64_t mlir::minimax::bench::residentBytes() {
  std::string text = readFile("/proc/self/statm");
  llvm::SmallVector<StringRef> fields;
  StringRef(text).split(fields, ' ');
  int64_t pages = 0;
  if (fields.size() > 1)
    fields[1].getAsInteger(10, pages);
  return pages * sysconf(_SC_PAGESIZE);
}
