//===- TensorFiles.cpp - reference tensors in safetensors -----------------===//
//
// Conversion between the element types of files and of the interpreter.
//
//===----------------------------------------------------------------------===//

#include "TensorFiles.h"
#include "llvm/ADT/APFloat.h"
#include <cstring>

using namespace mlir;
using namespace mlir::minimax;
using ::minimax::runtime::Checkpoint;
using ::minimax::runtime::DType;
using ::minimax::runtime::TensorToWrite;
using ::minimax::runtime::TensorView;

llvm::Error mlir::minimax::makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

static double fromBF16(uint16_t bits) {
  uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

static double fromF16(uint16_t bits) {
  return APFloat(APFloat::IEEEhalf(), APInt(16, bits)).convertToDouble();
}

/// Stores elements of type `T` in `tensor`, each passed through `convert`.
template <typename T, typename Convert>
static void load(const TensorView &view, const ReferenceTensor &tensor,
                 Convert convert) {
  const char *bytes = static_cast<const char *>(view.data);
  Type type = tensor.getElementType();
  for (int64_t i = 0, e = tensor.getNumElements(); i < e; ++i) {
    T element;
    std::memcpy(&element, bytes + i * sizeof(T), sizeof(T));
    if (tensor.isFloat())
      tensor.floats()[i] = roundToType(type, convert(element));
    else
      tensor.ints()[i] =
          wrapToType(type, static_cast<int64_t>(convert(element)));
  }
}

llvm::Expected<ReferenceTensor>
mlir::minimax::toReference(const TensorView &view, Type elementType) {
  ReferenceTensor tensor(elementType, view.shape);
  auto same = [](auto value) { return value; };
  switch (view.dtype) {
  case DType::kF64:
    load<double>(view, tensor, same);
    break;
  case DType::kF32:
    load<float>(view, tensor, same);
    break;
  case DType::kBF16:
    load<uint16_t>(view, tensor, fromBF16);
    break;
  case DType::kF16:
    load<uint16_t>(view, tensor, fromF16);
    break;
  case DType::kI64:
    load<int64_t>(view, tensor, same);
    break;
  case DType::kI32:
    load<int32_t>(view, tensor, same);
    break;
  case DType::kBool:
  case DType::kU8:
    load<uint8_t>(view, tensor, same);
    break;
  default:
    return makeError(view.path + ": tensor '" + view.name + "': element type " +
                     std::string(::minimax::runtime::DTypeName(view.dtype)) +
                     " is not supported");
  }
  return tensor;
}

llvm::Expected<Interpreter::WeightSource>
mlir::minimax::openWeights(const std::string &dir) {
  auto opened = Checkpoint::Open(dir);
  if (!opened.ok())
    return makeError(std::string(opened.status().message()));
  auto checkpoint = std::make_shared<Checkpoint>(std::move(*opened));
  return [checkpoint](Location loc, StringRef source, ArrayRef<int64_t> shape,
                      Type elementType) -> FailureOr<ReferenceTensor> {
    auto view = checkpoint->Get({source.data(), source.size()});
    if (!view.ok())
      return emitError(loc) << std::string(view.status().message());
    int64_t elements = 1;
    for (int64_t size : shape)
      elements *= size;
    if (::minimax::runtime::ElementCount((*view)->shape) != elements)
      return emitError(loc) << (*view)->path << ": tensor '" << source
                            << "': expected " << elements << " elements";
    llvm::Expected<ReferenceTensor> tensor = toReference(**view, elementType);
    if (!tensor)
      return emitError(loc) << llvm::toString(tensor.takeError());
    return tensor->reshaped(shape);
  };
}

llvm::Error mlir::minimax::writeTensors(const std::string &path,
                                        const NamedTensors &tensors,
                                        bool single) {
  std::vector<TensorToWrite> list;
  std::vector<ReferenceTensor> numbers;
  std::vector<std::vector<float>> narrowed;
  numbers.reserve(tensors.size());
  for (const auto &[name, tensor] : tensors) {
    const ReferenceTensor &dense = numbers.emplace_back(tensor.contiguous());
    TensorToWrite item;
    item.name = name;
    item.shape.assign(dense.getShape().begin(), dense.getShape().end());
    item.dtype = dense.isFloat() ? DType::kF64 : DType::kI64;
    item.data = dense.isFloat() ? static_cast<const void *>(dense.floats())
                                : dense.ints();
    if (dense.isFloat() && single) {
      narrowed.emplace_back(dense.floats(),
                            dense.floats() + dense.getNumElements());
      item.dtype = DType::kF32;
      item.data = narrowed.back().data();
    }
    list.push_back(std::move(item));
  }
  absl::Status status = ::minimax::runtime::WriteSafetensors(path, list);
  return status.ok() ? llvm::Error::success()
                     : makeError(std::string(status.message()));
}
