//===- ReferenceTensor.cpp - numbers of the reference interpreter ---------===//
//
// Strided views of doubles and integers, rounding to narrow types.
//
//===----------------------------------------------------------------------===//

#include "minimax/Interpreter/ReferenceTensor.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;
using namespace mlir::minimax;

/// Rounds through f32, as a cast of a computed value does.
static double roundToBF16(double value) {
  if (!std::isfinite(value))
    return value;
  float single = static_cast<float>(value);
  uint32_t bits;
  std::memcpy(&bits, &single, sizeof bits);
  bits += 0x7FFF + ((bits >> 16) & 1);
  bits &= 0xFFFF0000;
  std::memcpy(&single, &bits, sizeof bits);
  return single;
}

double minimax::roundToType(Type type, double value) {
  if (type.isBF16())
    return roundToBF16(value);
  if (!type.isF16())
    return value;
  APFloat number(static_cast<float>(value));
  bool losesInfo;
  number.convert(APFloat::IEEEhalf(), APFloat::rmNearestTiesToEven, &losesInfo);
  return number.convertToDouble();
}

int64_t minimax::wrapToType(Type type, int64_t value) {
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  if (width == 1)
    return value & 1;
  return width >= 64 ? value : llvm::SignExtend64(value, width);
}

static SmallVector<int64_t, 4> rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t, 4> strides(shape.size(), 1);
  for (int64_t dim = shape.size() - 2; dim >= 0; --dim)
    strides[dim] = strides[dim + 1] * shape[dim + 1];
  return strides;
}

ReferenceTensor::ReferenceTensor(Type elementType, ArrayRef<int64_t> shape)
    : elementType(elementType), storage(std::make_shared<Storage>()),
      shape(shape), strides(rowMajorStrides(shape)) {
  // Bytes may be viewed as anything: one cell of either kind for each.
  bool bytes = elementType.isInteger(8);
  if (isFloat() || bytes)
    storage->floats.resize(getNumElements());
  if (!isFloat())
    storage->ints.resize(getNumElements());
}

ReferenceTensor ReferenceTensor::scalar(Type elementType, double value) {
  ReferenceTensor result(elementType, {});
  result.floats()[0] = roundToType(elementType, value);
  return result;
}

ReferenceTensor ReferenceTensor::scalar(Type elementType, int64_t value) {
  ReferenceTensor result(elementType, {});
  result.ints()[0] = wrapToType(elementType, value);
  return result;
}

int64_t ReferenceTensor::getNumElements() const {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

bool ReferenceTensor::isContiguous() const {
  int64_t expected = 1;
  for (int64_t dim = getRank() - 1; dim >= 0; --dim) {
    if (shape[dim] != 1 && strides[dim] != expected)
      return false;
    expected *= shape[dim];
  }
  return true;
}

void ReferenceTensor::forEachPosition(
    llvm::function_ref<void(int64_t)> body) const {
  int64_t count = getNumElements();
  SmallVector<int64_t, 4> index(getRank(), 0);
  int64_t position = offset;
  for (int64_t i = 0; i < count; ++i) {
    body(position);
    for (int64_t dim = getRank() - 1; dim >= 0; --dim) {
      position += strides[dim];
      if (++index[dim] < shape[dim])
        break;
      position -= strides[dim] * shape[dim];
      index[dim] = 0;
    }
  }
}

ReferenceTensor ReferenceTensor::clone() const {
  ReferenceTensor copy(elementType, shape);
  int64_t next = 0;
  if (isFloat())
    forEachPosition([&](int64_t position) {
      copy.storage->floats[next++] = storage->floats[position];
    });
  else
    forEachPosition([&](int64_t position) {
      copy.storage->ints[next++] = storage->ints[position];
    });
  return copy;
}

ReferenceTensor ReferenceTensor::contiguous() const {
  return isContiguous() ? *this : clone();
}

ReferenceTensor ReferenceTensor::view(int64_t newOffset,
                                      ArrayRef<int64_t> newShape,
                                      ArrayRef<int64_t> newStrides) const {
  ReferenceTensor result = *this;
  result.offset = newOffset;
  result.shape.assign(newShape.begin(), newShape.end());
  result.strides.assign(newStrides.begin(), newStrides.end());
  return result;
}

ReferenceTensor ReferenceTensor::reshaped(ArrayRef<int64_t> newShape) const {
  ReferenceTensor source = contiguous();
  return source.view(source.offset, newShape, rowMajorStrides(newShape));
}

ReferenceTensor ReferenceTensor::withElementType(Type type) const {
  ReferenceTensor result = *this;
  result.elementType = type;
  return result;
}

void ReferenceTensor::copyFrom(const ReferenceTensor &source) const {
  // A copy first: source and destination may overlap.
  ReferenceTensor numbers = source.clone();
  int64_t next = 0;
  if (isFloat())
    forEachPosition([&](int64_t position) {
      storage->floats[position] =
          roundToType(elementType, numbers.storage->floats[next++]);
    });
  else
    forEachPosition([&](int64_t position) {
      storage->ints[position] =
          wrapToType(elementType, numbers.storage->ints[next++]);
    });
}

void ReferenceTensor::poison() const {
  forEachPosition([&](int64_t position) {
    if (!storage->floats.empty())
      storage->floats[position] = std::numeric_limits<double>::quiet_NaN();
    if (!storage->ints.empty())
      storage->ints[position] =
          wrapToType(elementType, std::numeric_limits<int64_t>::min());
  });
}

int64_t ReferenceTensor::getPosition(ArrayRef<int64_t> indices) const {
  int64_t position = offset;
  for (auto [index, size, stride] : llvm::zip(indices, shape, strides)) {
    if (index < 0 || index >= size)
      return -1;
    position += index * stride;
  }
  return position;
}
