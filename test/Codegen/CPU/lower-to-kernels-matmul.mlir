// RUN: minimax-opt %s --minimax-lower-to-kernels=target=znver4 | FileCheck %s --check-prefixes=CHECK,DOT
// RUN: minimax-opt %s --minimax-lower-to-kernels=target=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,WIDEN
// WIDEN-NOT: dpbf16ps

// Kernels stand before the functions that call them, one for each kind.
// CHECK-LABEL: func.func private @product_f32_f32_none(
// CHECK-SAME: memref<?x?x64xf32
// CHECK-SAME: attributes {minimax.kernel}
// The columns behind the last whole vector are stored under a mask.
// CHECK: vector.create_mask
// CHECK: vector.maskedstore

// bf16 by bf16: an instruction for pairs where the target has it, else the two
// halves in f32, which is exact.
// CHECK-LABEL: func.func private @product_bf16_bf16_silu_residual(
// CHECK-SAME: %[[X:[^:]+]]: memref<?x?xbf16, {{[^:]+: [^:]+}}>>, %[[W:[^:]+]]: memref<?x?x64x2xbf16
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<192x256xf32>
// CHECK: vector.load %[[W]]{{.+}} vector<32xbf16>
// DOT: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"{{.+}} -> vector<16xf32>
// WIDEN: arith.shli {{.+}} : vector<16xi32>
// WIDEN: arith.andi {{.+}} : vector<16xi32>
// WIDEN: math.fma

// CHECK-LABEL: func.func private @product_bf16_bf16_none_to_bf16(
// CHECK: vector.store {{.+}} : memref<?x?xbf16
// CHECK: vector.maskedstore {{.+}} : memref<?x?xbf16

// CHECK-LABEL: func.func private @product_f32_bf16_swiglu(
// CHECK-SAME: memref<?x?x64x2xbf16
// CHECK: math.fma

// Products of one kind share a kernel; tiles are 192 rows by 4 panels.
// CHECK-LABEL: func.func @shared(
// CHECK-SAME: %[[X:[^:]+]]: memref<?x64xf32>, %[[W:[^:]+]]: memref<2x64x64xf32>
// CHECK: arith.divui %{{.+}}, %c192
// CHECK: scf.forall
// CHECK: memref.cast %[[X]]
// CHECK: memref.cast %[[W]]
// CHECK: call @product_f32_f32_none(
// CHECK: scf.forall
// CHECK: call @product_f32_f32_none(
func.func @shared(%x: memref<?x64xf32>, %w: memref<2x64x64xf32>, %y: memref<?x96xf32>, %z: memref<?x100xf32>) {
  minimax.linear %x, %w outs(%y) : (memref<?x64xf32>, memref<2x64x64xf32>, memref<?x96xf32>) -> ()
  minimax.lm_head %x, %w outs(%z) : (memref<?x64xf32>, memref<2x64x64xf32>, memref<?x100xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @narrow(
// CHECK-DAG: %[[ALPHA:.+]] = arith.constant 3.000000e+00 : f32
// CHECK-DAG: %[[BETA:.+]] = arith.constant 5.000000e-01 : f32
// CHECK: call @product_bf16_bf16_silu_residual({{.+}}, %[[ALPHA]], %[[BETA]])
func.func @narrow(%x: memref<?x64xbf16>, %w: memref<2x32x64x2xbf16>, %y: memref<?x96xf32>, %s: memref<?x96xf32>) {
  minimax.linear %x, %w residual(%s) outs(%y) activation = silu alpha = 3.0 beta = 0.5
      : (memref<?x64xbf16>, memref<2x32x64x2xbf16>, memref<?x96xf32>, memref<?x96xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @rounded(
// CHECK: call @product_bf16_bf16_none_to_bf16(
func.func @rounded(%x: memref<?x64xbf16>, %w: memref<2x32x64x2xbf16>, %y: memref<?x96xbf16>) {
  minimax.linear %x, %w outs(%y) : (memref<?x64xbf16>, memref<2x32x64x2xbf16>, memref<?x96xbf16>) -> ()
  return
}

// Experts and panels in parallel, the rows of an expert in blocks.
// CHECK-LABEL: func.func @grouped(
// CHECK-SAME: %[[W:[^:]+]]: memref<8x2x32x64x2xbf16>, %[[OFFSETS:[^:]+]]: memref<9xi32>
// CHECK: scf.forall (%[[EXPERT:.+]]) in
// CHECK: memref.load %[[OFFSETS]]
// CHECK: memref.load %[[OFFSETS]]
// CHECK: memref.subview %[[W]]
// CHECK: scf.for
// CHECK: call @product_f32_bf16_swiglu(
func.func @grouped(%x: memref<?x64xf32>, %w: memref<8x2x32x64x2xbf16>, %o: memref<9xi32>, %y: memref<?x64xf32>) {
  minimax.grouped_matmul %x, %w, %o outs(%y) activation = swiglu
      : (memref<?x64xf32>, memref<8x2x32x64x2xbf16>, memref<9xi32>, memref<?x64xf32>) -> ()
  return
}
