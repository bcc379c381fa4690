//===- math.cc - functions of numbers for emulated kernels ----------------===//
//
// The C library's: as exact as the GPU's or more so.
//
//===----------------------------------------------------------------------===//
#include <cmath>

#include "minimax/runtime/emulated_abi.h"

#define MMRT_EMULATED_DEFINE(NAME, F32, F64)                    \
  float mmrt_emulated_##NAME##_f32(float value) { return F32; } \
  double mmrt_emulated_##NAME##_f64(double value) { return F64; }
MMRT_EMULATED_DEFINE(exp, expf(value), exp(value))
MMRT_EMULATED_DEFINE(exp2, exp2f(value), exp2(value))
MMRT_EMULATED_DEFINE(exp10, powf(10.0f, value), pow(10.0, value))
MMRT_EMULATED_DEFINE(log, logf(value), log(value))
MMRT_EMULATED_DEFINE(log2, log2f(value), log2(value))
MMRT_EMULATED_DEFINE(log10, log10f(value), log10(value))
MMRT_EMULATED_DEFINE(sin, sinf(value), sin(value))
MMRT_EMULATED_DEFINE(cos, cosf(value), cos(value))
MMRT_EMULATED_DEFINE(tanh, tanhf(value), tanh(value))

float mmrt_emulated_pow_f32(float base, float exponent) {
  return powf(base, exponent);
}
double mmrt_emulated_pow_f64(double base, double exponent) {
  return pow(base, exponent);
}
float mmrt_emulated_fmod_f32(float value, float divisor) {
  return fmodf(value, divisor);
}
double mmrt_emulated_fmod_f64(double value, double divisor) {
  return fmod(value, divisor);
}
