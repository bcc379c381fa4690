//===- Models.cpp - registration and helpers of reference models ----------===//
//
// Registers the models of all dialects; reads and checks step layouts.
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include <cmath>

using namespace mlir;
using namespace mlir::minimax;

void minimax::registerReferenceModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, MiniMaxDialect *) {
    attachDenseModels(context);
    attachLightningModels(context);
    attachMoEModels(context);
    attachProductModels(context);
    attachQuantizationModels(context);
    attachSamplingModels(context);
    attachSoftmaxModels(context);
    attachStateModels(context);
  });
  registerArithModels(registry);
  registerControlModels(registry);
  registerMathModels(registry);
  registerMemRefModels(registry);
  registerTensorModels(registry);
}

SmallVector<int64_t> minimax::readIntegers(ReferenceFrame &frame, Value value) {
  ReferenceTensor tensor = frame.read(value);
  return SmallVector<int64_t>(tensor.ints(),
                              tensor.ints() + tensor.getNumElements());
}

FailureOr<StepLayout> minimax::readStepLayout(Operation *op,
                                              ReferenceFrame &frame,
                                              int64_t rows, Value cuSeqlens,
                                              Value slots, Value positions) {
  StepLayout layout;
  layout.cuSeqlens = readIntegers(frame, cuSeqlens);
  ArrayRef<int64_t> cu = layout.cuSeqlens;
  if (cu.empty() || cu.front() != 0 || !llvm::is_sorted(cu) ||
      (rows >= 0 && cu.back() != rows))
    return op->emitOpError() << "expected 'cu_seqlens' to rise from 0 to "
                             << rows << ", but got " << cu;
  if (slots)
    layout.slots = readIntegers(frame, slots);
  if (positions)
    layout.positions = readIntegers(frame, positions);
  if (slots && layout.slots.size() + 1 != cu.size())
    return op->emitOpError() << "expected " << cu.size() - 1
                             << " 'slots', but got " << layout.slots.size();
  if (positions && static_cast<int64_t>(layout.positions.size()) != cu.back())
    return op->emitOpError() << "expected " << cu.back() << " 'positions', but "
                             << "got " << layout.positions.size();
  return layout;
}

double minimax::applyActivation(Activation activation, double x) {
  double sigmoid = 1.0 / (1.0 + std::exp(-x));
  if (activation == Activation::silu)
    return x * sigmoid;
  return activation == Activation::sigmoid ? sigmoid : x;
}

void minimax::rotateHead(double *head, int64_t position, double theta,
                         int64_t rotary) {
  int64_t half = rotary / 2;
  for (int64_t j = 0; j < half; ++j) {
    // Frequency and angle are f32 by definition of the op.
    float frequency = std::pow(theta, -2.0 * j / rotary);
    float angle = static_cast<float>(position) * frequency;
    double c = std::cos(static_cast<double>(angle));
    double s = std::sin(static_cast<double>(angle));
    double low = head[j], high = head[j + half];
    head[j] = low * c - high * s;
    head[j + half] = high * c + low * s;
  }
}
