//===- DenseOps.td - embedding, norms, projections, head ------*- tablegen -*-===//
//
// Ops that treat every token alone and alike.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAX_IR_DENSEOPS_TD
#define MINIMAX_DIALECT_MINIMAX_IR_DENSEOPS_TD

include "minimax/Dialect/MiniMax/IR/MiniMaxBase.td"

def MiniMax_EmbeddingOp : MiniMax_ComputeOp<"embedding"> {
  let summary = "rows of a table chosen by token ids";
  let description = [{
        result[t] = table[tokens[t]]

    - Shapes: `tokens` is `[T]`, `table` `[V, h]`, `result` `[T, h]`.
    - Numerics: rows are widened to f32; there is no scale (SPEC 2.1).
    - C1: `result` has the width of `table`.
    - Source: SPEC 2.1.

    Example:
    ```mlir
    %x = minimax.embedding %tokens, %table
        : (tensor<?xi32>, tensor<256x64xbf16>) -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins MiniMax_Index1D:$tokens, MiniMax_Value2D:$table, Variadic<MiniMax_Value>:$outs);
  let results = (outs Optional<MiniMax_Value2D>:$result);
  let assemblyFormat = [{ $tokens `,` $table (`outs` `(` $outs^ `)`)? attr-dict
    `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_RmsNormOp : MiniMax_ComputeOp<"rms_norm", [AttrSizedOperandSegments]> {
  let summary = "root-mean-square norm, optionally gated, optionally rounded too";
  let description = [{
        result[t, c] = gate[t, c] * weight[c] * input[t, c] / sqrt(mean_c(input[t, c]^2) + eps)
        rounded[t, c] = bf16(result[t, c])

    without `gate` its factor is 1. The second result is optional: products read
    it where residuals read the first.

    - Shapes: `input`, `gate` and both results are `[T, h]`, `weight` is `[h]`.
    - Numerics: the mean square and the product are f32; a bf16 result is
      rounded last.
    - C1: `weight` has one value per column.
    - C2: `gate` has the shape of `input`.
    - C3: `eps` is positive.
    - C4: results have the columns of `input`.
    - C5: of two results the first is f32 and the second bf16.
    - Source: SPEC 2.2; gated form SPEC 2.4 (8)-(9).

    Example:
    ```mlir
    %y = minimax.rms_norm %x, %w eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %z, %rounded = minimax.rms_norm %x, %w eps = 1.0e-5
        : (tensor<?x64xf32>, tensor<64xf32>) -> (tensor<?x64xf32>, tensor<?x64xbf16>)
    ```
  }];
  let arguments = (ins MiniMax_Value2D:$input, MiniMax_Value1D:$weight, Optional<MiniMax_Value2D>:$gate,
                       Variadic<MiniMax_Value>:$outs, F64Attr:$eps);
  let results = (outs Variadic<MiniMax_Value2D>:$results);
  let assemblyFormat = [{ $input `,` $weight (`gate` `(` $gate^ `)`)? (`outs` `(` $outs^ `)`)?
    `eps` `=` $eps attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The first result, or null in buffer form.
    ::mlir::Value getResult() {
      return getNumResults() == 0 ? ::mlir::Value() : ::mlir::Value(getResults()[0]);
    }
  }];
}

def MiniMax_LinearOp : MiniMax_ComputeOp<"linear", [AttrSizedOperandSegments]> {
  let summary = "product with a weight stored [out, in], activation and scaled residual";
  let description = [{
        result = alpha * residual + beta * activation(input * transpose(weight))

    without `residual` the first term is absent and `beta` is 1. `weight` is
    `[N, K]`, or packed (see `minimax.pack`), in which case `N` is the width of
    `result`.

    - Shapes: `input` is `[T, K]`, `residual` and `result` are `[T, N]`.
    - Numerics: products are accumulated in f32; a bf16 `result` is rounded
      last. `input` in bf16 asks for bf16 products; `input` in f32 widens the
      weights first, which is exact. `input` in i16 stands for its numbers times
      their scales; with a weight packed as i8 the products of a group are summed
      exactly in i32, then times the group's scale in f32, the weight's scale
      last. `input` in bf16 with a weight packed as i8: products of bf16, which
      holds every i8, are accumulated in f32, the weight's scale comes last.
    - C1: `input` has `K` columns, or what `minimax.cast` makes of them.
    - C2: `result` has `N` columns.
    - C3: `residual` has the columns of `result`.
    - C4: `activation` is not `swiglu`, which pairs columns of expert products.
    - C5: an i8 weight is packed, and goes with an `input` of i16 or of bf16 and
      as many columns as `minimax.cast` makes; a packed weight of another type
      does not go with i16.
    - Source: SPEC 2.3, 2.4 (1)-(2), 2.5.

    Example:
    ```mlir
    %z = minimax.linear %a, %w activation = silu
        : (tensor<?x64xf32>, tensor<192x64xbf16>) -> tensor<?x192xf32>
    ```
  }];
  let arguments = (ins MiniMax_ProductInput:$input, MiniMax_ProductWeight:$weight, Optional<MiniMax_Value2D>:$residual,
                       Variadic<MiniMax_Value>:$outs,
                       DefaultValuedAttr<MiniMax_Activation, "Activation::none">:$activation,
                       DefaultValuedAttr<F64Attr, "1.0">:$alpha, DefaultValuedAttr<F64Attr, "1.0">:$beta);
  let results = (outs Optional<MiniMax_Value2D>:$result);
  let assemblyFormat = [{ $input `,` $weight (`residual` `(` $residual^ `)`)? (`outs` `(` $outs^ `)`)?
    (`activation` `=` $activation^)? (`alpha` `=` $alpha^)? (`beta` `=` $beta^)?
    attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_LmHeadOp : MiniMax_ComputeOp<"lm_head"> {
  let summary = "logits of the vocabulary, in f32";
  let description = [{
        result = input * transpose(weight)

    - Shapes: `input` is `[T, h]`, `weight` `[V, h]` or packed, `result` `[T, V]`.
    - Numerics: f32 products whatever the arithmetic of the rest, which is why
      no other type is accepted (SPEC 2.10).
    - C1: `input` has the columns of `weight`.
    - C2: `result` has a column for each row of `weight`.
    - Source: SPEC 2.10.

    Example:
    ```mlir
    %l = minimax.lm_head %y, %w : (tensor<?x64xf32>, tensor<256x64xbf16>) -> tensor<?x256xf32>
    ```
  }];
  let arguments = (ins MiniMax_Float2D:$input, MiniMax_Value:$weight, Variadic<MiniMax_Value>:$outs);
  let results = (outs Optional<MiniMax_Float2D>:$result);
  let assemblyFormat = [{ $input `,` $weight (`outs` `(` $outs^ `)`)? attr-dict
    `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_ActivationOp : MiniMax_ComputeOp<"activation"> {
  let summary = "elementwise silu or sigmoid";
  let description = [{
        sigmoid(x) = 1 / (1 + exp(-x));   silu(x) = x * sigmoid(x)

    An op of its own because a splat of dynamic shape, which the same function
    in `arith` and `math` needs, is no constant; it exists to be fused into the
    producing product.

    - Shapes: `input` and `result` agree.
    - Numerics: computed in f32.
    - C1: `kind` is `silu` or `sigmoid`.
    - C2: `result` has the columns of `input`.
    - Source: SPEC 2.4 (2), (9).

    Example:
    ```mlir
    %y = minimax.activation %x kind = silu : (tensor<?x192xf32>) -> tensor<?x192xf32>
    ```
  }];
  let arguments = (ins MiniMax_Value2D:$input, Variadic<MiniMax_Value>:$outs, MiniMax_Activation:$kind);
  let results = (outs Optional<MiniMax_Value2D>:$result);
  let assemblyFormat = [{ $input (`outs` `(` $outs^ `)`)? `kind` `=` $kind attr-dict
    `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_GateOp : MiniMax_ComputeOp<"gate"> {
  let summary = "elementwise product of two activations";
  let description = [{
        result = lhs * rhs

    - Shapes: all `[T, C]`.
    - Numerics: f32.
    - C1: `lhs` and `rhs` have one type.
    - C2: `result` has their columns.
    - Source: SPEC 2.4 (9).

    Example:
    ```mlir
    %y = minimax.gate %g, %n : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins MiniMax_Value2D:$lhs, MiniMax_Value2D:$rhs, Variadic<MiniMax_Value>:$outs);
  let results = (outs Optional<MiniMax_Value2D>:$result);
  let assemblyFormat = [{ $lhs `,` $rhs (`outs` `(` $outs^ `)`)? attr-dict
    `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_ResidualOp : MiniMax_ComputeOp<"residual", [AttrSizedOperandSegments]> {
  let summary = "scaled sum of a skip connection and a branch";
  let description = [{
        result = alpha * skip + beta * branch

    DeepNorm's residual (SPEC 2.3). With `coefficient` `c` of shape `[T, 1]` it is
    the convex mix of a shared expert: `alpha*(1 - c)*skip + beta*c*branch`.

    - Shapes: `skip`, `branch` and `result` are `[T, h]`.
    - Numerics: f32.
    - C1: `skip` and `branch` have one type.
    - C2: `coefficient` has one column.
    - C3: `result` has the columns of `skip`.
    - Source: SPEC 2.3, 2.6.

    Example:
    ```mlir
    %y = minimax.residual %a, %b alpha = 2.0 beta = 1.0
        : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins MiniMax_Value2D:$skip, MiniMax_Value2D:$branch, Optional<MiniMax_Value2D>:$coefficient,
                       Variadic<MiniMax_Value>:$outs,
                       DefaultValuedAttr<F64Attr, "1.0">:$alpha, DefaultValuedAttr<F64Attr, "1.0">:$beta);
  let results = (outs Optional<MiniMax_Value2D>:$result);
  let assemblyFormat = [{ $skip `,` $branch (`coefficient` `(` $coefficient^ `)`)? (`outs` `(` $outs^ `)`)?
    (`alpha` `=` $alpha^)? (`beta` `=` $beta^)? attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_CastOp : MiniMax_ComputeOp<"cast"> {
  let summary = "round activations to 16 bits for a product";
  let description = [{
    Rounds activations once for all products that read them, and pads an odd
    number of columns with a zero, because 16-bit products consume pairs:

        result[t, c] = bf16(input[t, c]) for c < K, or 0

    An i16 result holds integers and their scales, one for each group of 256
    columns. With `P = ceil(K / 2)` pairs and `G = ceil(P / 128)` groups,

        m[t, g]      = max |input[t, c]|,   256*g <= c < 256*(g + 1)
        result[t, c] = round(input[t, c] * (32767 / m[t, g])) for c < K, or 0
        result[t, 2*P + 2*g .. + 2] = the bytes of m[t, g] / 32767 in f32

    - Shapes: `input` is `[T, K]`, `result` `[T, 2*P]` in bf16 and
      `[T, 2*P + 2*G]` in i16.
    - Numerics: rounds to nearest, ties to even; arithmetic in f32. A group whose
      `m` is below `2^-112` becomes zero. The error of an integer is at most
      `2^-16` of the largest of its group, where bf16's is `2^-9` of each value.
    - C1: `result` is bf16 or i16 and has the columns above.
    - Source: SPEC 3.5 (bf16 activations), 5.1 (16-bit activations of W8A16).

    Example:
    ```mlir
    %y = minimax.cast %x : (tensor<?x64xf32>) -> tensor<?x64xbf16>
    %q = minimax.cast %x : (tensor<?x64xf32>) -> tensor<?x66xi16>
    ```
  }];
  let arguments = (ins MiniMax_Float2D:$input, Variadic<MiniMax_ProductInput>:$outs);
  let results = (outs Optional<MiniMax_ProductInput>:$result);
  let assemblyFormat = [{ $input (`outs` `(` $outs^ `)`)? attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_LastRowsOp : MiniMax_ComputeOp<"last_rows",
    [MiniMax_SequencedOpInterface,
     DeclareOpInterfaceMethods<MiniMax_ComputeOpInterface, ["getLeadingDim"]>]> {
  let summary = "the last token's row of every sequence";
  let description = [{
        result[n] = input[cu_seqlens[n+1] - 1], or 0 if sequence n is empty

    - Shapes: `input` is `[T, h]`, `cu_seqlens` `[N+1]`, `result` `[N, h]`.
    - Numerics: values are not changed.
    - C1: `result` has the width of `input`.
    - Source: SPEC 2.4.5 (a step needs the logits of the last tokens only).

    Example:
    ```mlir
    %y = minimax.last_rows %x, %cu : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins MiniMax_Value2D:$input, MiniMax_Index1D:$cuSeqlens, Variadic<MiniMax_Value>:$outs);
  let results = (outs Optional<MiniMax_Value2D>:$result);
  let assemblyFormat = [{ $input `,` $cuSeqlens (`outs` `(` $outs^ `)`)? attr-dict
    `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

#endif // MINIMAX_DIALECT_MINIMAX_IR_DENSEOPS_TD
