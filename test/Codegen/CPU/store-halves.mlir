// RUN: minimax-opt %s --minimax-store-halves | FileCheck %s

// CHECK-LABEL: llvm.func @store(
// CHECK:         %[[BITS:.+]] = llvm.bitcast %arg0 : vector<8xbf16> to vector<8xi16>
// CHECK-NEXT:    llvm.intr.masked.store %[[BITS]], %arg3, %arg2
// CHECK-NEXT:    llvm.intr.masked.store %arg1, %arg3, %arg2
llvm.func @store(%x: vector<8xbf16>, %y: vector<8xf32>, %mask: vector<8xi1>, %to: !llvm.ptr) {
  llvm.intr.masked.store %x, %to, %mask {alignment = 2 : i32} : vector<8xbf16>, vector<8xi1> into !llvm.ptr
  llvm.intr.masked.store %y, %to, %mask {alignment = 4 : i32} : vector<8xf32>, vector<8xi1> into !llvm.ptr
  llvm.return
}
