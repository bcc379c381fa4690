// Every dense op in both forms, with optional parts in and out.
//
// RUN: minimax-opt %s | FileCheck %s
// RUN: minimax-opt %s --mlir-print-op-generic | minimax-opt | FileCheck %s
// RUN: minimax-opt %s | minimax-opt | FileCheck %s

// CHECK-LABEL: func @embedding(
// CHECK: minimax.embedding %{{.*}}, %{{.*}} : (tensor<?xi32>, tensor<256x64xbf16>) -> tensor<?x64xf32>
// CHECK: minimax.embedding %{{.*}}, %{{.*}} outs(%{{.*}}) : (memref<?xi32>, memref<256x64xf32>, memref<?x64xf32>) -> ()
func.func @embedding(%tokens: tensor<?xi32>, %table: tensor<256x64xbf16>, %t: memref<?xi32>, %w: memref<256x64xf32>, %out: memref<?x64xf32>) {
  %x = minimax.embedding %tokens, %table
      : (tensor<?xi32>, tensor<256x64xbf16>) -> tensor<?x64xf32>
  minimax.embedding %t, %w outs(%out) : (memref<?xi32>, memref<256x64xf32>, memref<?x64xf32>) -> ()
  return
}

// CHECK-LABEL: func @rms_norm(
// CHECK: minimax.rms_norm %{{.*}}, %{{.*}} eps = {{.*}} : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
// CHECK: minimax.rms_norm %{{.*}}, %{{.*}} eps = {{.*}} : (tensor<?x64xf32>, tensor<64xf32>) -> (tensor<?x64xf32>, tensor<?x64xbf16>)
// CHECK: minimax.rms_norm %{{.*}}, %{{.*}} gate(%{{.*}}) eps
// CHECK: minimax.rms_norm {{.*}} : (tensor<3x64xbf16>, tensor<64xbf16>) -> tensor<3x64xf32>
// CHECK: minimax.rms_norm %{{.*}}, %{{.*}} outs(%{{.*}}) eps = 5.000000e-01
// CHECK: minimax.rms_norm %{{.*}}, %{{.*}} gate(%{{.*}}) outs(%{{.*}}) eps = 5.000000e-01
// CHECK: minimax.rms_norm %{{.*}}, %{{.*}} outs(%{{.*}}, %{{.*}}) eps
func.func @rms_norm(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %g: tensor<?x64xf32>, %s: tensor<3x64xbf16>, %v: tensor<64xbf16>,
    %b: memref<?x64xf32>, %wb: memref<64xf32>, %r: memref<?x64xbf16>) {
  %y = minimax.rms_norm %x, %w eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %both, %rounded = minimax.rms_norm %x, %w eps = 1.0e-5
      : (tensor<?x64xf32>, tensor<64xf32>) -> (tensor<?x64xf32>, tensor<?x64xbf16>)
  %z = minimax.rms_norm %x, %w gate(%g) eps = 1.0e-6
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %n = minimax.rms_norm %s, %v eps = 0.5 : (tensor<3x64xbf16>, tensor<64xbf16>) -> tensor<3x64xf32>
  minimax.rms_norm %b, %wb outs(%b) eps = 0.5 : (memref<?x64xf32>, memref<64xf32>, memref<?x64xf32>) -> ()
  minimax.rms_norm %b, %wb gate(%b) outs(%b) eps = 0.5
      : (memref<?x64xf32>, memref<64xf32>, memref<?x64xf32>, memref<?x64xf32>) -> ()
  minimax.rms_norm %b, %wb outs(%b, %r) eps = 0.5
      : (memref<?x64xf32>, memref<64xf32>, memref<?x64xf32>, memref<?x64xbf16>) -> ()
  return
}

// Plain and packed weights; a packed depth may be one more than an odd one.
// CHECK-LABEL: func @linear(
// CHECK: minimax.linear %{{.*}}, %{{.*}} activation = silu :
// CHECK: minimax.linear %{{.*}}, %{{.*}} residual(%{{.*}}) activation = sigmoid alpha = 2.000000e+00 beta = 5.000000e-01 :
// CHECK: minimax.linear %{{.*}}, %{{.*}} : (tensor<3x63xbf16>, tensor<70x63xf16>) -> tensor<3x70xbf16>
// CHECK: minimax.linear {{.*}} tensor<3x64x64xf32>) -> tensor<?x192xf32>
// CHECK: minimax.linear {{.*}} : (tensor<3x64xbf16>, tensor<2x32x64x2xbf16>) -> tensor<3x70xf32>
// CHECK: minimax.linear {{.*}} : (tensor<3x63xbf16>, tensor<2x32x64x2xbf16>) -> tensor<3x70xf32>
// CHECK: minimax.linear %{{.*}}, %{{.*}} outs(%{{.*}}) :
// CHECK: minimax.linear %{{.*}}, %{{.*}} residual(%{{.*}}) outs(%{{.*}}) alpha = 3.000000e+00 :
func.func @linear(%a: tensor<?x64xf32>, %w: tensor<192x64xbf16>, %r: tensor<?x192xf32>, %s: tensor<3x63xbf16>, %c: tensor<3x64xbf16>,
    %odd: tensor<70x63xf16>, %p: tensor<3x64x64xf32>, %q: tensor<2x32x64x2xbf16>, %b: memref<?x64xf32>, %pb: memref<1x64x64xf32>) {
  %z = minimax.linear %a, %w activation = silu
      : (tensor<?x64xf32>, tensor<192x64xbf16>) -> tensor<?x192xf32>
  %y = minimax.linear %a, %w residual(%r) activation = sigmoid alpha = 2.0 beta = 0.5
      : (tensor<?x64xf32>, tensor<192x64xbf16>, tensor<?x192xf32>) -> tensor<?x192xf32>
  %x = minimax.linear %s, %odd : (tensor<3x63xbf16>, tensor<70x63xf16>) -> tensor<3x70xbf16>
  %u = minimax.linear %a, %p : (tensor<?x64xf32>, tensor<3x64x64xf32>) -> tensor<?x192xf32>
  %v = minimax.linear %c, %q : (tensor<3x64xbf16>, tensor<2x32x64x2xbf16>) -> tensor<3x70xf32>
  %t = minimax.linear %s, %q : (tensor<3x63xbf16>, tensor<2x32x64x2xbf16>) -> tensor<3x70xf32>
  minimax.linear %b, %pb outs(%b) : (memref<?x64xf32>, memref<1x64x64xf32>, memref<?x64xf32>) -> ()
  minimax.linear %b, %pb residual(%b) outs(%b) alpha = 3.0
      : (memref<?x64xf32>, memref<1x64x64xf32>, memref<?x64xf32>, memref<?x64xf32>) -> ()
  return
}

// CHECK-LABEL: func @lm_head(
// CHECK: minimax.lm_head %{{.*}}, %{{.*}} : (tensor<?x64xf32>, tensor<256x64xbf16>) -> tensor<?x256xf32>
// CHECK: minimax.lm_head {{.*}} tensor<4x64x64xf32>) -> tensor<?x256xf32>
// CHECK: minimax.lm_head {{.*}} outs(%{{.*}})
func.func @lm_head(%y: tensor<?x64xf32>, %w: tensor<256x64xbf16>, %p: tensor<4x64x64xf32>, %b: memref<2x64xf32>, %pb: memref<4x64x64xf32>, %out: memref<2x256xf32>) {
  %l = minimax.lm_head %y, %w : (tensor<?x64xf32>, tensor<256x64xbf16>) -> tensor<?x256xf32>
  %m = minimax.lm_head %y, %p : (tensor<?x64xf32>, tensor<4x64x64xf32>) -> tensor<?x256xf32>
  minimax.lm_head %b, %pb outs(%out) : (memref<2x64xf32>, memref<4x64x64xf32>, memref<2x256xf32>) -> ()
  return
}

// CHECK-LABEL: func @elementwise(
// CHECK: minimax.activation %{{.*}} kind = silu :
// CHECK: minimax.activation %{{.*}} kind = sigmoid : (tensor<5x63xf32>)
// CHECK: minimax.activation %{{.*}} outs(%{{.*}}) kind = silu
// CHECK: minimax.gate %{{.*}}, %{{.*}} : (tensor
// CHECK: minimax.gate %{{.*}}, %{{.*}} outs
// CHECK: minimax.residual %{{.*}}, %{{.*}} alpha = 2.000000e+00 :
// CHECK: minimax.residual %{{.*}}, %{{.*}} coefficient(%{{.*}}) beta = 5.000000e-01 :
// CHECK: minimax.residual %{{.*}}, %{{.*}} coefficient(%{{.*}}) outs(%{{.*}}) :
// CHECK: minimax.cast %{{.*}} : (tensor<?x64xf32>) -> tensor<?x64xbf16>
// CHECK: minimax.cast %{{.*}} : (tensor<5x63xf32>) -> tensor<5x64xbf16>
// CHECK: minimax.cast %{{.*}} outs
func.func @elementwise(%x: tensor<?x192xf32>, %g: tensor<?x64xf32>, %n: tensor<?x64xf32>, %c: tensor<?x1xf32>, %s: tensor<5x63xf32>,
    %b: memref<?x64xf32>, %cb: memref<?x1xf32>, %narrow: memref<?x64xbf16>) {
  %y0 = minimax.activation %x kind = silu : (tensor<?x192xf32>) -> tensor<?x192xf32>
  %y1 = minimax.activation %s kind = sigmoid : (tensor<5x63xf32>) -> tensor<5x63xf32>
  minimax.activation %b outs(%b) kind = silu : (memref<?x64xf32>, memref<?x64xf32>) -> ()
  %y2 = minimax.gate %g, %n : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  minimax.gate %b, %b outs(%b) : (memref<?x64xf32>, memref<?x64xf32>, memref<?x64xf32>) -> ()
  %y3 = minimax.residual %g, %n alpha = 2.0 beta = 1.0
      : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %y4 = minimax.residual %g, %n coefficient(%c) beta = 0.5
      : (tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x1xf32>) -> tensor<?x64xf32>
  minimax.residual %b, %b coefficient(%cb) outs(%b)
      : (memref<?x64xf32>, memref<?x64xf32>, memref<?x1xf32>, memref<?x64xf32>) -> ()
  %y5 = minimax.cast %g : (tensor<?x64xf32>) -> tensor<?x64xbf16>
  %y6 = minimax.cast %s : (tensor<5x63xf32>) -> tensor<5x64xbf16>
  minimax.cast %b outs(%narrow) : (memref<?x64xf32>, memref<?x64xbf16>) -> ()
  return
}

// CHECK-LABEL: func @last_rows(
// CHECK: minimax.last_rows %{{.*}}, %{{.*}} : (tensor
// CHECK: minimax.last_rows %{{.*}}, %{{.*}} outs
func.func @last_rows(%x: tensor<?x64xf32>, %cu: tensor<?xi32>, %b: memref<7x64xf32>, %cb: memref<3xi32>, %out: memref<2x64xf32>) {
  %y = minimax.last_rows %x, %cu : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  minimax.last_rows %b, %cb outs(%out) : (memref<7x64xf32>, memref<3xi32>, memref<2x64xf32>) -> ()
  return
}

// CHECK-LABEL: func @sample(
// CHECK: minimax.sample %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : (tensor
// CHECK: minimax.sample %{{.*}} outs
func.func @sample(%l: tensor<?x251xf32>, %t: tensor<?xf32>, %k: tensor<?xi32>, %b: memref<2x7xf32>, %p: memref<2xf32>, %i: memref<2xi32>) {
  %y = minimax.sample %l, %t, %k, %t, %t
      : (tensor<?x251xf32>, tensor<?xf32>, tensor<?xi32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xi32>
  minimax.sample %b, %p, %i, %p, %p outs(%i)
      : (memref<2x7xf32>, memref<2xf32>, memref<2xi32>, memref<2xf32>, memref<2xf32>, memref<2xi32>) -> ()
  return
}
