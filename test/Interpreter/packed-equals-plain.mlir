// A product with a packed weight is the product with the weight; the lines of
// each pair are equal, for widths that do not fill panels.
// RUN: minimax-interpret %s --entry=linear --random --dim=T=3 | cut -d: -f2 | uniq | count 1
// RUN: minimax-interpret %s --entry=narrow --random --dim=T=3 | cut -d: -f2 | uniq | count 1
// RUN: minimax-interpret %s --entry=experts --random --dim=T=9 | cut -d: -f2 | uniq | count 1
// RUN: minimax-interpret %s --entry=experts_narrow --random --dim=T=9 | cut -d: -f2 | uniq | count 1

func.func @linear(%x: tensor<?x7xf32>, %w: tensor<70x7xf32>) -> (tensor<?x70xf32>, tensor<?x70xf32>) {
  %p = minimax.pack %w : tensor<70x7xf32> -> tensor<2x7x64xf32>
  %a = minimax.linear %x, %w : (tensor<?x7xf32>, tensor<70x7xf32>) -> tensor<?x70xf32>
  %b = minimax.linear %x, %p : (tensor<?x7xf32>, tensor<2x7x64xf32>) -> tensor<?x70xf32>
  return %a, %b : tensor<?x70xf32>, tensor<?x70xf32>
}

// bf16 panels hold pairs of columns: seven are padded to eight.
func.func @narrow(%x: tensor<?x7xf32>, %w: tensor<70x7xbf16>) -> (tensor<?x70xf32>, tensor<?x70xf32>) {
  %p = minimax.pack %w : tensor<70x7xbf16> -> tensor<2x4x64x2xbf16>
  %a = minimax.lm_head %x, %w : (tensor<?x7xf32>, tensor<70x7xbf16>) -> tensor<?x70xf32>
  %b = minimax.lm_head %x, %p : (tensor<?x7xf32>, tensor<2x4x64x2xbf16>) -> tensor<?x70xf32>
  return %a, %b : tensor<?x70xf32>, tensor<?x70xf32>
}

func.func @experts(%x: tensor<?x5xf32>, %w: tensor<3x66x5xf32>, %offsets: tensor<4xi32>) -> (tensor<?x33xf32>, tensor<?x33xf32>) {
  %p = minimax.pack %w interleaved : tensor<3x66x5xf32> -> tensor<3x2x5x64xf32>
  %a = minimax.grouped_matmul %x, %w, %offsets activation = swiglu
      : (tensor<?x5xf32>, tensor<3x66x5xf32>, tensor<4xi32>) -> tensor<?x33xf32>
  %b = minimax.grouped_matmul %x, %p, %offsets activation = swiglu
      : (tensor<?x5xf32>, tensor<3x2x5x64xf32>, tensor<4xi32>) -> tensor<?x33xf32>
  return %a, %b : tensor<?x33xf32>, tensor<?x33xf32>
}

func.func @experts_narrow(%x: tensor<?x5xf32>, %w: tensor<3x66x5xbf16>, %offsets: tensor<4xi32>) -> (tensor<?x66xf32>, tensor<?x66xf32>) {
  %p = minimax.pack %w : tensor<3x66x5xbf16> -> tensor<3x2x3x64x2xbf16>
  %a = minimax.grouped_matmul %x, %w, %offsets : (tensor<?x5xf32>, tensor<3x66x5xbf16>, tensor<4xi32>) -> tensor<?x66xf32>
  %b = minimax.grouped_matmul %x, %p, %offsets
      : (tensor<?x5xf32>, tensor<3x2x3x64x2xbf16>, tensor<4xi32>) -> tensor<?x66xf32>
  return %a, %b : tensor<?x66xf32>, tensor<?x66xf32>
}
