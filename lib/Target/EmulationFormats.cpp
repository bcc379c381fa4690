//===- EmulationFormats.cpp - bf16 and f16 for the emulator ---------------===//
//
// x86-64-v3 converts between f16 and f32 only, and knows nothing of bf16:
// arithmetic happens in f32, conversions on integers.
//
//===----------------------------------------------------------------------===//

#include "EmulationSteps.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace mlir::minimax;
using namespace mlir::minimax::emulation;

static bool isBF16(const Type *type) {
  return type->getScalarType()->isBFloatTy();
}

/// `type` with elements of type `element`.
static Type *withElement(Type *type, Type *element) {
  if (auto *vector = dyn_cast<VectorType>(type))
    return VectorType::get(element, vector->getElementCount());
  return element;
}

Value *emulation::roundToBF16(IRBuilderBase &builder, Value *value) {
  Type *wide = withElement(value->getType(), builder.getInt32Ty());
  Type *narrow = withElement(value->getType(), builder.getInt16Ty());
  auto constant = [&](uint32_t bits) { return ConstantInt::get(wide, bits); };
  Value *bits = builder.CreateBitCast(value, wide);
  Value *high = builder.CreateLShr(bits, constant(16));
  // To the nearest, ties to even.
  Value *odd = builder.CreateAnd(high, constant(1));
  Value *rounded = builder.CreateLShr(
      builder.CreateAdd(bits, builder.CreateAdd(odd, constant(0x7fff))),
      constant(16));
  Value *isNaN = builder.CreateFCmpUNO(value, value);
  Value *quiet = builder.CreateOr(high, constant(0x40));
  return builder.CreateTrunc(builder.CreateSelect(isNaN, quiet, rounded),
                             narrow);
}

static Value *fromBF16(IRBuilderBase &builder, Value *value) {
  Type *narrow = withElement(value->getType(), builder.getInt16Ty());
  Type *wide = withElement(value->getType(), builder.getInt32Ty());
  Value *bits = builder.CreateZExt(builder.CreateBitCast(value, narrow), wide);
  return builder.CreateBitCast(
      builder.CreateShl(bits, ConstantInt::get(wide, 16)),
      withElement(value->getType(), builder.getFloatTy()));
}

/// Any float or bf16 as f32.
static Value *toF32(IRBuilderBase &builder, Value *value) {
  if (isBF16(value->getType()))
    return fromBF16(builder, value);
  return builder.CreateFPCast(
      value, withElement(value->getType(), builder.getFloatTy()));
}

/// An f32 as `type`, which is bf16 or a vector of it.
static Value *toBF16(IRBuilderBase &builder, Value *value, Type *type) {
  return builder.CreateBitCast(roundToBF16(builder, value), type);
}

/// fptrunc and fpext: of bf16, and from f64 to f16.
static Value *lowerCast(IRBuilder<> &builder, CastInst &cast) {
  Value *value = cast.getOperand(0);
  if (isBF16(cast.getType()))
    return toBF16(builder, toF32(builder, value), cast.getType());
  return builder.CreateFPCast(toF32(builder, value), cast.getType());
}

/// The same instruction on f32.
static Value *lowerArithmetic(IRBuilder<> &builder, Instruction &instruction) {
  SmallVector<Value *> operands;
  Type *single = nullptr;
  for (Value *operand : instruction.operand_values()) {
    if (isBF16(operand->getType())) {
      operand = fromBF16(builder, operand);
      single = operand->getType();
    }
    operands.push_back(operand);
  }
  Type *type = instruction.getType();
  Type *computed =
      isBF16(type) ? withElement(type, builder.getFloatTy()) : type;
  Value *result = nullptr;
  if (auto *intrinsic = dyn_cast<IntrinsicInst>(&instruction)) {
    operands.pop_back(); // the callee
    result = builder.CreateIntrinsic(intrinsic->getIntrinsicID(),
                                     {single ? single : computed}, operands);
  } else if (auto *compare = dyn_cast<FCmpInst>(&instruction)) {
    result =
        builder.CreateFCmp(compare->getPredicate(), operands[0], operands[1]);
  } else if (auto *cast = dyn_cast<CastInst>(&instruction)) {
    result = builder.CreateCast(cast->getOpcode(), operands[0], computed);
  } else if (instruction.isUnaryOp()) {
    result = builder.CreateFNeg(operands[0]);
  } else {
    result =
        builder.CreateBinOp(llvm::cast<BinaryOperator>(instruction).getOpcode(),
                            operands[0], operands[1]);
  }
  return isBF16(type) ? toBF16(builder, result, type) : result;
}

/// Whether the instruction computes with bf16 rather than moving it.
static bool computesBF16(const Instruction &instruction) {
  bool touches = isBF16(instruction.getType());
  for (const Value *operand : instruction.operand_values())
    touches |= isBF16(operand->getType());
  if (!touches)
    return false;
  if (auto *call = dyn_cast<IntrinsicInst>(&instruction)) {
    // Those of numbers, not of memory.
    return call->doesNotAccessMemory() && !call->isAssumeLikeIntrinsic();
  }
  return instruction.isBinaryOp() || instruction.isUnaryOp() ||
         isa<FCmpInst, SIToFPInst, UIToFPInst, FPToSIInst, FPToUIInst>(
             instruction);
}

static Value *lowerInstruction(Instruction &instruction) {
  IRBuilder<> builder(&instruction);
  if (isa<FPTruncInst, FPExtInst>(instruction)) {
    Type *from = instruction.getOperand(0)->getType()->getScalarType();
    Type *to = instruction.getType()->getScalarType();
    if (isBF16(from) || isBF16(to) || (from->isDoubleTy() && to->isHalfTy()) ||
        (from->isHalfTy() && to->isDoubleTy()))
      return lowerCast(builder, cast<CastInst>(instruction));
    return nullptr;
  }
  return computesBF16(instruction) ? lowerArithmetic(builder, instruction)
                                   : nullptr;
}

Error emulation::lowerSmallFloats(Function &function) {
  SmallVector<Instruction *> work;
  for (Instruction &instruction : instructions(function))
    work.push_back(&instruction);
  for (Instruction *instruction : work) {
    Value *result = lowerInstruction(*instruction);
    if (!result)
      continue;
    instruction->replaceAllUsesWith(result);
    instruction->eraseFromParent();
  }
  return Error::success();
}
