//===- StoreHalves.cpp - masked stores of bf16 ----------------------------===//
//
// Processors without bf16 store 16 bits of it like those of an integer, but
// LLVM takes a masked store of bf16 for arithmetic: it widens each element and
// calls a library to round it.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/CPU/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_STOREHALVES
#include "minimax/Codegen/CPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;

namespace {
struct StoreHalvesPass : minimax::impl::StoreHalvesBase<StoreHalvesPass> {
  using StoreHalvesBase::StoreHalvesBase;

  void runOnOperation() override {
    OpBuilder builder(&getContext());
    getOperation().walk([&](LLVM::MaskedStoreOp op) {
      auto type = dyn_cast<VectorType>(op.getValue().getType());
      if (!type || !type.getElementType().isBF16())
        return;
      builder.setInsertionPoint(op);
      op.setOperand(
          0, builder.create<LLVM::BitcastOp>(
                 op.getLoc(), type.clone(builder.getI16Type()), op.getValue()));
    });
  }
};
} // namespace
