//===- Passes.td - target-independent passes ------------------*- tablegen -*-===//
//
// Passes on levels L0 to L2.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TRANSFORMS_PASSES_TD
#define MINIMAX_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"
include "minimax/Transforms/FusionPasses.td"

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

def SetArithmetic : Pass<"minimax-set-arithmetic", "::mlir::func::FuncOp"> {
  let summary = "choose f32 or bf16 products";
  let description = [{
    With `dtype=bf16`, rounds the activations that enter `minimax.linear` and
    `minimax.grouped_matmul` to bf16, so that the products are bf16 with f32
    accumulation. Router logits and the head stay f32 (SPEC 8), as do sums,
    norms and states. Heads of attention, the output and gate of lightning
    attention and what experts put out are rounded for their one reader, as
    models in bf16 do. Both kinds of attention and their chunk-parallel parts get
    `bf16_products`, which lets targets round inside. With `dtype=f32` nothing
    changes.

    Before:
    ```mlir
    %y = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<96x64xf32>) -> tensor<?x96xf32>
    ```
    After:
    ```mlir
    %c = minimax.cast %x : (tensor<?x64xf32>) -> tensor<?x64xbf16>
    %y = minimax.linear %c, %w : (tensor<?x64xbf16>, tensor<96x64xf32>) -> tensor<?x96xf32>
    ```
  }];
  let dependentDialects = ["::mlir::minimax::MiniMaxDialect"];
  let options = [Option<"dtype", "dtype", "std::string", /*default=*/"\"f32\"", "f32 or bf16">];
}

def Quantize : Pass<"minimax-quantize", "::mlir::func::FuncOp"> {
  let summary = "round weights to 8-bit integers and what they meet to 16 bits";
  let description = [{
    Scheme `w8a16`: the weight of a product becomes int8 with one f32 scale for
    each output row (`minimax.quantize`), its input 16-bit integers with one
    scale for each group of 256 (`minimax.cast`). Results change by the rounding
    of the weights: what `minimax.dequantize` gives is the meaning from here on.
    With `activations=bf16` inputs stay as they are, for `minimax-set-arithmetic`
    to round to bf16: matrix units of GPUs take those, and no integers of 16 bits.

    Scope `experts` takes `minimax.grouped_matmul`; `all` takes `minimax.linear`
    too, except for routers and a shared expert's coefficient, which decide
    rather than compute. Norms, embedding and head are never quantised. Left
    alone are products whose weight is packed or whose input is not f32, so the
    pass runs after `minimax-decompose` and before `minimax-set-arithmetic`.

    Before:
    ```mlir
    %y = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<96x64xbf16>) -> tensor<?x96xf32>
    ```
    After:
    ```mlir
    %c = minimax.cast %x : (tensor<?x64xf32>) -> tensor<?x66xi16>
    %q, %s = minimax.quantize %w : tensor<96x64xbf16> -> tensor<96x64xi8>, tensor<96xf32>
    %d = minimax.dequantize %q, %s : tensor<96x64xi8>, tensor<96xf32> -> tensor<96x64xf32>
    %y = minimax.linear %c, %d : (tensor<?x66xi16>, tensor<96x64xf32>) -> tensor<?x96xf32>
    ```
  }];
  let dependentDialects = ["::mlir::minimax::MiniMaxDialect"];
  let options = [
    Option<"scheme", "scheme", "std::string", /*default=*/"\"w8a16\"", "w8a16">,
    Option<"scope", "scope", "std::string", /*default=*/"\"experts\"", "experts or all">,
    Option<"activations", "activations", "std::string", /*default=*/"\"i16\"", "i16 or bf16">,
  ];
}

def PackWeights : Pass<"minimax-pack-weights", "::mlir::ModuleOp"> {
  let summary = "lay weights of products out in panels, once";
  let description = [{
    Gives every weight that a product reads the layout of `minimax.pack`: a
    parameter of a function whose only readers are products of one kind takes
    the packed type, and the `minimax.weight` behind it is packed when the
    weights are prepared. A dequantised weight (`minimax-quantize`) is packed as
    i8; else bf16 products and weights stored as bf16 are packed as bf16, all
    others as f32. A weight that is also read as it is (a tied
    embedding) is declared a second time. A module pass because parameters and
    call sites change together.

    Before:
    ```mlir
    minimax.weight @w : tensor<192x64xbf16> from ["a.weight"]
    %w = minimax.get_weight @w : tensor<192x64xbf16>
    %y = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<192x64xbf16>) -> tensor<?x192xf32>
    ```
    After:
    ```mlir
    minimax.weight @w : tensor<3x32x64x2xbf16> from ["a.weight"] packs tensor<192x64xbf16>
    %w = minimax.get_weight @w : tensor<3x32x64x2xbf16>
    %y = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<3x32x64x2xbf16>) -> tensor<?x192xf32>
    ```
  }];
  let dependentDialects = ["::mlir::minimax::MiniMaxDialect"];
}

def LowerSplitHeads : Pass<"minimax-lower-split-heads", "::mlir::func::FuncOp"> {
  let summary = "turn split_heads into slices";
  let description = [{
    Replaces `minimax.split_heads` by a reshape and three slices of it, which
    bufferize to views.

    Before:
    ```mlir
    %q, %k, %v = minimax.split_heads %z packing = per_head : (tensor<?x192xf32>) -> (tensor<?x4x16xf32>, ...)
    ```
    After:
    ```mlir
    %h = tensor.expand_shape %z ... into tensor<?x4x3x16xf32>
    %q = tensor.extract_slice %h[0, 0, 0, 0] ... : tensor<?x4x3x16xf32> to tensor<?x4x16xf32>
    ```
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
}

def MaterializeStates : Pass<"minimax-materialize-states", "::mlir::ModuleOp"> {
  let summary = "turn typed states into pools in memory";
  let description = [{
    A `!minimax.lightning_state` parameter becomes one pool
    `memref<?xHxKxVxf32>`, a `!minimax.kv_cache` two, keys and values,
    `memref<?x?xGxDxT>`; ops update them in place and states vanish from results.
    Legal because `minimax-verify-state` has shown that each state has exactly
    one consumer. A module pass because signatures and calls change together.

    Before:
    ```mlir
    %o, %t = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %s chunk = 64 : ...
    return %t : !minimax.lightning_state<4x16x16xf32>
    ```
    After:
    ```mlir
    %o = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %pool chunk = 64 : ...
    return
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def WeightsToArguments : Pass<"minimax-weights-to-arguments", "::mlir::func::FuncOp"> {
  let summary = "pass weights to entries as arguments";
  let description = [{
    Replaces each `minimax.get_weight` of an entry (`minimax.entry`) by a new
    last argument that bears the weight's name in `minimax.name` and is marked
    read-only.

    Before:
    ```mlir
    func.func @f() attributes {minimax.entry} {
      %w = minimax.get_weight @w : tensor<64xf32>
    ```
    After:
    ```mlir
    func.func @f(%w: tensor<64xf32> {bufferization.writable = false, minimax.name = "w", minimax.weight}) ...
    ```
  }];
}

def VerifyState : Pass<"minimax-verify-state", "::mlir::ModuleOp"> {
  let summary = "reject programs that read a state stale, twice, never or of another sequence";
  let description = [{
    Changes nothing. A typed state stands for a pool at one point in time, and
    ops will update that pool in place; so the pass demands that

    - each state value has exactly one consumer on every path, loops and
      branches included (`minimax.snapshot` copies);
    - a `cu_seqlens` goes with one `slots` and one `positions` in a function and
      in what it calls, and these with it;
    - an entry (`minimax.entry`, or a public function) passes each state through
      `minimax.begin_sequences` or `minimax.restore` of the batch's slots before
      an op reads it, here or in a callee;
    - a function returns each state it takes, in order.

    A module pass because states cross calls.

    Rejected:
    ```mlir
    %s1 = minimax.restore %s0, %copy, %slots : ...
    %o, %s2 = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %s0 chunk = 64 : ...
    ```
    Accepted:
    ```mlir
    %s1 = minimax.restore %s0, %copy, %slots : ...
    %o, %s2 = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %s1 chunk = 64 : ...
    ```
    Must run before `minimax-materialize-states`, whose updates in place it
    makes legal. States that are memrefs already are not looked at.
  }];
}

#endif // MINIMAX_TRANSFORMS_PASSES_TD
