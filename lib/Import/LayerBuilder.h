//===- LayerBuilder.h - functions of the kinds of layers --------*- C++ -*-===//
//
// Builds the function that all layers of one kind share.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_IMPORT_LAYERBUILDER_H
#define MINIMAX_LIB_IMPORT_LAYERBUILDER_H

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Import/Import.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::minimax {

using ::minimax::runtime::LayerKind;

/// Builds layer functions
///
///     (x, cu_seqlens, positions, slots, [slope], state, weights...)
///         -> (x, experts, state)
///
/// where `slope` is there for lightning layers only.
class LayerBuilder {
public:
  /// Functions are created at the insertion point of `builder`.
  LayerBuilder(OpBuilder &builder, const ModelConfig &config,
               const ImportOptions &options);

  /// The function `name` for layers of `kind` with `weights` of the types
  /// `weightTypes`.
  func::FuncOp build(StringRef name, LayerKind kind,
                     ArrayRef<WeightSpec> weights, TypeRange weightTypes);

  /// The state of a layer of `kind`.
  Type getStateType(LayerKind kind) const;

  /// `[?, columns]` of f32.
  RankedTensorType getRowsType(int64_t columns) const;

  /// `[?]` of i32.
  RankedTensorType getIndicesType() const;

  /// The experts of each token, `[?, k]` of i32.
  RankedTensorType getExpertsType() const;

  /// One decay per head.
  RankedTensorType getSlopeType() const;

  /// A norm of the width of `input`.
  Value norm(Value input, Value weight, double eps);

private:
  /// What a layer leaves behind besides its output.
  struct Attention {
    Value output;
    Value state;
  };

  void bindArguments(func::FuncOp function, LayerKind kind,
                     ArrayRef<WeightSpec> weights);
  Attention lightning(Value input);
  Attention softmax(Value input);
  Value experts(Value input, Value &chosen);
  Value sharedExpert(Value input, Value routed);

  Value linear(Value input, StringRef weight);
  Value activation(Value input, Activation kind);
  Value residual(Value skip, Value branch, double alpha, double beta);
  Value splitColumns(Value input, Value tokens, int64_t heads);
  Value joinHeads(Value input);
  Value rope(Value input);
  RankedTensorType getHeadsType(int64_t heads) const;

  OpBuilder &builder;
  const ModelConfig &config;
  const ImportOptions &options;
  Location loc;
  // The arguments of the function being built.
  Value x, cuSeqlens, positions, slots, slope, state;
  llvm::StringMap<Value> weightValues;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_IMPORT_LAYERBUILDER_H
