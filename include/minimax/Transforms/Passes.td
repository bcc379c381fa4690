//===- Passes.td - target-independent passes ------------------*- tablegen -*-===//
//
// Passes on levels L0 to L2.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TRANSFORMS_PASSES_TD
#define MINIMAX_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def Decompose : Pass<"minimax-decompose", "::mlir::func::FuncOp"> {
  let summary = "replace whole ops by their parts";
  let description = [{
    Applies the three decompositions through DecomposableOpInterface. Experts
    are always decomposed. Lightning and softmax attention are decomposed into
    parts that run in parallel over chunks or key shares only if asked for: left
    whole, their lowering walks chunks and key tiles in sequence inside a kernel.

    Before:
    ```mlir
    %o, %s = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %state chunk = 64 : ...
    ```
    After, with `lightning-attention=true`:
    ```mlir
    %local, %decay = minimax.chunk_state %k, %v, %slope, %cu chunk = 64 : ...
    %entry, %s = minimax.state_scan %local, %decay, %cu, %slots, %state chunk = 64 : ...
    %o = minimax.chunk_output %q, %k, %v, %slope, %cu, %entry chunk = 64 : ...
    ```
    Ops in buffer form are left alone.
  }];
  let dependentDialects = ["::mlir::minimax::MiniMaxDialect"];
  let options = [
    Option<"lightningAttention", "lightning-attention", "bool", /*default=*/"false",
           "decompose lightning attention into chunk-parallel parts">,
    Option<"attention", "attention", "bool", /*default=*/"false",
           "decompose softmax attention into shares of the keys">,
  ];
}

#endif // MINIMAX_TRANSFORMS_PASSES_TD
