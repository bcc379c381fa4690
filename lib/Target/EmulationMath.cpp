//===- EmulationMath.cpp - functions and formats that x86-64 has not ------===//
//
// A back end would call the C library for these; artifacts import only the
// runtime.
//
//===----------------------------------------------------------------------===//

#include "EmulationSteps.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace mlir::minimax;
using namespace mlir::minimax::emulation;

/// The runtime's name of what `instruction` computes; empty if x86-64 can.
static StringRef findFunction(const Instruction &instruction) {
  if (instruction.getOpcode() == Instruction::FRem)
    return "fmod";
  auto *intrinsic = dyn_cast<IntrinsicInst>(&instruction);
  switch (intrinsic ? intrinsic->getIntrinsicID() : Intrinsic::not_intrinsic) {
  case Intrinsic::exp:
    return "exp";
  case Intrinsic::exp2:
    return "exp2";
  case Intrinsic::exp10:
    return "exp10";
  case Intrinsic::log:
    return "log";
  case Intrinsic::log2:
    return "log2";
  case Intrinsic::log10:
    return "log10";
  case Intrinsic::sin:
    return "sin";
  case Intrinsic::cos:
    return "cos";
  case Intrinsic::tanh:
    return "tanh";
  case Intrinsic::pow:
    return "pow";
  default:
    return "";
  }
}

/// Calls the function on one element; formats below f32 go through it.
static Value *callOnElement(IRBuilder<> &builder, StringRef name,
                            ArrayRef<Value *> operands) {
  Type *type = operands[0]->getType();
  Type *computed = type->isDoubleTy() ? type : builder.getFloatTy();
  SmallVector<Value *> converted;
  for (Value *operand : operands)
    converted.push_back(builder.CreateFPCast(operand, computed));
  SmallVector<Type *> types(operands.size(), computed);
  FunctionCallee function = getRuntimeFunction(
      *builder.GetInsertBlock()->getModule(),
      (name + (type->isDoubleTy() ? "_f64" : "_f32")).str(),
      FunctionType::get(computed, types, false), /*isPure=*/true);
  return builder.CreateFPCast(builder.CreateCall(function, converted), type);
}

static Value *callOnElements(IRBuilder<> &builder, StringRef name,
                             ArrayRef<Value *> operands) {
  auto *type = dyn_cast<FixedVectorType>(operands[0]->getType());
  if (!type)
    return callOnElement(builder, name, operands);
  Value *result = PoisonValue::get(type);
  for (uint64_t i = 0; i < type->getNumElements(); ++i) {
    SmallVector<Value *> elements;
    for (Value *operand : operands)
      elements.push_back(builder.CreateExtractElement(operand, i));
    result = builder.CreateInsertElement(
        result, callOnElement(builder, name, elements), i);
  }
  return result;
}

Error emulation::lowerMath(Function &function) {
  SmallVector<Instruction *> work;
  for (Instruction &instruction : instructions(function))
    if (!findFunction(instruction).empty())
      work.push_back(&instruction);
  for (Instruction *instruction : work) {
    auto *call = dyn_cast<CallInst>(instruction);
    SmallVector<Value *> operands;
    if (call)
      operands.append(call->arg_begin(), call->arg_end());
    else
      operands.append(instruction->value_op_begin(),
                      instruction->value_op_end());
    IRBuilder<> builder(instruction);
    instruction->replaceAllUsesWith(
        callOnElements(builder, findFunction(*instruction), operands));
    instruction->eraseFromParent();
  }
  return Error::success();
}
