//===- Report.h - what all peer programs share ------------------*- C++ -*-===//
//
// Cases are named as minimax-bench names them, `suite/name/dtype`; a peer
// runs those it is given and knows, and prints minimax-bench's JSON.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_BENCHMARKS_PEERS_REPORT_H
#define MINIMAX_BENCHMARKS_PEERS_REPORT_H

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace peers {

/// `suite/name/dtype`; the name itself may hold slashes.
struct CaseName {
  std::string suite, name, dtype;
};

/// What one call of `run` does. Whatever `run` captures lives as long as it.
struct Case {
  std::function<void()> run;
  double flops = 0;
  double bytes = 0;
  double tokens = 0;
  /// Tells several ways to run a case apart, e.g. "ubatch 512"; may be empty.
  std::string variant;
};

struct Options {
  std::vector<CaseName> cases;
  int threads = 1;
  int repetitions = 5;
  double minTime = 0.1;
  /// Seconds after which a case starts no further repetition.
  double maxTime = 60;
  bool cpuClock = false;
  /// Path of an OpenBLAS to open; gemm_peers alone uses it.
  std::string openblas;
};

/// Reads --cases=A,B,... --threads= --repetitions= --min-time= --max-time=
/// --clock= --openblas=. Prints one line and exits with 2 for anything else.
Options parseOptions(int argc, char **argv);

/// The numbers of `name` after `prefix` with anything between them, e.g. 8, 64
/// and 2 for "gemv/8x64/batch2" after "gemv/"; none if it begins otherwise.
std::vector<int64_t> numbersAfter(std::string_view prefix,
                                  std::string_view name);

/// Makes the ways to run a case, none if it is unknown. Each is destroyed
/// before the next is made.
using Maker = std::function<Case()>;
using Makers = std::function<std::vector<Maker>(const CaseName &)>;

/// Runs cases one after another and collects their results.
class Report {
public:
  Report(std::string program, std::string version, const Options &options)
      : program(std::move(program)), version(std::move(version)),
        options(options) {}

  void run(const Makers &makers);

  /// Prints minimax-bench's JSON with this program in the environment.
  void print() const;

private:
  struct Result {
    CaseName name;
    double median, lowest, highest, flops, bytes, tokens;
    int64_t repetitions, iterations;
    std::string variant;
  };
  Result measure(const CaseName &name, const Case &one) const;

  std::string program, version;
  const Options &options;
  std::vector<Result> results;
};

/// `count` numbers in [-0.5, 0.5), the same in each run.
std::vector<float> randomNumbers(size_t count);

} // namespace peers

#endif // MINIMAX_BENCHMARKS_PEERS_REPORT_H
