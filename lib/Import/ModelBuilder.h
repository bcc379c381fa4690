//===- ModelBuilder.h - the module of a model -------------------*- C++ -*-===//
//
// Declares the weights, builds a function for each kind of layer and the
// entries that call them once per layer.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_IMPORT_MODELBUILDER_H
#define MINIMAX_LIB_IMPORT_MODELBUILDER_H

#include "LayerBuilder.h"

namespace mlir::minimax {

/// A result of an entry and its name in the manifest.
struct EntryOutput {
  std::string name;
  Value value;
};

/// What an entry has at hand while it is built.
struct ModelEntry {
  func::FuncOp function;
  Value cuSeqlens, positions, slots;
  /// The current state of each layer.
  SmallVector<Value> states;
  SmallVector<EntryOutput> outputs;
};

/// Builds the module of one model, whose tensors have been checked.
class ModelBuilder {
public:
  ModelBuilder(MLIRContext *context, const ModelConfig &config,
               const Checkpoint *checkpoint, const ImportOptions &options);

  /// The module. Call it once.
  OwningOpRef<ModuleOp> build();

private:
  void describeModel(ModuleOp module);
  void createWeight(const WeightSpec &spec);
  func::FuncOp createLayerFunction(int64_t layer);
  void createEntry(StringRef name, bool isScore);
  void createSampleEntry();
  ModelEntry createSignature(StringRef name);
  Value runLayer(ModelEntry &entry, int64_t layer, Value x, Value &experts);
  void finish(ModelEntry &entry);

  Type elementType(const WeightSpec &spec);
  Value getWeight(StringRef name);
  Value getSlope(int64_t layer);
  std::string stateName(int64_t layer) const;
  std::string numbered(StringRef name, int64_t layer) const;

  OpBuilder builder;
  Location loc;
  const ModelConfig &config;
  const Checkpoint *checkpoint;
  CheckpointLayout layout;
  LayerBuilder layerBuilder;
  llvm::StringMap<RankedTensorType> weightTypes;
  /// One function per kind and types of weights.
  SmallVector<std::pair<LayerKind, func::FuncOp>> layerFunctions;
  /// The function of each layer.
  SmallVector<func::FuncOp> functionOfLayer;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_IMPORT_MODELBUILDER_H
