//===- MutationTest.cpp - the emulator sees what is not synchronised ------===//
//
// Removes each synchronising instruction of the sample kernels in turn: each
// barrier, fence, wait, arrival and commit. The emulator must report the
// kernel, unless the instruction is one of those listed here.
//
//===----------------------------------------------------------------------===//
#include "EmulatedKernel.h"
#include "SampleKernels.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include <gtest/gtest.h>
#include <iostream>
#include <map>

using namespace llvm;
using namespace minimax::test;
using minimax::runtime::emulator::Emulator;

/// The intrinsic that `call` calls without "llvm.nvvm.", or its assembly in one
/// line.
static std::string nameOf(const CallInst &call) {
  if (auto *assembly = dyn_cast<InlineAsm>(call.getCalledOperand())) {
    std::string text = assembly->getAsmString();
    size_t wait = text.find("mbarrier.try_wait");
    return text.substr(wait == std::string::npos ? 0 : wait, 40);
  }
  StringRef name = call.getCalledFunction()->getName();
  return name.drop_front(strlen("llvm.nvvm.")).str();
}

static bool synchronizes(const CallInst &call) {
  if (!call.isInlineAsm() &&
      (!call.getCalledFunction() ||
       !call.getCalledFunction()->getName().starts_with("llvm.nvvm.")))
    return false;
  static const StringRef prefixes[] = {"bar",
                                       "mbarrier",
                                       "membar",
                                       "fence",
                                       "cp.async.wait",
                                       "cp.async.commit",
                                       "wgmma.fence",
                                       "wgmma.commit_group",
                                       "wgmma.wait_group",
                                       "cp.async.bulk.wait",
                                       "cp.async.bulk.commit"};
  std::string name = nameOf(call);
  return any_of(prefixes, [&](StringRef prefix) {
    return StringRef(name).starts_with(prefix);
  });
}

static SmallVector<CallInst *> findSynchronization(Module &module) {
  SmallVector<CallInst *> found;
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (auto *call = dyn_cast<CallInst>(&instruction))
        if (synchronizes(*call))
          found.push_back(call);
  return found;
}

/// What becomes of a sample without its instruction number `removed`.
struct Outcome {
  std::string name;
  std::string finding;
  double error;
};

/// Runs the sample without the instruction; nothing if it has no such.
static std::optional<Outcome> runWithout(const Sample &sample, size_t removed) {
  std::optional<Outcome> outcome;
  auto module =
      EmulatedModule::compile(readSample(sample), [&](Module &kernels) {
        SmallVector<CallInst *> calls = findSynchronization(kernels);
        if (removed >= calls.size())
          return;
        CallInst *call = calls[removed];
        outcome = {nameOf(*call), "", 0};
        if (!call->getType()->isVoidTy())
          call->replaceAllUsesWith(Constant::getNullValue(call->getType()));
        call->eraseFromParent();
      });
  if (!module) {
    ADD_FAILURE() << toString(module.takeError());
    return std::nullopt;
  }
  if (!outcome)
    return std::nullopt;
  // One worker: the same schedule each time.
  Emulator emulator({/*check=*/true, /*workers=*/1});
  SampleResult result = sample.run(module->find(sample.kernel), emulator);
  outcome->finding = result.finding;
  outcome->error = result.error;
  return outcome;
}

/// Why the emulator cannot or need not see that an instruction is missing.
static std::string whyUnseen(const std::string &sample, size_t number,
                             const std::string &name) {
  if (StringRef(name).starts_with("wgmma.fence"))
    return "orders registers, which ptxas checks (C7519)";
  if (StringRef(name).starts_with("fence.mbarrier_init"))
    return "only other blocks of a cluster need it";
  // The producer's first turn through its ring, unrolled.
  bool isFirstTurn =
      number == 10 || number == 12 || number == 14 || number == 16;
  if (sample == "gemm-wgmma" && isFirstTurn)
    return "waits for the phase before the first, which is over";
  return "";
}

TEST(Mutation, EachSynchronizationIsMissed) {
  int seen = 0;
  int matter = 0;
  for (const char *name : {"gemm-mma", "lightning-state", "gemm-wgmma"}) {
    const Sample &sample = findSample(name);
    for (size_t removed = 0;; ++removed) {
      std::optional<Outcome> outcome = runWithout(sample, removed);
      if (!outcome)
        break;
      std::string what = std::string(name) + " without " + outcome->name +
                         " (number " + std::to_string(removed) + ")";
      if (!outcome->finding.empty()) {
        ++seen;
        ++matter;
        std::cout << "seen: " << what << ": " << outcome->finding << "\n";
        continue;
      }
      std::string reason = whyUnseen(name, removed, outcome->name);
      matter += reason.empty();
      std::cout << (reason.empty() ? "MISSED: " : "exempt: ") << what
                << ", error " << outcome->error << ": " << reason << "\n";
    }
  }
  std::cout << seen << " of " << matter << " seen\n";
  EXPECT_GE(seen, 0.95 * matter);
  EXPECT_GT(matter, 20);
}
