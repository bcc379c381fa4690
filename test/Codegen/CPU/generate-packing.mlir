// RUN: minimax-opt %s --minimax-generate-packing | FileCheck %s

// Weights of the same types share a function; a mapped one needs none.
// CHECK: minimax.weight @a : {{.*}}minimax.pack = "mm_pack_0"
// CHECK: minimax.weight @b : {{.*}}minimax.pack = "mm_pack_0"
// CHECK: minimax.weight @narrow : {{.*}}minimax.pack = "mm_pack_1"
// CHECK: minimax.weight @rounded : {{.*}}minimax.pack = "mm_pack_2"
// CHECK: minimax.weight @gate_up : {{.*}}minimax.pack = "mm_pack_3"
// CHECK: minimax.weight @plain
// CHECK-NOT: minimax.pack
minimax.weight @a : tensor<2x8x64xf32> from ["a"] packs tensor<96x8xf32>
minimax.weight @b : tensor<2x8x64xf32> from ["b"] packs tensor<96x8xf32>
minimax.weight @narrow : tensor<2x4x64x2xbf16> from ["c"] packs tensor<96x8xbf16>
minimax.weight @rounded : tensor<2x4x64x2xbf16> from ["d"] packs tensor<96x8xf32>
minimax.weight @gate_up : tensor<3x8x64xf32> from ["g", "u"] packs tensor<192x8xf16> interleaved
minimax.weight @plain : tensor<96x8xf32> from ["e"]

// f32 to f32: a copy.
// CHECK-LABEL: func.func @mm_pack_0(%{{.+}}: !llvm.ptr, %{{.+}}: !llvm.ptr, %{{.+}}: !llvm.ptr, %{{.+}}: i64) -> i32
// CHECK: scf.forall
// CHECK-NOT: arith.truncf
// CHECK: return

// bf16 to bf16: no arithmetic on values.
// CHECK-LABEL: func.func @mm_pack_1(
// CHECK-NOT: arith.truncf
// CHECK-NOT: arith.extf
// CHECK: return

// f32 to bf16 rounds in integers: truncf would become a library call.
// CHECK-LABEL: func.func @mm_pack_2(
// CHECK-NOT: arith.truncf
// CHECK: arith.bitcast
// CHECK: return

// CHECK-LABEL: func.func @mm_pack_3(
// CHECK: return
// CHECK-NOT: func.func @mm_pack_4
