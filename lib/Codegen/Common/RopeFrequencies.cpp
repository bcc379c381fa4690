//===- RopeFrequencies.cpp - constants of rotary embeddings ---------------===//
//
// Makes the table of frequencies at its first use.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/RopeFrequencies.h"
#include "mlir/IR/BuiltinOps.h"
#include <cmath>

using namespace mlir;
using namespace mlir::minimax;

/// What constants are aligned to, in bytes (abi.h).
static constexpr int64_t kAlignment = 64;

Value minimax::getRopeFrequencies(LoopBuilder &kb, int64_t rotary,
                                  double theta) {
  auto module =
      kb.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  std::string name = "rope_frequencies_" + std::to_string(rotary) + "_" +
                     std::to_string(theta);
  auto type = MemRefType::get({rotary / 2}, kb.getF32Type());
  if (!module.lookupSymbol(name)) {
    SmallVector<float> values;
    for (int64_t j = 0; j < rotary / 2; ++j)
      values.push_back(std::pow(theta, -2.0 * j / rotary));
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    builder.create<memref::GlobalOp>(
        module.getLoc(), name, builder.getStringAttr("private"), type,
        DenseElementsAttr::get(
            RankedTensorType::get(type.getShape(), type.getElementType()),
            ArrayRef<float>(values)),
        /*constant=*/true, builder.getI64IntegerAttr(kAlignment));
  }
  return kb.create<memref::GetGlobalOp>(type, name);
}
