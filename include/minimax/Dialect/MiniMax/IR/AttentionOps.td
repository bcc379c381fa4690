//===- AttentionOps.td - lightning and softmax attention ------*- tablegen -*-===//
//
// Decompositions A (lightning) and B (softmax): whole ops and their parts.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAX_IR_ATTENTIONOPS_TD
#define MINIMAX_DIALECT_MINIMAX_IR_ATTENTIONOPS_TD

include "minimax/Dialect/MiniMax/IR/MiniMaxBase.td"

def MiniMax_SplitHeadsOp : MiniMax_Op<"split_heads", [Pure]> {
  let summary = "queries, keys and values of a fused projection";
  let description = [{
    Views `[T, 3*H*D]` as three `[T, H, D]`. `packing = per_head`: head `i` owns
    columns `i*3*D .. (i+1)*3*D`, first its query, then key, then value
    (MiniMax). `packing = concatenated`: all queries, then all keys, then all
    values. Lowered to slices; nothing is copied.

        per_head:     query[t, i, d] = input[t, 3*i*D + d];   key, value at + D, + 2*D
        concatenated: query[t, i, d] = input[t, i*D + d];     key, value at + H*D, + 2*H*D

    - Shapes: `input` is `[T, 3*H*D]`, the results are `[T, H, D]`.
    - Numerics: values are not changed.
    - C1: the input has `3*H*D` columns.
    - C2: the three results have one type.
    - Source: SPEC 2.4 (3).

    Example:
    ```mlir
    %q, %k, %v = minimax.split_heads %z packing = per_head
        : (tensor<?x192xf32>) -> (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>)
    ```
  }];
  let arguments = (ins 2DTensorOf<[F32, BF16]>:$input, MiniMax_Packing:$packing);
  let results = (outs 3DTensorOf<[F32, BF16]>:$query, 3DTensorOf<[F32, BF16]>:$key, 3DTensorOf<[F32, BF16]>:$value);
  let assemblyFormat = [{ $input `packing` `=` $packing attr-dict
    `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_RopeOp : MiniMax_ComputeOp<"rope"> {
  let summary = "rotary position embedding of the first dimensions of each head";
  let description = [{
    With `R = rotary_dim`, for `j < R/2` and `angle = positions[t] * theta^(-2j/R)`:

        result[t, i, j]       = input[t, i, j] * cos(angle) - input[t, i, j + R/2] * sin(angle)
        result[t, i, j + R/2] = input[t, i, j + R/2] * cos(angle) + input[t, i, j] * sin(angle)

    Dimensions `R .. D-1` pass unchanged.

    - Shapes: `input` and `result` are `[T, H, D]`, `positions` is `[T]`.
    - Units: positions count tokens from 0; angles are radians.
    - Numerics: the angle is the f32 product of position and f32 frequency, as
      in the reference (SPEC 8.2 item 7); cosine and sine are accurate for every
      such angle.
    - C1: `rotary_dim` is even and in `0 .. D`.
    - C2: `result` has the shape of `input`.
    - Source: SPEC 2.5.

    Example:
    ```mlir
    %r = minimax.rope %q, %positions theta = 1.0e7 rotary_dim = 8
        : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
    ```
  }];
  let arguments = (ins MiniMax_Value3D:$input, MiniMax_Index1D:$positions, Variadic<MiniMax_Value>:$outs,
                       F64Attr:$theta, I64Attr:$rotary_dim);
  let results = (outs Optional<MiniMax_Value3D>:$result);
  let assemblyFormat = [{ $input `,` $positions (`outs` `(` $outs^ `)`)? `theta` `=` $theta
    `rotary_dim` `=` $rotary_dim attr-dict `:` functional-type(operands, results) }];
  let hasFolder = 1;
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// A: lightning attention
//===----------------------------------------------------------------------===//

def MiniMax_LightningAttentionOp : MiniMax_ComputeOp<"lightning_attention",
    [MiniMax_SequencedOpInterface,
     DeclareOpInterfaceMethods<MiniMax_ComputeOpInterface, ["getStateOperands"]>,
     DeclareOpInterfaceMethods<MiniMax_DecomposableOpInterface>]> {
  let summary = "causal linear attention with per-head decay and a running state";
  let description = [{
    For each sequence and head, over its tokens in order, starting from the
    state of its slot:

        S      = exp(-slope) * S + transpose(key[t]) * value[t]
        out[t] = query[t] * S

    and the slot keeps the last `S`. An empty sequence leaves its slot alone.

    - Shapes: `query`, `key`, `value` and the output are `[T, H, D]`, `slope` is
      `[H]`, `cu_seqlens` `[N+1]`, `slots` `[N]`.
    - Units: `slope` is decay per token in natural-log units, >= 0; `chunk` is
      tokens per block of a chunked evaluation and changes rounding only.
    - Numerics: the state accumulates in f32; no scale, no rotation, no
      normaliser. Operands and output are f32 or bf16, which is widened and
      rounded at the op's edge only. With `bf16_products` targets with matrix
      units round the factors of products (query, key, value, decayed scores and
      keys, the state where it meets a query) to bf16; sums, decays and the kept
      state stay f32. Other targets may ignore it.
    - C1: `slope` has one value per head.
    - C2: the state is `H x D x D`.
    - C3: `chunk` is positive.
    - C4: `query`, `key` and `value` have one shape.
    - C5: the output is f32 or bf16.
    - Source: SPEC 2.4 (4)-(6), 2.4.1.

    Example:
    ```mlir
    %o, %next = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %state chunk = 64
        : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>,
           tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>)
        -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
    ```
  }];
  let arguments = (ins MiniMax_Heads:$query, MiniMax_Heads:$key, MiniMax_Heads:$value,
                       MiniMax_Float1D:$slope, MiniMax_Index1D:$cuSeqlens, MiniMax_Index1D:$slots,
                       MiniMax_LightningStateOperand:$state, Variadic<MiniMax_Value>:$outs,
                       DefaultValuedAttr<I64Attr, "64">:$chunk,
                       UnitAttr:$bf16_products);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{ $query `,` $key `,` $value `,` $slope `,` $cuSeqlens `,` $slots `,` $state
    (`outs` `(` $outs^ `)`)? (`chunk` `=` $chunk^)? attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_ChunkStateOp : MiniMax_ComputeOp<"chunk_state",
    [MiniMax_SequencedOpInterface,
     DeclareOpInterfaceMethods<MiniMax_ComputeOpInterface, ["getLeadingDim"]>]> {
  let summary = "each chunk's own contribution to the state, and its decay";
  let description = [{
    Sequences are cut into chunks of `chunk` tokens (the last one may be
    shorter); chunks are numbered over all sequences in order. For chunk `c` of
    `m` tokens, `r = 1 .. m`:

        local[c] = sum_r exp(-slope * (m - r)) * transpose(key[r]) * value[r]
        decay[c] = exp(-slope * m)

    - Shapes: `key` and `value` are `[T, H, D]`, `local` is `[C, H, D, D]`,
      `decay` `[C, H]`, with `C = floor(T / chunk) + N` rows, of which the
      unused last ones are unspecified.
    - Units: `slope` is decay per token in natural-log units; `decay` is a
      factor; `chunk` is tokens.
    - Numerics: f32, from operands in f32 or bf16; `bf16_products` as in
      `minimax.lightning_attention`.
    - C1: `slope` has one value per head.
    - C2: `chunk` is positive.
    - C3: `key` and `value` have one shape.
    - Source: SPEC 2.4.1, 4.5 step 1.

    Example:
    ```mlir
    %local, %decay = minimax.chunk_state %k, %v, %slope, %cu chunk = 64
        : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>)
        -> (tensor<?x4x16x16xf32>, tensor<?x4xf32>)
    ```
  }];
  let arguments = (ins MiniMax_Heads:$key, MiniMax_Heads:$value, MiniMax_Float1D:$slope,
                       MiniMax_Index1D:$cuSeqlens, Variadic<MiniMax_Value>:$outs, I64Attr:$chunk,
                       UnitAttr:$bf16_products);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{ $key `,` $value `,` $slope `,` $cuSeqlens (`outs` `(` $outs^ `)`)?
    `chunk` `=` $chunk attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_StateScanOp : MiniMax_ComputeOp<"state_scan",
    [MiniMax_SequencedOpInterface,
     DeclareOpInterfaceMethods<MiniMax_ComputeOpInterface, ["getStateOperands"]>]> {
  let summary = "decayed prefix over chunks: every chunk's entry state";
  let description = [{
    The associative step of decomposition A, `(a, S) o (b, R) = (a*b, b*S + R)`,
    over the chunks of each sequence, starting from the state of its slot:

        entry[c] = S;   S = decay[c] * S + local[c]

    and the slot keeps the last `S`. Ranks insert their exchange here and nowhere
    else.

    - Shapes: `local` and `entry` are `[C, H, D, D]`, `decay` is `[C, H]`.
    - Units: `decay` is a factor in 0 .. 1; `chunk` is tokens.
    - Numerics: f32.
    - C1: the state has the shape of one chunk of `local`.
    - C2: `chunk` is positive.
    - Source: SPEC 4.5 step 3.

    Example:
    ```mlir
    %entry, %next = minimax.state_scan %local, %decay, %cu, %slots, %state chunk = 64
        : (tensor<?x4x16x16xf32>, tensor<?x4xf32>, tensor<?xi32>, tensor<?xi32>,
           !minimax.lightning_state<4x16x16xf32>)
        -> (tensor<?x4x16x16xf32>, !minimax.lightning_state<4x16x16xf32>)
    ```
  }];
  let arguments = (ins MiniMax_Float4D:$local, MiniMax_Float2D:$decay, MiniMax_Index1D:$cuSeqlens,
                       MiniMax_Index1D:$slots, MiniMax_LightningStateOperand:$state,
                       Variadic<MiniMax_Value>:$outs, I64Attr:$chunk);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{ $local `,` $decay `,` $cuSeqlens `,` $slots `,` $state (`outs` `(` $outs^ `)`)?
    `chunk` `=` $chunk attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_ChunkOutputOp : MiniMax_ComputeOp<"chunk_output", [MiniMax_SequencedOpInterface]> {
  let summary = "each chunk's output from its entry state";
  let description = [{
    For chunk `c` with entry state `S` and rows `r, j = 1 .. m`:

        out[r] = exp(-slope * r) * query[r] * S
               + sum_{j <= r} exp(-slope * (r - j)) * (query[r] . key[j]) * value[j]

    - Shapes: `query`, `key`, `value` and the output are `[T, H, D]`, `entry` is
      `[C, H, D, D]`.
    - Units: `slope` is decay per token in natural-log units; `chunk` is tokens.
    - Numerics: f32, operands and output f32 or bf16; decays come from
      differences of row numbers (SPEC 8.2); `bf16_products` as in
      `minimax.lightning_attention`.
    - C1: `slope` has one value per head.
    - C2: `chunk` is positive.
    - C3: `query`, `key` and `value` have one shape.
    - C4: the output is f32 or bf16.
    - Source: SPEC 2.4.1.

    Example:
    ```mlir
    %o = minimax.chunk_output %q, %k, %v, %slope, %cu, %entry chunk = 64
        : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>,
           tensor<?x4x16x16xf32>) -> tensor<?x4x16xf32>
    ```
  }];
  let arguments = (ins MiniMax_Heads:$query, MiniMax_Heads:$key, MiniMax_Heads:$value,
                       MiniMax_Float1D:$slope, MiniMax_Index1D:$cuSeqlens, MiniMax_Float4D:$entry,
                       Variadic<MiniMax_Value>:$outs, I64Attr:$chunk,
                       UnitAttr:$bf16_products);
  let results = (outs Optional<MiniMax_Heads>:$result);
  let assemblyFormat = [{ $query `,` $key `,` $value `,` $slope `,` $cuSeqlens `,` $entry
    (`outs` `(` $outs^ `)`)? `chunk` `=` $chunk attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// B: softmax attention
//===----------------------------------------------------------------------===//

def MiniMax_AttentionOp : MiniMax_ComputeOp<"attention",
    [AttrSizedOperandSegments, MiniMax_SequencedOpInterface,
     DeclareOpInterfaceMethods<MiniMax_ComputeOpInterface, ["getStateOperands"]>,
     DeclareOpInterfaceMethods<MiniMax_DecomposableOpInterface>]> {
  let summary = "causal grouped-query softmax attention over a key-value cache";
  let description = [{
    Stores each token's key and value at its position in its sequence's slot,
    then lets it attend to positions `0 .. positions[t]` of that slot:

        out[t, i] = softmax_j(scale * query[t, i] . key[j, g]) * value[j, g],   g = i * G / H

    With `rotary_dim > 0` queries and keys are rotated first, as by
    `minimax.rope`; the cache holds rotated keys.

    - Shapes: `query` and the output are `[T, H, D]`, `key` and `value`
      `[T, G, D]`, `cu_seqlens` `[N+1]`, `positions` `[T]`, `slots` `[N]`.
    - Units: `scale` multiplies the scores; SPEC's is `1/sqrt(D)`.
    - Numerics: scores, softmax and sums in f32; operands of 16 bits are widened
      and the output is rounded at the op's edge only. With `bf16_products`
      targets with matrix units round the factors of products (rotated and scaled
      query, key, value, exponentials) to bf16; softmax and sums stay f32. Other
      targets may ignore it.
    - C1: `G` divides `H`.
    - C2: the cache is one typed cache or two pools, keys and values, of `G x D`.
    - C3: `rotary_dim` is even and in `0 .. D`.
    - C4: the output is f32 or bf16.
    - Source: SPEC 2.5.

    Example:
    ```mlir
    %o, %next = minimax.attention %q, %k, %v, %cu, %positions, %slots, %cache scale = 0.25
        : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>,
           tensor<?xi32>, !minimax.kv_cache<2x16xf32>)
        -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xf32>)
    ```
  }];
  let arguments = (ins MiniMax_Value3D:$query, MiniMax_Value3D:$key, MiniMax_Value3D:$value,
                       MiniMax_Index1D:$cuSeqlens, MiniMax_Index1D:$positions, MiniMax_Index1D:$slots,
                       Variadic<MiniMax_KVCacheOperand>:$cache, Variadic<MiniMax_Value>:$outs,
                       F64Attr:$scale, DefaultValuedAttr<F64Attr, "0.0">:$theta,
                       DefaultValuedAttr<I64Attr, "0">:$rotary_dim,
                       UnitAttr:$bf16_products);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{ $query `,` $key `,` $value `,` $cuSeqlens `,` $positions `,` $slots `,` $cache
    (`outs` `(` $outs^ `)`)? `scale` `=` $scale (`theta` `=` $theta^)? (`rotary_dim` `=` $rotary_dim^)?
    attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_CacheAppendOp : MiniMax_ComputeOp<"cache_append",
    [AttrSizedOperandSegments, MiniMax_SequencedOpInterface,
     DeclareOpInterfaceMethods<MiniMax_ComputeOpInterface, ["getStateOperands"]>]> {
  let summary = "store keys and values of new tokens in the cache";
  let description = [{
    The first half of `minimax.attention`: row `t` of sequence `n` is stored at
    position `positions[t]` of slot `slots[n]`:

        keys[slots[n], positions[t]] = rope(key[t]);   values[slots[n], positions[t]] = value[t]

    - Shapes: `key` and `value` are `[T, G, D]`, `cu_seqlens` is `[N+1]`,
      `positions` `[T]`, `slots` `[N]`.
    - Units: positions count tokens from 0.
    - Numerics: keys are rotated in f32 and both rounded to the cache's type.
    - C1: the cache is one typed cache or two pools, keys and values, of `G x D`.
    - C2: `rotary_dim` is even and in `0 .. D`.
    - Source: SPEC 2.5.

    Example:
    ```mlir
    %next = minimax.cache_append %k, %v, %cu, %positions, %slots, %cache
        : (tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>,
           !minimax.kv_cache<2x16xf32>) -> !minimax.kv_cache<2x16xf32>
    ```
  }];
  let arguments = (ins MiniMax_Value3D:$key, MiniMax_Value3D:$value, MiniMax_Index1D:$cuSeqlens,
                       MiniMax_Index1D:$positions, MiniMax_Index1D:$slots,
                       Variadic<MiniMax_KVCacheOperand>:$cache, Variadic<MiniMax_Value>:$outs,
                       DefaultValuedAttr<F64Attr, "0.0">:$theta, DefaultValuedAttr<I64Attr, "0">:$rotary_dim);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{ $key `,` $value `,` $cuSeqlens `,` $positions `,` $slots `,` $cache
    (`outs` `(` $outs^ `)`)? (`theta` `=` $theta^)? (`rotary_dim` `=` $rotary_dim^)?
    attr-dict `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_AttentionPartialOp : MiniMax_ComputeOp<"attention_partial",
    [AttrSizedOperandSegments, MiniMax_SequencedOpInterface,
     DeclareOpInterfaceMethods<MiniMax_ComputeOpInterface, ["getStateOperands"]>]> {
  let summary = "attention to one share of the keys, with its log-sum-exp";
  let description = [{
    Share `split` of `splits` of a sequence whose last position is `p` owns the
    key positions `split*w .. (split+1)*w - 1` with `w = ceil((p+1) / splits)`.
    Over the causal keys `j <= positions[t]` of that share:

        lse[t, i] = log(sum_j exp(s_j));   out[t, i] = sum_j exp(s_j - lse) * value[j]

    with the scores `s_j` of `minimax.attention`. A row without keys has
    `lse = -inf` and `out = 0`.

    - Shapes: `query` and `out` are `[T, H, D]`, `lse` is `[T, H]`.
    - Units: `lse` is a natural logarithm; positions count tokens from 0.
    - Numerics: f32; `bf16_products` as in `minimax.attention`.
    - C1: `G` divides `H`.
    - C2: `0 <= split < splits`.
    - C3: `rotary_dim` is even and in `0 .. D`.
    - C4: the cache is one typed cache or two pools, keys and values, of the
      query's `D`.
    - Source: SPEC 4.7.

    Example:
    ```mlir
    %o, %lse, %next = minimax.attention_partial %q, %cu, %positions, %slots, %cache
        scale = 0.25 split = 0 splits = 2
        : (tensor<?x4x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xf32>)
        -> (tensor<?x4x16xf32>, tensor<?x4xf32>, !minimax.kv_cache<2x16xf32>)
    ```
  }];
  let arguments = (ins MiniMax_Value3D:$query, MiniMax_Index1D:$cuSeqlens, MiniMax_Index1D:$positions,
                       MiniMax_Index1D:$slots, Variadic<MiniMax_KVCacheOperand>:$cache,
                       Variadic<MiniMax_Value>:$outs, F64Attr:$scale, I64Attr:$split, I64Attr:$splits,
                       DefaultValuedAttr<F64Attr, "0.0">:$theta, DefaultValuedAttr<I64Attr, "0">:$rotary_dim,
                       UnitAttr:$bf16_products);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{ $query `,` $cuSeqlens `,` $positions `,` $slots `,` $cache
    (`outs` `(` $outs^ `)`)? `scale` `=` $scale `split` `=` $split `splits` `=` $splits
    (`theta` `=` $theta^)? (`rotary_dim` `=` $rotary_dim^)? attr-dict
    `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

def MiniMax_AttentionMergeOp : MiniMax_ComputeOp<"attention_merge"> {
  let summary = "combine attention to two disjoint sets of keys";
  let description = [{
    The associative step of decomposition B:

        lse = logaddexp(lse1, lse2);   out = out1 * exp(lse1 - lse) + out2 * exp(lse2 - lse)

    A row whose both `lse` are `-inf` keeps `lse = -inf` and `out = 0`.

    - Shapes: `out*` are `[T, H, D]`, `lse*` `[T, H]`.
    - Units: `lse*` are natural logarithms.
    - Numerics: f32; an output of bf16 is rounded at the end.
    - C1: both sides have one shape.
    - C2: the output is f32 or bf16, the `lse` f32.
    - Source: SPEC 4.7.

    Example:
    ```mlir
    %o, %lse = minimax.attention_merge %o1, %lse1, %o2, %lse2
        : (tensor<?x4x16xf32>, tensor<?x4xf32>, tensor<?x4x16xf32>, tensor<?x4xf32>)
        -> (tensor<?x4x16xf32>, tensor<?x4xf32>)
    ```
  }];
  let arguments = (ins MiniMax_Float3D:$output1, MiniMax_Float2D:$lse1, MiniMax_Float3D:$output2,
                       MiniMax_Float2D:$lse2, Variadic<MiniMax_Value>:$outs);
  let results = (outs Variadic<AnyType>:$results);
  let assemblyFormat = [{ $output1 `,` $lse1 `,` $output2 `,` $lse2 (`outs` `(` $outs^ `)`)? attr-dict
    `:` functional-type(operands, results) }];
  let hasVerifier = 1;
}

#endif // MINIMAX_DIALECT_MINIMAX_IR_ATTENTIONOPS_TD
