//===- Machine.cpp - what programs run on, and its limits -----------------===//
//
// Peaks by arithmetic.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

using namespace mlir::minimax::bench;

static double getOwn(const Peaks &peaks, Arithmetic arithmetic) {
  switch (arithmetic) {
  case Arithmetic::F32:
    return peaks.f32;
  case Arithmetic::BF16:
    return peaks.bf16;
  case Arithmetic::Int16:
    return peaks.int16;
  case Arithmetic::Int8:
    return peaks.int8;
  }
  return 0;
}

bool Peaks::has(Arithmetic arithmetic) const {
  return getOwn(*this, arithmetic) > 0;
}

double Peaks::of(Arithmetic arithmetic) const {
  return has(arithmetic) ? getOwn(*this, arithmetic) : f32;
}
