//===- ModelOps.td - weights and states -----------------------*- tablegen -*-===//
//
// Ops that name a checkpoint's weights and that manage a session's states.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAX_IR_MODELOPS_TD
#define MINIMAX_DIALECT_MINIMAX_IR_MODELOPS_TD

include "minimax/Dialect/MiniMax/IR/MiniMaxBase.td"

def MiniMax_WeightOp : MiniMax_Op<"weight", [Symbol]> {
  let summary = "a weight of the model and where the checkpoint holds it";
  let description = [{
    Declares a weight. Its rows (leading dimensions flattened) are the rows of
    the tensors named in `sources`, one after the other, in equal shares: one
    name for a plain weight, one per expert and matrix for stacked experts.

        row r of the weight = row r mod (R / n) of source r / (R / n),   n sources, R rows

    With `packs` the weight is stored in the layout of `minimax.pack`, made from
    the sources when the weights are prepared; the type is then the packed type
    and the type after `packs` that of the weight itself.

    - Shapes: any static shape; a vector counts its elements as rows.
    - Numerics: values are converted to the element type, rounding to nearest.
    - C1: the sources' number divides the number of rows.
    - C2: with `packs`, the type is the packed type of the one it packs.
    - Source: SPEC 1.3, 1.4.

    Example:
    ```mlir
    minimax.weight @layers.0.gate_up : tensor<2x8x16xbf16>
        from ["experts.0.w1.weight", "experts.0.w3.weight", "experts.1.w1.weight", "experts.1.w3.weight"]
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, OptionalAttr<StrAttr>:$sym_visibility, TypeAttrOf<AnyRankedTensor>:$type,
                       StrArrayAttr:$sources, OptionalAttr<TypeAttrOf<AnyRankedTensor>>:$logical,
                       UnitAttr:$interleaved);
  let assemblyFormat = [{ $sym_name `:` $type `from` $sources (`packs` $logical^)?
    (`interleaved` $interleaved^)? attr-dict }];
  let hasVerifier = 1;
}

def MiniMax_GetWeightOp : MiniMax_Op<"get_weight", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the value of a declared weight";
  let description = [{
    Reads the weight that `minimax.weight` declares under this name; the same
    value in every step.

        result = weight

    - Shapes: those of the weight.
    - Numerics: values are not changed.
    - C1: `name` is a `minimax.weight`.
    - C2: the result has the weight's type.
    - Source: SPEC 1.3.

    Example:
    ```mlir
    %w = minimax.get_weight @layers.0.gate_up : tensor<2x8x16xbf16>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$name);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$name attr-dict `:` type($result)";
}

def MiniMax_PackOp : MiniMax_Op<"pack", [Pure]> {
  let summary = "lay a weight out in panels of 64 output columns";
  let description = [{
    Missing rows and columns are zero:

        packed[j, k, c]       = weight[64*j + c, k]              (f32)
        packed[j, k/2, c, k%2] = weight[64*j + c, k]             (bf16)

    As i8, rows are quantised (see `minimax.quantize`) and two rows of each panel
    hold the scales of its columns:

        packed[j, k/2, c, k%2] = quantized[64*j + c, k]
        packed[j, ceil(K/2) + c/32, 2*(c%32) .. + 2, ..] = the bytes of scale[64*j + c] in f32

    `interleaved` lays out a gate-and-up weight of `2F` rows so that each panel
    holds 32 columns of each half: column `c < 32` of panel `j` is row
    `32*j + c`, column `32 + c` is row `F + 32*j + c`.

    - Shapes: `[.., N, K]` becomes `[.., J, K, 64]` in f32,
      `[.., J, ceil(K / 2), 64, 2]` in bf16 and `[.., J, ceil(K / 2) + 2, 64, 2]`
      in i8, with `J = ceil(N / 64)`.
    - Numerics: widening is exact, narrowing rounds to nearest, ties to even.
    - C1: the result has the packed shape of the input.
    - C2: `interleaved` needs an even number of rows.
    - C3: the input is a static matrix or stack of matrices.
    - Source: the panel layout serves the matrix product and the matrix-vector
      product alike; int8 rows: SPEC 5.1.

    Example:
    ```mlir
    %p = minimax.pack %w : tensor<192x64xbf16> -> tensor<3x64x64xf32>
    %q = minimax.pack %w : tensor<192x64xbf16> -> tensor<3x34x64x2xi8>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32, BF16, F16]>:$input, UnitAttr:$interleaved);
  let results = (outs RankedTensorOf<[F32, BF16, I8]>:$result);
  let assemblyFormat = "$input (`interleaved` $interleaved^)? attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def MiniMax_BeginSequencesOp : MiniMax_ComputeOp<"begin_sequences",
    [MiniMax_SequencedOpInterface,
     DeclareOpInterfaceMethods<MiniMax_ComputeOpInterface, ["getStateOperands"]>]> {
  let summary = "clear the slots of sequences that start in this step";
  let description = [{
    For every sequence that is not empty and whose first token has position 0,
    the lightning state of its slot becomes zero and its key-value cache empty.
    Every state that enters a program passes through this op before it is read,
    which is what keeps a new sequence from inheriting its slot's past.

        result[slots[n]] = 0 if cu_seqlens[n] < cu_seqlens[n+1] and positions[cu_seqlens[n]] = 0

    - Shapes: `cu_seqlens` is `[N+1]`, `positions` `[T]`, `slots` `[N]`.
    - Units: positions count tokens from 0.
    - Numerics: other values are not changed.
    - C1: the result has the state's type; a pool has none.
    - Source: SPEC 2.4.5, 5.3.

    Example:
    ```mlir
    %s = minimax.begin_sequences %state, %cu, %positions, %slots
        : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>)
        -> !minimax.lightning_state<4x16x16xf32>
    ```
  }];
  let arguments = (ins AnyTypeOf<[MiniMax_AnyState, MemRefRankOf<[F32, BF16], [4]>]>:$state,
                       MiniMax_Index1D:$cuSeqlens, MiniMax_Index1D:$positions, MiniMax_Index1D:$slots);
  let results = (outs Optional<MiniMax_AnyState>:$result);
  let assemblyFormat = [{ $state `,` $cuSeqlens `,` $positions `,` $slots attr-dict
    `:` functional-type(operands, results) }];
  let hasCanonicalizeMethod = 1;
  let hasVerifier = 1;
}

def MiniMax_SnapshotOp : MiniMax_Op<"snapshot"> {
  let summary = "copy states out of a pool";
  let description = [{
    The one way to use a state twice: copies the states of `slots` and hands the
    pool on:

        copy[n] = state[slots[n]];   result = state

    - Shapes: `slots` is `[N]`, the copy `[N, H, K, V]`.
    - Numerics: values are not changed.
    - C1: the copy has the state's dimensions.
    - Source: SPEC 5.3.

    Example:
    ```mlir
    %s1, %copy = minimax.snapshot %s0, %slots
        : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>)
        -> (!minimax.lightning_state<4x16x16xf32>, tensor<?x4x16x16xf32>)
    ```
  }];
  let arguments = (ins MiniMax_LightningStateType:$state, 1DTensorOf<[I32]>:$slots);
  let results = (outs MiniMax_LightningStateType:$result, 4DTensorOf<[F32]>:$copy);
  let assemblyFormat = "$state `,` $slots attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizeMethod = 1;
  let hasVerifier = 1;
}

def MiniMax_RestoreOp : MiniMax_Op<"restore"> {
  let summary = "put copied states into slots of a pool";
  let description = [{
    The inverse of `minimax.snapshot`, as after a prefix-cache hit. Later readers
    take the result; the operand is stale:

        result[slots[n]] = copy[n]

    - Shapes: `slots` is `[N]`, the copy `[N, H, K, V]`.
    - Numerics: values are not changed.
    - C1: the copy has the state's dimensions.
    - Source: SPEC 5.3.

    Example:
    ```mlir
    %s1 = minimax.restore %s0, %copy, %slots
        : (!minimax.lightning_state<4x16x16xf32>, tensor<?x4x16x16xf32>, tensor<?xi32>)
        -> !minimax.lightning_state<4x16x16xf32>
    ```
  }];
  let arguments = (ins MiniMax_LightningStateType:$state, 4DTensorOf<[F32]>:$copy, 1DTensorOf<[I32]>:$slots);
  let results = (outs MiniMax_LightningStateType:$result);
  let assemblyFormat = "$state `,` $copy `,` $slots attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // MINIMAX_DIALECT_MINIMAX_IR_MODELOPS_TD
