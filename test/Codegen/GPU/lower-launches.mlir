// Launches, copies and constants through the runtime.
// RUN: minimax-opt %s --minimax-lower-launches --canonicalize | FileCheck %s

// CHECK: module attributes {minimax.kernels = ["first_0", "gate_1"]}
module attributes {gpu.container_module, minimax.kernels = ["first_0", "gate_1"]} {
  gpu.module @kernels {
    gpu.func @first_0() kernel { gpu.return }
    gpu.func @gate_1(%a: memref<?x8xf32, strided<[24, 1], offset: 8>>, %n: index, %c: memref<4xf32>) kernel { gpu.return }
  }
  memref.global "private" constant @slopes : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>

  // CHECK-DAG: func.func private @mmrt_launch(!llvm.ptr, i64, !llvm.ptr, !llvm.ptr)
  // CHECK-DAG: func.func private @mmrt_copy(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64)
  // CHECK-DAG: func.func private @mmrt_constant(!llvm.ptr, !llvm.ptr, i64) -> !llvm.ptr
  // CHECK-LABEL: func.func @main(%arg0: !llvm.ptr
  func.func @main(%context: !llvm.ptr, %a: memref<?x8xf32, strided<[24, 1], offset: 8>>, %n: index,
                  %x: memref<?x8xf32>, %y: memref<?x8xf32>) {
    %one = arith.constant 1 : index
    %size = arith.constant 256 : index
    %bytes = arith.constant 1024 : i32
    // CHECK: %[[HERE:.*]] = memref.get_global @slopes
    // CHECK: %[[THERE:.*]] = call @mmrt_constant(%arg0, %{{.*}}, %c16_i64)
    %c = memref.get_global @slopes : memref<4xf32>
    // CHECK: llvm.store %c1024_i32, %{{.*}}
    // It does not wait for the kernels before by itself.
    // CHECK: %[[PLACE:.*]] = llvm.getelementptr %{{.*}}[0, 10]
    // CHECK-NEXT: llvm.store %c0_i32, %[[PLACE]]
    // CHECK: llvm.store %[[THERE]], %{{.*}}
    // CHECK: call @mmrt_launch(%arg0, %c1_i64, %{{.*}}, %{{.*}})
    gpu.launch_func @kernels::@gate_1 blocks in (%n, %one, %one) threads in (%size, %one, %one)
      dynamic_shared_memory_size %bytes
      args(%a : memref<?x8xf32, strided<[24, 1], offset: 8>>, %n : index, %c : memref<4xf32>)
    // CHECK: call @mmrt_copy(%arg0, %{{.*}}, %{{.*}}, %{{.*}})
    memref.copy %x, %y : memref<?x8xf32> to memref<?x8xf32>
    // This one does.
    // CHECK: %[[OTHER:.*]] = llvm.getelementptr %{{.*}}[0, 10]
    // CHECK-NEXT: llvm.store %c1_i32, %[[OTHER]]
    // CHECK: call @mmrt_launch(%arg0, %c0_i64, %{{.*}}, %{{.*}})
    gpu.launch_func @kernels::@first_0 blocks in (%one, %one, %one) threads in (%size, %one, %one) {minimax.waits}
    return
  }
}
