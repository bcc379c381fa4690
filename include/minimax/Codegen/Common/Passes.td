//===- Passes.td - code generation shared by targets ----------*- tablegen -*-===//
//
// Passes on bufferized programs.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_COMMON_PASSES_TD
#define MINIMAX_CODEGEN_COMMON_PASSES_TD

include "mlir/Pass/PassBase.td"

def ResultsToOutParameters : Pass<"minimax-results-to-out-parameters", "::mlir::ModuleOp"> {
  let summary = "let callers provide the memory of results";
  let description = [{
    Each memref that a function returns becomes a last parameter. A buffer that
    was allocated to be returned is replaced by the parameter; anything else is
    copied. Sizes may be dynamic as long as they follow from the dimensions of an
    entry (tokens, sequences, slots, capacity). A module pass because signatures
    and calls change together.

    Before:
    ```mlir
    func.func private @f(%x: memref<?x64xf32>) -> memref<?x64xf32> {
      %y = memref.alloc(%t) : memref<?x64xf32>
      return %y : memref<?x64xf32>
    }
    ```
    After:
    ```mlir
    func.func private @f(%x: memref<?x64xf32>, %y: memref<?x64xf32>) {
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::affine::AffineDialect"];
}

def PlanArena : Pass<"minimax-plan-arena", "::mlir::ModuleOp"> {
  let summary = "place all temporary buffers of a step in one arena";
  let description = [{
    Every function gets the dimensions `T, N, S, C` of the step as its first
    parameters and the arena as its last, and every parameter in between the
    attribute `minimax.shape` that derives its sizes from them. Temporary buffers
    become views of the arena: buffers whose live ranges do not meet share
    memory, a callee uses what lies behind its caller's frame, and
    `@<entry>.arena` computes the bytes a step needs.

    Before:
    ```mlir
    %y = memref.alloc(%t) : memref<?x64xf32>
    ```
    After:
    ```mlir
    %y = memref.view %arena[%offset][%T] : memref<?xi8> to memref<?x64xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::affine::AffineDialect"];
}

def NumberOps : Pass<"minimax-number-ops", "::mlir::ModuleOp"> {
  let summary = "number the ops of a program for profiles";
  let description = [{
    Every compute op gets `minimax.op`, its place among all compute ops of the
    module. The manifest describes ops in this order, and code generation calls
    `mmrt_begin_op` with the number where the op's code begins. A module pass
    because the numbers run through all functions.

    Before:
    ```mlir
    minimax.gate %a, %b outs(%c) : (memref<?x64xf32>, memref<?x64xf32>, memref<?x64xf32>) -> ()
    ```
    After:
    ```mlir
    minimax.gate %a, %b outs(%c) {minimax.op = 7 : i64} : (memref<?x64xf32>, memref<?x64xf32>, memref<?x64xf32>) -> ()
    ```
  }];
}

#endif // MINIMAX_CODEGEN_COMMON_PASSES_TD
