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

// Room for the states that 132 / (4 heads * 1 slice) = 33 segments begin with,
// besides the sequences.
// CHECK-LABEL: func.func @lightning(
// CHECK: %[[SPACE:.+]] = memref.alloc({{.+}}) : memref<?x4x16x16xf32>
// CHECK: minimax.lightning_attention
// CHECK-NEXT: memref.assume_alignment %[[SPACE]], 64 {minimax.workspace}
// 64 heads of 128 fill a GPU.
// CHECK-LABEL: func.func @many_heads(
// CHECK-NOT: memref.alloc

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

// The host chooses between three kernels for segments and one pass: what is not
// chosen gets no blocks.
// KERNELS-LABEL: func.func @lightning(
// KERNELS: %[[SPACE:.+]] = memref.alloc(
// KERNELS: %[[SINGLE:.+]] = arith.cmpi slt
// KERNELS: %[[CHOSEN:.+]] = arith.cmpi slt
// KERNELS: arith.select %[[CHOSEN]], %{{.+}}, %{{.+}} : index
// KERNELS: memref.store %{{.+}}, %[[SPACE]]
// KERNELS: minimax.kernel = "lightning_segment_state"
// KERNELS: %[[OWN:.+]] = memref.load %[[SPACE]]
// KERNELS: memref.store %{{.+}}, %[[SPACE]]
// KERNELS: math.fma %{{.+}}, %{{.+}}, %[[OWN]]
// KERNELS: minimax.kernel = "lightning_segment_scan"
// KERNELS: memref.load %[[SPACE]]
// KERNELS: minimax.kernel = "lightning_segment_output"
// KERNELS: arith.select %[[CHOSEN]],
// KERNELS: minimax.kernel = "lightning_prefill"
func.func @lightning(%q: memref<?x4x16xf32>, %s: memref<4xf32>, %i: memref<?xi32>, %state: memref<?x4x16x16xf32>, %y: memref<?x4x16xf32>) {
  minimax.lightning_attention %q, %q, %q, %s, %i, %i, %state outs(%y) chunk = 64
      : (memref<?x4x16xf32>, memref<?x4x16xf32>, memref<?x4x16xf32>, memref<4xf32>, memref<?xi32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4x16xf32>) -> ()
  return
}

func.func @many_heads(%q: memref<?x64x128xbf16>, %s: memref<64xf32>, %i: memref<?xi32>, %state: memref<?x64x128x128xf32>, %y: memref<?x64x128xbf16>) {
  minimax.lightning_attention %q, %q, %q, %s, %i, %i, %state outs(%y) chunk = 64
      : (memref<?x64x128xbf16>, memref<?x64x128xbf16>, memref<?x64x128xbf16>, memref<64xf32>, memref<?xi32>, memref<?xi32>, memref<?x64x128x128xf32>, memref<?x64x128xbf16>) -> ()
  return
}
