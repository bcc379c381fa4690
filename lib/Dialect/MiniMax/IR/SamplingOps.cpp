//===- SamplingOps.cpp - verifier of the choice of tokens -----------------===//
//
// The sizes of sampling's operands.
//
//===----------------------------------------------------------------------===//

#include "VerifyUtils.h"

using namespace mlir;
using namespace mlir::minimax;

LogicalResult SampleOp::verify() {
  if (failed(verifyForm(*this, 1)))
    return failure();
  int64_t rows = sizeOf(getLogits(), 0);
  for (Value parameter : {getTemperatures(), getTopK(), getTopP(),
                          getUniforms(), getDestinations(*this)[0]})
    if (failed(expectSize(*this, "one value for each row of 'logits':", rows,
                          sizeOf(parameter, 0))))
      return failure();
  // C1: columns that f32 counts exactly.
  int64_t columns = sizeOf(getLogits(), 1);
  if (columns < 1 || columns > int64_t(1) << 24)
    return emitOpError() << "expected 1 to 2^24 columns of 'logits', but got "
                         << (ShapedType::isDynamic(columns) ? Twine("?")
                                                            : Twine(columns));
  return success();
}
