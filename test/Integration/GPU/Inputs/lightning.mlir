// Lightning attention of MiniMax-Text-01 with operands in bf16.
func.func @main(%query: tensor<?x64x128xbf16> {minimax.name = "query", minimax.shape = affine_map<(t, n, s, c) -> (t, 64, 128)>},
    %key: tensor<?x64x128xbf16> {minimax.name = "key", minimax.shape = affine_map<(t, n, s, c) -> (t, 64, 128)>},
    %value: tensor<?x64x128xbf16> {minimax.name = "value", minimax.shape = affine_map<(t, n, s, c) -> (t, 64, 128)>},
    %slope: tensor<64xf32> {minimax.name = "slope"}, %cu_seqlens: tensor<?xi32> {minimax.name = "cu_seqlens"},
    %positions: tensor<?xi32> {minimax.name = "positions"}, %slots: tensor<?xi32> {minimax.name = "slots"},
    %state: !minimax.lightning_state<64x128x128xf32> {minimax.name = "main.lightning_state"})
    -> (tensor<?x64x128xbf16> {minimax.name = "out"}, !minimax.lightning_state<64x128x128xf32> {minimax.name = "next"})
    attributes {minimax.entry} {
  %begun = minimax.begin_sequences %state, %cu_seqlens, %positions, %slots
      : (!minimax.lightning_state<64x128x128xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !minimax.lightning_state<64x128x128xf32>
  %o, %next = minimax.lightning_attention %query, %key, %value, %slope, %cu_seqlens, %slots, %begun chunk = 64
      : (tensor<?x64x128xbf16>, tensor<?x64x128xbf16>, tensor<?x64x128xbf16>, tensor<64xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<64x128x128xf32>)
      -> (tensor<?x64x128xbf16>, !minimax.lightning_state<64x128x128xf32>)
  return %o, %next : tensor<?x64x128xbf16>, !minimax.lightning_state<64x128x128xf32>
}
