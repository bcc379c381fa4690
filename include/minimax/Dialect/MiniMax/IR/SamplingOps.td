//===- SamplingOps.td - from logits to tokens -----------------*- tablegen -*-===//
//
// The choice of each sequence's next token.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAX_IR_SAMPLINGOPS_TD
#define MINIMAX_DIALECT_MINIMAX_IR_SAMPLINGOPS_TD

include "minimax/Dialect/MiniMax/IR/MiniMaxBase.td"

def MiniMax_SampleOp : MiniMax_ComputeOp<"sample"> {
  let summary = "each row's next token";
  let description = [{
    Chooses a column of each row of logits. With `m` the row's largest logit and
    tokens in the order of falling logits, lower ids first among equal ones:

        w_j    = exp((logits[n, j] - m) / temperatures[n])
        kept   = the first top_k[n] tokens, or all if that is 0
        kept   = the fewest first tokens of kept whose w reach top_p[n] of its sum
        result = the first of kept by id whose running sum of w exceeds
                 uniforms[n] * (sum of w over kept)

    A temperature below `2^-64`, as 0, or a `top_k` of 1 takes the largest logit. A row that
    holds a NaN, or no finite maximum, gives -1. Temperatures are not negative,
    `top_p` is in (0, 1] and `uniforms` in [0, 1); values outside of these ranges
    are the caller's error.

    - Shapes: `logits` is `[N, V]`, the others `[N]`, `top_k` and `result` in
      i32, the rest in f32.
    - Numerics: f32; a `w` below `2^-120` is 0.
    - C1: `V` is at most `2^24`, the integers that f32 can count.
    - Source: the order temperature, top-k, top-p of Hugging Face's
      `generate`; drawing inverts the cumulated distribution.

    Example:
    ```mlir
    %tokens = minimax.sample %logits, %temperatures, %top_k, %top_p, %uniforms
        : (tensor<?x251xf32>, tensor<?xf32>, tensor<?xi32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xi32>
    ```
  }];
  let arguments = (ins MiniMax_Float2D:$logits, MiniMax_Float1D:$temperatures, MiniMax_Index1D:$topK,
                       MiniMax_Float1D:$topP, MiniMax_Float1D:$uniforms, Variadic<MiniMax_Index1D>:$outs);
  let results = (outs Optional<MiniMax_Index1D>:$result);
  let assemblyFormat = [{ $logits `,` $temperatures `,` $topK `,` $topP `,` $uniforms
    (`outs` `(` $outs^ `)`)? attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

#endif // MINIMAX_DIALECT_MINIMAX_IR_SAMPLINGOPS_TD
