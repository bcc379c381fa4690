// RUN: minimax-opt %s --minimax-lower-entries --canonicalize | FileCheck %s

minimax.weight @first : tensor<8xf32> from ["a"]
minimax.weight @second : tensor<8xf32> from ["b"]

// CHECK: func.func private @mmrt_begin_op(!llvm.ptr, i64)
func.func private @mmrt_begin_op(i64)

// A layer takes the context, the dims and one pointer for each memref.
// CHECK-LABEL: func.func private @layer(
// CHECK-SAME: %[[CONTEXT:[^:]+]]: !llvm.ptr, {{[^)]*}}index, {{[^)]*}}index, {{[^)]*}}index, {{[^)]*}}index, {{[^)]*}}!llvm.ptr, {{[^)]*}}!llvm.ptr, {{[^)]*}}!llvm.ptr
// CHECK-NOT: minimax.shape
// CHECK: call @mmrt_begin_op(%[[CONTEXT]], %{{.+}}) : (!llvm.ptr, i64) -> ()
func.func private @layer(%T: index, %N: index, %S: index, %C: index,
    %x: memref<?x8xf32> {minimax.shape = affine_map<(T, N, S, C) -> (T, 8)>},
    %w: memref<8xf32> {minimax.shape = affine_map<(T, N, S, C) -> (8)>},
    %arena: memref<?xi8> {minimax.arena}) {
  %op = arith.constant 3 : i64
  func.call @mmrt_begin_op(%op) : (i64) -> ()
  %c0 = arith.constant 0 : index
  %0 = memref.load %w[%c0] : memref<8xf32>
  memref.store %0, %x[%c0, %c0] : memref<?x8xf32>
  return
}

// CHECK-LABEL: func.func private @step.arena(
func.func private @step.arena(%T: index, %N: index, %S: index, %C: index) -> index {
  return %T : index
}

// Buffers in the manifest's order: inputs, states, outputs, all weights, arena.
// Here that is output 0, weights 1 and 2, of which the entry uses the second,
// and the arena 3. Pointers are loaded before the call that takes them.
// CHECK: func.func @mm_step(%[[CONTEXT:.+]]: !llvm.ptr, %[[POINTERS:.+]]: !llvm.ptr, %[[DIMS:.+]]: !llvm.ptr) -> i32
// CHECK: llvm.load %[[DIMS]]
// CHECK: memref.store
// CHECK-DAG: %[[X:.+]] = llvm.load %[[POINTERS]]
// CHECK-DAG: %[[AT:.+]] = llvm.getelementptr %[[POINTERS]][2]
// CHECK-DAG: %[[SECOND:.+]] = llvm.load %[[AT]]
// CHECK-DAG: %[[END:.+]] = llvm.getelementptr %[[POINTERS]][3]
// CHECK-DAG: %[[ARENA:.+]] = llvm.load %[[END]]
// CHECK: call @layer(%[[CONTEXT]], {{.+}}, %[[X]], %[[SECOND]], %[[ARENA]])
// CHECK: return %{{.+}} : i32
// CHECK: func.func @mm_step_arena(%{{.+}}: !llvm.ptr) -> i64
// CHECK: call @step.arena(
func.func @step(%T: index, %N: index, %S: index, %C: index,
    %w: memref<8xf32> {minimax.name = "second", minimax.weight, minimax.shape = affine_map<(T, N, S, C) -> (8)>},
    %x: memref<?x8xf32> {minimax.name = "x", minimax.output, minimax.shape = affine_map<(T, N, S, C) -> (T, 8)>},
    %arena: memref<?xi8> {minimax.arena}) attributes {minimax.entry} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  memref.store %zero, %x[%c0, %c0] : memref<?x8xf32>
  func.call @layer(%T, %N, %S, %C, %x, %w, %arena)
      : (index, index, index, index, memref<?x8xf32>, memref<8xf32>, memref<?xi8>) -> ()
  return
}

// Kernels keep their memrefs.
// CHECK: func.func private @kernel(%{{.+}}: memref<?xf32
func.func private @kernel(%x: memref<?xf32, strided<[1], offset: ?>>) attributes {minimax.kernel} {
  return
}
