//===- EmulationAssembly.cpp - inline assembly for the emulator -----------===//
//
// The texts that our kernel builders and MLIR's NVVM ops emit.
//
//===----------------------------------------------------------------------===//

#include "EmulationSteps.h"

using namespace llvm;
using namespace mlir::minimax;
using namespace mlir::minimax::emulation;

/// Replaces `call` by `result`, if it has one.
static bool replace(CallInst &call, Value *result) {
  if (result)
    call.replaceAllUsesWith(result);
  call.eraseFromParent();
  return true;
}

bool emulation::lowerAssembly(CallInst &call, StringRef text, Sites &sites) {
  IRBuilder<> builder(&call);
  text = text.trim();
  text.consume_back(";");
  // Hides where a value comes from.
  if (text == "mov.b32 $0, $1" || text == "mov.b64 $0, $1")
    return replace(call, call.getArgOperand(0));
  if (text.starts_with("bar.arrive")) {
    Value *barrier = builder.getInt32(0);
    if (call.arg_size() == 2)
      barrier = call.getArgOperand(0);
    else if (text != "bar.arrive 0, $0")
      return false;
    Value *count = call.getArgOperand(call.arg_size() - 1);
    return replace(call,
                   callOperation(builder, "barrier_arrive", {barrier, count},
                                 call.getType(), sites));
  }
  return false;
}
