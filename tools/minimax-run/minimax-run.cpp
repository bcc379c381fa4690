//===- minimax-run.cpp - runs compiled models -----------------------------===//
//
// Generates text and scores it with a deployment binary.
//
//===----------------------------------------------------------------------===//
#include <unistd.h>

#include <cstdio>
#include <new>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "commands.h"
#include "core/artifact.h"
#include "options.h"

using namespace minimax;

// The standard library throws when memory runs out; nobody would catch it.
static void OutOfMemory() {
  static constexpr char kText[] = "minimax-run: out of memory\n";
  (void)!write(2, kText, sizeof(kText) - 1);
  _exit(1);
}

static int Fail(const absl::Status& status, int code) {
  std::fprintf(stderr, "minimax-run: %s\n",
               std::string(status.message()).c_str());
  return code;
}

static absl::Status RunCommand(const run::Options& options) {
  if (options.command == run::Command::kGenerate) return run::Generate(options);
  if (options.command == run::Command::kScore) return run::Score(options);
  if (options.command == run::Command::kInfo) return run::Info(options);
  return run::Print(options.command == run::Command::kHelp
                        ? run::HelpText()
                        : "minimax-run " MINIMAX_VERSION "\n");
}

int main(int argc, char** argv) {
  std::set_new_handler(OutOfMemory);
  const bool embedded = runtime::Artifact::IsEmbeddedIn("/proc/self/exe");
  const absl::StatusOr<run::Options> options = run::ParseOptions(
      absl::MakeConstSpan(argv + 1, argc > 0 ? argc - 1 : 0), embedded);
  if (!options.ok()) return Fail(options.status(), 2);
  const absl::Status status = RunCommand(*options);
  return status.ok() ? 0 : Fail(status, 1);
}
