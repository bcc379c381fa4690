//===- Passes.td - code generation for CPUs -------------------*- tablegen -*-===//
//
// Passes from bufferized programs to LLVM on x86-64.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_CPU_PASSES_TD
#define MINIMAX_CODEGEN_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerToKernels : Pass<"minimax-lower-to-kernels", "::mlir::ModuleOp"> {
  let summary = "turn ops in buffer form into loops over vectors";
  let description = [{
    Every minimax op becomes an `scf.forall` over independent tiles (rows, heads
    of sequences, panels of weights) around `scf` and `vector` code for one
    x86-64 variant. Products call one private kernel function for each
    combination of element types, activation and residual. A module pass because
    kernel functions and constant tables are shared by all functions.

    Before:
    ```mlir
    minimax.gate %a, %b outs(%c) : (memref<?x64xf32>, memref<?x64xf32>, memref<?x64xf32>) -> ()
    ```
    After:
    ```mlir
    scf.forall (%tile) in (%tiles) {
      scf.for %row = ... {
        scf.for %column = %c0 to %c64 step %c16 {
          %x = vector.load %a[%row, %column] : memref<?x64xf32>, vector<16xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
  let options = [Option<"target", "target", "std::string", /*default=*/"\"x86-64-v3\"",
                        "x86-64-v3, x86-64-v4 or znver4">];
}

#endif // MINIMAX_CODEGEN_CPU_PASSES_TD
