//===- EmulationIntrinsics.cpp - NVPTX intrinsics for the emulator --------===//
//
// Registers and operations of threads become calls of the runtime. Numeric
// intrinsics are in EmulationNumbers.cpp.
//
//===----------------------------------------------------------------------===//

#include "EmulationSteps.h"
#include "minimax/runtime/emulated_abi.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace mlir::minimax;
using namespace mlir::minimax::emulation;

#define MINIMAX_NAME(NAME) #NAME,
static const StringSet<> &getRegisters() {
  static const StringSet<> names = {MMRT_EMULATED_REGISTERS(MINIMAX_NAME)};
  return names;
}

static const StringSet<> &getOperations() {
  static const StringSet<> names = {MMRT_EMULATED_OPERATIONS(MINIMAX_NAME)};
  return names;
}

/// "llvm.nvvm.ldmatrix.sync.x4.b16.p3" -> "ldmatrix_sync_x4_b16".
static std::string getOperationName(StringRef intrinsic) {
  intrinsic.consume_front("llvm.nvvm.");
  while (true) {
    auto [rest, last] = intrinsic.rsplit('.');
    bool isPointer = last.size() == 2 && last[0] == 'p' && isDigit(last[1]);
    if (!isPointer)
      break;
    intrinsic = rest;
  }
  std::string name = intrinsic.str();
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

static Value *createEntryAlloca(Function &function, Type *type) {
  IRBuilder<> builder(&*function.getEntryBlock().getFirstInsertionPt());
  return builder.CreateAlloca(type);
}

Value *emulation::callOperation(IRBuilderBase &builder, StringRef name,
                                ArrayRef<Value *> operands, Type *results,
                                Sites &sites) {
  Function &function = *builder.GetInsertBlock()->getParent();
  Type *pointer = builder.getPtrTy();
  Value *in = ConstantPointerNull::get(builder.getPtrTy());
  Value *out = in;
  if (!operands.empty()) {
    SmallVector<Type *> types;
    for (Value *operand : operands)
      types.push_back(operand->getType());
    auto *structure = StructType::get(builder.getContext(), types);
    in = createEntryAlloca(function, structure);
    for (auto [i, operand] : enumerate(operands))
      builder.CreateStore(operand, builder.CreateStructGEP(structure, in, i));
  }
  if (!results->isVoidTy())
    out = createEntryAlloca(function, results);
  FunctionCallee callee = getRuntimeFunction(
      *function.getParent(), name,
      FunctionType::get(builder.getVoidTy(),
                        {pointer, pointer, pointer, builder.getInt32Ty()},
                        false));
  builder.CreateCall(
      callee, {getThread(function), out, in, builder.getInt32(sites.next++)});
  return results->isVoidTy() ? nullptr : builder.CreateLoad(results, out);
}

/// A register, an operation or a fence; null for anything else.
static bool lowerThreadIntrinsic(CallInst &call, StringRef intrinsic,
                                 Sites &sites) {
  IRBuilder<> builder(&call);
  Module &module = *call.getModule();
  StringRef sreg = intrinsic;
  Value *result = nullptr;
  std::string name = getOperationName(intrinsic);
  if (sreg.consume_front("llvm.nvvm.read.ptx.sreg.") &&
      getRegisters().contains(getOperationName(sreg))) {
    FunctionCallee read = getRuntimeFunction(
        module, "read_" + getOperationName(sreg),
        FunctionType::get(builder.getInt32Ty(), {builder.getPtrTy()}, false),
        /*isPure=*/true);
    result = builder.CreateCall(read, {getThread(*call.getFunction())});
  } else if (StringRef(name).starts_with("setmaxnreg_") ||
             name == "nanosleep") {
    // Only a hint here.
  } else if (name == "membar_cta" || name == "membar_gl" ||
             name == "membar_sys" || name == "fence_sc_cluster") {
    builder.CreateFence(AtomicOrdering::SequentiallyConsistent);
  } else if (getOperations().contains(name)) {
    SmallVector<Value *> operands(call.args());
    result = callOperation(builder, name, operands, call.getType(), sites);
  } else {
    return false;
  }
  if (result)
    call.replaceAllUsesWith(result);
  call.eraseFromParent();
  return true;
}

static Error unknown(const CallInst &call, const Twine &what) {
  return createStringError("kernel function '" + call.getFunction()->getName() +
                           "': the emulator does not know " + what);
}

static Error lowerCall(CallInst &call, Sites &sites) {
  if (auto *assembly = dyn_cast<InlineAsm>(call.getCalledOperand())) {
    if (lowerAssembly(call, assembly->getAsmString(), sites))
      return Error::success();
    return unknown(call,
                   "the inline assembly \"" + assembly->getAsmString() + "\"");
  }
  Function *callee = call.getCalledFunction();
  if (!callee)
    return unknown(call, "indirect calls");
  StringRef name = callee->getName();
  if (!callee->isDeclaration() || name.starts_with("mmrt_emulated_"))
    return Error::success();
  if (!callee->isIntrinsic())
    return unknown(call, "the function '" + name + "'");
  if (!name.starts_with("llvm.nvvm.") || lowerNumeric(call, name) ||
      lowerThreadIntrinsic(call, name, sites))
    return Error::success();
  return unknown(call, "the intrinsic '" + name + "'");
}

Error emulation::lowerIntrinsics(Function &function, Sites &sites) {
  SmallVector<CallInst *> calls;
  for (Instruction &instruction : instructions(function))
    if (auto *call = dyn_cast<CallInst>(&instruction))
      calls.push_back(call);
  for (CallInst *call : calls)
    if (Error error = lowerCall(*call, sites))
      return error;
  return Error::success();
}
