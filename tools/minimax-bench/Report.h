//===- Report.h - results as text -------------------------------*- C++ -*-===//
//
// A table for people, Markdown, JSON and CSV; see benchmarks/README.md.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_REPORT_H
#define MINIMAX_TOOLS_BENCH_REPORT_H

#include "Measure.h"
#include "llvm/Support/raw_ostream.h"
#include <memory>

namespace mlir::minimax::bench {

/// Receives the results one by one and prints each at once, so that a long run
/// can be watched.
class Report {
public:
  virtual ~Report() = default;
  virtual void begin(const Environment &environment, const Peaks &peaks) = 0;
  virtual void add(const Result &result) = 0;
  virtual void end() {}
};

std::unique_ptr<Report> createConsoleReport(llvm::raw_ostream &os);
std::unique_ptr<Report> createMarkdownReport(llvm::raw_ostream &os);
std::unique_ptr<Report> createJSONReport(llvm::raw_ostream &os);
/// Columns without the environment.
std::unique_ptr<Report> createCSVReport(llvm::raw_ostream &os);

/// How a unit or a clock is written.
llvm::StringRef nameOf(Unit unit);
llvm::StringRef nameOf(Clock clock);

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_REPORT_H
