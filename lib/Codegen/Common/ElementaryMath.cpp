//===- ElementaryMath.cpp - exponential, logarithm, sine and cosine -------===//
//
// Elementary functions as straight-line code on scalars and vectors, so that
// compiled programs need no mathematical library. Coefficients: Cephes (exp,
// exp2, log) and fdlibm (sine and cosine on a quarter turn).
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/LoopBuilder.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::minimax;

/// Horner's scheme, highest coefficient first.
Value LoopBuilder::polynomial(Value x, ArrayRef<double> coefficients) {
  Value sum = fpConstant(x.getType(), coefficients.front());
  for (double coefficient : coefficients.drop_front())
    sum = fma(sum, x, fpConstant(x.getType(), coefficient));
  return sum;
}

/// The type of `like`, with `element` for its elements.
static Type withElement(Type like, Type element) {
  if (auto vector = dyn_cast<VectorType>(like))
    return vector.clone(element);
  return element;
}

Value LoopBuilder::exp(Value x) {
  Type type = x.getType(), words = withElement(type, getI32Type());
  // Beyond these bounds the result is 0 or infinity to f32's precision.
  x = create<arith::MaximumFOp>(x, fpConstant(type, -87.0));
  x = create<arith::MinimumFOp>(x, fpConstant(type, 88.0));
  // x = n*ln2 + r with |r| <= ln2/2, ln2 in two parts.
  Value n = create<math::RoundEvenOp>(
      create<arith::MulFOp>(x, fpConstant(type, 1.44269504088896341)));
  Value r = fma(n, fpConstant(type, -0.693359375), x);
  r = fma(n, fpConstant(type, 2.12194440e-4), r);
  Value tail =
      polynomial(r, {1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
                     4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1});
  Value y = fma(tail, create<arith::MulFOp>(r, r), r);
  y = create<arith::AddFOp>(y, fpConstant(type, 1.0));
  // 2^n by its exponent bits.
  Value bits = create<arith::FPToSIOp>(words, n);
  bits = create<arith::ShLIOp>(
      create<arith::AddIOp>(bits, intConstant(words, 127)),
      intConstant(words, 23));
  return create<arith::MulFOp>(y, create<arith::BitcastOp>(type, bits));
}

Value LoopBuilder::exp2(Value x) {
  Type type = x.getType(), words = withElement(type, getI32Type());
  Value least = fpConstant(type, -125.0);
  Value above = create<arith::CmpFOp>(arith::CmpFPredicate::OGT, x, least);
  x = create<arith::SelectOp>(above, x, least);
  // x = n + r with |r| <= 1/2.
  Value n = create<math::RoundEvenOp>(x);
  Value r = create<arith::SubFOp>(x, n);
  Value y = polynomial(r, {1.535336188319500e-4, 1.339887440266574e-3,
                           9.618437357674640e-3, 5.550332471162809e-2,
                           2.402264791363012e-1, 6.931472028550421e-1, 1.0});
  // 2^n by adding to the exponent bits.
  Value bits = create<arith::FPToSIOp>(words, n);
  bits = create<arith::ShLIOp>(bits, intConstant(words, 23));
  bits = create<arith::AddIOp>(bits, create<arith::BitcastOp>(words, y));
  return create<arith::BitcastOp>(type, bits);
}

Value LoopBuilder::sigmoid(Value x) {
  Value one = fpConstant(x.getType(), 1.0);
  Value e = exp(create<arith::NegFOp>(x));
  return create<arith::DivFOp>(one, create<arith::AddFOp>(one, e));
}

Value LoopBuilder::silu(Value x) {
  Value one = fpConstant(x.getType(), 1.0);
  Value e = exp(create<arith::NegFOp>(x));
  return create<arith::DivFOp>(x, create<arith::AddFOp>(one, e));
}

Value LoopBuilder::log(Value x) {
  Type type = x.getType(), word = withElement(type, getI32Type());
  auto integer = [&](int64_t value) { return intConstant(word, value); };
  // x = 2^e * m with m in [sqrt(1/2), sqrt(2)).
  Value bits = create<arith::BitcastOp>(word, x);
  Value shifted = create<arith::SubIOp>(bits, integer(0x3f3504f3));
  Value e = create<arith::ShRSIOp>(shifted, integer(23));
  Value mBits =
      create<arith::SubIOp>(bits, create<arith::ShLIOp>(e, integer(23)));
  Value m = create<arith::BitcastOp>(type, mBits);
  Value f = create<arith::SubFOp>(m, fpConstant(type, 1.0));
  Value z = create<arith::MulFOp>(f, f);
  Value tail =
      polynomial(f, {7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1,
                     -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
                     2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1});
  Value y = create<arith::MulFOp>(create<arith::MulFOp>(tail, f), z);
  Value scale = create<arith::SIToFPOp>(type, e);
  y = fma(scale, fpConstant(type, -2.12194440e-4), y);
  y = fma(z, fpConstant(type, -0.5), y);
  y = create<arith::AddFOp>(f, y);
  return fma(scale, fpConstant(type, 0.693359375), y);
}

std::pair<Value, Value> LoopBuilder::sinCos(Value angle) {
  Type narrow = angle.getType(), wide = withElement(narrow, getF64Type());
  Type words = withElement(narrow, getI32Type());
  auto integer = [&](int64_t value) { return intConstant(words, value); };
  // angle = n*pi/2 + r, exact enough in f64 for every f32 angle up to 1e7.
  Value x = create<arith::ExtFOp>(wide, angle);
  Value n = create<math::RoundEvenOp>(
      create<arith::MulFOp>(x, fpConstant(wide, 0.63661977236758134308)));
  Value r = fma(n, fpConstant(wide, -1.57079632679489655800), x);
  r = fma(n, fpConstant(wide, -6.12323399573676603587e-17), r);
  Value z = create<arith::MulFOp>(r, r);
  Value sine =
      polynomial(z, {1.58969099521155010221e-10, -2.50507602534068634195e-8,
                     2.75573137070700676789e-6, -1.98412698298579493134e-4,
                     8.33333333332248946124e-3, -1.66666666666666324348e-1});
  sine = fma(create<arith::MulFOp>(sine, z), r, r);
  Value cosine = polynomial(
      z, {-1.13596475577881948265e-11, 2.08757232129817482790e-9,
          -2.75573143513906633035e-7, 2.48015872894767294178e-5,
          -1.38888888888741095749e-3, 4.16666666666666019037e-2, -0.5, 1.0});
  // The quadrant swaps the two and sets their signs.
  Value quadrant = create<arith::FPToSIOp>(words, n);
  auto bit = [&](Value value, int64_t which) -> Value {
    return create<arith::CmpIOp>(arith::CmpIPredicate::ne,
                                 create<arith::AndIOp>(value, integer(which)),
                                 integer(0));
  };
  Value swap = bit(quadrant, 1);
  Value s = create<arith::SelectOp>(swap, cosine, sine);
  Value c = create<arith::SelectOp>(swap, sine, cosine);
  s = create<arith::SelectOp>(bit(quadrant, 2), create<arith::NegFOp>(s), s);
  Value next = create<arith::AddIOp>(quadrant, integer(1));
  c = create<arith::SelectOp>(bit(next, 2), create<arith::NegFOp>(c), c);
  return {create<arith::TruncFOp>(narrow, s),
          create<arith::TruncFOp>(narrow, c)};
}
