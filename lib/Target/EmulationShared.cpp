//===- EmulationShared.cpp - shared variables of emulated kernels ---------===//
//
// Shared variables become places in the memory that the runtime gives a block.
//
//===----------------------------------------------------------------------===//

#include "EmulationSteps.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/ReplaceConstant.h"

using namespace llvm;
using namespace mlir::minimax;
using namespace mlir::minimax::emulation;

static constexpr unsigned kSharedSpace = 3;

/// The uses of `variable` by instructions of `function`.
static SmallVector<Use *> usesIn(GlobalVariable &variable,
                                 const Function &function) {
  SmallVector<Use *> uses;
  for (Use &use : variable.uses())
    if (auto *user = dyn_cast<Instruction>(use.getUser()))
      if (user->getFunction() == &function)
        uses.push_back(&use);
  return uses;
}

static void replaceUses(Function &kernel, ArrayRef<Use *> uses,
                        uint64_t offset) {
  Value *thread = getThread(kernel);
  IRBuilder<> builder(cast<Instruction>(thread)->getNextNode());
  Type *pointer = builder.getPtrTy(kSharedSpace);
  FunctionCallee shared = getRuntimeFunction(
      *kernel.getParent(), "shared",
      FunctionType::get(pointer, {builder.getPtrTy()}, false),
      /*isPure=*/true);
  Value *begin = builder.CreateCall(shared, {thread});
  Value *place =
      builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), begin, offset);
  for (Use *use : uses)
    use->set(place);
}

Expected<uint64_t> emulation::placeSharedVariables(Function &kernel) {
  Module &module = *kernel.getParent();
  const DataLayout &layout = module.getDataLayout();
  SmallVector<GlobalVariable *> variables;
  for (GlobalVariable &variable : module.globals())
    if (variable.getAddressSpace() == kSharedSpace)
      variables.push_back(&variable);
  SmallVector<Constant *> constants(variables.begin(), variables.end());
  convertUsersOfConstantsToInstructions(constants);
  uint64_t offset = 0;
  // What the launch sizes begins where the others end.
  std::partition(variables.begin(), variables.end(), [&](auto *variable) {
    return layout.getTypeAllocSize(variable->getValueType()) != 0;
  });
  for (GlobalVariable *variable : variables) {
    SmallVector<Use *> uses = usesIn(*variable, kernel);
    if (uses.empty())
      continue;
    offset = alignTo(offset, variable->getAlign().valueOrOne());
    replaceUses(kernel, uses, offset);
    offset += layout.getTypeAllocSize(variable->getValueType());
  }
  return offset;
}
