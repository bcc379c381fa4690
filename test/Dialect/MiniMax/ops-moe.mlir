// The expert layer, whole and in parts, in both forms. The whole op is decomposed
// before bufferization; its weights in buffer form are those of its parts.
//
// RUN: minimax-opt %s | FileCheck %s
// RUN: minimax-opt %s --mlir-print-op-generic | minimax-opt | FileCheck %s
// RUN: minimax-opt %s | minimax-opt | FileCheck %s

// CHECK-LABEL: func @moe(
// CHECK: minimax.moe %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} top_k = 2 : ({{.*}} -> (tensor<?x64xf32>, tensor<?x2xi32>)
func.func @moe(%b: tensor<?x64xf32>, %router: tensor<8x64xf32>, %w13: tensor<8x96x64xbf16>, %w2: tensor<8x64x48xbf16>,
    %m: memref<3x64xf32>, %r: memref<8x64xf32>, %g: memref<8x96x64xf32>, %d: memref<8x64x48xf32>, %out: memref<3x64xf32>) {
  %y, %experts = minimax.moe %b, %router, %w13, %w2 top_k = 2
      : (tensor<?x64xf32>, tensor<8x64xf32>, tensor<8x96x64xbf16>, tensor<8x64x48xbf16>)
      -> (tensor<?x64xf32>, tensor<?x2xi32>)
  return
}

// CHECK-LABEL: func @route(
// CHECK: minimax.route %{{.*}} : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
// CHECK: minimax.route %{{.*}} outs(%{{.*}}, %{{.*}}) :
func.func @route(%logits: tensor<?x8xf32>, %b: memref<3x8xf32>, %w: memref<3x2xf32>, %e: memref<3x2xi32>) {
  %w0, %experts = minimax.route %logits : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
  minimax.route %b outs(%w, %e) : (memref<3x8xf32>, memref<3x2xf32>, memref<3x2xi32>) -> ()
  return
}

// CHECK-LABEL: func @permute(
// CHECK: minimax.permute %{{.*}}, %{{.*}} : (tensor
// CHECK: minimax.permute %{{.*}}, %{{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}}) :
func.func @permute(%b: tensor<?x64xf32>, %experts: tensor<?x2xi32>, %m: memref<3x64xf32>, %e: memref<3x2xi32>, %p: memref<6x64xf32>, %o: memref<9xi32>) {
  %p0, %offsets, %rows = minimax.permute %b, %experts
      : (tensor<?x64xf32>, tensor<?x2xi32>) -> (tensor<?x64xf32>, tensor<9xi32>, tensor<?x2xi32>)
  minimax.permute %m, %e outs(%p, %o, %e)
      : (memref<3x64xf32>, memref<3x2xi32>, memref<6x64xf32>, memref<9xi32>, memref<3x2xi32>) -> ()
  return
}

// CHECK-LABEL: func @sort_copies(
// CHECK: minimax.sort_copies %{{.*}} : (tensor
// CHECK: minimax.sort_copies %{{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}}) :
// CHECK: minimax.grouped_matmul {{.*}} rows(%{{.*}}) :
// CHECK: minimax.grouped_matmul {{.*}} rows(%{{.*}}) outs(%{{.*}}) :
func.func @sort_copies(%x: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %experts: tensor<?x2xi32>,
    %b: memref<3x64xf32>, %v: memref<8x64x64xf32>, %e: memref<3x2xi32>, %o: memref<9xi32>, %s: memref<6xi32>, %u: memref<6x64xf32>) {
  %offsets, %rows, %sources = minimax.sort_copies %experts
      : (tensor<?x2xi32>) -> (tensor<9xi32>, tensor<?x2xi32>, tensor<?xi32>)
  minimax.sort_copies %e outs(%o, %e, %s) : (memref<3x2xi32>, memref<9xi32>, memref<3x2xi32>, memref<6xi32>) -> ()
  %0 = minimax.grouped_matmul %x, %w, %offsets rows(%sources)
      : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>, tensor<?xi32>) -> tensor<?x96xf32>
  minimax.grouped_matmul %b, %v, %o rows(%s) outs(%u)
      : (memref<3x64xf32>, memref<8x64x64xf32>, memref<9xi32>, memref<6xi32>, memref<6x64xf32>) -> ()
  return
}

// CHECK-LABEL: func @grouped_matmul(
// CHECK: minimax.grouped_matmul %{{.*}}, %{{.*}}, %{{.*}} activation = swiglu : {{.*}} -> tensor<?x48xf32>
// CHECK: minimax.grouped_matmul %{{.*}}, %{{.*}}, %{{.*}} : {{.*}} -> tensor<?x96xf32>
// CHECK: minimax.grouped_matmul {{.*}} tensor<8x2x32x64x2xbf16>
// CHECK: minimax.grouped_matmul {{.*}} outs(%{{.*}}) :
func.func @grouped_matmul(%p: tensor<?x64xf32>, %w13: tensor<8x96x64xbf16>, %offsets: tensor<9xi32>, %packed: tensor<8x2x32x64x2xbf16>,
    %b: memref<6x64xf32>, %w: memref<8x64x64xf32>, %o: memref<9xi32>) {
  %h = minimax.grouped_matmul %p, %w13, %offsets activation = swiglu
      : (tensor<?x64xf32>, tensor<8x96x64xbf16>, tensor<9xi32>) -> tensor<?x48xf32>
  %u = minimax.grouped_matmul %p, %w13, %offsets
      : (tensor<?x64xf32>, tensor<8x96x64xbf16>, tensor<9xi32>) -> tensor<?x96xf32>
  %v = minimax.grouped_matmul %p, %packed, %offsets activation = swiglu
      : (tensor<?x64xf32>, tensor<8x2x32x64x2xbf16>, tensor<9xi32>) -> tensor<?x48xf32>
  minimax.grouped_matmul %b, %w, %o outs(%b) : (memref<6x64xf32>, memref<8x64x64xf32>, memref<9xi32>, memref<6x64xf32>) -> ()
  return
}

// CHECK-LABEL: func @swiglu(
// CHECK: minimax.swiglu %{{.*}} : (tensor<?x96xf32>) -> tensor<?x48xf32>
// CHECK: minimax.swiglu %{{.*}} outs
func.func @swiglu(%u: tensor<?x96xf32>, %b: memref<3x96xf32>, %out: memref<3x48xf32>) {
  %h = minimax.swiglu %u : (tensor<?x96xf32>) -> tensor<?x48xf32>
  minimax.swiglu %b outs(%out) : (memref<3x96xf32>, memref<3x48xf32>) -> ()
  return
}

// CHECK-LABEL: func @unpermute(
// CHECK: minimax.unpermute %{{.*}}, %{{.*}}, %{{.*}} residual(%{{.*}}) alpha = 2.000000e+00 : (tensor
// CHECK: minimax.unpermute %{{.*}}, %{{.*}}, %{{.*}} : (tensor
// CHECK: minimax.unpermute %{{.*}} residual(%{{.*}}) outs(%{{.*}}) alpha = 2.000000e+00 beta = 5.000000e-01 : (memref
func.func @unpermute(%u: tensor<?x64xf32>, %rows: tensor<?x2xi32>, %w: tensor<?x2xf32>, %b: tensor<?x64xf32>, %ub: memref<6x64xf32>,
    %rb: memref<3x2xi32>, %wb: memref<3x2xf32>, %out: memref<3x64xf32>) {
  %y = minimax.unpermute %u, %rows, %w residual(%b) alpha = 2.0
      : (tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %z = minimax.unpermute %u, %rows, %w : (tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x2xf32>) -> tensor<?x64xf32>
  minimax.unpermute %ub, %rb, %wb residual(%out) outs(%out) alpha = 2.0 beta = 0.5
      : (memref<6x64xf32>, memref<3x2xi32>, memref<3x2xf32>, memref<3x64xf32>, memref<3x64xf32>) -> ()
  return
}
