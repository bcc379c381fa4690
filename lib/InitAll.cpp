//===- InitAll.cpp - registration of everything ---------------------------===//
//
// Collects the dialects, interface models, passes and pipelines of the project.
//
//===----------------------------------------------------------------------===//

#include "minimax/InitAll.h"
#include "minimax/Codegen/CPU/Passes.h"
#include "minimax/Codegen/Common/Passes.h"
#include "minimax/Codegen/GPU/Passes.h"
#include "minimax/Codegen/Pipelines.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPU.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/Extensions/AllExtensions.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void minimax::registerAllDialects(DialectRegistry &registry) {
  registry
      .insert<minimax::MiniMaxDialect, minimax_gpu::MiniMaxGPUDialect,
              gpu::GPUDialect, NVVM::NVVMDialect, affine::AffineDialect,
              arith::ArithDialect, bufferization::BufferizationDialect,
              cf::ControlFlowDialect, func::FuncDialect, linalg::LinalgDialect,
              LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect,
              scf::SCFDialect, tensor::TensorDialect, vector::VectorDialect>();
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  bufferization::func_ext::registerBufferizableOpInterfaceExternalModels(
      registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  func::registerAllExtensions(registry);
  registerNVVMDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerBuiltinDialectTranslation(registry);
  registerBufferizationModels(registry);
}

void minimax::registerAllPasses() {
  registerMiniMaxTransformsPasses();
  registerMiniMaxCodegenCommonPasses();
  registerMiniMaxCodegenCPUPasses();
  registerMiniMaxCodegenGPUPasses();
  registerPipelines();
  registerTransformsPasses();
  memref::registerMemRefPasses();
  bufferization::registerBufferizationPasses();
}
