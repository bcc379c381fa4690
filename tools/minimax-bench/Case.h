//===- Case.h - one thing to measure ----------------------------*- C++ -*-===//
//
// A program, the call of it that is timed, and what that call has to do.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_CASE_H
#define MINIMAX_TOOLS_BENCH_CASE_H

#include "CompileProgram.h"
#include "Roofs.h"
#include <functional>
#include <string>
#include <vector>

namespace mlir::minimax::bench {

/// One sequence of a call: `length` tokens that follow `position` others.
struct Sequence {
  int64_t length = 1;
  int64_t position = 0;
};

/// A call of an entry.
struct Call {
  /// In slots 0, 1, ... A kernel without sequences has one with all its rows.
  std::vector<Sequence> sequences;
  /// Tokens that a slot has room for.
  int64_t capacity = 1;
  /// The input `offsets` of grouped products.
  std::vector<int32_t> offsets;

  int64_t tokens() const {
    int64_t sum = 0;
    for (const Sequence &sequence : sequences)
      sum += sequence.length;
    return sum;
  }
};

/// What a call has to do, whoever does it.
struct Work {
  /// Floating-point operations, two for each multiply-add of a product;
  /// elementwise work is not counted.
  double flops = 0;
  /// Bytes of states that must be read or written.
  double stateBytes = 0;
  /// Share of the weight `name` that must be read; all of it if empty.
  std::function<double(llvm::StringRef name)> weightShare;
};

/// How the speed of a case is told.
enum class Unit { GFlops, GBytes, TokensPerSecond, MicrosecondsPerToken };

struct Case {
  std::string suite;
  std::string name;
  /// Type of the arithmetic; see ProgramSource.
  std::string dtype;
  Arithmetic arithmetic = Arithmetic::F32;
  ProgramSource program;
  std::string entry;
  Call call;
  Work work;
  Unit unit = Unit::GFlops;
  /// Whether all steps from the last case of the same program up to this call
  /// are really computed, and timed, instead of starting from random states.
  bool continues = false;

  std::string fullName() const { return suite + "/" + name + "/" + dtype; }
};

/// What cases are made for.
struct CaseOptions {
  /// Arithmetic of products, see ProgramSource.
  llvm::StringRef dtype;
  /// A GPU gets larger sizes and, where products are not in f32, caches in
  /// bf16, as minimax-compile --kv-dtype=bf16 makes them.
  bool isGPU = false;

  bool hasNarrowCache() const { return isGPU && dtype != "f32"; }
  /// Type of queries, keys, values and what attention makes of them.
  llvm::StringRef rowType() const { return hasNarrowCache() ? "bf16" : "f32"; }
  /// Bytes of a number in a cache of keys and values.
  int64_t cacheBytes() const { return hasNarrowCache() ? 2 : 4; }
};

/// Appends the cases of a suite.
void addKernelCases(const CaseOptions &options, std::vector<Case> &cases);
void addLayerCases(const CaseOptions &options, std::vector<Case> &cases);
void addModelCases(const CaseOptions &options, std::vector<Case> &cases);
/// Contexts of 8192 tokens and each double of that up to `maxTokens`.
void addLongCases(const CaseOptions &options, int64_t maxTokens,
                  std::vector<Case> &cases);

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_CASE_H
