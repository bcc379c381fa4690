//===- BuildManifest.h - what the runtime is told of a program --*- C++ -*-===//
//
// Reads the manifest off a bufferized module.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TARGET_BUILDMANIFEST_H
#define MINIMAX_TARGET_BUILDMANIFEST_H

#include "formats/manifest.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::minimax {

/// Describes entries, states and weights of `module`, which has passed
/// `minimax-plan-arena` and `minimax-generate-packing`. The fields `compiler`,
/// `content_hash`, `dtype` and `targets` are the caller's. Fails with a
/// diagnostic.
FailureOr<::minimax::runtime::Manifest> buildManifest(ModuleOp module);

} // namespace mlir::minimax

#endif // MINIMAX_TARGET_BUILDMANIFEST_H
