//===- Models.h - attaching reference models --------------------*- C++ -*-===//
//
// An op's reference is a function `evaluateOp(Op, ReferenceFrame &)`; this
// turns it into an external model of ReferenceOpInterface.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_INTERPRETER_MODELS_H
#define MINIMAX_LIB_INTERPRETER_MODELS_H

#include "minimax/Interpreter/Interpreter.h"

namespace mlir::minimax {

template <typename OpTy>
struct ReferenceModel
    : ReferenceOpInterface::ExternalModel<ReferenceModel<OpTy>, OpTy> {
  LogicalResult evaluate(Operation *op, ReferenceFrame &frame) const {
    return evaluateOp(cast<OpTy>(op), frame);
  }
};

/// Attaches the models of `Ops` in `context`.
template <typename... Ops> void attachReferenceModels(MLIRContext *context) {
  (Ops::template attachInterface<ReferenceModel<Ops>>(*context), ...);
}

void registerArithModels(DialectRegistry &registry);
void registerControlModels(DialectRegistry &registry);
void registerMathModels(DialectRegistry &registry);
void registerMemRefModels(DialectRegistry &registry);
void registerTensorModels(DialectRegistry &registry);
// Of the minimax dialect, by file.
void attachDenseModels(MLIRContext *context);
void attachLightningModels(MLIRContext *context);
void attachMoEModels(MLIRContext *context);
void attachProductModels(MLIRContext *context);
void attachQuantizationModels(MLIRContext *context);
void attachSamplingModels(MLIRContext *context);
void attachSoftmaxModels(MLIRContext *context);
void attachStateModels(MLIRContext *context);

/// Sequences of a step, checked against each other.
struct StepLayout {
  /// Row boundaries, one more than sequences.
  SmallVector<int64_t> cuSeqlens;
  /// State slot of each sequence; empty if the op has none.
  SmallVector<int64_t> slots;
  /// Absolute position of each row; empty if the op has none.
  SmallVector<int64_t> positions;

  int64_t getNumSequences() const { return cuSeqlens.size() - 1; }
};

/// Reads and checks a step's layout for `op` with `rows` rows; `slots` and
/// `positions` may be null. `rows` may be -1: not checked.
FailureOr<StepLayout> readStepLayout(Operation *op, ReferenceFrame &frame,
                                     int64_t rows, Value cuSeqlens, Value slots,
                                     Value positions);

/// All integers of `value`.
SmallVector<int64_t> readIntegers(ReferenceFrame &frame, Value value);

/// silu, sigmoid or the identity.
double applyActivation(Activation activation, double x);

/// Writes the bytes of `value` into `count` integers, lowest first, or reads
/// them: scales lie among the integers that they belong to.
void storeFloat(int64_t *cells, unsigned count, float value);
float loadFloat(const int64_t *cells, unsigned count);

/// A weight in 8-bit integers and the scales of its rows.
struct QuantizedRows {
  ReferenceTensor quantized, scale;
};
/// What minimax.quantize makes of `weight`.
QuantizedRows quantizeRows(const ReferenceTensor &weight);

/// What minimax.cast to i16 makes of a row, into zeros, and what rows of its
/// results stand for, columns of padding included.
void castToIntegers(const double *row, int64_t columns, int64_t *result);
ReferenceTensor expandIntegers(const ReferenceTensor &rows);

/// Rotates the first `rotary` values of `head` by `position` (SPEC 2.5).
void rotateHead(double *head, int64_t position, double theta, int64_t rotary);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_INTERPRETER_MODELS_H
