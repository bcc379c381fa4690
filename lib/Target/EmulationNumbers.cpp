//===- EmulationNumbers.cpp - numeric intrinsics of NVPTX -----------------===//
//
// Arithmetic that LLVM has its own instructions and intrinsics for. Where a
// GPU approximates, this is more exact; flushing to zero is not modelled.
//
//===----------------------------------------------------------------------===//

#include "EmulationSteps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace mlir::minimax;
using namespace mlir::minimax::emulation;

using Arguments = ArrayRef<Value *>;
using Expand = Value *(*)(IRBuilder<> &, Arguments, Type *result);

template <Intrinsic::ID id>
static Value *unary(IRBuilder<> &builder, Arguments arguments, Type *) {
  return builder.CreateUnaryIntrinsic(id, arguments[0]);
}

template <Intrinsic::ID id>
static Value *binary(IRBuilder<> &builder, Arguments arguments, Type *) {
  return builder.CreateBinaryIntrinsic(id, arguments[0], arguments[1]);
}

template <Instruction::BinaryOps opcode>
static Value *arithmetic(IRBuilder<> &builder, Arguments arguments, Type *) {
  return builder.CreateBinOp(opcode, arguments[0], arguments[1]);
}

static Value *fusedMultiplyAdd(IRBuilder<> &builder, Arguments arguments,
                               Type *type) {
  return builder.CreateIntrinsic(Intrinsic::fma, {type}, arguments);
}

static Value *reciprocal(IRBuilder<> &builder, Arguments arguments,
                         Type *type) {
  return builder.CreateFDiv(ConstantFP::get(type, 1.0), arguments[0]);
}

static Value *reciprocalRoot(IRBuilder<> &builder, Arguments arguments,
                             Type *type) {
  Value *root = builder.CreateUnaryIntrinsic(Intrinsic::sqrt, arguments[0]);
  return builder.CreateFDiv(ConstantFP::get(type, 1.0), root);
}

/// To [0, 1]; a NaN becomes 0.
static Value *saturate(IRBuilder<> &builder, Arguments arguments, Type *type) {
  Value *low = builder.CreateMaxNum(arguments[0], ConstantFP::get(type, 0.0));
  return builder.CreateMinNum(low, ConstantFP::get(type, 1.0));
}

/// The high half of a product.
template <bool isSigned>
static Value *multiplyHigh(IRBuilder<> &builder, Arguments arguments,
                           Type *type) {
  unsigned bits = type->getIntegerBitWidth();
  Type *wide = builder.getIntNTy(2 * bits);
  Value *product =
      builder.CreateMul(builder.CreateIntCast(arguments[0], wide, isSigned),
                        builder.CreateIntCast(arguments[1], wide, isSigned));
  return builder.CreateTrunc(builder.CreateLShr(product, bits), type);
}

/// Converts a float to an integer, with the float rounded by `rounding`.
/// Values out of range give the nearest integer.
template <Intrinsic::ID rounding, Intrinsic::ID convert>
static Value *toInteger(IRBuilder<> &builder, Arguments arguments, Type *type) {
  Value *rounded = builder.CreateUnaryIntrinsic(rounding, arguments[0]);
  return builder.CreateIntrinsic(convert, {type, rounded->getType()},
                                 {rounded});
}

template <bool isSigned>
static Value *toFloat(IRBuilder<> &builder, Arguments arguments, Type *type) {
  return isSigned ? builder.CreateSIToFP(arguments[0], type)
                  : builder.CreateUIToFP(arguments[0], type);
}

static Value *narrow(IRBuilder<> &builder, Arguments arguments, Type *type) {
  return builder.CreateFPTrunc(arguments[0], type);
}

static Value *bitcast(IRBuilder<> &builder, Arguments arguments, Type *type) {
  return builder.CreateBitCast(arguments[0], type);
}

/// A double of its low and high halves.
static Value *fromHalves(IRBuilder<> &builder, Arguments arguments,
                         Type *type) {
  Type *wide = builder.getInt64Ty();
  Value *high = builder.CreateShl(builder.CreateZExt(arguments[1], wide), 32);
  Value *bits = builder.CreateOr(builder.CreateZExt(arguments[0], wide), high);
  return builder.CreateBitCast(bits, type);
}

template <int shift>
static Value *halfOf(IRBuilder<> &builder, Arguments arguments, Type *type) {
  Value *bits = builder.CreateBitCast(arguments[0], builder.getInt64Ty());
  return builder.CreateTrunc(builder.CreateLShr(bits, shift), type);
}

static Value *toBF16(IRBuilder<> &builder, Arguments arguments, Type *type) {
  return builder.CreateBitCast(roundToBF16(builder, arguments[0]), type);
}

/// Two floats as a pair; the first operand is the high half.
static Value *toPair(IRBuilder<> &builder, Arguments arguments) {
  auto *pair = FixedVectorType::get(arguments[0]->getType(), 2);
  Value *value = builder.CreateInsertElement(PoisonValue::get(pair),
                                             arguments[1], uint64_t(0));
  return builder.CreateInsertElement(value, arguments[0], uint64_t(1));
}

static Value *toBF16Pair(IRBuilder<> &builder, Arguments arguments,
                         Type *type) {
  Value *pair = roundToBF16(builder, toPair(builder, arguments));
  return builder.CreateBitCast(pair, type);
}

static Value *toHalfPair(IRBuilder<> &builder, Arguments arguments,
                         Type *type) {
  auto *halves = FixedVectorType::get(builder.getHalfTy(), 2);
  Value *pair = builder.CreateFPTrunc(toPair(builder, arguments), halves);
  return builder.CreateBitCast(pair, type);
}

static Value *toHalfBits(IRBuilder<> &builder, Arguments arguments,
                         Type *type) {
  Value *half = builder.CreateFPTrunc(arguments[0], builder.getHalfTy());
  return builder.CreateBitCast(half, type);
}

/// Four of the eight bytes of two words, by the selector's lower four nibbles;
/// a nibble's highest bit asks for the sign of its byte instead.
static Value *permuteBytes(IRBuilder<> &builder, Arguments arguments,
                           Type *type) {
  Type *wide = builder.getInt64Ty(), *byte = builder.getInt8Ty();
  Value *high = builder.CreateShl(builder.CreateZExt(arguments[1], wide), 32);
  Value *bytes = builder.CreateOr(builder.CreateZExt(arguments[0], wide), high);
  Value *result = ConstantInt::get(type, 0);
  for (unsigned i = 0; i < 4; ++i) {
    Value *nibble = builder.CreateLShr(arguments[2], 4 * i);
    Value *shift = builder.CreateShl(builder.CreateAnd(nibble, 7), 3);
    Value *chosen = builder.CreateTrunc(
        builder.CreateLShr(bytes, builder.CreateZExt(shift, wide)), byte);
    Value *asksSign = builder.CreateIsNotNull(builder.CreateAnd(nibble, 8));
    chosen =
        builder.CreateSelect(asksSign, builder.CreateAShr(chosen, 7), chosen);
    result = builder.CreateOr(
        result, builder.CreateShl(builder.CreateZExt(chosen, type), 8 * i));
  }
  return result;
}

/// A load through the read-only cache; the second operand is its alignment.
static Value *loadReadOnly(IRBuilder<> &builder, Arguments arguments,
                           Type *type) {
  MaybeAlign align(cast<ConstantInt>(arguments[1])->getZExtValue());
  return builder.CreateAlignedLoad(type, arguments[0], align);
}

/// By the intrinsic's name without "llvm.nvvm." and ".ftz".
static const StringMap<Expand> &getExpansions() {
  static const StringMap<Expand> expansions = {
      {"floor.f", unary<Intrinsic::floor>},
      {"floor.d", unary<Intrinsic::floor>},
      {"ceil.f", unary<Intrinsic::ceil>},
      {"ceil.d", unary<Intrinsic::ceil>},
      {"trunc.f", unary<Intrinsic::trunc>},
      {"trunc.d", unary<Intrinsic::trunc>},
      {"round.f", unary<Intrinsic::roundeven>},
      {"round.d", unary<Intrinsic::roundeven>},
      {"fabs.f", unary<Intrinsic::fabs>},
      {"fabs.d", unary<Intrinsic::fabs>},
      {"sqrt.f", unary<Intrinsic::sqrt>},
      {"sqrt.rn.f", unary<Intrinsic::sqrt>},
      {"sqrt.rn.d", unary<Intrinsic::sqrt>},
      {"sqrt.approx.f", unary<Intrinsic::sqrt>},
      {"ex2.approx.f", unary<Intrinsic::exp2>},
      {"ex2.approx.d", unary<Intrinsic::exp2>},
      {"lg2.approx.f", unary<Intrinsic::log2>},
      {"lg2.approx.d", unary<Intrinsic::log2>},
      {"sin.approx.f", unary<Intrinsic::sin>},
      {"cos.approx.f", unary<Intrinsic::cos>},
      {"tanh.approx.f32", unary<Intrinsic::tanh>},
      {"fmin.f", binary<Intrinsic::minnum>},
      {"fmin.d", binary<Intrinsic::minnum>},
      {"fmax.f", binary<Intrinsic::maxnum>},
      {"fmax.d", binary<Intrinsic::maxnum>},
      {"fmin.nan.f", binary<Intrinsic::minimum>},
      {"fmax.nan.f", binary<Intrinsic::maximum>},
      {"saturate.f", saturate},
      {"fma.rn.f", fusedMultiplyAdd},
      {"fma.rn.d", fusedMultiplyAdd},
      {"fma.rn.bf16x2", fusedMultiplyAdd},
      {"add.rn.f", arithmetic<Instruction::FAdd>},
      {"add.rn.d", arithmetic<Instruction::FAdd>},
      {"mul.rn.f", arithmetic<Instruction::FMul>},
      {"mul.rn.d", arithmetic<Instruction::FMul>},
      {"div.rn.f", arithmetic<Instruction::FDiv>},
      {"div.rn.d", arithmetic<Instruction::FDiv>},
      {"div.approx.f", arithmetic<Instruction::FDiv>},
      {"rcp.rn.f", reciprocal},
      {"rcp.rn.d", reciprocal},
      {"rcp.approx.f", reciprocal},
      {"rcp.approx.d", reciprocal},
      {"rsqrt.approx.f", reciprocalRoot},
      {"rsqrt.approx.d", reciprocalRoot},
      {"mulhi.i", multiplyHigh<true>},
      {"mulhi.ui", multiplyHigh<false>},
      {"mulhi.ll", multiplyHigh<true>},
      {"mulhi.ull", multiplyHigh<false>},
      {"d2f.rn", narrow},
      {"i2f.rn", toFloat<true>},
      {"ui2f.rn", toFloat<false>},
      {"ll2f.rn", toFloat<true>},
      {"ull2f.rn", toFloat<false>},
      {"i2d.rn", toFloat<true>},
      {"ui2d.rn", toFloat<false>},
      {"ll2d.rn", toFloat<true>},
      {"ull2d.rn", toFloat<false>},
      {"lohi.i2d", fromHalves},
      {"d2i.lo", halfOf<0>},
      {"d2i.hi", halfOf<32>},
      {"prmt", permuteBytes},
      {"bitcast.f2i", bitcast},
      {"bitcast.i2f", bitcast},
      {"bitcast.d2ll", bitcast},
      {"bitcast.ll2d", bitcast},
      {"f2h.rn", toHalfBits},
      {"f2bf16.rn", toBF16},
      {"ff2bf16x2.rn", toBF16Pair},
      {"ff2f16x2.rn", toHalfPair},
  };
  return expansions;
}

template <Intrinsic::ID rounding> static Expand findConversion(StringRef to) {
  return StringSwitch<Expand>(to)
      .Cases("i", "ll", toInteger<rounding, Intrinsic::fptosi_sat>)
      .Cases("ui", "ull", toInteger<rounding, Intrinsic::fptoui_sat>)
      .Default(nullptr);
}

/// "f2i.rz" and its like: from f or d to i, ui, ll or ull.
static Expand findConversionToInteger(StringRef name) {
  if (!name.consume_front("f2") && !name.consume_front("d2"))
    return nullptr;
  auto [to, rounding] = name.split('.');
  if (rounding == "rn")
    return findConversion<Intrinsic::roundeven>(to);
  if (rounding == "rz")
    return findConversion<Intrinsic::trunc>(to);
  if (rounding == "rm")
    return findConversion<Intrinsic::floor>(to);
  if (rounding == "rp")
    return findConversion<Intrinsic::ceil>(to);
  return nullptr;
}

static Expand findExpansion(StringRef intrinsic) {
  intrinsic.consume_front("llvm.nvvm.");
  if (intrinsic.starts_with("ldg.global.") ||
      intrinsic.starts_with("ldu.global."))
    return loadReadOnly;
  std::string name = intrinsic.str();
  if (size_t flush = name.find(".ftz"); flush != std::string::npos)
    name.erase(flush, 4);
  if (Expand expand = getExpansions().lookup(name))
    return expand;
  return findConversionToInteger(name);
}

bool emulation::lowerNumeric(CallInst &call, StringRef intrinsic) {
  Expand expand = findExpansion(intrinsic);
  if (!expand)
    return false;
  IRBuilder<> builder(&call);
  SmallVector<Value *> arguments(call.args());
  call.replaceAllUsesWith(expand(builder, arguments, call.getType()));
  call.eraseFromParent();
  return true;
}
