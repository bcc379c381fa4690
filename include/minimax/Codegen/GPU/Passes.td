//===- Passes.td - code generation for GPUs -------------------*- tablegen -*-===//
//
// Passes from bufferized programs to kernels in the LLVM dialect and to host
// code that launches them.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_GPU_PASSES_TD
#define MINIMAX_CODEGEN_GPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def ReserveWorkspace : Pass<"minimax-reserve-workspace", "::mlir::ModuleOp"> {
  let summary = "reserve memory that the kernels of one op share";
  let description = [{
    Attention to the keys of single tokens is shared by blocks, which leave what
    they found for a second kernel. This allocates a row of `D + 2` floats for
    each head and share before the op, where `minimax-plan-arena` finds it, and
    names it by a `memref.assume_alignment` with `minimax.workspace` right behind
    the op: the buffer is live until then. Rows are as many as sequences plus
    blocks that fill a GPU. Lightning attention of so few heads that segments of
    a sequence may run in parallel gets a `D x D` state for each head, segment
    that fills a GPU and sequence. Ops in buffer form of CPUs ignore it. A module pass
    like the passes around it.

    Before:
    ```mlir
    minimax.attention %q, %k, %v, %cu, %i, %s, %keys, %values outs(%y) ...
    ```
    After:
    ```mlir
    %w = memref.alloc(%rows) : memref<?x64x130xf32>
    minimax.attention %q, %k, %v, %cu, %i, %s, %keys, %values outs(%y) ...
    memref.assume_alignment %w, 64 {minimax.workspace} : memref<?x64x130xf32>
    ```
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::memref::MemRefDialect"];
}

def SetSchedules : Pass<"minimax-set-schedules", "::mlir::ModuleOp"> {
  let summary = "give products the schedules of a table";
  let description = [{
    Sets `minimax_gpu.schedule` on the products in buffer form that the JSON file
    `table` names: kind of op, number of matrices (1 without experts), columns of
    the input and of the output. Entries for another `arch` and entries that no
    op matches are passed over; an op that has a schedule keeps it. `measured`
    says where the entry comes from (GPU, driver, date, command).

    ```json
    {"schedules": [
      {"arch": "sm_90a", "op": "linear", "matrices": 1, "depth": 6144, "columns": 24576,
       "few_rows": 4, "tile_rows": [64, 256], "measured": "H200, driver 570, 2026-11-21, minimax-bench --device=cuda"}
    ]}
    ```

    Before:
    ```mlir
    minimax.linear %x, %w outs(%y) : (memref<?x6144xbf16>, memref<384x3072x64x2xbf16>, memref<?x24576xf32>) -> ()
    ```
    After:
    ```mlir
    minimax.linear %x, %w outs(%y) {minimax_gpu.schedule = #minimax_gpu.schedule<few_rows = 4, tile_rows = [64, 256]>}
        : (memref<?x6144xbf16>, memref<384x3072x64x2xbf16>, memref<?x24576xf32>) -> ()
    ```
  }];
  let dependentDialects = ["::mlir::minimax_gpu::MiniMaxGPUDialect"];
  let options = [Option<"table", "table", "std::string", /*default=*/"", "path of the table">,
                 Option<"arch", "arch", "std::string", /*default=*/"\"sm_90a\"", "sm_80 or sm_90a">];
}

def LowerToGPUKernels : Pass<"minimax-lower-to-gpu-kernels", "::mlir::ModuleOp"> {
  let summary = "turn ops in buffer form into GPU kernels";
  let description = [{
    Every minimax op becomes one `gpu.launch` or a few, in its place, named by
    the attribute `minimax.kernel`. Launches run in order; nothing waits for them
    in a step, so that counts of tokens for each expert stay on the device. Grids
    depend on sizes alone. Before the code of an op that `minimax-number-ops` has
    numbered stands a call of `mmrt_begin_op` with its number. A module pass
    because declarations and constants are shared by all functions.

    Before:
    ```mlir
    minimax.gate %a, %b outs(%c) : (memref<?x64xf32>, memref<?x64xf32>, memref<?x64xf32>) -> ()
    ```
    After:
    ```mlir
    gpu.launch blocks(%bx, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1)
               threads(%tx, %ty, %tz) in (%sx = %c256, %sy = %c1, %sz = %c1) {
      %thread = gpu.thread_id x
      %x = memref.load %a[%row, %column] : memref<?x64xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
                           "::mlir::gpu::GPUDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::minimax_gpu::MiniMaxGPUDialect",
                           "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
  let options = [Option<"arch", "arch", "std::string", /*default=*/"\"sm_90a\"", "sm_80 or sm_90a">,
                 Option<"tensorCores", "tensor-cores", "bool", /*default=*/"true",
                        "compute products of bf16 on matrix units">,
                 Option<"warpgroups", "warpgroups", "bool", /*default=*/"true",
                        "let warpgroups compute these products where the GPU has them (sm_90a)">];
}

def OutlineKernels : Pass<"minimax-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "move launched code into one module of kernels";
  let description = [{
    The body of each `gpu.launch` becomes a kernel of `gpu.module @kernels`, named
    `<minimax.kernel>_<number>`, with what it captures as arguments, and the
    launch a `gpu.launch_func`. Constants move into the kernel. Launches of the
    same code share one kernel, whose attribute `minimax.ops` lists the numbers of
    the ops that launch it. The module's attribute `minimax.kernels` lists all
    kernels in order; the manifest and `mmrt_launch` count them like this.

    Before:
    ```mlir
    gpu.launch blocks(...) in (...) threads(...) in (...) { ... %a ... } {minimax.kernel = "gate"}
    ```
    After:
    ```mlir
    gpu.launch_func @kernels::@gate_0 blocks in (...) threads in (...) args(%a : memref<?x64xf32>)
    ```
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect"];
}

def AllocateSharedMemory : Pass<"minimax-allocate-shared-memory", "::mlir::ModuleOp"> {
  let summary = "place the shared memory of each kernel";
  let description = [{
    Every `minimax_gpu.shared_memory` gets its offset, and every launch the bytes
    its kernel needs. A kernel that needs more than a block may have on `arch`
    (163 KiB on sm_80, 227 KiB on sm_90a) is an error. A module pass because
    kernels and their launches change together.

    Before:
    ```mlir
    %tile = minimax_gpu.shared_memory : memref<64xf32, #gpu.address_space<workgroup>>
    ```
    After:
    ```mlir
    %tile = minimax_gpu.shared_memory at 0 : memref<64xf32, #gpu.address_space<workgroup>>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let options = [Option<"arch", "arch", "std::string", /*default=*/"\"sm_90a\"", "sm_80 or sm_90a">];
}

def OverlapLaunches : Pass<"minimax-overlap-launches", "::mlir::ModuleOp"> {
  let summary = "let kernels begin before those before them have ended";
  let description = [{
    On sm_90a every kernel begins with `minimax_gpu.launch_dependents` and
    `minimax_gpu.wait_prerequisites`, in all threads and before anything that
    accesses memory but prefetches (`minimax_gpu.prefetch`), which come before the
    wait. Launches of these kernels get the attribute `minimax.waits`, by which
    `minimax-lower-launches` tells the runtime that it may launch them while the
    kernel before runs. Other architectures have no such instructions: nothing
    changes. A module pass because kernels and their launches change together.

    Why this is as good as launches that wait for each other: the wait of kernel
    n + 1 returns when kernel n has ended, and a kernel ends after all its
    threads have waited for the one before it. So nothing that n + 1 does after
    its wait meets kernels n, n - 1, ...: it reads what they have written, and
    overwrites what they have read. Blocks of n + 1 begin when all blocks of n
    have begun, so that they take no room from these and cannot block them.

    Before:
    ```mlir
    gpu.func @gate_0(%a: memref<?x64xf32>) kernel {
      %x = memref.load %a[%row, %column] : memref<?x64xf32>
    ```
    After:
    ```mlir
    gpu.func @gate_0(%a: memref<?x64xf32>) kernel {
      minimax_gpu.launch_dependents
      minimax_gpu.wait_prerequisites
      %x = memref.load %a[%row, %column] : memref<?x64xf32>
    ```
  }];
  let dependentDialects = ["::mlir::minimax_gpu::MiniMaxGPUDialect"];
  let options = [Option<"arch", "arch", "std::string", /*default=*/"\"sm_90a\"", "sm_80 or sm_90a">];
}

def LowerGPUOps : Pass<"minimax-lower-gpu-ops", "::mlir::gpu::GPUModuleOp"> {
  let summary = "turn minimax_gpu ops into nvvm ops and kernel arguments into pointers";
  let description = [{
    Kernels take a bare pointer for each memref; their strides must be static,
    and sizes must not be asked for. Shared memory becomes addresses in one
    external array, matrix ops their intrinsics, reductions of subgroups
    shuffles.

    Before:
    ```mlir
    gpu.func @gate_0(%a: memref<?x64xf32>) kernel
    ```
    After:
    ```mlir
    gpu.func @gate_0(%a: !llvm.ptr) kernel
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect",
                           "::mlir::gpu::GPUDialect", "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def KernelsToBitcode : Pass<"minimax-kernels-to-bitcode", "::mlir::ModuleOp"> {
  let summary = "optimise kernels for the NVPTX back end and keep them as bitcode";
  let description = [{
    The `gpu.module`, in the LLVM dialect, becomes a `gpu.binary` with LLVM
    bitcode for `arch`, optimised at -O3 for its NVPTX target machine: the input
    of both the PTX back end and the emulator. No library is linked, so that no
    CUDA installation is needed; kernels must not call any.

    Before:
    ```mlir
    gpu.module @kernels { llvm.func @gate_0(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} { ... } }
    ```
    After:
    ```mlir
    gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90a", features = "+ptx83">, offload = "BC...">]
    ```
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect", "::mlir::NVVM::NVVMDialect"];
  let options = [Option<"arch", "arch", "std::string", /*default=*/"\"sm_90a\"", "sm_80 or sm_90a">];
}

def LowerLaunches : Pass<"minimax-lower-launches", "::mlir::ModuleOp"> {
  let summary = "launch kernels through the runtime";
  let description = [{
    `gpu.launch_func` becomes a call of `mmrt_launch` with the kernel's number in
    `minimax.kernels`, `memref.copy` one of `mmrt_copy`, and constants are read
    where `mmrt_constant` has put them (abi.h). Launches with `minimax.waits`
    (`minimax-overlap-launches`) tell the runtime so. Functions have the runtime's
    context as their first argument (`minimax-lower-entries`).

    Before:
    ```mlir
    gpu.launch_func @kernels::@gate_0 blocks in (%n, %c1, %c1) threads in (%c256, %c1, %c1) args(%a : memref<?x64xf32>)
    ```
    After:
    ```mlir
    call @mmrt_launch(%context, %kernel, %shape, %arguments) : (!llvm.ptr, i64, !llvm.ptr, !llvm.ptr) -> ()
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::func::FuncDialect"];
}

#endif // MINIMAX_CODEGEN_GPU_PASSES_TD
