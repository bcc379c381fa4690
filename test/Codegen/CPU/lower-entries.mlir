// RUN: minimax-opt %s --minimax-lower-entries --canonicalize | FileCheck %s

minimax.weight @first : tensor<8xf32> from ["a"]
minimax.weight @second : tensor<8xf32> from ["b"]

// A layer takes the context, the dims and one pointer for each memref.
// CHECK-LABEL: func.func private @layer(
// CHECK-SAME: !llvm.ptr, {{[^)]*}}index, {{[^)]*}}index, {{[^)]*}}index, {{[^)]*}}index, {{[^)]*}}!llvm.ptr, {{[^)]*}}!llvm.ptr, {{[^)]*}}!llvm.ptr
// CHECK-NOT: minimax.shape
func.func private @layer(%T: index, %N: index, %S: index, %C: index,
    %x: memref<?x8xf32> {minimax.shape = affine_map<(T, N, S, C) -> (T, 8)>},
    %w: memref<8xf32> {minimax.shape = affine_map<(T, N, S, C) -> (8)>},
    %arena: memref<?xi8> {minimax.arena}) {
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
// and the arena 3.
// CHECK: func.func private @step(
// CHECK: call @layer(
// CHECK: func.func @mm_step_arena(%{{.+}}: !llvm.ptr) -> i64
// CHECK: call @step.arena(
// CHECK: func.func @mm_step(%[[CONTEXT:.+]]: !llvm.ptr, %[[POINTERS:.+]]: !llvm.ptr, %[[DIMS:.+]]: !llvm.ptr) -> i32
// CHECK: llvm.load %[[DIMS]]
// CHECK: %[[AT:.+]] = llvm.getelementptr %[[POINTERS]][2]
// CHECK: %[[SECOND:.+]] = llvm.load %[[AT]]
// CHECK: %[[X:.+]] = llvm.load %[[POINTERS]]
// CHECK: %[[AT:.+]] = llvm.getelementptr %[[POINTERS]][3]
// CHECK: %[[ARENA:.+]] = llvm.load %[[AT]]
// CHECK: call @step(%[[CONTEXT]], {{.+}}, %[[SECOND]], %[[X]], %[[ARENA]])
// CHECK: return %{{.+}} : i32
func.func @step(%T: index, %N: index, %S: index, %C: index,
    %w: memref<8xf32> {minimax.name = "second", minimax.weight, minimax.shape = affine_map<(T, N, S, C) -> (8)>},
    %x: memref<?x8xf32> {minimax.name = "x", minimax.output, minimax.shape = affine_map<(T, N, S, C) -> (T, 8)>},
    %arena: memref<?xi8> {minimax.arena}) attributes {minimax.entry} {
  func.call @layer(%T, %N, %S, %C, %x, %w, %arena)
      : (index, index, index, index, memref<?x8xf32>, memref<8xf32>, memref<?xi8>) -> ()
  return
}

// Kernels keep their memrefs.
// CHECK: func.func private @kernel(%{{.+}}: memref<?xf32
func.func private @kernel(%x: memref<?xf32, strided<[1], offset: ?>>) attributes {minimax.kernel} {
  return
}
