// RUN: minimax-opt %s --split-input-file --verify-diagnostics

func.func @global() {
  // expected-error @+1 {{expected a static shape in the workgroup address space, but got 'memref<4xf32>'}}
  %0 = minimax_gpu.shared_memory : memref<4xf32>
  return
}

// -----

func.func @dynamic() {
  // expected-error @+1 {{expected a static shape in the workgroup address space}}
  %0 = minimax_gpu.shared_memory : memref<?xf32, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @alignment() {
  // expected-error @+1 {{expected 'alignment' to be a power of two up to 1024, but got 24}}
  %0 = minimax_gpu.shared_memory alignment = 24 : memref<4xf32, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @cluster_source(%a: memref<4xf32>, %i: index) {
  // expected-error @+1 {{expected contiguous workgroup memory of static shape, but got 'memref<4xf32>'}}
  %0 = minimax_gpu.cluster_memory %a of %i : memref<4xf32> -> memref<4xf32>
  return
}

// -----

func.func @cluster_result(%a: memref<4xf32, #gpu.address_space<workgroup>>, %i: index) {
  // expected-error @+1 {{expected a result of type 'memref<4xf32>', but got 'memref<8xf32>'}}
  %0 = minimax_gpu.cluster_memory %a of %i : memref<4xf32, #gpu.address_space<workgroup>> -> memref<8xf32>
  return
}

// -----

func.func @direction(%a: memref<4xf32>, %b: memref<4xf32>, %i: index) {
  // expected-error @+1 {{expected to copy from global to workgroup memory, but got 'memref<4xf32>' and 'memref<4xf32>'}}
  minimax_gpu.copy_async %a[%i], %b[%i] : memref<4xf32>, memref<4xf32>
  return
}

// -----

func.func @elements(%a: memref<4xf32>, %b: memref<4xbf16, #gpu.address_space<workgroup>>, %i: index) {
  // expected-error @+1 {{expected one element type that divides 16 bytes, but got 'f32' and 'bf16'}}
  minimax_gpu.copy_async %a[%i], %b[%i] : memref<4xf32>, memref<4xbf16, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @source(%a: memref<4x4xf32>, %b: memref<4xf32, #gpu.address_space<workgroup>>, %i: index) {
  // expected-error @+1 {{expected 2 indices of the source, but got 1}}
  minimax_gpu.copy_async %a[%i], %b[%i] : memref<4x4xf32>, memref<4xf32, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @destination(%a: memref<4xf32>, %b: memref<4xf32, #gpu.address_space<workgroup>>, %i: index) {
  // expected-error @+1 {{expected 1 indices of the destination, but got 2}}
  minimax_gpu.copy_async %a[%i], %b[%i, %i] : memref<4xf32>, memref<4xf32, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @matrix(%a: memref<8x8xf32, #gpu.address_space<workgroup>>, %i: index) {
  // expected-error @+1 {{expected 16-bit elements in workgroup memory}}
  %0 = minimax_gpu.load_matrix %a[%i, %i] : memref<8x8xf32, #gpu.address_space<workgroup>> -> vector<4xi32>
  return
}

// -----

func.func @matrix_indices(%a: memref<8x8xbf16, #gpu.address_space<workgroup>>, %i: index) {
  // expected-error @+1 {{expected 2 indices of the source, but got 1}}
  %0 = minimax_gpu.load_matrix %a[%i] : memref<8x8xbf16, #gpu.address_space<workgroup>> -> vector<4xi32>
  return
}

// -----

func.func @barrier_space(%b: memref<4xi64>, %i: index) {
  // expected-error @+1 {{expected a barrier in workgroup memory, but got 'memref<4xi64>'}}
  minimax_gpu.mbarrier_wait %b[%i] parity %i : memref<4xi64>
  return
}

// -----

func.func @barrier_count(%b: memref<4xi64, #gpu.address_space<workgroup>>, %i: index) {
  // expected-error @+1 {{expected a positive 'count', but got 0}}
  minimax_gpu.mbarrier_init %b[%i] count = 0 : memref<4xi64, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @barrier_bytes(%b: memref<4xi64, #gpu.address_space<workgroup>>, %i: index) {
  // expected-error @+1 {{expected positive 'bytes', but got -16}}
  minimax_gpu.mbarrier_arrive %b[%i] bytes = -16 : memref<4xi64, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @bulk_direction(%a: memref<64xi32>, %b: memref<4xi64, #gpu.address_space<workgroup>>, %i: index) {
  // expected-error @+1 {{expected to copy from global to workgroup memory}}
  minimax_gpu.bulk_copy %a[%i], %a[%i], %b[%i] bytes = 16 : memref<64xi32>, memref<64xi32>, memref<4xi64, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @bulk_bytes(%a: memref<64xi32>, %t: memref<64xi32, #gpu.address_space<workgroup>>, %b: memref<4xi64, #gpu.address_space<workgroup>>, %i: index) {
  // expected-error @+1 {{expected 'bytes' to be a positive multiple of 16, but got 24}}
  minimax_gpu.bulk_copy %a[%i], %t[%i], %b[%i] bytes = 24 : memref<64xi32>, memref<64xi32, #gpu.address_space<workgroup>>, memref<4xi64, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @bulk_indices(%a: memref<64xi32>, %t: memref<64x4xi32, #gpu.address_space<workgroup>>, %b: memref<4xi64, #gpu.address_space<workgroup>>, %i: index) {
  // expected-error @+1 {{expected 2 indices of the destination, but got 1}}
  minimax_gpu.bulk_copy %a[%i], %t[%i], %b[%i] bytes = 16 : memref<64xi32>, memref<64x4xi32, #gpu.address_space<workgroup>>, memref<4xi64, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @product_tile(%a: vector<4xi32>, %t: memref<8x32xbf16, #gpu.address_space<workgroup>>, %c: vector<4xf32>, %i: index) {
  // expected-error @+1 {{expected a tile in workgroup memory with rows of 64}}
  %0 = minimax_gpu.wgmma %a, %t[%i, %i], %c : vector<4xi32>, memref<8x32xbf16, #gpu.address_space<workgroup>>, vector<4xf32>
  return
}

// -----

func.func @product_columns(%a: vector<4xi32>, %t: memref<8x64xbf16, #gpu.address_space<workgroup>>, %c: vector<6xf32>, %i: index) {
  // expected-error @+1 {{expected sums of a multiple of 8 columns, at most 256, but got 12}}
  %0 = minimax_gpu.wgmma %a, %t[%i, %i], %c : vector<4xi32>, memref<8x64xbf16, #gpu.address_space<workgroup>>, vector<6xf32>
  return
}

// -----

func.func @product_indices(%a: vector<4xi32>, %t: memref<8x64xbf16, #gpu.address_space<workgroup>>, %c: vector<4xf32>, %i: index) {
  // expected-error @+1 {{expected 2 indices of the tile, but got 1}}
  %0 = minimax_gpu.wgmma %a, %t[%i], %c : vector<4xi32>, memref<8x64xbf16, #gpu.address_space<workgroup>>, vector<4xf32>
  return
}

// -----

func.func @product_tiles(%a: vector<4xi32>, %t: memref<1x16x64xbf16, #gpu.address_space<workgroup>>, %c: vector<64xf32>, %i: index) {
  // expected-error @+1 {{expected sums of a multiple of 64 columns and tiles for them, of whole groups of 8 rows, but got 128 columns}}
  %0 = minimax_gpu.wgmma %a, %t[%i, %i, %i], %c transpose : vector<4xi32>, memref<1x16x64xbf16, #gpu.address_space<workgroup>>, vector<64xf32>
  return
}

// -----

func.func @product_groups(%a: vector<4xi32>, %t: memref<2x20x64xbf16, #gpu.address_space<workgroup>>, %c: vector<64xf32>, %i: index) {
  // expected-error @+1 {{of whole groups of 8 rows, but got 128 columns}}
  %0 = minimax_gpu.wgmma %a, %t[%i, %i, %i], %c transpose : vector<4xi32>, memref<2x20x64xbf16, #gpu.address_space<workgroup>>, vector<64xf32>
  return
}

// -----

func.func @product_part(%a: vector<4xi32>, %t: memref<2x16x64xbf16, #gpu.address_space<workgroup>>, %c: vector<48xf32>, %i: index) {
  // expected-error @+1 {{expected sums of a multiple of 64 columns and tiles for them, of whole groups of 8 rows, but got 96 columns}}
  %0 = minimax_gpu.wgmma %a, %t[%i, %i, %i], %c transpose : vector<4xi32>, memref<2x16x64xbf16, #gpu.address_space<workgroup>>, vector<48xf32>
  return
}

// -----

func.func @prefetch_space(%t: memref<64xi32, #gpu.address_space<workgroup>>, %i: index) {
  // expected-error @+1 {{expected global memory, but got}}
  minimax_gpu.prefetch %t[%i] bytes = 16 : memref<64xi32, #gpu.address_space<workgroup>>
  return
}

// -----

func.func @prefetch_bytes(%a: memref<64xi32>, %i: index) {
  // expected-error @+1 {{expected 'bytes' to be a positive multiple of 16, but got 0}}
  minimax_gpu.prefetch %a[%i] bytes = 0 : memref<64xi32>
  return
}

// -----

func.func @prefetch_indices(%a: memref<64x4xi32>, %i: index) {
  // expected-error @+1 {{expected 2 indices of the source, but got 1}}
  minimax_gpu.prefetch %a[%i] bytes = 16 : memref<64x4xi32>
  return
}
