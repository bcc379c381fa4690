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
    combination of element types, activation and residual. Before the code of an
    op that `minimax-number-ops` has numbered stands a call of `mmrt_begin_op`
    with its number. A module pass because kernel functions and constant tables
    are shared by all functions.

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
                        "x86-64-v3, x86-64-v4 or znver4">,
                 Option<"deterministic", "deterministic", "bool", /*default=*/"false",
                        "results do not depend on how a step is cut and spread">];
}

def GeneratePacking : Pass<"minimax-generate-packing", "::mlir::ModuleOp"> {
  let summary = "emit the functions that pack weights";
  let description = [{
    For each distinct combination of source rows, source type, packed type and
    interleaving of the module's packed weights, one function
    `i32 mm_pack_<k>(context, source, destination, first_row)` as abi.h
    describes. A weight packed as i8 is quantised by it (`minimax.quantize`). The weights get the attribute `minimax.pack = "mm_pack_<k>"`.

    Before:
    ```mlir
    minimax.weight @w : tensor<3x32x64x2xbf16> from ["a.weight"] packs tensor<192x64xbf16>
    ```
    After, in addition:
    ```mlir
    func.func @mm_pack_0(%context: !llvm.ptr, %source: !llvm.ptr, %destination: !llvm.ptr, %first_row: i64) -> i32 { ... }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def LowerEntries : Pass<"minimax-lower-entries", "::mlir::ModuleOp"> {
  let summary = "give entries the C interface of the runtime";
  let description = [{
    Functions of a step take the runtime's context first and bare pointers in
    place of memrefs, whose sizes follow from `minimax.shape`. Each entry gets
    `i32 mm_<entry>(context, pointers, dims)` and `i64 mm_<entry>_arena(dims)`
    as abi.h describes; `pointers` holds inputs, states, outputs, all weights of
    the module and the arena. An entry loads a pointer where it hands it on.
    Calls of `mmrt_begin_op` get the context too.

    Before:
    ```mlir
    func.func @step(%T: index, ..., %tokens: memref<?xi32> {minimax.input, minimax.shape = ...}, ...)
    ```
    After:
    ```mlir
    func.func @mm_step(%context: !llvm.ptr, %pointers: !llvm.ptr, %dims: !llvm.ptr) -> i32
    ```
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect"];
}

def OutlineParallel : Pass<"minimax-outline-parallel", "::mlir::ModuleOp"> {
  let summary = "run parallel loops on the runtime's workers";
  let description = [{
    The body of each `scf.forall` becomes a function of one tile, its captured
    values a struct on the stack, and the loop a call to `mmrt_parallel_for`.
    Constants are copied into the body. The function around the loop must have
    the runtime's context as its first argument.

    Before:
    ```mlir
    scf.forall (%i) in (%n) { ... %x ... }
    ```
    After:
    ```mlir
    %frame = llvm.alloca ... : !llvm.struct<(...)>
    call @mmrt_parallel_for(%context, %tile, %frame, %count) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i64) -> ()
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect"];
}

def StoreHalves : Pass<"minimax-store-halves", "::mlir::LLVM::LLVMFuncOp"> {
  let summary = "store bf16 under a mask like 16-bit integers";
  let description = [{
    LLVM would widen each element and call a library to round it, on processors
    without bf16.

    Before:
    ```mlir
    llvm.intr.masked.store %x, %to, %mask {alignment = 2 : i32} : vector<8xbf16>, vector<8xi1> into !llvm.ptr
    ```
    After:
    ```mlir
    %bits = llvm.bitcast %x : vector<8xbf16> to vector<8xi16>
    llvm.intr.masked.store %bits, %to, %mask {alignment = 2 : i32} : vector<8xi16>, vector<8xi1> into !llvm.ptr
    ```
  }];
}

def CheckLowered : Pass<"minimax-check-lowered", "::mlir::ModuleOp"> {
  let summary = "fail if an op outside the LLVM dialect is left";
  let description = [{
    Names the first op that no conversion has reached, which is easier to read
    than the failure of a translation, and drops the declarations of weights,
    which the manifest holds from here on.

    Before:
    ```mlir
    minimax.weight @w : tensor<64xf32> from ["a.weight"]
    llvm.func @mm_step(...)
    ```
    After:
    ```mlir
    llvm.func @mm_step(...)
    ```
  }];
}

#endif // MINIMAX_CODEGEN_CPU_PASSES_TD
