// RUN: minimax-opt %s --minimax-outline-parallel | FileCheck %s

// Constants are copied into the tile; what else it reads travels in a struct.
// CHECK: func.func private @mmrt_parallel_for(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64)
// CHECK-LABEL: func.func private @scale.tile0(
// CHECK-SAME: %[[FRAME:.+]]: !llvm.ptr, %[[INDEX:.+]]: i64)
// CHECK: llvm.getelementptr %[[FRAME]][0, 0]
// CHECK: %[[I:.+]] = arith.index_cast %[[INDEX]] : i64 to index
// CHECK: %[[C0:.+]] = arith.constant 0 : index
// CHECK: memref.load {{.+}}[%[[I]], %[[C0]]]
// CHECK: return
// CHECK-LABEL: func.func @scale(
// CHECK-SAME: %[[CONTEXT:.+]]: !llvm.ptr, %[[N:[^:]+]]: index
// CHECK-NOT: scf.forall
// CHECK: %[[MEMORY:.+]] = llvm.alloca
// CHECK-COUNT-2: llvm.store
// CHECK: %[[CODE:.+]] = constant @scale.tile0
// CHECK: %[[TILE:.+]] = builtin.unrealized_conversion_cast %[[CODE]]
// CHECK: %[[COUNT:.+]] = arith.index_cast %[[N]] : index to i64
// CHECK: call @mmrt_parallel_for(%[[CONTEXT]], %[[TILE]], %[[MEMORY]], %[[COUNT]])
func.func @scale(%context: !llvm.ptr, %n: index, %x: memref<?x8xf32>, %a: f32) {
  %c0 = arith.constant 0 : index
  scf.forall (%i) in (%n) {
    %0 = memref.load %x[%i, %c0] : memref<?x8xf32>
    %1 = arith.mulf %0, %a : f32
    memref.store %1, %x[%i, %c0] : memref<?x8xf32>
  }
  return
}

// Two loops of one function get two names; a static count becomes a constant.
// CHECK-LABEL: func.func private @twice.tile0(
// CHECK-LABEL: func.func private @twice.tile1(
// CHECK-LABEL: func.func @twice(
// CHECK-COUNT-2: call @mmrt_parallel_for(
func.func @twice(%context: !llvm.ptr, %x: memref<4xf32>, %a: f32) {
  scf.forall (%i) in (4) {
    memref.store %a, %x[%i] : memref<4xf32>
  }
  scf.forall (%i) in (4) {
    memref.store %a, %x[%i] : memref<4xf32>
  }
  return
}

// Nothing to do.
// CHECK-LABEL: func.func @sequential(
// CHECK: scf.for
func.func @sequential(%x: memref<4xf32>, %a: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.for %i = %c0 to %c4 step %c1 {
    memref.store %a, %x[%i] : memref<4xf32>
  }
  return
}
