// RUN: minimax-opt %s --minimax-lower-launches --verify-diagnostics

module attributes {minimax.kernels = []} {
  func.func @main(%context: !llvm.ptr, %x: memref<?x8xf32, strided<[24, 1]>>, %y: memref<?x8xf32>) {
    // expected-error @+1 {{expected contiguous memory on GPUs}}
    memref.copy %x, %y : memref<?x8xf32, strided<[24, 1]>> to memref<?x8xf32>
    return
  }
}
