//===- Emulation.cpp - kernels as code for the emulator -------------------===//
//
// Finds the kernels, lowers every function, and adds what the runtime calls.
//
//===----------------------------------------------------------------------===//

#include "minimax/Target/Emulation.h"
#include "EmulationSteps.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;
using namespace mlir::minimax;
using namespace mlir::minimax::emulation;

static constexpr StringLiteral kAnnotations = "nvvm.annotations";

FunctionCallee emulation::getRuntimeFunction(Module &module, StringRef name,
                                             FunctionType *type, bool isPure) {
  FunctionCallee callee =
      module.getOrInsertFunction(("mmrt_emulated_" + name).str(), type);
  auto *function = cast<Function>(callee.getCallee());
  function->setDoesNotThrow();
  if (isPure) {
    function->setDoesNotAccessMemory();
    function->setWillReturn();
  }
  return callee;
}

Value *emulation::getThread(Function &function) {
  Instruction &first = *function.getEntryBlock().getFirstInsertionPt();
  static constexpr StringLiteral name = "mmrt_emulated_current";
  for (Instruction &instruction : function.getEntryBlock())
    if (auto *call = dyn_cast<CallInst>(&instruction))
      if (Function *callee = call->getCalledFunction())
        if (callee->getName() == name)
          return call;
  IRBuilder<> builder(&first);
  FunctionType *type =
      FunctionType::get(builder.getPtrTy(), /*isVarArg=*/false);
  return builder.CreateCall(getRuntimeFunction(*function.getParent(), "current",
                                               type, /*isPure=*/true));
}

/// Kernels have an annotation, or the calling convention of newer LLVM.
static SetVector<Function *> findKernels(Module &module) {
  SetVector<Function *> kernels;
  for (Function &function : module)
    if (function.getCallingConv() == CallingConv::PTX_Kernel)
      kernels.insert(&function);
  NamedMDNode *annotations = module.getNamedMetadata(kAnnotations);
  if (!annotations)
    return kernels;
  for (MDNode *annotation : annotations->operands()) {
    if (annotation->getNumOperands() < 2)
      continue;
    auto *property = dyn_cast<MDString>(annotation->getOperand(1));
    auto *function =
        mdconst::dyn_extract_or_null<Function>(annotation->getOperand(0));
    if (function && property && property->getString() == "kernel")
      kernels.insert(function);
  }
  module.eraseNamedMetadata(annotations);
  return kernels;
}

/// Takes away what only NVPTX understands, and what the calls of the runtime
/// will make untrue.
static void stripTarget(Function &function) {
  function.setCallingConv(CallingConv::C);
  AttributeList attributes = function.getAttributes();
  for (Attribute attribute : attributes.getFnAttrs())
    if (attribute.isStringAttribute())
      function.removeFnAttr(attribute.getKindAsString());
  for (Attribute::AttrKind kind :
       {Attribute::Convergent, Attribute::Memory, Attribute::NoSync,
        Attribute::NoFree, Attribute::WillReturn, Attribute::Speculatable})
    function.removeFnAttr(kind);
  function.addFnAttr(Attribute::NoUnwind);
  for (Argument &argument : function.args()) {
    if (!argument.hasByValAttr())
      continue;
    function.removeParamAttr(argument.getArgNo(), Attribute::ByVal);
    function.addParamAttr(
        argument.getArgNo(),
        Attribute::get(function.getContext(), kArgumentMemory));
  }
  for (Instruction &instruction : instructions(function))
    if (auto *call = dyn_cast<CallBase>(&instruction))
      call->setCallingConv(CallingConv::C);
}

static void retarget(Module &module) {
  StripDebugInfo(module);
  module.setTargetTriple("x86_64-unknown-linux-gnu");
  module.setDataLayout("e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-"
                       "f80:128-n8:16:32:64-S128");
  for (Function &function : module)
    if (!function.isDeclaration())
      stripTarget(function);
  for (GlobalObject &object : module.global_objects())
    if (!object.isDeclaration())
      object.setLinkage(GlobalValue::InternalLinkage);
}

/// After all kernels have their places: functions have no shared variables.
static Error eraseSharedVariables(Module &module) {
  for (GlobalVariable &variable : make_early_inc_range(module.globals())) {
    if (variable.getAddressSpace() != 3)
      continue;
    variable.removeDeadConstantUsers();
    if (!variable.use_empty())
      return createStringError("the emulator knows shared variables of kernels "
                               "only, but '" +
                               variable.getName() +
                               "' is used by another function");
    variable.eraseFromParent();
  }
  return Error::success();
}

static Error lowerFunction(Function &function, Sites &sites) {
  if (Error error = lowerIntrinsics(function, sites))
    return error;
  if (Error error = lowerMath(function))
    return error;
  return lowerSmallFloats(function);
}

/// Adds to each function one that checks its accesses and calls others that
/// do. Returns it by function.
static DenseMap<Function *, Function *> addCheckedFunctions(Module &module,
                                                            Sites &sites) {
  SmallVector<Function *> functions;
  for (Function &function : module)
    if (!function.isDeclaration())
      functions.push_back(&function);
  DenseMap<Function *, Function *> checked;
  ValueToValueMapTy map;
  for (Function *function : functions) {
    auto *clone = Function::Create(function->getFunctionType(),
                                   GlobalValue::InternalLinkage,
                                   function->getName() + ".checked", module);
    checked[function] = clone;
    map[function] = clone;
  }
  for (Function *function : functions) {
    Function *clone = checked[function];
    for (auto [from, to] : zip_equal(function->args(), clone->args()))
      map[&from] = &to;
    SmallVector<ReturnInst *> returns;
    CloneFunctionInto(clone, function, map,
                      CloneFunctionChangeType::LocalChangesOnly, returns);
    checkAccesses(*clone, sites);
  }
  return checked;
}

/// Calls `kernel` with arguments loaded from where `pointers` points.
static void callKernel(IRBuilder<> &builder, Function &kernel,
                       Value *pointers) {
  SmallVector<Value *> arguments;
  for (Argument &argument : kernel.args()) {
    Value *slot = builder.CreateConstInBoundsGEP1_64(
        builder.getPtrTy(), pointers, argument.getArgNo());
    Value *pointer = builder.CreateLoad(builder.getPtrTy(), slot);
    bool isMemory = kernel.getAttributes().hasParamAttr(argument.getArgNo(),
                                                        kArgumentMemory);
    arguments.push_back(
        isMemory ? pointer : builder.CreateLoad(argument.getType(), pointer));
  }
  builder.CreateCall(&kernel, arguments);
  builder.CreateRetVoid();
}

/// Adds the function that the emulator calls for each thread.
static void addEntry(Function &kernel, Function &checked, StringRef suffix,
                     uint64_t sharedBytes) {
  Module &module = *kernel.getParent();
  LLVMContext &context = module.getContext();
  IRBuilder<> builder(context);
  Type *pointer = builder.getPtrTy();
  auto *entry =
      Function::Create(FunctionType::get(builder.getVoidTy(), {pointer}, false),
                       GlobalValue::ExternalLinkage,
                       "mm_emulated_" + kernel.getName() + suffix, module);
  entry->setDoesNotThrow();
  builder.SetInsertPoint(BasicBlock::Create(context, "", entry));
  auto *withChecks = BasicBlock::Create(context, "checked", entry);
  auto *without = BasicBlock::Create(context, "unchecked", entry);
  FunctionCallee enter = getRuntimeFunction(
      module, "enter",
      FunctionType::get(pointer, {builder.getInt64Ty()}, false));
  FunctionCallee checking = getRuntimeFunction(
      module, "checking",
      FunctionType::get(builder.getInt32Ty(), {pointer}, false));
  Value *thread = builder.CreateCall(enter, {builder.getInt64(sharedBytes)});
  Value *check = builder.CreateCall(checking, {thread});
  builder.CreateCondBr(builder.CreateIsNotNull(check), withChecks, without);
  builder.SetInsertPoint(withChecks);
  callKernel(builder, checked, entry->getArg(0));
  builder.SetInsertPoint(without);
  callKernel(builder, kernel, entry->getArg(0));
}

static Error verify(const Module &module) {
  std::string message;
  raw_string_ostream stream(message);
  if (!verifyModule(module, &stream))
    return Error::success();
  return createStringError("the emulator's code is invalid: " + message);
}

Error mlir::minimax::lowerForEmulator(Module &kernels, StringRef suffix) {
  SetVector<Function *> entries = findKernels(kernels);
  retarget(kernels);
  Sites sites;
  DenseMap<Function *, uint64_t> sharedBytes;
  for (Function *kernel : entries) {
    Expected<uint64_t> bytes = placeSharedVariables(*kernel);
    if (!bytes)
      return bytes.takeError();
    sharedBytes[kernel] = *bytes;
  }
  if (Error error = eraseSharedVariables(kernels))
    return error;
  for (Function &function : kernels)
    if (!function.isDeclaration())
      if (Error error = lowerFunction(function, sites))
        return error;
  DenseMap<Function *, Function *> checked =
      addCheckedFunctions(kernels, sites);
  for (Function *kernel : entries)
    addEntry(*kernel, *checked[kernel], suffix, sharedBytes[kernel]);
  return verify(kernels);
}
