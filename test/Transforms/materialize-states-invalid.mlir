// RUN: minimax-opt %s --minimax-materialize-states --split-input-file --verify-diagnostics

func.func @restore(%s: !minimax.lightning_state<4x16x16xf32>, %copy: tensor<?x4x16x16xf32>, %slots: tensor<?xi32>)
    -> !minimax.lightning_state<4x16x16xf32> {
  // expected-error @+1 {{expected snapshots to be taken by the runtime}}
  %0 = minimax.restore %s, %copy, %slots
      : (!minimax.lightning_state<4x16x16xf32>, tensor<?x4x16x16xf32>, tensor<?xi32>) -> !minimax.lightning_state<4x16x16xf32>
  return %0 : !minimax.lightning_state<4x16x16xf32>
}
