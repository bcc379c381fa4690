//===- EmulationChecks.cpp - checks of accesses of emulated kernels -------===//
//
// Puts a call of the runtime before each access to global and shared memory.
//
//===----------------------------------------------------------------------===//

#include "EmulationSteps.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace mlir::minimax;
using namespace mlir::minimax::emulation;

static constexpr unsigned kSharedSpace = 3;

/// Whether `pointer` is to memory that no other thread can change: local
/// variables, constants of the module, arguments in memory.
static bool isPrivate(const Value *pointer) {
  const Value *object = getUnderlyingObject(pointer);
  if (isa<AllocaInst, GlobalVariable>(object))
    return true;
  auto *argument = dyn_cast<Argument>(object);
  return argument && argument->getParent()->getAttributes().hasParamAttr(
                         argument->getArgNo(), kArgumentMemory);
}

namespace {
/// Adds the calls to one function.
class AccessChecker {
public:
  AccessChecker(Function &function, Sites &sites)
      : module(*function.getParent()), thread(getThread(function)),
        sites(sites) {}

  void check(Instruction &instruction);

private:
  /// Checks `bytes` (an i64) at `pointer`; `kind` is read, write or atomic.
  void addCall(Instruction &before, StringRef kind, Value *pointer,
               Value *bytes, Align alignment);
  void addCall(Instruction &before, StringRef kind, Value *pointer, Type *type,
               Align alignment) {
    uint64_t bytes = module.getDataLayout().getTypeStoreSize(type);
    addCall(before, kind, pointer,
            ConstantInt::get(Type::getInt64Ty(module.getContext()), bytes),
            alignment);
  }

  Module &module;
  Value *thread;
  Sites &sites;
};
} // namespace

void AccessChecker::addCall(Instruction &before, StringRef kind, Value *pointer,
                            Value *bytes, Align alignment) {
  if (isPrivate(pointer))
    return;
  IRBuilder<> builder(&before);
  bool isShared =
      getUnderlyingObject(pointer)->getType()->getPointerAddressSpace() ==
      kSharedSpace;
  std::string name = kind.str();
  if (kind != "atomic")
    name += isShared ? "_shared" : "_global";
  Value *address = builder.CreateAddrSpaceCast(pointer, builder.getPtrTy());
  FunctionCallee callee = getRuntimeFunction(
      module, name,
      FunctionType::get(builder.getVoidTy(),
                        {builder.getPtrTy(), builder.getPtrTy(),
                         builder.getInt64Ty(), builder.getInt32Ty(),
                         builder.getInt32Ty()},
                        false));
  builder.CreateCall(callee, {thread, address, bytes,
                              builder.getInt32(alignment.value()),
                              builder.getInt32(sites.next++)});
}

void AccessChecker::check(Instruction &instruction) {
  if (auto *load = dyn_cast<LoadInst>(&instruction)) {
    addCall(instruction, load->isAtomic() ? "atomic" : "read",
            load->getPointerOperand(), load->getType(), load->getAlign());
  } else if (auto *store = dyn_cast<StoreInst>(&instruction)) {
    addCall(instruction, store->isAtomic() ? "atomic" : "write",
            store->getPointerOperand(), store->getValueOperand()->getType(),
            store->getAlign());
  } else if (auto *update = dyn_cast<AtomicRMWInst>(&instruction)) {
    addCall(instruction, "atomic", update->getPointerOperand(),
            update->getType(), update->getAlign());
  } else if (auto *exchange = dyn_cast<AtomicCmpXchgInst>(&instruction)) {
    addCall(instruction, "atomic", exchange->getPointerOperand(),
            exchange->getCompareOperand()->getType(), exchange->getAlign());
  } else if (auto *memory = dyn_cast<MemIntrinsic>(&instruction)) {
    IRBuilder<> builder(&instruction);
    Value *bytes =
        builder.CreateZExt(memory->getLength(), builder.getInt64Ty());
    addCall(instruction, "write", memory->getRawDest(), bytes,
            memory->getDestAlign().valueOrOne());
    if (auto *transfer = dyn_cast<MemTransferInst>(memory))
      addCall(instruction, "read", transfer->getRawSource(), bytes,
              transfer->getSourceAlign().valueOrOne());
  }
}

void emulation::checkAccesses(Function &function, Sites &sites) {
  SmallVector<Instruction *> work;
  for (Instruction &instruction : instructions(function))
    work.push_back(&instruction);
  AccessChecker checker(function, sites);
  for (Instruction *instruction : work)
    checker.check(*instruction);
}
