//===- InitAll.h - registration of everything -------------------*- C++ -*-===//
//
// What every compiler tool calls before it parses IR or a pass pipeline.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_INITALL_H
#define MINIMAX_INITALL_H

namespace mlir {
class DialectRegistry;
namespace minimax {

/// Registers the minimax dialect, the upstream dialects that its programs and
/// lowerings use, and the external models of their interfaces.
void registerAllDialects(DialectRegistry &registry);

/// Registers all passes and pipelines of the project and the upstream passes
/// that work on the same dialects.
void registerAllPasses();

} // namespace minimax
} // namespace mlir

#endif // MINIMAX_INITALL_H
