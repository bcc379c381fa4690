//===- FusionPasses.td - fusions of L0 and L2 ops -------------*- tablegen -*-===//
//
// Passes that let an op take over the elementwise work of its only reader.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TRANSFORMS_FUSIONPASSES_TD
#define MINIMAX_TRANSFORMS_FUSIONPASSES_TD

include "mlir/Pass/PassBase.td"

def FuseActivation : Pass<"minimax-fuse-activation", "::mlir::func::FuncOp"> {
  let summary = "apply silu and sigmoid inside the product they read";
  let description = [{
    Before:
    ```mlir
    %z = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<192x64xbf16>) -> tensor<?x192xf32>
    %y = minimax.activation %z kind = silu : (tensor<?x192xf32>) -> tensor<?x192xf32>
    ```
    After:
    ```mlir
    %y = minimax.linear %x, %w activation = silu : (tensor<?x64xf32>, tensor<192x64xbf16>) -> tensor<?x192xf32>
    ```
    Left alone: a product with a second reader, with an activation, a residual
    or a `beta` of its own, one in another block, and one whose result is
    rounded to bf16 before the activation reads it.
  }];
  let dependentDialects = ["::mlir::minimax::MiniMaxDialect"];
}

def FuseResidual : Pass<"minimax-fuse-residual", "::mlir::func::FuncOp"> {
  let summary = "add the skip connection inside the product or unpermute";
  let description = [{
    Before:
    ```mlir
    %b = minimax.linear %x, %w : (tensor<?x48xf32>, tensor<64x48xbf16>) -> tensor<?x64xf32>
    %y = minimax.residual %s, %b alpha = 2.0 beta = 0.5 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
    ```
    After:
    ```mlir
    %y = minimax.linear %x, %w residual(%s) alpha = 2.0 beta = 0.5
        : (tensor<?x48xf32>, tensor<64x48xbf16>, tensor<?x64xf32>) -> tensor<?x64xf32>
    ```
    and alike for a branch that `minimax.unpermute` sums; factors multiply. Run
    after `minimax-fuse-activation`, which needs a product without residual.

    Left alone: a residual with a `coefficient`, a branch with a second reader, a
    residual of its own or in another block, and operands that are not f32.
  }];
  let dependentDialects = ["::mlir::minimax::MiniMaxDialect"];
}

def FuseNormGate : Pass<"minimax-fuse-norm-gate", "::mlir::func::FuncOp"> {
  let summary = "multiply by the gate inside the norm";
  let description = [{
    Before:
    ```mlir
    %n = minimax.rms_norm %x, %w eps = 1.0e-6 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %y = minimax.gate %g, %n : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
    ```
    After:
    ```mlir
    %y = minimax.rms_norm %x, %w gate(%g) eps = 1.0e-6
        : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
    ```
    The norm may be either operand of the gate. Left alone: a norm with a second
    reader, a gate of its own or in another block, and operands of other types.
  }];
  let dependentDialects = ["::mlir::minimax::MiniMaxDialect"];
}

def FuseSwiglu : Pass<"minimax-fuse-swiglu", "::mlir::func::FuncOp"> {
  let summary = "apply swiglu inside the experts' first product";
  let description = [{
    The product then writes half as many columns.

    Before:
    ```mlir
    %u = minimax.grouped_matmul %p, %w13, %offsets
        : (tensor<?x64xf32>, tensor<8x96x64xbf16>, tensor<9xi32>) -> tensor<?x96xf32>
    %h = minimax.swiglu %u : (tensor<?x96xf32>) -> tensor<?x48xf32>
    ```
    After:
    ```mlir
    %h = minimax.grouped_matmul %p, %w13, %offsets activation = swiglu
        : (tensor<?x64xf32>, tensor<8x96x64xbf16>, tensor<9xi32>) -> tensor<?x48xf32>
    ```
    Must run before weights are packed, because packing then interleaves the two
    halves. Left alone: a packed weight, a product with a second reader, with an
    activation of its own or in another block, and values that are not f32.
  }];
  let dependentDialects = ["::mlir::minimax::MiniMaxDialect"];
}

def FuseCast : Pass<"minimax-fuse-cast", "::mlir::func::FuncOp"> {
  let summary = "round activations to bf16 where they are made";
  let description = [{
    A norm, SwiGLU or product whose only reader is a `minimax.cast` to bf16
    writes bf16 itself; a norm that others read too writes both. A cast of
    permuted rows moves before `minimax.permute`,
    which then copies half the bytes. The same numbers are rounded in the same
    way.

    Before:
    ```mlir
    %n = minimax.rms_norm %x, %w eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %c = minimax.cast %n : (tensor<?x64xf32>) -> tensor<?x64xbf16>
    ```
    After:
    ```mlir
    %c = minimax.rms_norm %x, %w eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xbf16>
    ```
    Left alone: casts to integers, SwiGLU and products that something else reads
    in f32, and producers of an odd number of columns, which the cast pads.
  }];
  let dependentDialects = ["::mlir::minimax::MiniMaxDialect"];
}

def FusePermute : Pass<"minimax-fuse-permute", "::mlir::func::FuncOp"> {
  let summary = "read rows of experts where they are";
  let description = [{
    A grouped product whose input is sorted copies of rows that nothing else
    reads takes the rows themselves and the order, so that the copies need no
    memory and are neither written nor read. For kernels that can, those of GPUs;
    run it behind `minimax-fuse-cast`.

    Before:
    ```mlir
    %p, %offsets, %rows = minimax.permute %x, %experts
        : (tensor<?x64xf32>, tensor<?x2xi32>) -> (tensor<?x64xf32>, tensor<9xi32>, tensor<?x2xi32>)
    %u = minimax.grouped_matmul %p, %w, %offsets
        : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<?x96xf32>
    ```
    After:
    ```mlir
    %offsets, %rows, %sources = minimax.sort_copies %experts
        : (tensor<?x2xi32>) -> (tensor<9xi32>, tensor<?x2xi32>, tensor<?xi32>)
    %u = minimax.grouped_matmul %x, %w, %offsets rows(%sources)
        : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>, tensor<?xi32>) -> tensor<?x96xf32>
    ```
    Left alone: copies that something else reads, a cast to integers between, and
    a product in another block.
  }];
  let dependentDialects = ["::mlir::minimax::MiniMaxDialect"];
}

def FuseRope : Pass<"minimax-fuse-rope", "::mlir::func::FuncOp"> {
  let summary = "rotate queries and keys inside softmax attention";
  let description = [{
    Attention rotates queries as it loads them and keys as it stores them, which
    saves writing and reading both.

    Before:
    ```mlir
    %rq = minimax.rope %q, %positions theta = 1.0e7 rotary_dim = 8 : ...
    %rk = minimax.rope %k, %positions theta = 1.0e7 rotary_dim = 8 : ...
    %o, %next = minimax.attention %rq, %rk, %v, %cu, %positions, %slots, %cache scale = 0.25 : ...
    ```
    After:
    ```mlir
    %o, %next = minimax.attention %q, %k, %v, %cu, %positions, %slots, %cache
        scale = 0.25 theta = 1.0e7 rotary_dim = 8 : ...
    ```
    Left alone: attention that rotates already, one operand rotated alone or by
    other angles, positions that are not attention's own, a rope with a second
    reader or in another block, and values that are not f32.
  }];
  let dependentDialects = ["::mlir::minimax::MiniMaxDialect"];
}

#endif // MINIMAX_TRANSFORMS_FUSIONPASSES_TD
