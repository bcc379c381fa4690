//===- Linker.h - objects to artifacts --------------------------*- C++ -*-===//
//
// Links object files within this process.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TARGET_LINKER_H
#define MINIMAX_TARGET_LINKER_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::minimax {

/// What to make of object files.
enum class LinkKind { SharedObject, Relocatable };

/// Links `objects` (their bytes) and returns the bytes of the result. Fails if
/// a shared object would import anything that abi.h does not allow.
llvm::Expected<std::string> linkObjects(ArrayRef<std::string> objects,
                                        LinkKind kind);

} // namespace mlir::minimax

#endif // MINIMAX_TARGET_LINKER_H
