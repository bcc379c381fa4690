func.func @gate(%x: tensor<?x64xf32>, %y: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = minimax.gate %x, %y : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}

func.func @swiglu(%x: tensor<?x96xf32>) -> tensor<?x48xf32> {
  %0 = minimax.swiglu %x : (tensor<?x96xf32>) -> tensor<?x48xf32>
  return %0 : tensor<?x48xf32>
}
