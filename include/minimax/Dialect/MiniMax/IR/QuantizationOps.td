//===- QuantizationOps.td - weights as small integers ----------*- tablegen -*-===//
//
// What a quantised weight means, before minimax.pack gives it a layout.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAX_IR_QUANTIZATIONOPS_TD
#define MINIMAX_DIALECT_MINIMAX_IR_QUANTIZATIONOPS_TD

include "minimax/Dialect/MiniMax/IR/MiniMaxBase.td"

def MiniMax_QuantizeOp : MiniMax_Op<"quantize", [Pure]> {
  let summary = "round the rows of a weight to 8-bit integers";
  let description = [{
    Symmetric, one scale for each output row:

        scale[.., n]        = max_k |input[.., n, k]| / 127
        quantized[.., n, k] = clamp(round(input[.., n, k] / scale[.., n]), -127, 127)

    and 0 where the scale is 0, as for a row of zeros.

    - Shapes: `input` and `quantized` are `[.., N, K]`, `scale` is `[.., N]`.
    - Units: one unit of `quantized` in row `n` is `scale[n]`.
    - Numerics: f32 on the values as the checkpoint stores them; divisions are
      correctly rounded, ties go to even. -128 is not used.
    - C1: `input` is a static matrix or stack of matrices.
    - C2: `quantized` has its shape.
    - C3: `scale` has one value for each row.
    - Source: SPEC 5.1 (b), in f32 and with a guard for zero rows.

    Example:
    ```mlir
    %q, %s = minimax.quantize %w : tensor<192x64xbf16> -> tensor<192x64xi8>, tensor<192xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32, BF16, F16]>:$input);
  let results = (outs RankedTensorOf<[I8]>:$quantized, RankedTensorOf<[F32]>:$scale);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($quantized) `,` type($scale)";
  let hasVerifier = 1;
}

def MiniMax_DequantizeOp : MiniMax_Op<"dequantize", [Pure]> {
  let summary = "the weight that 8-bit integers and their scales stand for";
  let description = [{
        result[.., n, k] = scale[.., n] * quantized[.., n, k]

    Exists to be folded into the packed weight of a product
    (`minimax-pack-weights`); what it says is the meaning of a quantised program.

    - Shapes: `quantized` and `result` are `[.., N, K]`, `scale` is `[.., N]`.
    - Numerics: f32.
    - C1: `quantized` is a static matrix or stack of matrices.
    - C2: `result` has its shape.
    - C3: `scale` has one value for each row.
    - Source: SPEC 5.1.

    Example:
    ```mlir
    %d = minimax.dequantize %q, %s : tensor<192x64xi8>, tensor<192xf32> -> tensor<192x64xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[I8]>:$quantized, RankedTensorOf<[F32]>:$scale);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = "$quantized `,` $scale attr-dict `:` type($quantized) `,` type($scale) `->` type($result)";
  let hasVerifier = 1;
}

#endif // MINIMAX_DIALECT_MINIMAX_IR_QUANTIZATIONOPS_TD
