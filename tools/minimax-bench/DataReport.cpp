//===- DataReport.cpp - results for programs ------------------------------===//
//
// JSON and CSV, with the fields of benchmarks/README.md.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "llvm/Support/JSON.h"

using namespace mlir::minimax::bench;
using llvm::raw_ostream;
using llvm::StringRef;

StringRef mlir::minimax::bench::nameOf(Unit unit) {
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

StringRef mlir::minimax::bench::nameOf(Clock clock) {
  return clock == Clock::Wall ? "wall" : "cpu";
}

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
          {"predicted", result.isPredicted},
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
      writePeak("int16_gops", peaks.int16);
      writePeak("int8_gops", peaks.int8);
      writePeak("memory_gbytes", peaks.memory);
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
    json.attribute("device", environment.device);
    json.attribute("note", environment.note);
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

std::unique_ptr<Report>
mlir::minimax::bench::createJSONReport(raw_ostream &os) {
  return std::make_unique<JSONReport>(os);
}

std::unique_ptr<Report> mlir::minimax::bench::createCSVReport(raw_ostream &os) {
  return std::make_unique<CSVReport>(os);
}
