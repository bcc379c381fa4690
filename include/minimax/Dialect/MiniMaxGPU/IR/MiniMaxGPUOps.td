//===- MiniMaxGPUOps.td - what kernels need beside gpu --------*- tablegen -*-===//
//
// Shared memory that a pass places, matrix fragments, asynchronous copies.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAXGPU_IR_MINIMAXGPUOPS_TD
#define MINIMAX_DIALECT_MINIMAXGPU_IR_MINIMAXGPUOPS_TD

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
  let dependentDialects = ["::mlir::gpu::GPUDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::vector::VectorDialect"];
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

#endif // MINIMAX_DIALECT_MINIMAXGPU_IR_MINIMAXGPUOPS_TD
