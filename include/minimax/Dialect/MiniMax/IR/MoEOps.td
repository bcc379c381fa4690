//===- MoEOps.td - mixture of experts -------------------------*- tablegen -*-===//
//
// Decomposition C: the whole expert layer and its parts.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAX_IR_MOEOPS_TD
#define MINIMAX_DIALECT_MINIMAX_IR_MOEOPS_TD

include "minimax/Dialect/MiniMax/IR/MiniMaxBase.td"

def MiniMax_MoeOp : MiniMax_ComputeOp<"moe", [
    DeclareOpInterfaceMethods<MiniMax_DecomposableOpInterface>]> {
  let summary = "top-k routed SwiGLU experts";
  let description = [{
        p            = softmax(input * transpose(router))
        e_1 .. e_k   = the k largest of p[t], lower expert first on ties
        w_j          = p[e_j] / sum_m p[e_m]
        result[t]    = sum_j w_j * expert(e_j, input[t])
        expert(e, u) = (silu(u * transpose(W1)) * (u * transpose(W3))) * transpose(W2)

    `gate_up[e]` holds the rows of W1, then those of W3; `down[e]` is W2. The
    second result is the chosen experts, best first.

    - Shapes: `input` and `result` are `[T, h]`, `router` is `[E, h]`, `gate_up`
      `[E, 2F, h]`, `down` `[E, h, F]`, the experts `[T, k]`.
    - Numerics: router logits, softmax and weights in f32.
    - C1: `router`, `gate_up` and `down` agree in `E`, `h` and `F`.
    - C2: `top_k` is in `1 .. E`.
    - C3: the experts have `top_k` columns.
    - Source: SPEC 2.6.

    Example:
    ```mlir
    %y, %experts = minimax.moe %b, %router, %w13, %w2 top_k = 2
        : (tensor<?x64xf32>, tensor<8x64xf32>, tensor<8x96x64xbf16>, tensor<8x64x48xbf16>)
        -> (tensor<?x64xf32>, tensor<?x2xi32>)
    ```
  }];
  let arguments = (ins MiniMax_Value2D:$input, MiniMax_Value2D:$router, MiniMax_Value3D:$gateUp,
                       MiniMax_Value3D:$down, Variadic<MiniMax_Value>:$outs, I64Attr:$top_k);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{ $input `,` $router `,` $gateUp `,` $down (`outs` `(` $outs^ `)`)?
    `top_k` `=` $top_k attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_RouteOp : MiniMax_ComputeOp<"route"> {
  let summary = "the best experts of every token and their weights";
  let description = [{
    The first three lines of `minimax.moe`, from router logits:

        p          = softmax(logits)
        e_1 .. e_k = the k largest of p[t], lower expert first on ties
        w_j        = p[e_j] / sum_m p[e_m]

    - Shapes: `logits` is `[T, E]`, the weights are `[T, k]` f32, the experts
      `[T, k]` i32, best first.
    - Numerics: f32.
    - C1: `k` is in `1 .. E`.
    - C2: weights and experts have one shape.
    - Source: SPEC 2.6.

    Example:
    ```mlir
    %w, %experts = minimax.route %logits : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    ```
  }];
  let arguments = (ins MiniMax_Float2D:$logits, Variadic<AnyType>:$outs);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{ $logits (`outs` `(` $outs^ `)`)? attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_PermuteOp : MiniMax_ComputeOp<"permute",
    [DeclareOpInterfaceMethods<MiniMax_ComputeOpInterface, ["getLeadingDim"]>]> {
  let summary = "sort token copies by expert";
  let description = [{
    Sorts the `T*k` copies `(t, j)` by expert, stable in `t` then `j`:

        permuted[rows[t, j]] = input[t];   expert e owns rows offsets[e] .. offsets[e+1]

    - Shapes: `input` is `[T, h]`, `experts` `[T, k]`, `permuted` `[T*k, h]`,
      `offsets` `[E+1]`, `rows` `[T, k]`.
    - Units: offsets and rows count rows of `permuted`.
    - Numerics: values are not changed.
    - C1: `rows` has the shape of `experts`.
    - C2: `permuted` has the width of `input`.
    - Source: SPEC 4.2.

    Example:
    ```mlir
    %p, %offsets, %rows = minimax.permute %b, %experts
        : (tensor<?x64xf32>, tensor<?x2xi32>) -> (tensor<?x64xf32>, tensor<9xi32>, tensor<?x2xi32>)
    ```
  }];
  let arguments = (ins MiniMax_Value2D:$input, MiniMax_Index2D:$experts, Variadic<AnyType>:$outs);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{ $input `,` $experts (`outs` `(` $outs^ `)`)? attr-dict
    `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_SortCopiesOp : MiniMax_ComputeOp<"sort_copies",
    [DeclareOpInterfaceMethods<MiniMax_ComputeOpInterface, ["getLeadingDim"]>]> {
  let summary = "where each token copy goes, without moving it";
  let description = [{
    The order of `minimax.permute` for a product that reads rows where they are:

        rows[t, j] = r and sources[r] = t;   expert e owns offsets[e] <= r < offsets[e+1]

    - Shapes: `experts` and `rows` are `[T, k]`, `offsets` `[E+1]`, `sources`
      `[T*k]`.
    - Units: offsets and rows count sorted copies, sources tokens.
    - Numerics: exact; copies of one expert keep the order of tokens.
    - C1: `rows` has the shape of `experts`.
    - Source: SPEC 4.2.

    Example:
    ```mlir
    %offsets, %rows, %sources = minimax.sort_copies %experts
        : (tensor<?x2xi32>) -> (tensor<9xi32>, tensor<?x2xi32>, tensor<?xi32>)
    ```
  }];
  let arguments = (ins MiniMax_Index2D:$experts, Variadic<AnyType>:$outs);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{ $experts (`outs` `(` $outs^ `)`)? attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_GroupedMatmulOp : MiniMax_ComputeOp<"grouped_matmul",
    [AttrSizedOperandSegments, DeclareOpInterfaceMethods<MiniMax_ComputeOpInterface, ["getLeadingDim"]>]> {
  let summary = "each expert's rows times that expert's weight";
  let description = [{
        result[r] = activation(input[r] * transpose(weight[e])),   offsets[e] <= r < offsets[e+1]

    `activation = swiglu` takes the first half of the product's columns through
    silu and multiplies by the second half, so that the result has half as many
    columns as the weight has rows. `weight` may be packed (see `minimax.pack`).
    With `rows` the product reads `input[rows[r]]` in place of `input[r]`.

    - Shapes: `input` is `[R, K]`, `weight` `[E, N, K]`, `offsets` `[E+1]`,
      `result` `[R, N]` or `[R, N/2]`. An expert may own no row. With `rows`,
      `[R]`, `input` is `[T, K]`; kernels of CPUs do without `rows`.
    - Numerics: as `minimax.linear`.
    - C1: `offsets` has one value more than `weight` has experts.
    - C2: `input` has `K` columns, or what `minimax.cast` makes of them.
    - C3: `result` has `N` columns, half of it with swiglu.
    - C4: `activation` is `none` or `swiglu`.
    - C5: an i8 weight is packed, and goes with an `input` of i16 or of bf16 and
      as many columns as `minimax.cast` makes; a packed weight of another type
      does not go with i16.
    - C6: `result` has as many rows as `rows`, if given.
    - Source: SPEC 2.6.

    Example:
    ```mlir
    %h = minimax.grouped_matmul %p, %w13, %offsets activation = swiglu
        : (tensor<?x64xf32>, tensor<8x96x64xbf16>, tensor<9xi32>) -> tensor<?x48xf32>
    ```
  }];
  let arguments = (ins MiniMax_ProductInput:$input, MiniMax_ProductWeight:$weight, MiniMax_Index1D:$offsets,
                       Optional<MiniMax_Index1D>:$rows, Variadic<MiniMax_Value>:$outs,
                       DefaultValuedAttr<MiniMax_Activation, "Activation::none">:$activation);
  let results = (outs Optional<MiniMax_Value2D>:$result);
  let assemblyFormat = [{ $input `,` $weight `,` $offsets (`rows` `(` $rows^ `)`)? (`outs` `(` $outs^ `)`)?
    (`activation` `=` $activation^)? attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_SwigluOp : MiniMax_ComputeOp<"swiglu"> {
  let summary = "gated linear unit with silu";
  let description = [{
        result[t, c] = silu(input[t, c]) * input[t, F + c]

    - Shapes: `input` is `[T, 2F]`, `result` `[T, F]`.
    - Numerics: f32.
    - C1: `input` has twice as many columns as `result`.
    - Source: SPEC 2.6.

    Example:
    ```mlir
    %h = minimax.swiglu %u : (tensor<?x96xf32>) -> tensor<?x48xf32>
    ```
  }];
  let arguments = (ins MiniMax_Value2D:$input, Variadic<MiniMax_Value>:$outs);
  let results = (outs Optional<MiniMax_Value2D>:$result);
  let assemblyFormat = [{ $input (`outs` `(` $outs^ `)`)? attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_UnpermuteOp : MiniMax_ComputeOp<"unpermute",
    [AttrSizedOperandSegments, DeclareOpInterfaceMethods<MiniMax_ComputeOpInterface, ["getLeadingDim"]>]> {
  let summary = "weighted sum of every token's expert outputs, and scaled residual";
  let description = [{
        result[t] = alpha * residual[t] + beta * sum_j weights[t, j] * input[rows[t, j]]

    summed in the order of `j`; without `residual` its term is absent.

    - Shapes: `input` is `[T*k, h]`, `rows` and `weights` are `[T, k]`,
      `residual` and `result` `[T, h]`.
    - Numerics: f32.
    - C1: `weights` has the shape of `rows`.
    - C2: `residual` and `result` have the width of `input`.
    - Source: SPEC 2.3, 2.6, 8.2 item 12.

    Example:
    ```mlir
    %y = minimax.unpermute %u, %rows, %w residual(%b) alpha = 2.0
        : (tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins MiniMax_Value2D:$input, MiniMax_Index2D:$rows, MiniMax_Float2D:$weights,
                       Optional<MiniMax_Value2D>:$residual, Variadic<MiniMax_Value>:$outs,
                       DefaultValuedAttr<F64Attr, "1.0">:$alpha, DefaultValuedAttr<F64Attr, "1.0">:$beta);
  let results = (outs Optional<MiniMax_Value2D>:$result);
  let assemblyFormat = [{ $input `,` $rows `,` $weights (`residual` `(` $residual^ `)`)?
    (`outs` `(` $outs^ `)`)? (`alpha` `=` $alpha^)? (`beta` `=` $beta^)? attr-dict
    `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

#endif // MINIMAX_DIALECT_MINIMAX_IR_MOEOPS_TD
