//===- TextReport.cpp - results for people --------------------------------===//
//
// A table for terminals and one in Markdown.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir::minimax::bench;
using llvm::formatv;
using llvm::raw_ostream;
using llvm::StringRef;

/// Seconds in the unit that suits them.
static std::string formatTime(double seconds) {
  if (seconds < 1e-3)
    return formatv("{0:f1} us", seconds * 1e6);
  if (seconds < 1)
    return formatv("{0:f2} ms", seconds * 1e3);
  return formatv("{0:f2} s", seconds);
}

/// Four digits or more.
static std::string formatNumber(double value) {
  if (value < 10)
    return formatv("{0:f3}", value);
  return value < 1000 ? formatv("{0:f1}", value).str()
                      : formatv("{0:f0}", value).str();
}

static std::string formatPeak(double perSecond, StringRef unit) {
  if (perSecond == 0)
    return "none";
  return formatNumber(perSecond * 1e-9) + " " + unit.str();
}

static std::string formatSpread(const Result &result) {
  if (result.isPredicted)
    return "predicted";
  return formatTime(result.seconds.min) + " - " +
         formatTime(result.seconds.max);
}

/// The lines that figures have to be read with, without layout.
static std::vector<std::string> describe(const Environment &environment,
                                         const Peaks &peaks) {
  auto kib = [](int64_t bytes) { return bytes / 1024; };
  std::vector<std::string> lines = {
      formatv("{0}, {1}, programs for {2}", environment.date,
              environment.compiler, environment.target),
      formatv("{0}, {1} cores, {2} GiB; {3} threads used, {4} time",
              environment.cpu, environment.cores, environment.memoryBytes >> 30,
              environment.threads, nameOf(environment.clock))};
  std::string load = formatv("load {0:f2}, {1:f2}, {2:f2}", environment.load[0],
                             environment.load[1], environment.load[2]);
  if (environment.device.empty())
    lines.push_back(
        formatv("caches: L1 data {0} KiB, L2 {1} KiB, L3 {2} KiB; {3}",
                kib(environment.l1dBytes), kib(environment.l2Bytes),
                kib(environment.l3Bytes), load));
  else
    lines.push_back(environment.device + "; " + load + " of the host");
  lines.push_back(formatv(
      "peaks: f32 {0}, bf16 {1}, int16 {2}, int8 {3}, memory {4}",
      formatPeak(peaks.f32, "GFLOP/s"), formatPeak(peaks.bf16, "GFLOP/s"),
      formatPeak(peaks.int16, "GOP/s"), formatPeak(peaks.int8, "GOP/s"),
      formatPeak(peaks.memory, "GB/s")));
  if (!environment.note.empty())
    lines.push_back(environment.note);
  return lines;
}

namespace {
class ConsoleReport final : public Report {
public:
  explicit ConsoleReport(raw_ostream &os) : os(os) {}

  void begin(const Environment &environment, const Peaks &peaks) override {
    for (const std::string &line : describe(environment, peaks))
      os << line << "\n";
    std::string header =
        formatv(kRow, "Benchmark", "Time", "Spread", "Calls", "Rate", "",
                "GFLOP", "MB", "Bound", "", "Fraction");
    std::string line = std::string(header.size() - 1, '-') + "\n";
    os << line << header << line;
    os.flush();
  }

  void add(const Result &result) override {
    os << formatv(kRow, result.suite + "/" + result.name + "/" + result.dtype,
                  formatTime(result.seconds.median), formatSpread(result),
                  result.repetitions * result.iterations,
                  formatNumber(result.rate()), nameOf(result.unit),
                  formatNumber(result.flops * 1e-9),
                  formatNumber(result.bytes * 1e-6), result.bound,
                  formatTime(result.boundSeconds),
                  formatv("{0:f3}", result.fraction.median).str());
    os.flush();
  }

private:
  static constexpr char kRow[] =
      "{0,-48} {1,10} {2,23} {3,7} {4,8} {5,-8} {6,8} {7,8} {8,-14} {9,10} "
      "{10,8}\n";
  raw_ostream &os;
};

class MarkdownReport final : public Report {
public:
  explicit MarkdownReport(raw_ostream &os) : os(os) {}

  void begin(const Environment &environment, const Peaks &peaks) override {
    for (const std::string &line : describe(environment, peaks))
      os << "- " << line << "\n";
    os << "\n| benchmark | time | lowest - highest | rate | GFLOP | MB | bound "
          "| fraction (lowest - highest) |\n"
       << "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
    os.flush();
  }

  void add(const Result &result) override {
    os << formatv("| `{0}/{1}/{2}` | {3} | {4} | {5} {6} | {7} | {8} | {9}, "
                  "{10} | {11:f3} ({12:f3} - {13:f3}) |\n",
                  result.suite, result.name, result.dtype,
                  formatTime(result.seconds.median), formatSpread(result),
                  formatNumber(result.rate()), nameOf(result.unit),
                  formatNumber(result.flops * 1e-9),
                  formatNumber(result.bytes * 1e-6), result.bound,
                  formatTime(result.boundSeconds), result.fraction.median,
                  result.fraction.min, result.fraction.max);
    os.flush();
  }

private:
  raw_ostream &os;
};
} // namespace

std::unique_ptr<Report>
mlir::minimax::bench::createConsoleReport(raw_ostream &os) {
  return std::make_unique<ConsoleReport>(os);
}

std::unique_ptr<Report>
mlir::minimax::bench::createMarkdownReport(raw_ostream &os) {
  return std::make_unique<MarkdownReport>(os);
}
