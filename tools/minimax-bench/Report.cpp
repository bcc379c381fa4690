//===- Report.cpp - results as text ---------------------------------------===//
//
// One class for each format.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir::minimax::bench;
using llvm::formatv;
using llvm::raw_ostream;
using llvm::StringRef;

static StringRef nameOf(Unit unit) {
  switch (unit) {
  case Unit::GFlops:
    return "GFLOP/s";
  case Unit::GBytes:
    return "GB/s";
  case Unit::TokensPerSecond:
    return "tokens/s";
  case Unit::MicrosecondsPerToken:
    return "us/token";
  }
  return "";
}

static StringRef nameOf(Clock clock) {
  return clock == Clock::Wall ? "wall" : "cpu";
}

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

static std::string formatSpread(const Spread &spread) {
  return formatTime(spread.min) + " - " + formatTime(spread.max);
}

/// The lines that figures have to be read with, without layout.
static std::vector<std::string> describe(const Environment &environment,
                                         const Peaks &peaks) {
  auto kib = [](int64_t bytes) { return bytes / 1024; };
  return {
      formatv("{0}, {1}, programs for {2}", environment.date,
              environment.compiler, environment.target),
      formatv("{0}, {1} cores, {2} GiB; {3} threads used, {4} time",
              environment.cpu, environment.cores, environment.memoryBytes >> 30,
              environment.threads, nameOf(environment.clock)),
      formatv("caches: L1 data {0} KiB, L2 {1} KiB, L3 {2} KiB; load {3:f2}, "
              "{4:f2}, {5:f2}",
              kib(environment.l1dBytes), kib(environment.l2Bytes),
              kib(environment.l3Bytes), environment.load[0],
              environment.load[1], environment.load[2]),
      formatv("peaks: f32 {0}, bf16 {1}, int8 {2}, read {3}",
              formatPeak(peaks.f32, "GFLOP/s"),
              formatPeak(peaks.bf16, "GFLOP/s"),
              formatPeak(peaks.int8, "GOP/s"), formatPeak(peaks.read, "GB/s")),
  };
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
    os << formatv(
        kRow, result.suite + "/" + result.name + "/" + result.dtype,
        formatTime(result.seconds.median), formatSpread(result.seconds),
        result.repetitions * result.iterations, formatNumber(result.rate()),
        nameOf(result.unit), formatNumber(result.flops * 1e-9),
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
                  formatTime(result.seconds.median),
                  formatSpread(result.seconds), formatNumber(result.rate()),
                  nameOf(result.unit), formatNumber(result.flops * 1e-9),
                  formatNumber(result.bytes * 1e-6), result.bound,
                  formatTime(result.boundSeconds), result.fraction.median,
                  result.fraction.min, result.fraction.max);
    os.flush();
  }

private:
  raw_ostream &os;
};
} // namespace

/// Name and value of each field, in the order of benchmarks/README.md.
static std::vector<std::pair<StringRef, llvm::json::Value>>
getFields(const Result &result) {
  return {{"suite", result.suite},
          {"name", result.name},
          {"dtype", result.dtype},
          {"threads", result.threads},
          {"repetitions", result.repetitions},
          {"iterations", result.iterations},
          {"median_s", result.seconds.median},
          {"min_s", result.seconds.min},
          {"max_s", result.seconds.max},
          {"flops", result.flops},
          {"bytes", result.bytes},
          {"tokens", result.tokens},
          {"rate", result.rate()},
          {"rate_unit", nameOf(result.unit)},
          {"bound", result.bound},
          {"bound_s", result.boundSeconds},
          {"fraction", result.fraction.median},
          {"fraction_min", result.fraction.min},
          {"fraction_max", result.fraction.max},
          {"rss_growth_bytes", result.rssGrowth}};
}

namespace {
class JSONReport final : public Report {
public:
  explicit JSONReport(raw_ostream &os) : os(os), json(os, /*IndentSize=*/1) {}

  void begin(const Environment &environment, const Peaks &peaks) override {
    json.objectBegin();
    json.attribute("schema", 1);
    json.attributeObject("environment", [&] { write(environment); });
    json.attributeObject("peaks", [&] {
      writePeak("f32_gflops", peaks.f32);
      writePeak("bf16_gflops", peaks.bf16);
      writePeak("int8_gops", peaks.int8);
      writePeak("read_gbytes", peaks.read);
    });
    json.attributeBegin("results");
    json.arrayBegin();
  }

  void add(const Result &result) override {
    json.object([&] {
      for (const auto &[name, value] : getFields(result))
        json.attribute(name, value);
    });
    os.flush();
  }

  void end() override {
    json.arrayEnd();
    json.attributeEnd();
    json.objectEnd();
    os << "\n";
  }

private:
  void write(const Environment &environment) {
    json.attribute("date", environment.date);
    json.attribute("cpu", environment.cpu);
    json.attribute("cores", environment.cores);
    json.attribute("threads", environment.threads);
    json.attribute("memory_bytes", environment.memoryBytes);
    json.attribute("l1d_bytes", environment.l1dBytes);
    json.attribute("l2_bytes", environment.l2Bytes);
    json.attribute("l3_bytes", environment.l3Bytes);
    json.attributeArray("load", [&] {
      for (double load : environment.load)
        json.value(load);
    });
    json.attribute("compiler", environment.compiler);
    json.attribute("target", environment.target);
    json.attribute("clock", nameOf(environment.clock));
  }

  void writePeak(StringRef name, double perSecond) {
    json.attribute(name, perSecond > 0 ? llvm::json::Value(perSecond * 1e-9)
                                       : llvm::json::Value(nullptr));
  }

  raw_ostream &os;
  llvm::json::OStream json;
};

/// Columns only: the environment goes to JSON.
class CSVReport final : public Report {
public:
  explicit CSVReport(raw_ostream &os) : os(os) {}

  void begin(const Environment &, const Peaks &) override {
    const char *separator = "";
    for (const auto &[name, value] : getFields(Result())) {
      os << separator << name;
      separator = ",";
    }
    os << "\n";
  }

  void add(const Result &result) override {
    const char *separator = "";
    for (const auto &[name, value] : getFields(result)) {
      os << separator;
      // No name holds a comma.
      if (std::optional<StringRef> text = value.getAsString())
        os << *text;
      else
        os << value;
      separator = ",";
    }
    os << "\n";
    os.flush();
  }

private:
  raw_ostream &os;
};
} // namespace

std::unique_ptr<Report> mlir::minimax::bench::createReport(Format format,
                                                           raw_ostream &os) {
  switch (format) {
  case Format::Console:
    return std::make_unique<ConsoleReport>(os);
  case Format::Markdown:
    return std::make_unique<MarkdownReport>(os);
  case Format::JSON:
    return std::make_unique<JSONReport>(os);
  case Format::CSV:
    return std::make_unique<CSVReport>(os);
  }
  return nullptr;
}
