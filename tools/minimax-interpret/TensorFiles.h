//===- TensorFiles.h - reference tensors in safetensors ---------*- C++ -*-===//
//
// Reads arguments and weights, writes results.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_INTERPRET_TENSORFILES_H
#define MINIMAX_TOOLS_INTERPRET_TENSORFILES_H

#include "formats/safetensors.h"
#include "minimax/Interpreter/Interpreter.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace mlir::minimax {

/// Results under their names, in order.
using NamedTensors = std::vector<std::pair<std::string, ReferenceTensor>>;

/// An error of the command line or of a file; the tool prints it as one line.
llvm::Error makeError(const llvm::Twine &message);

/// The numbers of `view` as elements of `elementType`.
llvm::Expected<ReferenceTensor>
toReference(const ::minimax::runtime::TensorView &view, Type elementType);

/// Supplies weights from the checkpoint in `dir`, which stays mapped.
llvm::Expected<Interpreter::WeightSource> openWeights(const std::string &dir);

/// Writes floats as f64 (as f32 if `single`), integers as i64.
llvm::Error writeTensors(const std::string &path, const NamedTensors &tensors,
                         bool single);

} // namespace mlir::minimax

#endif // MINIMAX_TOOLS_INTERPRET_TENSORFILES_H
