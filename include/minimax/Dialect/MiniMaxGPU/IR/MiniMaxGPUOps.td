//===- MiniMaxGPUOps.td - what kernels need beside gpu --------*- tablegen -*-===//
//
// Shared memory that a pass places, matrix fragments, asynchronous copies,
// barriers that count them, products of a warpgroup, kernels that overlap.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAXGPU_IR_MINIMAXGPUOPS_TD
#define MINIMAX_DIALECT_MINIMAXGPU_IR_MINIMAXGPUOPS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def MiniMaxGPU_Dialect : Dialect {
  let name = "minimax_gpu";
  let cppNamespace = "::mlir::minimax_gpu";
  let summary = "operations of NVIDIA GPUs that kernels are built from";
  let description = [{
    What the kernels of `minimax-lower-to-gpu-kernels` need beside the upstream
    dialects `gpu` (threads, barriers, shuffles), `arith`, `scf` and `memref`.
    Each op is one instruction or a fixed few; `minimax-lower-gpu-ops` turns them
    into the `nvvm` dialect and intrinsics. Addresses are memrefs with indices,
    so that types and bounds stay visible.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let dependentDialects = ["::mlir::gpu::GPUDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::vector::VectorDialect"];
}

def MiniMaxGPU_ScheduleAttr : AttrDef<MiniMaxGPU_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "how a product with weights is cut up on a GPU";
  let description = [{
    As the attribute `minimax_gpu.schedule` of an op, in place of what
    `minimax-lower-to-gpu-kernels` takes by itself. Changes times, not results
    beyond the order of sums.

    - `few_rows`: up to so many rows for each matrix of weights, kernels without
      matrix units read the weights.
    - `tile_rows`: rows of the tiles of warpgroups (sm_90a, bf16), of which the
      host takes the smallest that holds a matrix's rows, else the largest.
    - C1: `few_rows` is not negative.
    - C2: `tile_rows` rise and each is 16, 64, 128 or 256.

    Example:
    ```mlir
    minimax.linear %x, %w outs(%y) {minimax_gpu.schedule = #minimax_gpu.schedule<few_rows = 4, tile_rows = [64, 256]>}
        : (memref<?x128xbf16>, memref<2x64x64x2xbf16>, memref<?x128xf32>) -> ()
    ```
  }];
  let parameters = (ins "int64_t":$fewRows, ArrayRefParameter<"int64_t">:$tileRows);
  let assemblyFormat = "`<` `few_rows` `=` $fewRows `,` `tile_rows` `=` `[` $tileRows `]` `>`";
  let genVerifyDecl = 1;
}

class MiniMaxGPU_Op<string mnemonic, list<Trait> traits = []> : Op<MiniMaxGPU_Dialect, mnemonic, traits>;

def MiniMaxGPU_Fragment4 : VectorOfLengthAndType<[4], [I32]>;

def MiniMaxGPU_SharedMemoryOp : MiniMaxGPU_Op<"shared_memory"> {
  let summary = "a buffer in the shared memory of the block";
  let description = [{
    Uninitialised memory that all threads of a block share, as long as the kernel
    runs. Every op is memory of its own; `minimax-allocate-shared-memory` gives
    it its `offset` in bytes and fails if a block needs more than the GPU has.

    - C1: the result has a static shape and is in the `workgroup` address space.
    - C2: `alignment` is a power of two, at most 1024 bytes.

    Example:
    ```mlir
    %tile = minimax_gpu.shared_memory : memref<64x32xbf16, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins DefaultValuedAttr<I64Attr, "16">:$alignment, OptionalAttr<I64Attr>:$offset);
  let results = (outs Res<AnyMemRef, "memory of the block", [MemAlloc]>:$result);
  let assemblyFormat = "(`at` $offset^)? (`alignment` `=` $alignment^)? attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def MiniMaxGPU_ClusterMemoryOp : MiniMaxGPU_Op<"cluster_memory", [Pure]> {
  let summary = "shared memory of another block of the cluster";
  let description = [{
    `mapa`: the buffer at the same place in the shared memory of block `rank` of
    the cluster, counted along the grid's first dimension, as this block has at
    `source`; with its own rank its own. Threads access it while both blocks run:
    behind a barrier of the cluster (`nvvm.cluster.arrive`, `nvvm.cluster.wait`)
    that says the other has begun, before one that lets it end. sm_90 or later.

    - C1: `source` is in the `workgroup` space, of static shape and contiguous.
    - C2: `result` has its shape and element type and no address space.
    - Source: PTX ISA, mapa.

    Example:
    ```mlir
    %first = minimax_gpu.cluster_memory %sums of %zero
        : memref<8x32xf32, #gpu.address_space<workgroup>> -> memref<8x32xf32>
    ```
  }];
  let arguments = (ins AnyMemRef:$source, Index:$rank);
  let results = (outs AnyMemRef:$result);
  let assemblyFormat = "$source `of` $rank attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def MiniMaxGPU_CopyAsyncOp : MiniMaxGPU_Op<"copy_async",
    [AttrSizedOperandSegments, MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "start copying 16 bytes from global to shared memory";
  let description = [{
    `cp.async`, of the 16 bytes at `source[...]` to those at
    `destination[...]`; where `inside` is given and false, zeros are written and
    `source` is not read. The bytes are there for the issuing thread once a
    `nvvm.cp.async.wait.group` has waited for the group that
    `nvvm.cp.async.commit.group` put the copy in, for other threads behind a
    `gpu.barrier` after that. sm_80 or later.

    - Units: 16 bytes; both addresses are multiples of 16.
    - C1: `source` is in global memory, `destination` in the `workgroup` space.
    - C2: both have one element type, whose size divides 16 bytes.
    - C3: one index for each dimension.
    - Source: PTX ISA, cp.async.

    Example:
    ```mlir
    minimax_gpu.copy_async %a[%row, %k], %tile[%i, %j] if %inside
        : memref<?x64xbf16>, memref<64x32xbf16, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins AnyMemRef:$source, Variadic<Index>:$sourceIndices, AnyMemRef:$destination,
                       Variadic<Index>:$destinationIndices, Optional<I1>:$inside);
  let assemblyFormat = [{ $source `[` $sourceIndices `]` `,` $destination `[` $destinationIndices `]`
    (`if` $inside^)? attr-dict `:` type($source) `,` type($destination) }];
  let hasVerifier = 1;
}

def MiniMaxGPU_LoadMatrixOp : MiniMaxGPU_Op<"load_matrix", [MemoryEffects<[MemRead]>]> {
  let summary = "load four 8x8 matrices of 16-bit elements as fragments";
  let description = [{
    `ldmatrix.x4`: lane `l` of the warp gives the address of row `l % 8` of
    matrix `l / 8` (8 elements, 16 bytes); word `m` of the result holds this
    lane's two elements of matrix `m`, those of row `l / 4`, columns
    `2 * (l % 4)` and the next; with `transpose` rows and columns are exchanged.
    All lanes of a warp execute it together. sm_75 or later.

    - Units: the addressed row is a multiple of 16 bytes.
    - C1: `source` is in the `workgroup` space and has elements of 16 bits.
    - C2: one index for each dimension.
    - Source: PTX ISA, ldmatrix.

    Example:
    ```mlir
    %a = minimax_gpu.load_matrix %tile[%row, %k]
        : memref<64x32xbf16, #gpu.address_space<workgroup>> -> vector<4xi32>
    ```
  }];
  let arguments = (ins AnyMemRef:$source, Variadic<Index>:$indices, UnitAttr:$transpose);
  let results = (outs MiniMaxGPU_Fragment4:$result);
  let assemblyFormat = [{ $source `[` $indices `]` (`transpose` $transpose^)? attr-dict
    `:` type($source) `->` type($result) }];
  let hasVerifier = 1;
}

def MiniMaxGPU_MmaOp : MiniMaxGPU_Op<"mma", [Pure, AllTypesMatch<["c", "result"]>]> {
  let summary = "16x8x16 product of bf16 fragments of a warp, summed in f32";
  let description = [{
    `mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32`:

        result[16x8] = a[16x16] * b[16x8] + c[16x8]

    With `g = lane / 4` and `t = lane % 4` a lane holds, two bf16 to a word,
    `a[g][2t..]`, `a[g+8][2t..]`, `a[g][2t+8..]`, `a[g+8][2t+8..]`; of `b` the
    rows `2t, 2t+1` and `2t+8, 2t+9` of column `g`; of `c` and the result
    `[g][2t..]` and `[g+8][2t..]`. All lanes of a warp execute it together.
    sm_80 or later.

    - Numerics: products are exact, sums in f32; the order of summation is the
      hardware's.
    - Source: PTX ISA, mma.m16n8k16.

    Example:
    ```mlir
    %d = minimax_gpu.mma %a, %b, %c : vector<4xi32>, vector<2xi32>, vector<4xf32>
    ```
  }];
  let arguments = (ins MiniMaxGPU_Fragment4:$a, VectorOfLengthAndType<[2], [I32]>:$b,
                       VectorOfLengthAndType<[4], [F32]>:$c);
  let results = (outs VectorOfLengthAndType<[4], [F32]>:$result);
  let assemblyFormat = "$a `,` $b `,` $c attr-dict `:` type($a) `,` type($b) `,` type($c)";

}

class MiniMaxGPU_BarrierOp<string mnemonic> : MiniMaxGPU_Op<mnemonic, [MemoryEffects<[MemRead, MemWrite]>]>;

def MiniMaxGPU_MbarrierInitOp : MiniMaxGPU_BarrierOp<"mbarrier_init"> {
  let summary = "make a word of shared memory a barrier for a number of arrivals";
  let description = [{
    `mbarrier.init`, of the word `barrier[index]`: its first phase, number 0, ends
    after `count` arrivals and all bytes that they expect; then the next phase
    begins. One thread does it; others use the barrier behind a
    `nvvm.fence.mbarrier.init` of that thread and a `gpu.barrier`. sm_90 or later.

    - C1: `barrier` is a vector of i64 in the `workgroup` space.
    - C2: `count` is positive.
    - Source: PTX ISA, mbarrier.init.

    Example:
    ```mlir
    minimax_gpu.mbarrier_init %full[%stage] count = 129 : memref<4xi64, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins MemRefRankOf<[I64], [1]>:$barrier, Index:$index, I64Attr:$count);
  let assemblyFormat = "$barrier `[` $index `]` `count` `=` $count attr-dict `:` type($barrier)";
  let hasVerifier = 1;
}

def MiniMaxGPU_MbarrierArriveOp : MiniMaxGPU_BarrierOp<"mbarrier_arrive"> {
  let summary = "arrive at a barrier, which may have to expect bytes";
  let description = [{
    `mbarrier.arrive` at `barrier[index]`, once for each thread that executes it.
    With `bytes` the phase also waits until copies have written as many
    (`mbarrier.arrive.expect_tx`). What the thread has done before is seen by
    those who wait for the phase. sm_90 or later.

    - C1: `barrier` is a vector of i64 in the `workgroup` space.
    - C2: `bytes`, if given, is positive.
    - Source: PTX ISA, mbarrier.arrive.

    Example:
    ```mlir
    minimax_gpu.mbarrier_arrive %full[%stage] bytes = 8192 : memref<4xi64, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins MemRefRankOf<[I64], [1]>:$barrier, Index:$index, OptionalAttr<I64Attr>:$bytes);
  let assemblyFormat = "$barrier `[` $index `]` (`bytes` `=` $bytes^)? attr-dict `:` type($barrier)";
  let hasVerifier = 1;
}

def MiniMaxGPU_MbarrierWaitOp : MiniMaxGPU_BarrierOp<"mbarrier_wait"> {
  let summary = "wait until a phase of a barrier has ended";
  let description = [{
    Waits until the current or the preceding phase of `barrier[index]`, the one
    whose number has the parity `parity` (0 or 1), has ended; waiting for the
    parity 1 on a new barrier returns at once. The lanes of a warp wait together.
    sm_90 or later.

    - C1: `barrier` is a vector of i64 in the `workgroup` space.
    - Source: PTX ISA, mbarrier.try_wait.

    Example:
    ```mlir
    minimax_gpu.mbarrier_wait %full[%stage] parity %parity : memref<4xi64, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins MemRefRankOf<[I64], [1]>:$barrier, Index:$index, Index:$parity);
  let assemblyFormat = "$barrier `[` $index `]` `parity` $parity attr-dict `:` type($barrier)";
  let hasVerifier = 1;
}

def MiniMaxGPU_BulkCopyOp : MiniMaxGPU_Op<"bulk_copy",
    [AttrSizedOperandSegments, MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "start copying contiguous bytes to shared memory, counted by a barrier";
  let description = [{
    `cp.async.bulk`, of `bytes` bytes from `source[...]` on to those from
    `destination[...]` on, as they lie in memory. Who waits for the phase of
    `barrier[index]` that expects them (`minimax_gpu.mbarrier_arrive`) sees them.
    One thread does it. sm_90 or later.

    - Units: bytes; both addresses are multiples of 16.
    - C1: `source` is in global memory, `destination` in the `workgroup` space.
    - C2: one index for each dimension.
    - C3: `bytes` is a positive multiple of 16.
    - C4: `barrier` is a vector of i64 in the `workgroup` space.
    - Source: PTX ISA, cp.async.bulk.

    Example:
    ```mlir
    minimax_gpu.bulk_copy %w[%panel, %k], %tile[%i, %j], %full[%stage] bytes = 8192
        : memref<?x64xbf16>, memref<64x64xbf16, #gpu.address_space<workgroup>>, memref<4xi64, #gpu.address_space<workgroup>>
    ```
  }];
  let arguments = (ins AnyMemRef:$source, Variadic<Index>:$sourceIndices, AnyMemRef:$destination,
                       Variadic<Index>:$destinationIndices, MemRefRankOf<[I64], [1]>:$barrier, Index:$index,
                       I64Attr:$bytes);
  let assemblyFormat = [{ $source `[` $sourceIndices `]` `,` $destination `[` $destinationIndices `]` `,`
    $barrier `[` $index `]` `bytes` `=` $bytes attr-dict
    `:` type($source) `,` type($destination) `,` type($barrier) }];
  let hasVerifier = 1;
}

def MiniMaxGPU_LaunchDependentsOp : MiniMaxGPU_BarrierOp<"launch_dependents"> {
  let summary = "let blocks of the kernel behind this one begin";
  let description = [{
    `griddepcontrol.launch_dependents`: once all blocks of this kernel have
    executed it or ended, blocks of the kernel behind it may begin, if that one
    was launched so (abi.h, `mmrt_launch_shape`). It says nothing about memory:
    the kernel behind waits for all of this one by
    `minimax_gpu.wait_prerequisites`. sm_90 or later.

    - Source: PTX ISA, griddepcontrol.

    Example:
    ```mlir
    minimax_gpu.launch_dependents
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def MiniMaxGPU_WaitPrerequisitesOp : MiniMaxGPU_BarrierOp<"wait_prerequisites"> {
  let summary = "wait until the kernels before this one have ended";
  let description = [{
    `griddepcontrol.wait`: waits until the kernel before, whose
    `minimax_gpu.launch_dependents` let this one begin, has ended and what it has
    stored is visible; returns at once in a kernel that began after all others.
    sm_90 or later.

    - Source: PTX ISA, griddepcontrol.

    Example:
    ```mlir
    minimax_gpu.wait_prerequisites
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def MiniMaxGPU_PrefetchOp : MiniMaxGPU_BarrierOp<"prefetch"> {
  let summary = "start bringing contiguous bytes of global memory into the L2 cache";
  let description = [{
    `cp.async.bulk.prefetch.L2`, of `bytes` bytes from `source[...]` on. Changes
    no memory, and later reads see what is written there meanwhile: the L2 cache
    is where all multiprocessors meet. So it may come before
    `minimax_gpu.wait_prerequisites`. One thread does it. sm_90 or later.

    - Units: bytes; the address is a multiple of 16, all bytes are of the buffer.
    - C1: `source` is in global memory.
    - C2: one index for each dimension.
    - C3: `bytes` is a positive multiple of 16.
    - Source: PTX ISA, cp.async.bulk.prefetch.

    Example:
    ```mlir
    minimax_gpu.prefetch %w[%panel, %k] bytes = 8192 : memref<?x64xbf16>
    ```
  }];
  let arguments = (ins AnyMemRef:$source, Variadic<Index>:$indices, I64Attr:$bytes);
  let assemblyFormat = "$source `[` $indices `]` `bytes` `=` $bytes attr-dict `:` type($source)";
  let hasVerifier = 1;
}

def MiniMaxGPU_WgmmaOp : MiniMaxGPU_Op<"wgmma", [MemoryEffects<[MemRead]>, AllTypesMatch<["c", "result"]>]> {
  let summary = "start the product of a bf16 fragment of a warpgroup by a tile, summed in f32";
  let description = [{
    `wgmma.mma_async.sync.aligned.m64nNk16.f32.bf16.bf16`, with `a` from registers:

        result[64xN] = a[64x16] * transpose(b[Nx16]) + c[64xN]

    `b` are the `N` rows of `tile` from `indices` on, 16 columns of them; rows
    are swizzled as SwizzledTile.h says. With `transpose` the rows of the tile
    are the inner dimension:

        result[64xN] = a[64x16] * b[16xN] + c[64xN]

    and `b` are 16 rows from `indices` on, all columns of them; beyond 64 columns
    those of the tiles that follow along the dimension before the rows, 64 in
    each. With `w` the warp of the warpgroup,
    `g = lane / 4` and `t = lane % 4`, a lane holds of `a`, two bf16 to a word,
    `a[16w+g][2t..]`, `a[16w+g+8][2t..]`, `a[16w+g][2t+8..]`,
    `a[16w+g+8][2t+8..]`; of `c` and the result, for each 8 columns from `8j` on,
    `[16w+g][8j+2t..]` and `[16w+g+8][8j+2t..]`, two values each. `result` and
    `a` are under way until a `nvvm.wgmma.wait.group.sync.aligned` has waited for
    the group that `nvvm.wgmma.commit.group.sync.aligned` put the product in; a
    `nvvm.wgmma.fence.aligned` comes between what writes `a` or `c` otherwise and
    the product. All threads of a warpgroup execute it together. sm_90a.

    - Numerics: products are exact, sums in f32; the order of summation is the
      hardware's.
    - Units: the tile begins at a multiple of 1024 bytes, `b` at a multiple of 8
      rows and 16 columns of it; with `transpose` at column 0.
    - C1: `tile` is in the `workgroup` space and has rows of 64 bf16, 128 bytes.
    - C2: one index for each dimension.
    - C3: `c` has N / 2 values for an N that is a multiple of 8, at most 256.
    - C4: with `transpose`, N is at most 64, or a multiple of it and the
      dimension before the rows has as many tiles, each whole groups of 8 rows.
    - Source: PTX ISA, wgmma.mma_async, matrix-descriptor and strides of
      K-major and (with `transpose`) MN-major operands.

    Example:
    ```mlir
    %d = minimax_gpu.wgmma %a, %tile[%row, %k], %c
        : vector<4xi32>, memref<128x64xbf16, #gpu.address_space<workgroup>>, vector<64xf32>
    %e = minimax_gpu.wgmma %a, %values[%zero, %row, %zero], %c transpose
        : vector<4xi32>, memref<2x32x64xbf16, #gpu.address_space<workgroup>>, vector<64xf32>
    ```
  }];
  let arguments = (ins MiniMaxGPU_Fragment4:$a, MemRefOf<[BF16]>:$tile, Variadic<Index>:$indices,
                       VectorOfRankAndType<[1], [F32]>:$c, UnitAttr:$transpose);
  let results = (outs VectorOfRankAndType<[1], [F32]>:$result);
  let assemblyFormat = [{ $a `,` $tile `[` $indices `]` `,` $c (`transpose` $transpose^)? attr-dict
    `:` type($a) `,` type($tile) `,` type($c) }];
  let extraClassDeclaration = [{
    /// Columns of the result.
    int64_t getColumns() {
      return 2 * ::llvm::cast<::mlir::VectorType>(getC().getType()).getNumElements();
    }
  }];
  let hasVerifier = 1;
}

#endif // MINIMAX_DIALECT_MINIMAXGPU_IR_MINIMAXGPUOPS_TD
