//===- RandomNumbers.cpp - deterministic numbers by name ------------------===//
//
// Random contents, random weights, and what arguments and results are called.
//
//===----------------------------------------------------------------------===//

#include "RandomNumbers.h"
#include "ArgumentRole.h"
#include "minimax/Interpreter/RandomInputs.h"
#include <cmath>

using namespace mlir;
using namespace mlir::minimax;

void minimax::fillRandom(const ReferenceTensor &tensor, StringRef name,
                         uint64_t seed, double scale) {
  Random random(name, seed);
  for (int64_t i = 0, e = tensor.getNumElements(); i < e; ++i)
    if (tensor.isFloat())
      tensor.floats()[i] = roundToType(
          tensor.getElementType(), static_cast<float>(scale * random.number()));
    else
      tensor.ints()[i] = random.below(2);
}

double minimax::weightScale(ArrayRef<int64_t> shape) {
  return shape.size() < 2 ? 1.0 : 1.5 / std::sqrt(double(shape.back()));
}

Interpreter::WeightSource minimax::makeRandomWeights(uint64_t seed) {
  return [seed](Location, StringRef source, ArrayRef<int64_t> shape,
                Type elementType) -> FailureOr<ReferenceTensor> {
    ReferenceTensor weight(elementType, shape);
    fillRandom(weight, source, seed, weightScale(shape));
    return weight;
  };
}

llvm::Expected<RandomInputOptions>
RandomInputOptions::withDims(StringRef dims) const {
  RandomInputOptions options = *this;
  SmallVector<StringRef> items;
  dims.split(items, ',', -1, /*KeepEmpty=*/false);
  for (StringRef item : items) {
    auto [name, text] = item.split('=');
    int64_t value;
    if ((name != "T" && name != "N") || text.getAsInteger(10, value) ||
        value < 0)
      return llvm::createStringError(
          std::errc::invalid_argument,
          "expected T=<size> or N=<size>, but got '%s'", item.str().c_str());
    (name == "T" ? options.tokens : options.sequences) = value;
  }
  return options;
}

std::string minimax::getArgumentName(func::FuncOp function, unsigned index) {
  auto name = function.getArgAttrOfType<StringAttr>(index, "minimax.name");
  return name ? name.str() : "arg" + std::to_string(index);
}

std::string minimax::getResultName(func::FuncOp function, unsigned index) {
  auto name = function.getResultAttrOfType<StringAttr>(index, "minimax.name");
  return name ? name.str() : "result" + std::to_string(index);
}

bool minimax::isOutcomeArgument(func::FuncOp function, unsigned index) {
  ArgumentKind kind = findArgumentRole(function, index).kind;
  return kind == ArgumentKind::State || kind == ArgumentKind::Output ||
         (kind == ArgumentKind::Numbers &&
          isa<MemRefType>(function.getArgumentTypes()[index]));
}
