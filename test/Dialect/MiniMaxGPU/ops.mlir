// Every op of minimax_gpu parses, prints and parses again.
// RUN: minimax-opt %s | minimax-opt | FileCheck %s

// CHECK-LABEL: gpu.func @fragments
gpu.module @kernels {
  gpu.func @fragments(%global: memref<?x64xbf16>, %row: index, %k: index, %inside: i1,
                      %b: vector<2xi32>, %c: vector<4xf32>) kernel {
    // CHECK: %[[TILE:.*]] = minimax_gpu.shared_memory : memref<64x32xbf16, #gpu.address_space<workgroup>>
    %tile = minimax_gpu.shared_memory : memref<64x32xbf16, #gpu.address_space<workgroup>>
    // CHECK: minimax_gpu.shared_memory at 4096 alignment = 128 : memref<8xf32, #gpu.address_space<workgroup>>
    %placed = minimax_gpu.shared_memory at 4096 alignment = 128 : memref<8xf32, #gpu.address_space<workgroup>>
    // CHECK: minimax_gpu.copy_async %{{.*}}[%{{.*}}, %{{.*}}], %[[TILE]][%{{.*}}, %{{.*}}] : memref<?x64xbf16>
    minimax_gpu.copy_async %global[%row, %k], %tile[%row, %k]
      : memref<?x64xbf16>, memref<64x32xbf16, #gpu.address_space<workgroup>>
    // CHECK: minimax_gpu.copy_async {{.*}} if %{{.*}} : memref<?x64xbf16>
    minimax_gpu.copy_async %global[%row, %k], %tile[%row, %k] if %inside
      : memref<?x64xbf16>, memref<64x32xbf16, #gpu.address_space<workgroup>>
    // CHECK: %[[A:.*]] = minimax_gpu.load_matrix %[[TILE]][%{{.*}}, %{{.*}}] : {{.*}} -> vector<4xi32>
    %a = minimax_gpu.load_matrix %tile[%row, %k]
      : memref<64x32xbf16, #gpu.address_space<workgroup>> -> vector<4xi32>
    // CHECK: minimax_gpu.load_matrix {{.*}} transpose : {{.*}} -> vector<4xi32>
    %t = minimax_gpu.load_matrix %tile[%row, %k] transpose
      : memref<64x32xbf16, #gpu.address_space<workgroup>> -> vector<4xi32>
    // CHECK: minimax_gpu.mma %[[A]], %{{.*}}, %{{.*}} : vector<4xi32>, vector<2xi32>, vector<4xf32>
    %d = minimax_gpu.mma %a, %b, %c : vector<4xi32>, vector<2xi32>, vector<4xf32>
    gpu.return
  }
}

// CHECK-LABEL: gpu.func @barriers
gpu.module @hopper {
  gpu.func @barriers(%w: memref<?x64xbf16>, %panel: index, %k: index, %stage: index, %parity: index,
                     %a: vector<4xi32>, %c: vector<64xf32>) kernel {
    %tile = minimax_gpu.shared_memory alignment = 1024 : memref<128x64xbf16, #gpu.address_space<workgroup>>
    %full = minimax_gpu.shared_memory : memref<4xi64, #gpu.address_space<workgroup>>
    // CHECK: minimax_gpu.cluster_memory %{{.*}} of %{{.*}} : memref<4xi64, #gpu.address_space<workgroup>> -> memref<4xi64>
    %other = minimax_gpu.cluster_memory %full of %stage : memref<4xi64, #gpu.address_space<workgroup>> -> memref<4xi64>
    // CHECK: minimax_gpu.mbarrier_init %[[FULL:.*]][%{{.*}}] count = 129 : memref<4xi64, #gpu.address_space<workgroup>>
    minimax_gpu.mbarrier_init %full[%stage] count = 129 : memref<4xi64, #gpu.address_space<workgroup>>
    // CHECK: minimax_gpu.mbarrier_arrive %[[FULL]][%{{.*}}] : memref<4xi64, #gpu.address_space<workgroup>>
    minimax_gpu.mbarrier_arrive %full[%stage] : memref<4xi64, #gpu.address_space<workgroup>>
    // CHECK: minimax_gpu.mbarrier_arrive %[[FULL]][%{{.*}}] bytes = 8192 : memref<4xi64
    minimax_gpu.mbarrier_arrive %full[%stage] bytes = 8192 : memref<4xi64, #gpu.address_space<workgroup>>
    // CHECK: minimax_gpu.bulk_copy %{{.*}}[%{{.*}}, %{{.*}}], %[[TILE:.*]][%{{.*}}, %{{.*}}], %[[FULL]][%{{.*}}] bytes = 8192 : memref<?x64xbf16>
    minimax_gpu.bulk_copy %w[%panel, %k], %tile[%panel, %k], %full[%stage] bytes = 8192
      : memref<?x64xbf16>, memref<128x64xbf16, #gpu.address_space<workgroup>>, memref<4xi64, #gpu.address_space<workgroup>>
    // CHECK: minimax_gpu.mbarrier_wait %[[FULL]][%{{.*}}] parity %{{.*}} : memref<4xi64
    minimax_gpu.mbarrier_wait %full[%stage] parity %parity : memref<4xi64, #gpu.address_space<workgroup>>
    // CHECK: minimax_gpu.wgmma %{{.*}}, %[[TILE]][%{{.*}}, %{{.*}}], %{{.*}} : vector<4xi32>, memref<128x64xbf16, #gpu.address_space<workgroup>>, vector<64xf32>
    %d = minimax_gpu.wgmma %a, %tile[%panel, %k], %c
      : vector<4xi32>, memref<128x64xbf16, #gpu.address_space<workgroup>>, vector<64xf32>
    // CHECK: minimax_gpu.wgmma %{{.*}}, %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}], %{{.*}} transpose : vector<4xi32>, memref<2x32x64xbf16, #gpu.address_space<workgroup>>, vector<64xf32>
    %values = minimax_gpu.shared_memory alignment = 1024 : memref<2x32x64xbf16, #gpu.address_space<workgroup>>
    %e = minimax_gpu.wgmma %a, %values[%panel, %k, %panel], %d transpose
      : vector<4xi32>, memref<2x32x64xbf16, #gpu.address_space<workgroup>>, vector<64xf32>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @overlap
  // CHECK: minimax_gpu.launch_dependents
  // CHECK-NEXT: minimax_gpu.prefetch %{{.*}}[%{{.*}}, %{{.*}}] bytes = 8192 : memref<?x64xbf16>
  // CHECK-NEXT: minimax_gpu.wait_prerequisites
  gpu.func @overlap(%w: memref<?x64xbf16>, %panel: index, %k: index) kernel {
    minimax_gpu.launch_dependents
    minimax_gpu.prefetch %w[%panel, %k] bytes = 8192 : memref<?x64xbf16>
    minimax_gpu.wait_prerequisites
    gpu.return
  }
}
