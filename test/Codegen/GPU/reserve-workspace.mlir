// RUN: minimax-opt %s --minimax-reserve-workspace | FileCheck %s
// RUN: minimax-opt %s --minimax-reserve-workspace --minimax-lower-to-gpu-kernels=arch=sm_80 | FileCheck %s --check-prefix=KERNELS

// Room for 132 processors / (2 groups * 1 part) = 66 blocks besides the
// sequences, one less than offsets; 16 columns, a maximum and a norm.
// CHECK: affine_map<(d0) -> (d0 + 65)>
// CHECK-LABEL: func.func @attention(
// CHECK: %[[N:.+]] = memref.dim %arg2, %
// CHECK: %[[ROWS:.+]] = affine.apply #{{.+}}(%[[N]])
// CHECK: %[[SPACE:.+]] = memref.alloc(%[[ROWS]]) : memref<?x4x18xf32>
// CHECK: minimax.attention
// CHECK-NEXT: memref.assume_alignment %[[SPACE]], 64 {minimax.workspace}

// A third size of the grid shares the keys; a kernel merges what was found.
// KERNELS-LABEL: func.func @attention(
// KERNELS: %[[SPACE:.+]] = memref.alloc(
// KERNELS: minimax.kernel = "attention_prefill"
// KERNELS: gpu.launch
// KERNELS: memref.store %{{.+}}, %[[SPACE]]
// KERNELS: minimax.kernel = "attention_decode"
// KERNELS: gpu.launch
// KERNELS: memref.load %[[SPACE]]
// KERNELS: memref.store %{{.+}}, %arg5
// KERNELS: minimax.kernel = "attention_decode_merge"
func.func @attention(%q: memref<?x4x16xf32>, %k: memref<?x2x16xf32>, %i: memref<?xi32>, %keys: memref<?x?x2x16xbf16>, %values: memref<?x?x2x16xbf16>, %y: memref<?x4x16xf32>) {
  minimax.attention %q, %k, %k, %i, %i, %i, %keys, %values outs(%y) scale = 0.25
      : (memref<?x4x16xf32>, memref<?x2x16xf32>, memref<?x2x16xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>, memref<?x?x2x16xbf16>, memref<?x?x2x16xbf16>, memref<?x4x16xf32>) -> ()
  return
}
